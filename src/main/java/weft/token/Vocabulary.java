package weft.token;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;

/** Tokens as their file writes them, and their ids. Memory follows the entries, not the ids. */
final class Vocabulary {
    /** How vocabularies spell the end of a text, the most particular first. */
    private static final List<String> ENDS = List.of("<|endoftext|>", "<|end_of_text|>", "<|eot_id|>", "<|im_end|>",
            "</s>", "<eos>", "[SEP]");

    private final String file;
    private final Map<String, Integer> ids = new HashMap<>();
    private final Map<Integer, String> tokens = new HashMap<>();
    private final Set<Integer> special = new HashSet<>();
    private int size;
    private int longest;

    Vocabulary(String file) {
        this.file = file;
    }

    /** @throws CheckpointException BAD_TOKENIZER for a negative id, or one that another token has already */
    void add(String token, long id) throws CheckpointException {
        put(token, id);
        size = Math.max(size, (int) id + 1);
    }

    /** The next token of a list, in which one text may stand twice: its id is then the last one's. */
    void append(String token) {
        ids.put(token, size);
        tokens.put(size++, token);
        longest = Math.max(longest, token.length());
    }

    /** A token that no text gives: its id may lie behind the rows of the embedding. */
    void addBeside(String token, long id) throws CheckpointException {
        put(token, id);
        special.add((int) id);
    }

    private void put(String token, long id) throws CheckpointException {
        if (id < 0 || id >= Integer.MAX_VALUE) {
            throw bad(token).found(id).expected("0 <= id < 2147483647").asException();
        }
        var known = ids.get(token);
        if (known != null && known == id) { return; }
        if (known != null || tokens.containsKey((int) id)) {
            throw bad(token).found(id).expected("unique").asException();
        }
        ids.put(token, (int) id);
        tokens.put((int) id, token);
        longest = Math.max(longest, token.length());
    }

    /** How a token reads in a text, where that isn't how its file writes it. */
    void reads(int id, String text) {
        tokens.put(id, text);
    }

    /** The id of a token as its file writes it, or -1. */
    int id(String token) {
        return ids.getOrDefault(token, -1);
    }

    /** A token as its file writes it, or null. */
    @Nullable
    String token(int id) {
        return tokens.get(id);
    }

    /** Whether it is a mark of its own and no text gives it. */
    boolean isSpecial(int id) {
        return special.contains(id);
    }

    int size() {
        return size;
    }

    /** Characters of the longest token. */
    int longest() {
        return longest;
    }

    OptionalInt endOfText() {
        return ENDS.stream().filter(ids::containsKey).mapToInt(ids::get).findFirst();
    }

    private Problem bad(String token) {
        return Problem.of(Code.BAD_TOKENIZER).file(file).field(token);
    }
}
