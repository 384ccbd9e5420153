package weft.name;

import java.util.ArrayDeque;

/**
 * In how many ways a regular expression can match nothing. Each look at a character is counted while it runs, but at the
 * end of a name there is none to look at: {@code (|)(|)(|)…} tries 2ⁿ ways, {@code (a?){2000000000}} as many steps. The
 * alternatives of all groups multiply, so do the counts behind groups, and a group that may be left out counts twice.
 */
final class RegexWays {
    private static final double MOST_WAYS = 100_000;
    private static final long MOST_TIMES = 1_000;

    private RegexWays() {
    }

    /** @throws Pattern.SyntaxException with the place of what makes too many */
    static void check(String text, int from) {
        double ways = 1;
        var alternatives = new ArrayDeque<Integer>();
        alternatives.push(1);
        char before = ' ';
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\\' -> i = escapeEnd(text, i);
                case '[' -> i = classEnd(text, i);
                case '(' -> alternatives.push(1);
                case '|' -> alternatives.push(alternatives.pop() + 1);
                case ')' -> ways *= alternatives.size() > 1 ? alternatives.pop() : 1;
                case '?', '*', '+' -> ways *= before == ')' ? 2 : 1;
                case '{' -> {
                    long times = times(text, i);
                    if (times > MOST_TIMES) { throw new Pattern.SyntaxException(text, i); }
                    ways *= before == ')' ? Math.max(1, times) : 1;
                }
                default -> {
                }
            }
            before = c;
            if (ways > MOST_WAYS) { throw new Pattern.SyntaxException(text, Math.min(i, text.length() - 1)); }
        }
        if (ways * alternatives.pop() > MOST_WAYS) { throw new Pattern.SyntaxException(text, from); }
    }

    /** Where what a backslash begins ends: {@code \\d}, {@code \\c[}, {@code \\p{L}}, {@code \\Q…\\E}. */
    private static int escapeEnd(String text, int from) {
        char c = from + 1 < text.length() ? text.charAt(from + 1) : ' ';
        if (c == 'Q') {
            int end = text.indexOf("\\E", from);
            return end < 0 ? text.length() : end + 1;
        }
        if (c == 'c') { return from + 2; }
        boolean braces = "xpPN".indexOf(c) >= 0 && text.startsWith("{", from + 2);
        return braces && text.indexOf('}', from) > 0 ? text.indexOf('}', from) : from + 1;
    }

    /** Where a class of characters ends; classes can hold classes. */
    private static int classEnd(String text, int from) {
        int depth = 0;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == '[') {
                depth++;
                i += text.startsWith("]", i + 1) ? 1 : text.startsWith("^]", i + 1) ? 2 : 0;
            } else if (c == ']' && --depth == 0) { return i; }
        }
        return text.length();
    }

    /** The larger number of {@code {2,30}}. */
    private static long times(String text, int from) {
        long most = 0;
        long number = 0;
        for (int i = from + 1; i < text.length() && text.charAt(i) != '}'; i++) {
            char c = text.charAt(i);
            number = c >= '0' && c <= '9' ? Math.min(Integer.MAX_VALUE, number * 10 + c - '0') : 0;
            most = Math.max(most, number);
        }
        return most;
    }
}
