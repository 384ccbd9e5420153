package weft.token;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Pickle;
import weft.io.PickleValue;
import weft.io.Problem;

/**
 * A table of characters, as nanoGPT's {@code prepare.py} leaves it in {@code meta.pkl}: {@code stoi}, text to id. An
 * entry may be a whole word; then the longest entry that fits is taken, from left to right.
 */
final class Entries implements Tokenizer {
    private final String name;
    private final Map<Integer, String> texts = new HashMap<>();
    private final Trie trie = new Trie();
    private int size;

    private Entries(String name) {
        this.name = name;
    }

    /** Reads a {@code meta.pkl}; it is data to the reader, whatever it wants to be. */
    static Entries read(byte[] pickle, String file) throws CheckpointException {
        var root = Pickle.read(file, MemorySegment.ofArray(pickle), 0).value();
        var entries = new Entries(file);
        if (!(root instanceof PickleValue.Dict dict && dict.get("stoi") instanceof PickleValue.Dict ids)) {
            throw Problem.of(Code.BAD_TOKENIZER).file(file).field("stoi").expected("dict").asException();
        }
        for (var entry : ids.entries().entrySet()) {
            if (!(entry.getKey() instanceof PickleValue.Text(var text) && !text.isEmpty()
                    && entry.getValue() instanceof PickleValue.Int(var id) && id >= 0 && id < Integer.MAX_VALUE
                    && entries.texts.putIfAbsent((int) id, text) == null)) {
                throw Problem.of(Code.BAD_TOKENIZER).file(file).field("stoi").expected("text, unique id")
                        .asException();
            }
            entries.trie.put(Utf8.wellFormed(text), (int) id);
            entries.size = Math.max(entries.size, (int) id + 1);
        }
        if (entries.size == 0) {
            throw Problem.of(Code.BAD_TOKENIZER).file(file).field("stoi").found(0).expected(">= 1").asException();
        }
        return entries;
    }

    @Override
    public int[] encode(String text) throws CheckpointException {
        var ids = new Ids();
        var plain = Utf8.wellFormed(text);
        for (int at = 0; at < plain.length();) {
            int end = trie.longest(plain, at);
            if (end < 0) {
                throw Problem.of(Code.NOT_IN_VOCABULARY).file(name).found(Character.toString(plain.codePointAt(at)))
                        .asException();
            }
            ids.add(trie.value(plain, at, end));
            at = end;
        }
        return ids.toArray();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public byte[] bytes(int id) {
        var text = texts.get(id);
        return text == null ? Utf8.REPLACEMENT.clone() : text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public int size() {
        return size;
    }

    /** nanoGPT trains without one. */
    @Override
    public OptionalInt endOfText() {
        return OptionalInt.empty();
    }
}
