package weft.arch;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import weft.arch.ErrorLog.What;
import weft.tensor.Shape;

/**
 * Names a log was cut inside of, at its end or at its beginning: what is left of them is no name, so it is kept apart and
 * never taken for one.
 */
final class CutNames {
    private static final String LETTERS = "[^\\s\"'`,|=()\\[\\]{}<>:]{1,1000}";
    private static final String SHAPE = "((?:" + ShapeText.PATTERN + "))";
    private static final Pattern SIZE_MISMATCH = Pattern.compile("sizemismatchfor[0-9]{0,6}(" + LETTERS + ")$");
    /** Messages that end with a name, or go on behind it; the framework, the message up to the name, what it says. */
    private static final List<Ending> ENDINGS = List.of(new Ending("pytorch", SIZE_MISMATCH, What.SHAPE),
            new Ending("pytorch",
                    Pattern.compile("Whilecopyingtheparameternamed[0-9]{0,6}\"([^\"]{1,1000})$"), What.SHAPE),
            new Ending("transformers",
                    Pattern.compile(
                            "Tryingtosetatensorofshape[0-9]{0,6}(?:" + ShapeText.PATTERN
                                    + ")in[0-9]{0,6}\"([^\"]{1,1000})$"),
                    What.SHAPE),
            new Ending("keras", Pattern.compile("Targetvariable:<[A-Za-z]{0,40}path=([^,>]{1,1000})$"), What.SHAPE),
            new Ending("tensorflow",
                    Pattern.compile("whenattemptingtorestorevariablewithshape(?:" + ShapeText.PATTERN + ")andname("
                            + LETTERS + ")$"),
                    What.SHAPE),
            new Ending("tensorflow", Pattern.compile("NotFoundError.{0,2000}Key(" + LETTERS + ")$"), What.MISSING),
            new Ending("llama.cpp", Pattern.compile("missingtensor'([^']{1,500})$"), What.MISSING),
            new Ending("llama.cpp", Pattern.compile("Cannotmaptensor['\"]([^'\"]{1,500})$"), What.UNEXPECTED),
            new Ending("llama.cpp", Pattern.compile("(?<!missing)(?<!map)tensor'([^']{1,500})$"), What.SHAPE));
    /** Heads of lists of quoted names. */
    private static final List<Head> HEADS = List.of(new Head("pytorch", "instate_dict:", What.MISSING),
            new Head("pytorch", "missing_keys", What.MISSING), new Head("pytorch", "unexpected_keys", What.UNEXPECTED),
            new Head("transformers", "werenotusedwheninitializing", What.UNEXPECTED),
            new Head("transformers", "andarenewlyinitialized", What.MISSING),
            new Head("mindspore", "param_not_load", What.MISSING),
            new Head("mindspore", "ckpt_not_load", What.UNEXPECTED));
    private static final Pattern TABLE_ROW = Pattern.compile("\\|\\s*(?:MISMATCH|UNEXPECTED|MISSING)\\b");
    private static final Pattern LOST_HEAD = Pattern.compile("^(" + LETTERS
            + "):copyingaparam(?:with)?(?:shape|of)?" + SHAPE
            + "(?:fromcheckpoint,(?:theshapeincurrentmodelis|wheretheshapeis)" + SHAPE + ")?");
    private static final String MISMATCH_HEAD = "sizemismatchfor";
    /** A message ends in fewer letters, whatever it names. */
    private static final int LONGEST_END = 6000;

    private CutNames() {
    }

    private record Ending(String framework, Pattern pattern, What what) {
    }

    private record Head(String framework, String words, What what) {
    }

    /**
     * What is left of a name.
     *
     * @param piece its beginning, or ({@code atStart}) its end
     * @param atStart whether the log begins in it; else it ends in it
     * @param what what the message complains of, or {@code null} where that is cut off as well
     */
    record Cut(String framework, String piece, boolean atStart, @Nullable What what, @Nullable Shape checkpoint,
            @Nullable Shape model) {
    }

    /** @param tight the same without any white space */
    static List<Cut> in(String text, String tight) {
        var cuts = new ArrayList<Cut>();
        first(tight).ifPresent(cuts::add);
        last(tight).or(() -> lastRow(text)).ifPresent(cuts::add);
        return cuts;
    }

