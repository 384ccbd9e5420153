package weft.token;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.ProtoReader;

/**
 * SentencePiece: {@code tokenizer.model}, a protocol buffer message ({@code sentencepiece_model.proto}), and the same
 * vocabulary inside a GGUF file. Source: Kudo, Richardson, <em>SentencePiece</em> (2018), and the library's own code,
 * whose every rounding is kept: scores are added in f32.
 *
 * <p>
 * Inside, a text is its UTF-8 bytes, one to a char, as the library sees it: lengths are bytes.
 */
final class SentencePiece implements Tokenizer {
    /** A space in a piece: U+2581 as three bytes. */
    private static final String SPACE = "\u00E2\u0096\u0081";
    private static final float UNKNOWN_PENALTY = 10;

    /** What the message calls {@code ModelType}. */
    enum Kind {
        UNIGRAM, BPE, WORD, CHAR
    }

    /** What the message calls {@code SentencePiece.Type}, in its order from 1. */
    enum Type {
        NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE
    }

    /** @param text bytes as chars */
    record Piece(String text, float score, Type type) {
    }

    /** How a text is prepared. @param map {@code null} changes no character */
    record Preparation(@Nullable CharsMap map, boolean dummyPrefix, boolean oneSpace, boolean escape,
            boolean spaceBehind) {
    }

    private final String name;
    private final List<Piece> pieces;
    private final Kind kind;
    private final Preparation preparation;
    private final boolean byteFallback;
    private final String unknownText;
    private final int[] start;
    private final OptionalInt end;
    private final Map<String, Integer> mergeable = new HashMap<>();
    private final Map<String, Integer> reserved = new HashMap<>();
    private final Map<String, Integer> ranks = new HashMap<>();
    private final Trie userDefined = new Trie();
    private final Trie trie = new Trie();
    private final int[] byteIds = new int[256];
    private int unknown = -1;
    private int longest;
    private float least = Float.MAX_VALUE;

    /** @param start ids before every text @param end the id that ends one, or empty: the piece {@code </s>} or the like */
    SentencePiece(String name, List<Piece> pieces, Kind kind, Preparation preparation, boolean byteFallback,
            String unknownText, int[] start, OptionalInt end) throws CheckpointException {
        this.name = name;
        this.pieces = List.copyOf(pieces);
        this.kind = kind;
        this.preparation = preparation;
        this.byteFallback = byteFallback;
        this.unknownText = unknownText;
        this.start = start.clone();
        this.end = end.isPresent() ? end : controlled("</s>", "<eos>", "<|endoftext|>", "[SEP]");
        Arrays.fill(byteIds, -1);
        for (int id = 0; id < pieces.size(); id++) {
            add(id, pieces.get(id));
        }
        if (unknown < 0) { throw bad("pieces").found("0 * UNKNOWN").expected(1).asException(); }
        if (byteFallback && Arrays.stream(byteIds).anyMatch(id -> id < 0)) {
            throw bad("pieces").found(Arrays.stream(byteIds).filter(id -> id >= 0).count() + " * BYTE")
                    .expected("256 * BYTE").asException();
        }
        rank();
    }

    private void add(int id, Piece piece) throws CheckpointException {
        boolean normal = piece.type == Type.NORMAL || piece.type == Type.USER_DEFINED || piece.type == Type.UNUSED;
        if (piece.text.isEmpty() || (normal ? mergeable : reserved).putIfAbsent(piece.text, id) != null) {
            throw bad("pieces[" + id + "]").found(shown(piece.text)).expected("unique").asException();
        }
        if (!Float.isFinite(piece.score)) { throw bad("pieces[" + id + "].score").found(piece.score).asException(); }
        longest = Math.max(longest, piece.text.length());
        switch (piece.type) {
            case UNKNOWN -> {
                if (unknown >= 0) { throw bad("pieces[" + id + "]").found("UNKNOWN").expected("unique").asException(); }
                unknown = id;
            }
            case USER_DEFINED -> userDefined.put(piece.text, id);
            case BYTE -> {
                int value = Decoding.ByteFallback.value(piece.text);
                if (value < 0) { throw bad("pieces[" + id + "]").found(shown(piece.text)).asException(); }
                byteIds[value] = id;
            }
            case NORMAL -> least = Math.min(least, piece.score);
            case CONTROL, UNUSED -> {
            }
        }
        if (normal && kind == Kind.UNIGRAM) {
            trie.put(piece.text, id);
        }
    }

    /** Equal scores are equally strong. */
    private void rank() {
        var scores = mergeable.values().stream().map(id -> pieces.get(id).score).distinct()
                .sorted((a, b) -> Float.compare(b + 0f, a + 0f)).toList();
        var ofScore = new HashMap<Float, Integer>();
        int rank = -1;
        float last = Float.NaN;
        for (var score : scores) {
            rank = score == last ? rank : rank + 1; // 0 and −0
            last = score;
            ofScore.put(score, rank);
        }
        mergeable.forEach((text, id) -> ranks.put(text, ofScore.get(pieces.get(id).score)));
    }

