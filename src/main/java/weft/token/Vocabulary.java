package weft.token;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;

/** Tokens as their file writes them, their ids, and the bytes each stands for. Memory follows the entries, not the ids. */
final class Vocabulary {
    /** How vocabularies spell the end of a text, the most particular first. */
    private static final List<String> ENDS = List.of("<|endoftext|>", "<|end_of_text|>", "<|eot_id|>", "<|im_end|>",
            "</s>", "<eos>", "[SEP]");

    private final String file;
    private final Map<String, Integer> ids = new HashMap<>();
    private final Map<Integer, byte[]> bytes = new HashMap<>();
    private int size;

    Vocabulary(String file) {
        this.file = file;
    }

    /** @throws CheckpointException BAD_TOKENIZER for a negative id, or one that another token has already */
    void add(String token, long id, byte[] meaning) throws CheckpointException {
        if (id < 0 || id >= Integer.MAX_VALUE) {
            throw bad(token).found(id).expected("0 <= id < 2147483647").asException();
        }
        var known = ids.get(token);
        if (known != null && known == id) { return; }
        if (known != null || bytes.containsKey((int) id)) {
            throw bad(token).found(id).expected("unique").asException();
        }
        ids.put(token, (int) id);
        bytes.put((int) id, meaning);
        size = Math.max(size, (int) id + 1);
    }

    /** The id of a token as its file writes it, or -1. */
    int id(String token) {
        return ids.getOrDefault(token, -1);
    }

    byte[] bytes(int id) {
        return bytes.getOrDefault(id, Utf8.REPLACEMENT).clone();
    }

    int size() {
        return size;
    }

    OptionalInt endOfText() {
        return ENDS.stream().filter(ids::containsKey).mapToInt(ids::get).findFirst();
    }

    private Problem bad(String token) {
        return Problem.of(Code.BAD_TOKENIZER).file(file).field(token);
    }
}
