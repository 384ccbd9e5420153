package weft.plan;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;

/** The words of a tensor's name; running numbers say nothing. */
final class Words {
    private Words() {
    }

    /**
     * {@code trf_blocks.{i}.att.W_query.weight}: trf, blocks, att, weight, query. Words that every framework has for the
     * same thing are one word.
     */
    static Set<String> of(String name) {
        var words = new LinkedHashSet<String>();
        var word = new StringBuilder();
        boolean letters = true; // nothing but letters so far
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '{') { // a capture
                int end = name.indexOf('}', i);
                i = end < 0 ? name.length() : end;
                add(word, words);
                letters = true;
                continue;
            }
            boolean digit = c >= '0' && c <= '9';
            boolean upper = c >= 'A' && c <= 'Z';
            if (!digit && !upper && (c < 'a' || c > 'z')) {
                add(word, words);
                letters = true;
                continue;
            }
            char before = i == 0 ? ' ' : name.charAt(i - 1);
            if (upper && before >= 'a' && before <= 'z' || digit && letters && word.length() > 1 && isLast(name, i)) {
                add(word, words); // LayerNorm; norm1, but not w1
                letters = true;
            }
            word.append(upper ? (char) (c - 'A' + 'a') : c);
            letters &= !digit;
        }
        add(word, words);
        return words;
    }

    /** Whether no letter or digit follows. */
    private static boolean isLast(String name, int at) {
        return at + 1 == name.length() || !Character.isLetterOrDigit(name.charAt(at + 1));
    }

    private static void add(StringBuilder word, Set<String> words) {
        if (!word.isEmpty()) {
            var text = word.toString();
            word.setLength(0);
            words.add(switch (text) {
                case "g", "gamma", "scale", "w", "kernel" -> "weight";
                case "b", "beta", "shift" -> "bias";
                case "ln", "layernorm", "rmsnorm" -> "norm";
                case "moving" -> "running";
                case "variance" -> "var";
                default -> text.startsWith("emb") ? "embedding" : text;
            });
        }
    }

    /** How much two sets of words have in common, 0 to 1; 0 if one is empty. */
    static double overlap(Set<String> a, Set<String> b) {
        if (a.isEmpty() || b.isEmpty()) { return 0; }
        int both = 0;
        for (var word : a) {
            both += b.contains(word) ? 1 : 0;
        }
        return both / (double) (a.size() + b.size() - both);
    }

    static Set<String> without(Set<String> words, Set<String> others) {
        var rest = new HashSet<>(words);
        rest.removeAll(others);
        return rest;
    }
}
