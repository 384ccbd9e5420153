package weft.token;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

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
            tokens.add(entry.getKey(), Values.integer(entry.getValue(), vocabularyFile, entry.getKey()));
        }
        var cuts = Cut.words("gpt2");
        cuts.add(new Cut.Bytes());
        var model = new WordModel.Pairs(tokens, mergeLines(Values.text(merges, mergesFile), mergesFile, tokens), -1, "",
                "", false, new int[0], false);
        return new Pipeline(vocabularyFile, tokens,
                Pipeline.Parts.of(List.copyOf(cuts), model, List.of(new Decoding.Bytes())), tokens.endOfText());
    }

    /**
     * Hugging Face's {@code tokenizer.json}.
     *
     * @throws CheckpointException BAD_TOKENIZER, naming what is malformed or what this version doesn't do
     */
    public static Tokenizer tokenizerJson(byte[] document, String file) throws CheckpointException {
        return TokenizerJson.read(document, file);
    }

    /**
     * A {@code tokenizer.model}: SentencePiece's, or a tiktoken file (Llama 3's has that name too).
     *
     * @throws CheckpointException BAD_TOKENIZER with the place in the file
     */
    public static Tokenizer tokenizerModel(byte[] document, String file) throws CheckpointException {
        return RankedBytes.looksLike(document) ? tiktoken(document, file) : SentencePiece.read(document, file);
    }

    /**
     * A tiktoken file: {@code base64 rank} lines.
     *
     * @throws CheckpointException BAD_TOKENIZER with the line
     */
    public static Tokenizer tiktoken(byte[] document, String file) throws CheckpointException {
        return RankedBytes.read(document, file);
    }

    /**
     * nanoGPT's {@code meta.pkl}; the pickle is read, never run.
     *
     * @throws CheckpointException BAD_TOKENIZER, PICKLE_CALL, BAD_PICKLE
     */
    public static Tokenizer characterTable(byte[] pickle, String file) throws CheckpointException {
        return Entries.read(pickle, file);
    }

    /**
     * The vocabulary inside a GGUF file.
     *
     * @param all the file from its first byte; only the header is looked at
     * @return {@code null} if there is none
     * @throws CheckpointException BAD_TOKENIZER, naming what is malformed or what this version doesn't do
     */
    public static @Nullable Tokenizer gguf(MemorySegment all, String file) throws CheckpointException {
        return GgufVocabulary.read(all, file);
    }

    /**
     * The same vocabulary as GGUF metadata, {@code tokenizer.ggml.*}: keys, sorted, and texts, truth values, whole
     * numbers or lists of them.
     *
     * @param rows of the embedding, which is how many tokens llama.cpp wants
     * @return empty for a vocabulary that llama.cpp can't be told of, or that has more ids than there are rows
     */
    public static Map<String, Object> ggufMetadata(Tokenizer tokenizer, int rows) {
        return GgufMetadata.of(tokenizer, rows);
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
                Values.addMerge(merges, rank++, rule.stripTrailing().split(" ", -1), 0, tokens, where);
            }
            line++;
            offset += rule.getBytes(StandardCharsets.UTF_8).length + 1;
            start = end + 1;
        }
        return merges;
    }
}
