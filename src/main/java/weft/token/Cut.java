package weft.token;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;

/** A step that cuts text into the words a model sees: one of Hugging Face's pre-tokenizers. */
sealed interface Cut {
    /** A stretch of text. @param first whether it begins where the whole text begins */
    record Piece(String text, boolean first) {
    }

    List<Piece> cut(Piece piece, Steps steps) throws CheckpointException;

    /** All steps one after the other; empty pieces vanish. */
    static List<Piece> all(List<Cut> cuts, Piece whole, Steps steps) throws CheckpointException {
        var pieces = List.of(whole);
        for (var cut : cuts) {
            var next = new ArrayList<Piece>();
            for (var piece : pieces) {
                for (var part : cut.cut(piece, steps)) {
                    if (!part.text.isEmpty()) {
                        next.add(part);
                    }
                }
            }
            pieces = next;
        }
        return pieces;
    }

    /** Into the words of a published vocabulary ({@code gpt2}, {@code cl100k}, …), in the steps that Hugging Face takes. */
    static List<Cut> words(String vocabulary) {
        var cuts = new ArrayList<Cut>();
        for (var words : Objects.requireNonNull(Expression.WORDS.get(vocabulary))) {
            cuts.add(new Split(words, Behavior.ISOLATED, false));
        }
        return cuts;
    }

    /** What becomes of the matches. */
    enum Behavior {
        REMOVED, ISOLATED, MERGED_WITH_PREVIOUS, MERGED_WITH_NEXT, CONTIGUOUS;

        /** {@code MergedWithNext}, as {@code tokenizer.json} writes it, or null. */
        static @Nullable Behavior of(Object name) {
            for (var behavior : values()) {
                if (behavior.name().replace("_", "").toLowerCase(Locale.ROOT)
                        .equals(String.valueOf(name).toLowerCase(Locale.ROOT))) {
                    return behavior;
                }
            }
            return null;
        }
    }

    /** At every match of an expression. @param invert whether what lies between the matches counts as the matches */
    record Split(Expression at, Behavior behavior, boolean invert) implements Cut {
        @Override
        public List<Piece> cut(Piece piece, Steps steps) throws CheckpointException {
            var spans = new ArrayList<Expression.Span>();
            for (var span : at.spans(piece.text, steps)) {
                join(spans, new Expression.Span(span.start(), span.end(), span.match() != invert));
            }
            var pieces = new ArrayList<Piece>();
            for (int i = 0; i < spans.size(); i++) {
                var span = spans.get(i);
                if (behavior == Behavior.REMOVED && span.match()) {
                    continue;
                }
                int end = span.end();
                if (behavior == Behavior.MERGED_WITH_NEXT && span.match() && i + 1 < spans.size()
                        && !spans.get(i + 1).match()) {
                    end = spans.get(++i).end();
                }
                pieces.add(new Piece(piece.text.substring(span.start(), end), piece.first && span.start() == 0));
            }
            return pieces;
        }

        /** Adds a span, or lengthens the last one by it. */
        private void join(List<Expression.Span> spans, Expression.Span span) {
            var last = spans.isEmpty() ? null : spans.getLast();
            boolean joined = last != null && switch (behavior) {
                case CONTIGUOUS -> last.match() == span.match();
                case MERGED_WITH_PREVIOUS -> span.match() && !last.match();
                case REMOVED, ISOLATED, MERGED_WITH_NEXT -> false;
            };
            if (joined && last != null) {
                // A stretch that took a match in takes no second one: it now counts as a match itself.
                spans.set(spans.size() - 1, new Expression.Span(last.start(), span.end(), span.match()));
            } else {
                spans.add(span);
            }
        }
    }

    /** A space before each piece that has none. */
    record PrefixSpace() implements Cut {
        @Override
        public List<Piece> cut(Piece piece, Steps steps) {
            return List.of(piece.text.startsWith(" ") ? piece : new Piece(" " + piece.text, piece.first));
        }
    }

    /** Bytes as visible characters: {@link ByteAlphabet}. */
    record Bytes() implements Cut {
        @Override
        public List<Piece> cut(Piece piece, Steps steps) {
            return List.of(new Piece(spelled(piece.text), piece.first));
        }

        static String spelled(String text) {
            var bytes = text.getBytes(StandardCharsets.UTF_8);
            var spelling = new StringBuilder(bytes.length);
            for (var b : bytes) {
                spelling.append(ByteAlphabet.character(b));
            }
            return spelling.toString();
        }
    }

    /** Where a piece gets a mark before it. */
    enum Prepend {
        ALWAYS, FIRST, NEVER
    }

    /** Spaces become a mark ({@code ▁}), and each word begins with one. */
    record Metaspace(String mark, Prepend prepend, boolean split) implements Cut {
        @Override
        public List<Piece> cut(Piece piece, Steps steps) {
            var text = piece.text.replace(" ", mark);
            boolean wanted = prepend == Prepend.ALWAYS || prepend == Prepend.FIRST && piece.first;
            if (wanted && !text.startsWith(mark)) {
                text = mark + text;
            }
            if (!split) { return List.of(new Piece(text, piece.first)); }
            var pieces = new ArrayList<Piece>();
            for (int start = 0; start < text.length();) {
                int next = text.indexOf(mark, start + mark.length());
                // What stands before the first mark is a piece of its own.
                next = !text.startsWith(mark, start) ? text.indexOf(mark, start) : next;
                int end = next < 0 ? text.length() : next;
                pieces.add(new Piece(text.substring(start, end), piece.first && start == 0));
                start = end;
            }
            return pieces;
        }
    }

    /** So many characters each. */
    record FixedLength(int length) implements Cut {
        @Override
        public List<Piece> cut(Piece piece, Steps steps) {
            var pieces = new ArrayList<Piece>();
            int characters = piece.text.codePointCount(0, piece.text.length());
            for (int start = 0; start < piece.text.length(); characters -= length) {
                int end = characters <= length ? piece.text.length() : piece.text.offsetByCodePoints(start, length);
                pieces.add(new Piece(piece.text.substring(start, end), piece.first && start == 0));
                start = end;
            }
            return pieces;
        }
    }

    /** Whether Rust's {@code is_ascii_punctuation} or Unicode's categories P* call it punctuation. */
    static boolean isPunctuation(int c) {
        if (c < 0x80) {
            return c >= '!' && c <= '/' || c >= ':' && c <= '@' || c >= '[' && c <= '`' || c >= '{' && c <= '~';
        }
        return switch (Character.getType(c)) {
            case Character.CONNECTOR_PUNCTUATION, Character.DASH_PUNCTUATION, Character.START_PUNCTUATION,
                    Character.END_PUNCTUATION, Character.INITIAL_QUOTE_PUNCTUATION, Character.FINAL_QUOTE_PUNCTUATION,
                    Character.OTHER_PUNCTUATION ->
                true;
            default -> false;
        };
    }

    /** Unicode's White_Space. */
    static boolean isSpace(int c) {
        return c >= 0x09 && c <= 0x0D || c == 0x85 || Character.isSpaceChar(c);
    }

    /** Unicode's categories N*. */
    static boolean isNumeric(int c) {
        int type = Character.getType(c);
        return type == Character.DECIMAL_DIGIT_NUMBER || type == Character.LETTER_NUMBER
                || type == Character.OTHER_NUMBER;
    }
}
