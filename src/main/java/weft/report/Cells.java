package weft.report;

import weft.text.Texts;

/** Text from a file as a cell of a table: nothing in it may become markup, a formula or another cell. */
final class Cells {
    private Cells() {
    }

    /** For CSV as RFC 4180 has it. A text a spreadsheet would compute gets an apostrophe before it. */
    static String csv(String text) {
        var plain = Texts.shown(text);
        boolean formula = !plain.isEmpty() && "=+-@\t\r".indexOf(plain.charAt(0)) >= 0;
        var safe = formula ? "'" + plain : plain;
        return safe.matches("[^\",\n\r;]*") && safe.strip().equals(safe)
                ? safe
                : "\"" + safe.replace("\"", "\"\"") + "\"";
    }

    /** For Markdown tables; names are code. */
    static String code(String text) {
        var plain = Texts.shown(text).replace("|", "\\|");
        return plain.isEmpty() ? "" : plain.contains("`") ? "`` " + plain + " ``" : "`" + plain + "`";
    }

    static String markdown(String text) {
        return Texts.shown(text).replaceAll("([\\\\`*_{}\\[\\]<>#|])", "\\\\$1");
    }

    /** For HTML, in text and in attributes. */
    static String html(String text) {
        return Texts.shown(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
