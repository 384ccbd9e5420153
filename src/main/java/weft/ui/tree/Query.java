package weft.ui.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

import weft.plan.Row;
import weft.tensor.Shape;
import weft.tensor.TensorInfo;

/**
 * What the search box says: words that names hold, and terms. {@code attn shape:[768,*] dtype:bf16 is:hidden >10MB}.
 * All of them must hold. What isn't a term is a word.
 */
public final class Query {
    /** One word or term as it was typed, and what it asks of a row and of a tensor. */
    private record Term(String text, Predicate<Row> row, Predicate<TensorInfo> tensor) {
    }

    private final List<Term> terms = new ArrayList<>();

    private Query() {
    }

    public static Query parse(String text) {
        var query = new Query();
        for (var word : words(text)) {
            query.terms.add(term(word));
        }
        return query;
    }

    /** Blanks part words, but not inside brackets: {@code shape:[768, *]} is one. */
    private static List<String> words(String text) {
        var words = new ArrayList<String>();
        var word = new StringBuilder();
        int depth = 0;
        for (char c : text.toCharArray()) {
            depth += c == '[' ? 1 : c == ']' && depth > 0 ? -1 : 0;
            if (Character.isWhitespace(c) && depth == 0) {
                if (!word.isEmpty()) {
                    words.add(word.toString());
                    word.setLength(0);
                }
            } else {
                word.append(c);
            }
        }
        if (!word.isEmpty()) {
            words.add(word.toString());
        }
        return words;
    }

    /** The terms as they were typed. */
    public List<String> terms() {
        return terms.stream().map(Term::text).toList();
    }

    public boolean isEmpty() {
        return terms.isEmpty();
    }

    public boolean accepts(Row row) {
        return terms.stream().allMatch(t -> t.row().test(row));
    }

    public boolean accepts(TensorInfo tensor) {
        return terms.stream().allMatch(t -> t.tensor().test(tensor));
    }

    private static Term term(String text) {
        var lower = text.toLowerCase(Locale.ROOT);
        if (lower.startsWith("shape:")) {
            var wanted = lower.substring(6).replaceAll("[\\[\\]\\s]", "").split(",", -1);
            return ofTensors(text, t -> shape(wanted, t.shape()),
                    r -> shape(wanted, r.target().shape())
                            || r.sources().stream().anyMatch(t -> shape(wanted, t.shape())));
        }
        if (lower.startsWith("dtype:")) {
            var wanted = lower.substring(6);
            Predicate<TensorInfo> has = t -> t.dtype().name().toLowerCase(Locale.ROOT).startsWith(wanted)
                    || t.dtype().title().startsWith(wanted);
            return ofTensors(text, has, r -> r.sources().stream().anyMatch(has));
        }
        if (lower.equals("is:hidden")) { return new Term(text, Row::hidden, _ -> false); }
        if (lower.equals("is:assumed")) { return new Term(text, Squares::isAssumed, _ -> false); }
        if (lower.equals("is:proved")) { return new Term(text, Squares::isProved, _ -> false); }
        if (lower.equals("is:broken")) {
            Predicate<TensorInfo> broken = t -> t.broken() != null;
            return ofTensors(text, broken, r -> r.sources().stream().anyMatch(broken));
        }
        if (lower.equals("is:unused")) { return new Term(text, _ -> false, _ -> true); }
        if (lower.startsWith("is:")) {
            var wanted = lower.substring(3);
            return new Term(text, r -> r.status().id().toLowerCase(Locale.ROOT).equals(wanted)
                    || r.kind() != null && r.kind().id().toLowerCase(Locale.ROOT).equals(wanted), _ -> false);
        }
        if (lower.matches("[<>][0-9]+(\\.[0-9]+)?([kmg]?b)?")) {
            double limit = bytes(lower.substring(1));
            Predicate<TensorInfo> size = t -> lower.charAt(0) == '>' ? t.bytes() > limit : t.bytes() < limit;
            return ofTensors(text, size, r -> r.sources().stream().anyMatch(size));
        }
        Predicate<TensorInfo> named = t -> names(lower, t.name());
        return ofTensors(text, named,
                r -> names(lower, r.target().name()) || r.sources().stream().anyMatch(named));
    }

    /** Least letters of a word that may be misspelt: shorter ones would fit too much. */
    private static final int FUZZY = 4;

    /**
     * Whether a name has a word, forgivingly: what parts words in names doesn't matter ({@code cattn}, {@code outproj}),
     * and in a word of four letters or more one may be wrong, missing or too many, or two may have changed places
     * ({@code atnn}, {@code prjo}).
     */
    static boolean names(String word, String name) {
        var lower = name.toLowerCase(Locale.ROOT);
        if (lower.contains(word)) { return true; }
        var letters = word.replaceAll("[._/-]", "");
        if (letters.isEmpty() || lower.replaceAll("[._/-]", "").contains(letters)) { return !letters.isEmpty(); }
        if (letters.length() < FUZZY || !letters.equals(word)) { return false; }
        for (var segment : lower.split("[._/-]")) {
            if (Math.abs(segment.length() - word.length()) <= 1 && near(word, segment)) { return true; }
        }
        return false;
    }

    /** At most one letter changed, missing or too many, or two that changed places. */
    private static boolean near(String a, String b) {
        int start = 0;
        while (start < a.length() && start < b.length() && a.charAt(start) == b.charAt(start)) {
            start++;
        }
        int end = 0;
        while (end < a.length() - start && end < b.length() - start
                && a.charAt(a.length() - 1 - end) == b.charAt(b.length() - 1 - end)) {
            end++;
        }
        int wrong = Math.max(a.length(), b.length()) - start - end;
        return wrong <= 1 || wrong == 2 && a.length() == b.length() && a.charAt(start) == b.charAt(start + 1)
                && a.charAt(start + 1) == b.charAt(start);
    }

    private static Term ofTensors(String text, Predicate<TensorInfo> tensor, Predicate<Row> row) {
        return new Term(text, row, tensor);
    }

    private static double bytes(String text) {
        var digits = text.replaceAll("[^0-9.]", "");
        var unit = text.substring(digits.length());
        return Double.parseDouble(digits) * switch (unit) {
            case "kb" -> 1e3;
            case "mb" -> 1e6;
            case "gb" -> 1e9;
            default -> 1;
        };
    }

    private static boolean shape(String[] wanted, Shape shape) {
        var dims = shape.dims();
        if (wanted.length == 1 && wanted[0].isEmpty()) { return dims.length == 0; }
        if (wanted.length != dims.length) { return false; }
        for (int i = 0; i < dims.length; i++) {
            if (!wanted[i].equals("*") && !wanted[i].equals(Long.toString(dims[i]))) { return false; }
        }
        return true;
    }
}
