package weft.token;

import java.nio.charset.StandardCharsets;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;

/** The tokenizers Weft knows, made from the bytes of their files. A file name is for problems only. */
public final class Tokenizers {
    private static final class BuiltIn {
        static final Tokenizer GPT2 = new Gpt2Tokenizer();
    }

    private Tokenizers() {
    }

    /** GPT-2's own, built in. */
    public static Tokenizer gpt2() {
        return BuiltIn.GPT2;
    }

    /**
     * Byte-level BPE from a vocabulary and its merge rules: {@code encoder.json} with {@code vocab.bpe} (OpenAI),
     * {@code vocab.json} with {@code merges.txt} (Hugging Face).
     *
     * @param vocabulary JSON: token in GPT-2's byte alphabet to id
     * @param merges one rule a line, the strongest first: {@code Ġ t}; a first line {@code #version …} is skipped
     * @throws CheckpointException BAD_TOKENIZER, with the byte offset of a line that is no rule
     */
    public static Tokenizer bytePair(byte[] vocabulary, String vocabularyFile, byte[] merges, String mergesFile)
            throws CheckpointException {
        var tokens = new Vocabulary(vocabularyFile);
        for (var entry : Values.object(Values.json(vocabulary, vocabularyFile), vocabularyFile, "JSON").entrySet()) {
            tokens.add(entry.getKey(), Values.integer(entry.getValue(), vocabularyFile, entry.getKey()),
                    ByteAlphabet.bytes(entry.getKey()));
        }
        return new ByteLevelBpe(vocabularyFile, ByteLevelBpe.Words.GPT2, tokens,
                mergeLines(Values.text(merges, mergesFile), mergesFile, tokens));
    }

    /**
     * Hugging Face's {@code tokenizer.json}, where it holds byte-level BPE.
     *
     * @throws CheckpointException BAD_TOKENIZER, naming what is malformed or what this version doesn't do
     */
    public static Tokenizer tokenizerJson(byte[] document, String file) throws CheckpointException {
        return TokenizerJson.read(document, file);
    }

    private static Merges mergeLines(String text, String file, Vocabulary tokens) throws CheckpointException {
        var merges = new Merges();
        int rank = 0;
        int line = 0;
        long offset = 0;
        for (int start = 0; start < text.length();) {
            int end = text.indexOf('\n', start);
            end = end < 0 ? text.length() : end;
            var rule = text.substring(start, end);
            if (!rule.isBlank() && !(line == 0 && rule.startsWith("#version"))) {
                var where = Problem.of(Code.BAD_TOKENIZER).file(file).at(offset).field("line " + (line + 1));
                Values.addMerge(merges, rank++, rule.stripTrailing().split(" ", -1), tokens, where);
            }
            line++;
            offset += rule.getBytes(StandardCharsets.UTF_8).length + 1;
            start = end + 1;
        }
        return merges;
    }
}
