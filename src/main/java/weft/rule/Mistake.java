package weft.rule;

/** A stretch of a line of arrow text that can't be read, and what could stand there. Never leaves this package. */
final class Mistake extends Exception {
    private static final long serialVersionUID = 1;
    private final int from;
    private final int to;
    private final String expected;

    /** @param from first character of the line, from 0; @param to the one after the last */
    Mistake(int from, int to, String expected) {
        super(expected, null, false, false);
        this.from = from;
        this.to = to;
        this.expected = expected;
    }

    int from() {
        return from;
    }

    int to() {
        return to;
    }

    String expected() {
        return expected;
    }
}