    private OptionalInt controlled(String... names) {
        for (var text : names) {
            for (int id = 0; id < pieces.size(); id++) {
                if (pieces.get(id).type == Type.CONTROL && pieces.get(id).text.equals(text)) {
                    return OptionalInt.of(id);
                }
            }
        }
        return OptionalInt.empty();
    }

    // --- tokenizer.model

    /** Reads a {@code tokenizer.model}. */
    static SentencePiece read(byte[] document, String file) throws CheckpointException {
        var pieces = new ArrayList<Piece>();
        var trainer = new Trainer();
        var preparation = new Preparation(null, true, true, true, false);
        try {
            for (var message = ProtoReader.of(MemorySegment.ofArray(document), file, 0); message.next();) {
                switch (message.field()) {
                    case 1 -> pieces.add(piece(message.message(), file));
                    case 2 -> trainer.read(message.message());
                    case 3 -> preparation = preparation(message.message(), file);
                    default -> message.skip();
                }
            }
        } catch (CheckpointException e) {
            var p = e.problem();
            if (p.code() == Code.BAD_TOKENIZER) { throw e; }
            throw Problem.of(Code.BAD_TOKENIZER).file(file).at(p.offset()).field(p.field()).found(p.found())
                    .expected(p.expected()).asException(e);
        }
        if (trainer.kind < 1 || trainer.kind > Kind.values().length) {
            throw Problem.of(Code.BAD_TOKENIZER).file(file).field("trainer_spec.model_type").found(trainer.kind)
                    .expected("1 … 4").asException();
        }
        var prepared = new Preparation(preparation.map, preparation.dummyPrefix, preparation.oneSpace,
                preparation.escape, trainer.spaceBehind);
        // The library itself puts nothing before a text. Llama, Mistral and Gemma, whose vocabularies fall back to
        // bytes, are run with <s> before it; transformers' classes for them do the same.
        var begin = new Ids();
        for (int id = 0; trainer.byteFallback && id < pieces.size(); id++) {
            if (pieces.get(id).type == Type.CONTROL && List.of("<s>", "<bos>").contains(pieces.get(id).text)) {
                begin.add(id);
            }
        }
        return new SentencePiece(file, pieces, Kind.values()[trainer.kind - 1], prepared, trainer.byteFallback,
                trainer.unknownText, begin.toArray(), OptionalInt.empty());
    }

    /** What is wanted of {@code TrainerSpec}. */
    private static final class Trainer {
        private int kind = 1;
        private boolean spaceBehind;
        private boolean byteFallback;
        private String unknownText = " \u2047 ";

        void read(ProtoReader spec) throws CheckpointException {
            while (spec.next()) {
                switch (spec.field()) {
                    case 3 -> kind = spec.int32();
                    case 24 -> spaceBehind = spec.bool();
                    case 35 -> byteFallback = spec.bool();
                    case 44 -> unknownText = spec.text();
                    default -> spec.skip();
                }
            }
        }
    }

    private static Piece piece(ProtoReader message, String file) throws CheckpointException {
        var text = "";
        float score = 0;
        int type = 1;
        while (message.next()) {
            switch (message.field()) {
                case 1 -> text = chars(message.bytes().toArray(ValueLayout.JAVA_BYTE));
                case 2 -> score = Float.intBitsToFloat(message.fixed32());
                case 3 -> type = message.int32();
                default -> message.skip();
            }
        }
        if (type < 1 || type > Type.values().length) {
            throw Problem.of(Code.BAD_TOKENIZER).file(file).field(shown(text)).found("type " + type).expected("1 … 6")
                    .asException();
        }
        return new Piece(text, score, Type.values()[type - 1]);
    }

    private static Preparation preparation(ProtoReader spec, String file) throws CheckpointException {
        CharsMap map = null;
        boolean dummyPrefix = true;
        boolean oneSpace = true;
        boolean escape = true;
        while (spec.next()) {
            switch (spec.field()) {
                case 2 -> {
                    var blob = spec.bytes().toArray(ValueLayout.JAVA_BYTE);
                    map = blob.length == 0 ? null : CharsMap.read(blob, file, "precompiled_charsmap");
                }
                case 3 -> dummyPrefix = spec.bool();
                case 4 -> oneSpace = spec.bool();
                case 5 -> escape = spec.bool();
                default -> spec.skip();
            }
        }
        return new Preparation(map, dummyPrefix, oneSpace, escape, false);
    }

    List<Piece> pieces() {
        return pieces;
    }

    Kind kind() {
        return kind;
    }

    Preparation preparation() {
        return preparation;
    }

