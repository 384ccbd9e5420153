package weft.rule;

/** Recursive descent over {@code + - * / ( )}, names and integers; at most 200 characters. */
final class SizeParser {
    private final String text;
    private int at;

    SizeParser(String text) {
        this.text = text;
    }

    SizeExpr parse() {
        if (text.length() > 200) {
            throw new IllegalArgumentException(text);
        }
        var value = sum();
        skip();
        if (at < text.length()) {
            throw new IllegalArgumentException(text);
        }
        return value;
    }

    private SizeExpr sum() {
        var left = product();
        for (char c = peek(); c == '+' || c == '-'; c = peek()) {
            at++;
            left = new SizeExpr.Binary(left, c, product());
        }
        return left;
    }

    private SizeExpr product() {
        var left = atom();
        for (char c = peek(); c == '*' || c == '/'; c = peek()) {
            at++;
            left = new SizeExpr.Binary(left, c, atom());
        }
        return left;
    }

    private SizeExpr atom() {
        char c = peek();
        int from = at;
        if (c == '(') {
            at++;
            var inner = sum();
            if (peek() != ')') {
                throw new IllegalArgumentException(text);
            }
            at++;
            return inner;
        }
        while (at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_')) {
            at++;
        }
        var word = text.substring(from, at);
        if (word.matches("[0-9]{1,18}")) {
            return new SizeExpr.Literal(Long.parseLong(word));
        }
        if (word.matches("[A-Za-z_][A-Za-z0-9_]{0,63}")) {
            return new SizeExpr.Name(word);
        }
        throw new IllegalArgumentException(text);
    }

    private char peek() {
        skip();
        return at < text.length() ? text.charAt(at) : '\0';
    }

    private void skip() {
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
    }
}
