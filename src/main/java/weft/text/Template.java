package weft.text;

import java.util.Map;

/**
 * A sentence with gaps: {@code {name}} is an argument, {@code {name?text}} has a text that stands in for it, and
 * {@code {n:file|files}} chooses by whether the argument is one. {@code [ at byte {offset}]} is a clause that is left
 * out when an argument in it is missing; {@code [: {a}, {b}|: {a}]} takes the first form whose arguments are all there.
 * A bracket that is meant is written twice.
 */
final class Template {
    private final String text;
    private final Map<String, String> arguments;
    private int at;
    /** Whether an argument was missing in the form being read. */
    private boolean missing;

    private Template(String text, Map<String, String> arguments) {
        this.text = text;
        this.arguments = arguments;
    }

    /** @throws IllegalArgumentException with the template if an argument outside of clauses is missing */
    static String fill(String text, Map<String, String> arguments) {
        var template = new Template(text, arguments);
        var filled = template.form(false);
        if (template.missing || template.at < text.length()) { throw new IllegalArgumentException(text); }
        return filled;
    }

    /** Reads up to the end; inside a clause up to {@code |} or {@code ]}. */
    private String form(boolean inside) {
        var out = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at);
            if ((c == '[' || c == ']') && at + 1 < text.length() && text.charAt(at + 1) == c) {
                out.append(c);
                at += 2;
            } else if (c == '[') {
                out.append(clause());
            } else if (inside && (c == '|' || c == ']')) {
                return out.toString();
            } else if (c == '{') {
                int end = text.indexOf('}', at);
                out.append(argument(text.substring(at + 1, end)));
                at = end + 1;
            } else {
                out.append(c);
                at++;
            }
        }
        return out.toString();
    }

    private String clause() {
        boolean outer = missing;
        String chosen = null;
        do {
            at++; // the bracket, or the bar before another form
            missing = false;
            var form = form(true);
            if (chosen == null && !missing) {
                chosen = form;
            }
        } while (at < text.length() && text.charAt(at) == '|');
        if (at == text.length()) { throw new IllegalArgumentException(text); }
        at++;
        missing = outer;
        return chosen == null ? "" : chosen;
    }

    private String argument(String body) {
        int cut = 0;
        while (cut < body.length() && Character.isLetterOrDigit(body.charAt(cut))) {
            cut++;
        }
        var value = arguments.get(body.substring(0, cut));
        var rest = cut == body.length() ? "" : body.substring(cut + 1);
        if (value == null) {
            missing |= cut == body.length() || body.charAt(cut) != '?';
            return rest;
        }
        return cut < body.length() && body.charAt(cut) == ':'
                ? rest.split("\\|", -1)[value.equals("1") ? 0 : 1]
                : value;
    }
}