    // --- text to ids

    @Override
    public int[] encode(String text) {
        var prepared = prepared(chars(Utf8.wellFormed(text).getBytes(StandardCharsets.UTF_8)));
        var ids = new Ids();
        if (prepared.isEmpty()) { return ids.toArray(); }
        boolean wasUnknown = false;
        for (var found : switch (kind) {
            case UNIGRAM -> unigram(prepared);
            case BPE -> pairs(prepared);
            case WORD -> words(prepared);
            case CHAR -> characters(prepared);
        }) {
            boolean isUnknown = found.id == unknown;
            if (isUnknown && byteFallback) {
                for (int i = 0; i < found.text.length(); i++) {
                    ids.add(byteIds[found.text.charAt(i)]);
                }
            } else if (!(isUnknown && wasUnknown)) { // unknown neighbours are one
                ids.add(found.id);
            }
            wasUnknown = isUnknown;
        }
        return ids.toArray();
    }

    private record Found(String text, int id) {
    }

    /** Characters by the map, one space between words if so wanted, a space before the first, spaces as U+2581. */
    private String prepared(String text) {
        var bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        var space = preparation.escape ? SPACE : " ";
        int at = 0;
        while (preparation.oneSpace && at < bytes.length) {
            var step = step(text, bytes, at);
            if (!step.text.equals(" ")) {
                break;
            }
            at += step.id;
        }
        if (at == bytes.length) { return ""; }
        var result = new StringBuilder(text.length() + 16);
        if (!preparation.spaceBehind && preparation.dummyPrefix) {
            result.append(space);
        }
        boolean afterSpace = preparation.oneSpace;
        while (at < bytes.length) {
            var step = step(text, bytes, at);
            int from = 0;
            while (afterSpace && from < step.text.length() && step.text.charAt(from) == ' ') {
                from++;
            }
            if (from < step.text.length()) {
                var rest = step.text.substring(from);
                result.append(preparation.escape ? rest.replace(" ", SPACE) : rest);
                afterSpace = rest.endsWith(" ");
            }
            at += step.id;
            afterSpace &= preparation.oneSpace;
        }
        while (preparation.oneSpace && result.length() >= space.length()
                && result.lastIndexOf(space) == result.length() - space.length()) {
            result.setLength(result.length() - space.length());
        }
        if (preparation.spaceBehind && preparation.dummyPrefix) {
            result.append(space);
        }
        return result.toString();
    }

    /** What the text at a place becomes, and how many bytes of it that takes. */
    private Found step(String text, byte[] bytes, int at) {
        int symbol = userDefined.longest(text, at);
        if (symbol >= 0) { return new Found(text.substring(at, symbol), symbol - at); }
        var found = preparation.map == null ? null : preparation.map.find(bytes, at, bytes.length, true);
        if (found != null) { return new Found(chars(found.text()), found.length()); }
        int end = character(text, at);
        return new Found(text.substring(at, end), end - at);
    }

    /** Where the UTF-8 character at a place ends. */
    private static int character(String text, int at) {
        int lead = text.charAt(at);
        return Math.min(text.length(), at + (lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4));
    }

    /** Viterbi; see {@link WordModel.Unigram}. Scores are added in f32, as the library adds them. */
    private List<Found> unigram(String text) {
        int size = text.length();
        var best = new float[size + 1];
        var from = new int[size + 1];
        var id = new int[size + 1];
        Arrays.fill(from, -1);
        for (int at = 0; at < size;) {
            int one = character(text, at);
            boolean single = false;
            for (int node = 0, to = at; to < size;) {
                node = trie.step(node, text.charAt(to++));
                if (node < 0) {
                    break;
                }
                int piece = trie.value(node);
                if (piece < 0 || pieces.get(piece).type == Type.UNUSED) {
                    continue;
                }
                // Whatever its own score is, a piece somebody defined costs nothing (so in 0.2.2; earlier versions differ).
                float score = best[at] + (pieces.get(piece).type == Type.USER_DEFINED ? 0 : pieces.get(piece).score);
                if (from[to] < 0 || score > best[to]) {
                    best[to] = score;
                    from[to] = at;
                    id[to] = piece;
                }
                single |= to == one;
            }
            if (!single) {
                float score = least - UNKNOWN_PENALTY + best[at];
                if (from[one] < 0 || score > best[one]) {
                    best[one] = score;
                    from[one] = at;
                    id[one] = unknown;
                }
            }
            at = one;
        }
        var found = new ArrayList<Found>();
        for (int to = size; to > 0; to = from[to]) {
            found.add(new Found(text.substring(from[to], to), id[to]));
        }
        Collections.reverse(found);
        return found;
    }

