package weft.token;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;

/** From one word to ids: the model of a {@code tokenizer.json}. */
sealed interface WordModel {
    void encode(String word, Ids ids) throws CheckpointException;

    /** The ids of {@code <0x00>} to {@code <0xFF>}; -1 for each that isn't there. */
    private static int[] byteIds(Vocabulary vocabulary) {
        var ids = new int[256];
        Arrays.setAll(ids, b -> vocabulary.id(String.format(Locale.ROOT, "<0x%02X>", b)));
        return ids;
    }

    /**
     * Byte-pair encoding.
     *
     * @param unknown the id of what the vocabulary doesn't hold, or -1: it is left out then
     * @param prefix stands before every symbol of a word but the first
     * @param suffix stands behind a word's last symbol
     * @param fused whether unknown neighbours are one
     * @param bytes ids of the 256 bytes, for characters the vocabulary doesn't hold; empty if they aren't used
     * @param whole whether a word that is a token itself is taken as it is, whatever the merges say
     */
    record Pairs(Vocabulary vocabulary, Merges merges, int unknown, String prefix, String suffix, boolean fused,
            int[] bytes, boolean whole) implements WordModel {
        static int[] bytes(Vocabulary vocabulary, boolean wanted) {
            return wanted ? byteIds(vocabulary) : new int[0];
        }

        @Override
        public void encode(String word, Ids ids) {
            int known = whole ? vocabulary.id(word) : -1;
            if (known >= 0) {
                ids.add(known);
                return;
            }
            var symbols = new Ids();
            int waiting = 0;
            for (int i = 0; i < word.length();) {
                int end = i + Character.charCount(word.codePointAt(i));
                var symbol = (i > 0 ? prefix : "") + word.substring(i, end) + (end == word.length() ? suffix : "");
                i = end;
                int id = vocabulary.id(symbol);
                if (id < 0 && spell(symbol, symbols)) {
                    continue;
                }
                if (id < 0) {
                    waiting = fused ? 1 : waiting + 1;
                    continue;
                }
                flush(waiting, symbols);
                waiting = 0;
                symbols.add(id);
            }
            flush(waiting, symbols);
            var all = symbols.toArray();
            ids.add(merges.apply(all, all.length));
        }

        private void flush(int waiting, Ids symbols) {
            for (int i = 0; i < waiting && unknown >= 0; i++) {
                symbols.add(unknown);
            }
        }

        private boolean spell(String symbol, Ids symbols) {
            return bytes.length > 0 && WordModel.spell(symbol, bytes, symbols);
        }
    }

    private static boolean spell(String text, int[] byteIds, Ids ids) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        for (var b : bytes) {
            if (byteIds[b & 0xFF] < 0) { return false; }
        }
        for (var b : bytes) {
            ids.add(byteIds[b & 0xFF]);
        }
        return true;
    }

    /** The longest token that fits, from left to right; a word that can't be written so is unknown as a whole. */
    record WordPieces(Vocabulary vocabulary, int unknown, String prefix, long longestWord) implements WordModel {
        @Override
        public void encode(String word, Ids ids) {
            var pieces = new Ids();
            boolean known = word.codePointCount(0, word.length()) <= longestWord;
            for (int start = 0; known && start < word.length();) {
                int id = -1;
                int end = Math.min(word.length(), start + vocabulary.longest());
                for (; end > start; end--) {
                    id = vocabulary.id((start > 0 ? prefix : "") + word.substring(start, end));
                    if (id >= 0) {
                        break;
                    }
                }
                known = id >= 0;
                pieces.add(id);
                start = end;
            }
            ids.add(known ? pieces.toArray() : new int[]{unknown});
        }
    }

    /** A word is one token. */
    record Words(Vocabulary vocabulary, int unknown, String file) implements WordModel {
        @Override
        public void encode(String word, Ids ids) throws CheckpointException {
            int id = vocabulary.id(word);
            if (id < 0 && unknown < 0) {
                throw Problem.of(Code.NOT_IN_VOCABULARY).file(file).found(word).asException();
            }
            ids.add(id >= 0 ? id : unknown);
        }
    }

    /**
     * The most probable segmentation of a word into tokens, probabilities multiplied (Kudo, <em>Subword
     * Regularization</em>, 2018). Viterbi, one pass; of equally good ends the longest token, whose start is leftmost.
     *
     * @param scores ln p of each id
     * @param unknown the id of a character no token covers, or -1
     * @param bytes as in {@link Pairs}
     */
    record Unigram(Trie trie, double[] scores, double least, int unknown, int[] bytes,
            String file) implements WordModel {
        /** How much worse than the worst token an unknown character is. */
        private static final double PENALTY = 10;

        static Unigram of(Vocabulary vocabulary, double[] scores, int unknown, boolean byteFallback, String file) {
            var trie = new Trie();
            double least = Double.POSITIVE_INFINITY;
            for (int id = 0; id < scores.length; id++) {
                trie.put(Objects.requireNonNull(vocabulary.token(id)), id);
                least = Math.min(least, scores[id]);
            }
            return new Unigram(trie, scores, least, unknown, byteFallback ? byteIds(vocabulary) : new int[0], file);
        }

        @Override
        public void encode(String word, Ids ids) throws CheckpointException {
            int size = word.length();
            var best = new double[size + 1];
            var from = new int[size + 1];
            var id = new int[size + 1];
            Arrays.fill(from, -1);
            for (int start = 0; start < size;) {
                int one = start + Character.charCount(word.codePointAt(start));
                boolean single = false;
                for (int node = 0, end = start; end < size;) {
                    node = trie.step(node, word.charAt(end++));
                    if (node < 0) {
                        break;
                    }
                    int token = trie.value(node);
                    if (token < 0) {
                        continue;
                    }
                    double score = scores[token] + best[start];
                    if (from[end] < 0 || score > best[end]) {
                        best[end] = score;
                        from[end] = start;
                        id[end] = token;
                    }
                    single |= end == one;
                }
                if (!single) {
                    double score = least - PENALTY + best[start];
                    if (from[one] < 0 || score > best[one]) {
                        best[one] = score;
                        from[one] = start;
                        id[one] = unknown;
                    }
                }
                start = one;
            }
            emit(word, from, id, ids);
        }

        /** From the end back; unknown neighbours are one token. */
        private void emit(String word, int[] from, int[] id, Ids ids) throws CheckpointException {
            var ends = new Ids();
            for (int end = word.length(); end > 0; end = from[end]) {
                ends.add(end);
            }
            var all = ends.toArray();
            int start = 0;
            for (int i = all.length - 1; i >= 0; i--) {
                if (id[all[i]] != unknown) {
                    ids.add(id[all[i]]);
                    start = all[i];
                    continue;
                }
                while (i > 0 && id[all[i - 1]] == unknown) {
                    i--;
                }
                var text = word.substring(start, all[i]);
                start = all[i];
                int token = trie.value(text, 0, text.length());
                if (token >= 0) {
                    ids.add(token);
                    continue;
                }
                if (bytes.length > 0 && WordModel.spell(text, bytes, ids)) {
                    continue;
                }
                if (unknown < 0) { throw Problem.of(Code.NOT_IN_VOCABULARY).file(file).found(text).asException(); }
                ids.add(unknown);
            }
        }
    }
}
