package weft.token;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;

/**
 * A tiktoken file: byte strings and their ranks, which are the ids, one {@code base64 rank} a line. The file doesn't
 * say how a text is cut into words nor which special tokens there are; both are known by how many ranks it has, and a
 * file of another size is cut as {@code cl100k_base} is.
 */
final class RankedBytes implements Tokenizer {
    /** @param words key of {@link Expression#WORDS} @param end the id behind the ranks that ends a text, or -1 */
    private record Known(String words, int start, int end) {
    }

    private static final Map<Integer, Known> KNOWN = Map.of(
            50256, new Known("gpt2", -1, 50256), // r50k_base
            50280, new Known("gpt2", -1, 50256), // p50k_base
            100256, new Known("cl100k", -1, 100257), // cl100k_base
            128000, new Known("cl100k", 128000, 128001), // Llama 3
            151643, new Known("qwen2", -1, 151643), // Qwen
            199998, new Known("o200k", -1, 199999)); // o200k_base

    private final String name;
    private final Map<String, Integer> ranks = new HashMap<>();
    private final Map<Integer, String> tokens = new HashMap<>();
    private final Known known;
    private final List<Cut> cuts;
    private int size;
    private int longest;

    private RankedBytes(String name, Map<String, Integer> ranks) {
        this.name = name;
        this.ranks.putAll(ranks);
        ranks.forEach((bytes, rank) -> {
            tokens.put(rank, bytes);
            size = Math.max(size, rank + 1);
            longest = Math.max(longest, bytes.length());
        });
        known = KNOWN.getOrDefault(ranks.size(), new Known("cl100k", -1, -1));
        cuts = List.copyOf(Cut.words(known.words));
    }

    /** Whether a file begins as a tiktoken file does; {@code tokenizer.model} can be either kind. */
    static boolean looksLike(byte[] document) {
        int end = 0;
        while (end < Math.min(document.length, 1000) && document[end] != '\n') {
            end++;
        }
        return new String(document, 0, end, StandardCharsets.ISO_8859_1).strip()
                .matches("[A-Za-z0-9+/]+={0,2} \\d{1,9}");
    }

    static RankedBytes read(byte[] document, String file) throws CheckpointException {
        var ranks = new HashMap<String, Integer>();
        var used = new HashSet<Integer>();
        int line = 0;
        for (int start = 0; start < document.length; line++) {
            int end = start;
            while (end < document.length && document[end] != '\n') {
                end++;
            }
            var text = new String(document, start, end - start, StandardCharsets.ISO_8859_1).strip();
            if (!text.isEmpty()) {
                var where = Problem.of(Code.BAD_TOKENIZER).file(file).at(start).field("line " + (line + 1));
                var entry = entry(text);
                if (entry == null) { throw where.expected("base64 rank").asException(); }
                if (ranks.putIfAbsent(entry.getKey(), entry.getValue()) != null || !used.add(entry.getValue())) {
                    throw where.found(text).expected("unique").asException();
                }
            }
            start = end + 1;
        }
        for (int b = 0; b < 256; b++) {
            if (!ranks.containsKey(String.valueOf((char) b))) {
                throw Problem.of(Code.BAD_TOKENIZER).file(file).field("byte " + b).expected("in the vocabulary")
                        .asException();
            }
        }
        return new RankedBytes(file, ranks);
    }

    private static Map.@Nullable Entry<String, Integer> entry(String line) {
        int space = line.indexOf(' ');
        if (space < 1) { return null; }
        try {
            var bytes = Base64.getDecoder().decode(line.substring(0, space));
            int rank = Integer.parseInt(line.substring(space + 1));
            return rank < 0 || rank == Integer.MAX_VALUE || bytes.length == 0
                    ? null
                    : Map.entry(SentencePiece.chars(bytes), rank);
        } catch (IllegalArgumentException _) { // both parsers' kind of complaint
            return null;
        }
    }

    @Override
    public int[] encode(String text) throws CheckpointException {
        var plain = Utf8.wellFormed(text);
        var ids = new Ids();
        var remembered = new HashMap<String, int[]>();
        for (var piece : Cut.all(cuts, new Cut.Piece(plain, true), new Steps(plain.length()))) {
            if (!piece.text().isEmpty()) {
                ids.add(remembered.computeIfAbsent(piece.text(), this::word));
            }
        }
        return ids.toArray();
    }

    private int[] word(String word) {
        var bytes = SentencePiece.chars(word.getBytes(StandardCharsets.UTF_8));
        var whole = ranks.get(bytes);
        if (whole != null) { return new int[]{whole}; }
        var ends = new int[bytes.length()];
        Arrays.setAll(ends, i -> i + 1);
        var merged = SpanMerges.apply(bytes, ends, new boolean[ends.length],
                (all, from, to) -> to - from > longest ? -1 : ranks.getOrDefault(all.substring(from, to), -1));
        var ids = new ArrayList<Integer>();
        int start = 0;
        for (var end : merged) {
            ids.add(ranks.get(bytes.substring(start, end)));
            start = end;
        }
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int[] start() {
        return known.start < 0 ? new int[0] : new int[]{known.start};
    }

    @Override
    public byte[] bytes(int id) {
        var token = tokens.get(id);
        if (token != null) { return token.getBytes(StandardCharsets.ISO_8859_1); }
        if (id == known.end) { return "<|endoftext|>".getBytes(StandardCharsets.US_ASCII); }
        return Utf8.REPLACEMENT.clone();
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public OptionalInt endOfText() {
        return known.end < 0 ? OptionalInt.empty() : OptionalInt.of(known.end);
    }
}