    /** The last row of a transformers table, without its columns. */
    private static Optional<Cut> lastRow(String text) {
        int line = text.lastIndexOf('\n') + 1;
        var row = text.substring(line).strip();
        var before = line > 0 ? text.substring(text.lastIndexOf('\n', line - 2) + 1, line) : "";
        return row.indexOf('.') > 0 && isName(row) && TABLE_ROW.matcher(before).find()
                ? Optional.of(new Cut("transformers", row, false, null, null, null))
                : Optional.empty();
    }

    private static Optional<Cut> last(String tight) {
        var end = tight.substring(Math.max(0, tight.length() - LONGEST_END));
        for (var ending : ENDINGS) {
            var found = ending.pattern().matcher(end);
            if (found.find() && isName(found.group(found.groupCount()))) {
                // A variable of TensorFlow ends in :0, which is where its name ends.
                return Optional.of(new Cut(ending.framework(), found.group(found.groupCount()), false, ending.what(),
                        null, null));
            }
        }
        return lastOfList(tight);
    }

    /** The last list's last name, if its closing quote is missing. */
    private static Optional<Cut> lastOfList(String tight) {
        Head head = null;
        int at = -1;
        for (var one : HEADS) {
            int found = tight.lastIndexOf(one.words());
            if (found > at) {
                at = found;
                head = one;
            }
        }
        if (head == null) { return Optional.empty(); }
        int from = at + head.words().length();
        int quote = from;
        while (quote < tight.length() && !isQuote(tight.charAt(quote)) && quote - from < 220) {
            quote++; // a class name, a colon, a bracket
        }
        int open = listEnd(tight, quote);
        if (open < 0) { return Optional.empty(); }
        var piece = tight.substring(open + 1);
        var what = tight.startsWith("Unexpectedkey", Math.max(0, at - "Unexpectedkey(s)".length()))
                || tight.startsWith("Unexpectedkey", Math.max(0, at - "Unexpectedkey".length()))
                        ? What.UNEXPECTED
                        : head.what();
        return isName(piece)
                ? Optional.of(new Cut(head.framework(), piece, false, what, null, null))
                : Optional.empty();
    }

    private static boolean isQuote(char c) {
        return c == '"' || c == '\'';
    }

    /** Where the quote stands that nothing closes, or −1 if the list that begins here ends as it should. */
    private static int listEnd(String tight, int from) {
        int at = from;
        while (at < tight.length()) {
            int start = at;
            while (at < tight.length() && at - start < 6 && Character.isDigit(tight.charAt(at))) {
                at++; // a line number that was pasted in
            }
            if (at >= tight.length() || !isQuote(tight.charAt(at))) { return -1; }
            int close = tight.indexOf(tight.charAt(at), at + 1);
            if (close < 0) { return at; }
            at = close + 1;
            if (at < tight.length() && tight.charAt(at) == ',') {
                at++;
            }
        }
        return -1;
    }

    private static Optional<Cut> first(String tight) {
        var text = tight;
        for (int length = MISMATCH_HEAD.length() - 1; length >= "for".length(); length--) {
            if (tight.startsWith(MISMATCH_HEAD.substring(MISMATCH_HEAD.length() - length))) {
                text = tight.substring(length);
                break;
            }
        }
        var found = LOST_HEAD.matcher(text);
        if (found.find() && !found.group(1).startsWith(MISMATCH_HEAD) && isName(found.group(1))) {
            return Optional.of(new Cut("pytorch", found.group(1), true, What.SHAPE, ShapeText.parse(found.group(2)),
                    ShapeText.parse(found.group(3))));
        }
        int quote = 0;
        while (quote < tight.length() && quote < 1000 && !isQuote(tight.charAt(quote))) {
            quote++;
        }
        // A list of names whose head is lost: name", "name", "name
        var list = tight.substring(0, Math.min(tight.length(), quote + 3));
        return list.length() == quote + 3 && list.charAt(quote + 1) == ','
                && list.charAt(quote + 2) == list.charAt(quote)
                && isName(list.substring(0, quote))
                        ? Optional.of(new Cut("pytorch", list.substring(0, quote), true, null, null, null))
                        : Optional.empty();
    }

    /** Something that can stand in a parameter's name, and enough of it to say something. */
    private static boolean isName(String piece) {
        return piece.matches(LETTERS) && piece.chars().anyMatch(Character::isLetter) && !piece.endsWith(":0");
    }
}
