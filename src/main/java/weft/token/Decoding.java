package weft.token;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import weft.io.CheckpointException;

/**
 * A step from tokens back to text: one of Hugging Face's decoders. Each gets the tokens of a whole text, or those that
 * go on with one: then no word is the first, and nothing is stripped at the front.
 */
sealed interface Decoding {
    List<String> apply(List<String> tokens, boolean goesOn) throws CheckpointException;

    /** GPT-2's visible characters back to bytes. */
    record Bytes() implements Decoding {
        @Override
        public List<String> apply(List<String> tokens, boolean goesOn) {
            var bytes = new ByteArrayOutputStream();
            tokens.forEach(t -> bytes.writeBytes(ByteAlphabet.bytes(t)));
            return List.of(bytes.toString(StandardCharsets.UTF_8));
        }
    }

    record Replace(Expression.Regex what, String content) implements Decoding {
        @Override
        public List<String> apply(List<String> tokens, boolean goesOn) throws CheckpointException {
            var replaced = new ArrayList<String>(tokens.size());
            for (var token : tokens) {
                replaced.add(what.replace(token, content, new Steps(token.length())));
            }
            return replaced;
        }
    }

    /** {@code <0xE4>} back to bytes; a run of them that is no UTF-8 becomes as many U+FFFD. */
    record ByteFallback() implements Decoding {
        @Override
        public List<String> apply(List<String> tokens, boolean goesOn) {
            var texts = new ArrayList<String>();
            var run = new ByteArrayOutputStream();
            for (var token : tokens) {
                int value = value(token);
                if (value >= 0) {
                    run.write(value);
                } else {
                    flush(run, texts);
                    texts.add(token);
                }
            }
            flush(run, texts);
            return texts;
        }

        private static void flush(ByteArrayOutputStream run, List<String> texts) {
            if (run.size() == 0) { return; }
            try {
                texts.add(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(run.toByteArray()))
                        .toString());
            } catch (CharacterCodingException e) {
                texts.add("\uFFFD".repeat(run.size()));
            }
            run.reset();
        }

        /** The byte a token spells, or -1. */
        static int value(String token) {
            if (token.length() != 6 || !token.startsWith("<0x") || token.charAt(5) != '>') { return -1; }
            int high = Character.digit(token.charAt(3), 16);
            int low = Character.digit(token.charAt(4), 16);
            return high < 0 || low < 0 || token.charAt(3) > 'f' || token.charAt(4) > 'f' ? -1 : 16 * high + low;
        }
    }

    /** All tokens one. */
    record Fuse() implements Decoding {
        @Override
        public List<String> apply(List<String> tokens, boolean goesOn) {
            return List.of(String.join("", tokens));
        }
    }

    /** Up to so many characters off each token's ends. */
    record Strip(int content, int start, int stop) implements Decoding {
        @Override
        public List<String> apply(List<String> tokens, boolean goesOn) {
            return tokens.stream().map(this::strip).toList();
        }

        private String strip(String token) {
            int from = 0;
            int to = token.length();
            int width = Character.charCount(content);
            for (int i = 0; i < start && from < to && token.codePointAt(from) == content; i++) {
                from += width;
            }
            for (int i = 0; i < stop && to > from && token.codePointBefore(to) == content; i++) {
                to -= width;
            }
            return token.substring(from, to);
        }
    }

    record Metaspace(String mark, boolean prepended) implements Decoding {
        @Override
        public List<String> apply(List<String> tokens, boolean goesOn) {
            var texts = new ArrayList<String>(tokens.size());
            for (int i = 0; i < tokens.size(); i++) {
                texts.add(tokens.get(i).replace(mark, i == 0 && prepended && !goesOn ? "" : " "));
            }
            return texts;
        }
    }

    /** {@code ##ing} joins the word before it. */
    record WordPiece(String prefix, boolean cleanup) implements Decoding {
        @Override
        public List<String> apply(List<String> tokens, boolean goesOn) {
            var texts = new ArrayList<String>(tokens.size());
            for (int i = 0; i < tokens.size(); i++) {
                var token = tokens.get(i);
                if (i > 0 || goesOn) {
                    token = token.startsWith(prefix) ? token.substring(prefix.length()) : " " + token;
                }
                texts.add(cleanup ? clean(token) : token);
            }
            return texts;
        }

        static String clean(String text) {
            return text.replace(" .", ".").replace(" ?", "?").replace(" !", "!").replace(" ,", ",")
                    .replace(" ' ", "'").replace(" n't", "n't").replace(" 'm", "'m").replace(" do not", " don't")
                    .replace(" 's", "'s").replace(" 've", "'ve").replace(" 're", "'re");
        }
    }

    /** {@code ing</w>} ends a word. */
    record WordEnd(String suffix) implements Decoding {
        @Override
        public List<String> apply(List<String> tokens, boolean goesOn) {
            var texts = new ArrayList<String>(tokens.size());
            for (int i = 0; i < tokens.size(); i++) {
                boolean last = i == tokens.size() - 1 && !goesOn;
                texts.add(suffix.isEmpty() ? tokens.get(i) : tokens.get(i).replace(suffix, last ? "" : " "));
            }
            return texts;
        }
    }
}