    private List<Found> pairs(String text) {
        var ends = new Ids();
        var frozen = new BitSet();
        int count = 0;
        for (int at = 0; at < text.length(); count++) {
            int symbol = userDefined.longest(text, at);
            frozen.set(count, symbol >= 0);
            at = symbol >= 0 ? symbol : character(text, at);
            ends.add(at);
        }
        var fixed = new boolean[count];
        frozen.stream().forEach(i -> fixed[i] = true);
        var found = new ArrayList<Found>();
        int start = 0;
        for (var to : SpanMerges.apply(text, ends.toArray(), fixed, (all, from, end) -> end - from > longest
                ? -1
                : ranks.getOrDefault(all.substring(from, end), -1))) {
            var piece = text.substring(start, to);
            start = to;
            int id = id(piece);
            if (pieces.get(id).type == Type.UNUSED && character(piece, 0) < piece.length()) {
                apart(piece, found);
            } else {
                found.add(new Found(piece, id));
            }
        }
        return found;
    }

    /** An unused piece is only a step on the way: it is written with what it was merged from. */
    private void apart(String piece, List<Found> found) {
        var ends = new Ids();
        for (int at = 0; at < piece.length();) {
            at = character(piece, at);
            ends.add(at);
        }
        int whole = piece.length();
        int start = 0;
        for (var to : SpanMerges.apply(piece, ends.toArray(), new boolean[ends.toArray().length],
                (all, from, end) -> end - from == whole || end - from > longest
                        ? -1
                        : ranks.getOrDefault(all.substring(from, end), -1))) {
            var part = piece.substring(start, to);
            start = to;
            int id = id(part);
            if (pieces.get(id).type == Type.UNUSED && character(part, 0) < part.length()) {
                apart(part, found);
            } else {
                found.add(new Found(part, id));
            }
        }
    }

    private List<Found> words(String text) {
        var found = new ArrayList<Found>();
        for (int start = 0; start < text.length();) {
            int next = preparation.spaceBehind
                    ? text.indexOf(SPACE, start)
                    : text.indexOf(SPACE, start + (text.startsWith(SPACE, start) ? SPACE.length() : 0));
            int to = next < 0 ? text.length() : preparation.spaceBehind ? next + SPACE.length() : next;
            var word = text.substring(start, to);
            found.add(new Found(word, id(word)));
            start = to;
        }
        return found;
    }

    private List<Found> characters(String text) {
        var found = new ArrayList<Found>();
        for (int at = 0; at < text.length();) {
            int symbol = userDefined.longest(text, at);
            int to = symbol >= 0 ? symbol : character(text, at);
            found.add(new Found(text.substring(at, to), id(text.substring(at, to))));
            at = to;
        }
        return found;
    }

    private int id(String piece) {
        var id = reserved.get(piece);
        return id != null ? id : mergeable.getOrDefault(piece, unknown);
    }

    // --- ids to text

    @Override
    public int[] start() {
        return start.clone();
    }

    @Override
    public byte[] bytes(int id) {
        if (id < 0 || id >= pieces.size()) { return Utf8.REPLACEMENT.clone(); }
        var piece = pieces.get(id);
        return switch (piece.type) {
            case CONTROL -> piece.text.getBytes(StandardCharsets.ISO_8859_1);
            case UNKNOWN -> unknownText.getBytes(StandardCharsets.UTF_8);
            case BYTE -> new byte[]{(byte) Decoding.ByteFallback.value(piece.text)};
            case NORMAL, USER_DEFINED, UNUSED -> piece.text.replace(SPACE, " ").getBytes(StandardCharsets.ISO_8859_1);
        };
    }

    @Override
    public String decode(int... ids) {
        var text = new ByteArrayOutputStream();
        boolean atStart = true;
        for (var id : ids) {
            var bytes = bytes(id);
            var piece = id < 0 || id >= pieces.size() ? null : pieces.get(id);
            if (piece != null && piece.type == Type.CONTROL) {
                continue; // marks the text, isn't in it
            }
            boolean strips = atStart && piece != null && piece.text.startsWith(SPACE)
                    && (preparation.dummyPrefix || preparation.oneSpace);
            text.write(bytes, strips ? 1 : 0, bytes.length - (strips ? 1 : 0));
            // With one space between words, nothing but spaces so far means that the text has not begun.
            atStart = text.size() == 0 && (preparation.oneSpace || !strips) && atStart;
        }
        return text.toString(StandardCharsets.UTF_8);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int size() {
        return pieces.size();
    }

    @Override
    public OptionalInt endOfText() {
        return end;
    }

    /** UTF-8 bytes, one to a char. */
    static String chars(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static String shown(String chars) {
        var bytes = chars.getBytes(StandardCharsets.ISO_8859_1);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException _) {
            return String.format(Locale.ROOT, "%d bytes", bytes.length);
        }
    }

    private Problem bad(String field) {
        return Problem.of(Code.BAD_TOKENIZER).file(name).field(field);
    }
}
