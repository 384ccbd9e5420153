package weft.token;

import java.text.Normalizer;
import java.util.function.IntPredicate;

import weft.io.CheckpointException;

/** A step that rewrites a text before it is cut: one of Hugging Face's normalizers. */
sealed interface Rewrite {
    String apply(String text, Steps steps) throws CheckpointException;

    record Form(Normalizer.Form form) implements Rewrite {
        @Override
        public String apply(String text, Steps steps) {
            return Normalizer.normalize(text, form);
        }
    }

    /** Character by character, as Rust does it: a Σ at a word's end becomes σ. */
    record Lowercase() implements Rewrite {
        @Override
        public String apply(String text, Steps steps) {
            var lower = new StringBuilder(text.length());
            text.codePoints().forEach(c -> {
                if (c == 0x130) {
                    lower.append("i\u0307"); // the only capital whose small letter is two characters
                } else {
                    lower.appendCodePoint(Character.toLowerCase(c));
                }
            });
            return lower.toString();
        }
    }

    record Strip(boolean left, boolean right) implements Rewrite {
        @Override
        public String apply(String text, Steps steps) {
            int start = 0;
            int end = text.length();
            while (left && start < end && Cut.isSpace(text.codePointAt(start))) {
                start++; // all white space is of one char
            }
            while (right && end > start && Cut.isSpace(text.codePointBefore(end))) {
                end--;
            }
            return text.substring(start, end);
        }
    }

    /** Leaves characters out. */
    record Without(IntPredicate dropped) implements Rewrite {
        @Override
        public String apply(String text, Steps steps) {
            var rest = new StringBuilder(text.length());
            text.codePoints().filter(dropped.negate()).forEach(rest::appendCodePoint);
            return rest.toString();
        }
    }

    record Replace(Expression.Regex what, String content) implements Rewrite {
        @Override
        public String apply(String text, Steps steps) throws CheckpointException {
            return what.replace(text, content, steps);
        }
    }

    record Prepend(String prefix) implements Rewrite {
        @Override
        public String apply(String text, Steps steps) {
            return text.isEmpty() ? text : prefix + text;
        }
    }

    record Bytes() implements Rewrite {
        @Override
        public String apply(String text, Steps steps) {
            return Cut.Bytes.spelled(text);
        }
    }

    /** BERT's cleaning: control characters out, all white space a space, spaces around Chinese characters. */
    record BertClean(boolean clean, boolean chinese) implements Rewrite {
        @Override
        public String apply(String text, Steps steps) {
            var result = new StringBuilder(text.length());
            text.codePoints().forEach(c -> {
                if (clean && (c == 0 || c == 0xFFFD || isControl(c))) { return; }
                int kept = clean && Cut.isSpace(c) ? ' ' : c;
                if (chinese && isChinese(kept)) {
                    result.append(' ').appendCodePoint(kept).append(' ');
                } else {
                    result.appendCodePoint(kept);
                }
            });
            return result.toString();
        }

        private static boolean isControl(int c) {
            if (c == '\t' || c == '\n' || c == '\r') { return false; }
            return switch (Character.getType(c)) {
                case Character.CONTROL, Character.FORMAT, Character.PRIVATE_USE, Character.SURROGATE -> true;
                default -> false;
            };
        }

        private static boolean isChinese(int c) {
            return c >= 0x4E00 && c <= 0x9FFF || c >= 0x3400 && c <= 0x4DBF || c >= 0x20000 && c <= 0x2A6DF
                    || c >= 0x2A700 && c <= 0x2B73F || c >= 0x2B740 && c <= 0x2B81F || c >= 0x2B920 && c <= 0x2CEAF
                    || c >= 0xF900 && c <= 0xFAFF || c >= 0x2F800 && c <= 0x2FA1F;
        }
    }

    /** The Moses-like cleaning of neural machine translation: some controls out, odd white space a space. */
    record Nmt() implements Rewrite {
        @Override
        public String apply(String text, Steps steps) {
            var result = new StringBuilder(text.length());
            text.codePoints().forEach(c -> {
                boolean dropped = c >= 1 && c <= 8 || c == 0xB || c >= 0xE && c <= 0x1F || c == 0x7F || c == 0x8F
                        || c == 0x9F;
                boolean space = c == 9 || c == 0xA || c == 0xC || c == 0xD || c == 0x1680
                        || c >= 0x200B && c <= 0x200F || c == 0x2028 || c == 0x2029 || c == 0x2581 || c == 0xFEFF
                        || c == 0xFFFD;
                if (!dropped) {
                    result.appendCodePoint(space ? ' ' : c);
                }
            });
            return result.toString();
        }
    }

    /** SentencePiece's map of characters, as Hugging Face applies it: grapheme by grapheme. */
    record Precompiled(CharsMap map) implements Rewrite {
        @Override
        public String apply(String text, Steps steps) {
            return map.graphemes(text);
        }
    }

    /** Marks that take no place of their own. */
    static boolean isNonspacing(int c) {
        return Character.getType(c) == Character.NON_SPACING_MARK;
    }

    /** All combining marks. */
    static boolean isMark(int c) {
        return switch (Character.getType(c)) {
            case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK -> true;
            default -> false;
        };
    }
}
