package weft.token;

/**
 * A text that can be looked at only so many times. A tokenizer's file brings regular expressions of its own, and some
 * take a time that grows with the square of the text, or worse; all expressions of one text share one allowance.
 */
final class Steps {
    /** Looks at a character. The known expressions take about twenty. */
    private static final int EACH = 500;
    private static final int LEAST = 200_000;

    /** There have been too many. */
    static final class Exceeded extends RuntimeException {
        private static final long serialVersionUID = 1;

        Exceeded() {
            super(null, null, false, false);
        }
    }

    private long left;

    Steps(int characters) {
        left = LEAST + (long) EACH * characters;
    }

    /** The same text, counting. */
    CharSequence over(String text) {
        return new Counted(text);
    }

    private final class Counted implements CharSequence {
        private final String text;

        Counted(String text) {
            this.text = text;
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            if (--left < 0) { throw new Exceeded(); }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.substring(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
