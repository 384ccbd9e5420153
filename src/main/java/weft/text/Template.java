package weft.text;

import java.util.Map;

/**
 * A sentence with gaps: {@code {name}} is an argument, {@code {n:file|files}} chooses by whether the argument is one,
 * and {@code [ at byte {offset}]} is a clause that is left out when an argument in it is missing. A bracket that is
 * meant is written twice.
 */
final class Template {
    private final String text;
    private final Map<String, String> arguments;
    private int at;
    /** Whether an argument was missing in the clause being read. */
    private boolean missing;

    private Template(String text, Map<String, String> arguments) {
        this.text = text;
        this.arguments = arguments;
    }

    /** @throws IllegalArgumentException with the template if an argument outside of clauses is missing */
    static String fill(String text, Map<String, String> arguments) {
        var template = new Template(text, arguments);
        var filled = template.clause(false);
        if (template.missing) {
            throw new IllegalArgumentException(text);
        }
        return filled;
    }

    private String clause(boolean inside) {
        var out = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at);
            if ((c == '[' || c == ']') && at + 1 < text.length() && text.charAt(at + 1) == c) {
                out.append(c);
                at += 2;
            } else if (c == '[') {
                at++;
                boolean outer = missing;
                missing = false;
                var clause = clause(true);
                if (!missing) {
                    out.append(clause);
                }
                missing = outer;
            } else if (c == ']' && inside) {
                at++;
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
        if (inside) {
            throw new IllegalArgumentException(text);
        }
        return out.toString();
    }

    private String argument(String body) {
        int colon = body.indexOf(':');
        var value = arguments.get(colon < 0 ? body : body.substring(0, colon));
        if (value == null) {
            missing = true;
            return "";
        }
        if (colon < 0) {
            return value;
        }
        var choices = body.substring(colon + 1).split("\\|", -1);
        return choices[value.equals("1") || choices.length == 1 ? 0 : 1];
    }
}
