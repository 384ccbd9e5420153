package weft.format.flax;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import weft.format.Checkpoint;
import weft.format.Checkpoint.Ignored;
import weft.format.JoinedTensor;
import weft.format.JoinedTensor.Slice;
import weft.format.MappedTensor;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;
import weft.io.SourceFile;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/**
 * Walks a state dict. An array is an extension of type 1 around a list of three: its shape, numpy's name of its type, its bytes
 * in row-major order; type 3 is the same around one number. An array over 2^30 bytes is a map of its own
 * ({@code __msgpack_chunked_array__}, {@code shape}, {@code chunks}), whose chunks are flat arrays.
 */
final class FlaxReader {
    private static final int ARRAY = 1;
    private static final int SCALAR = 3;
    private static final String CHUNKED = "__msgpack_chunked_array__";
    private static final int DEPTH = 128;
    private static final int RANK = 64;
    private static final int LONGEST_KEY = 1 << 17;
    /** Characters of all names together: keys on the way to many arrays stand in the file once. */
    private static final long NAMES = 1 << 26;
    /** What Flax's TrainState and its forerunners call the optimizer's part. */
    private static final Set<String> OPTIMIZER = Set.of("opt_state", "optimizer", "optimizer_state");
    private static final int PROBED = 64;

    private final SourceFile file;
    private final Progress progress;
    private final MemorySegment all;
    private final Msgpack reader;
    private final List<TensorSource> tensors = new ArrayList<>();
    private final List<Ignored> ignored = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private long characters;

    /** @param numpy the type's name as the file has it; @param place of its bytes; @param missing of them */
    private record Array(List<Long> dims, String numpy, Slice place, long missing) {
    }

    FlaxReader(SourceFile file, Progress progress) throws CheckpointException {
        this.file = file;
        this.progress = progress;
        this.all = file.segment(0, file.size());
        this.reader = new Msgpack(all, file.name());
    }

    static boolean beginsAsMap(byte first) {
        int value = Byte.toUnsignedInt(first);
        return value >= 0x81 && value <= 0x8f || value == 0xde || value == 0xdf;
    }

    /** Whether a file's head begins as a map in which, keys being texts, an array comes before long. */
    static boolean meetsArray(String file, MemorySegment head) {
        if (head.byteSize() == 0 || !beginsAsMap(head.get(ValueLayout.JAVA_BYTE, 0))) { return false; }
        var reader = new Msgpack(head, file);
        try {
            reader.next();
            for (int i = 0; i < PROBED; i++) {
                if (reader.next() != Msgpack.Kind.TEXT) { return false; }
                reader.text(LONGEST_KEY);
                var kind = headerOf(reader);
                if (kind == Msgpack.Kind.EXTENSION) {
                    long at = reader.contentAt();
                    return (reader.extension() == ARRAY || reader.extension() == SCALAR) && at < head.byteSize()
                            && head.get(ValueLayout.JAVA_BYTE, at) == (byte) 0x93;
                }
                if (kind == Msgpack.Kind.LIST || kind == Msgpack.Kind.MAP && reader.number() == 0) { return false; }
            }
        } catch (CheckpointException e) {
            return false; // a map it may be, but of something else
        }
        return false;
    }

    /** The next value; a collection that goes beyond the head is one all the same. */
    private static Msgpack.Kind headerOf(Msgpack reader) throws CheckpointException {
        try {
            return reader.next();
        } catch (CheckpointException e) {
            if (e.code() == Code.TRUNCATED && e.problem().offset() == reader.start()
                    && reader.at() > reader.start()) {
                return Msgpack.Kind.MAP;
            }
            throw e;
        }
    }

    Checkpoint read() throws CheckpointException {
        try {
            if (reader.next() != Msgpack.Kind.MAP) {
                throw reader.problem(Code.BAD_HEADER, 0).found(word(reader.kind())).expected("map").asException();
            }
            map("", 0, false);
        } catch (CheckpointException e) {
            // Nothing says where the next array would begin; those before it are whole.
            if (e.code() != Code.TRUNCATED || tensors.isEmpty()) { throw e; }
            warnings.add(e.problem());
        }
        if (warnings.isEmpty() && reader.at() < file.size()) {
            warnings.add(reader.problem(Code.TRAILING_BYTES, reader.at()).found(file.size() - reader.at()));
        }
        if (tensors.isEmpty()) { warnings.add(reader.problem(Code.NOT_A_MODEL, 0).found("0 tensors")); }
        return new Checkpoint(FlaxFormat.ID, List.of(file.path()), List.copyOf(tensors), Map.of(), Map.of(),
                List.copyOf(ignored), List.copyOf(warnings));
    }

    /** The pairs of the map whose header was read last. */
    private void map(String prefix, int depth, boolean optimizer) throws CheckpointException {
        if (depth == DEPTH) {
            throw reader.problem(Code.LIMIT, reader.start()).field(prefix).found("depth > " + DEPTH).asException();
        }
        long pairs = reader.number();
        for (long i = 0; i < pairs; i++) {
            progress.check();
            long place = reader.at();
            var key = key();
            if (key.equals(CHUNKED)) {
                if (i > 0 || pairs != 3) {
                    throw reader.problem(Code.BAD_HEADER, place).field(key).found("key " + (i + 1) + " / " + pairs)
                            .expected("key 1 / 3").asException();
                }
                chunked(prefix.substring(0, Math.max(0, prefix.length() - 1)), place, optimizer);
                return;
            }
            value(prefix + key, depth, optimizer || depth == 0 && OPTIMIZER.contains(key));
        }
    }

    private String key() throws CheckpointException {
        return switch (reader.next()) {
            case TEXT, BYTES -> reader.text(LONGEST_KEY);
            case INTEGER -> Long.toString(reader.number());
            case MAP, LIST, EXTENSION, FLOAT, OTHER -> throw reader.problem(Code.BAD_HEADER, reader.start())
                    .field("key").found(word(reader.kind())).expected("text").asException();
        };
    }

    private void value(String name, int depth, boolean optimizer) throws CheckpointException {
        switch (reader.next()) {
            case MAP -> map(name + "/", depth + 1, optimizer);
            case LIST -> list(name + "/", depth + 1, optimizer);
            case EXTENSION -> {
                if (reader.extension() == ARRAY || reader.extension() == SCALAR) {
                    array(name, optimizer);
                } else {
                    leave(name, optimizer, "aux"); // a complex number, or somebody's own type
                }
            }
            case TEXT, BYTES -> leave(name, optimizer, "string");
            case INTEGER, FLOAT, OTHER -> leave(name, optimizer, "aux");
        }
    }

    private void list(String prefix, int depth, boolean optimizer) throws CheckpointException {
        if (depth == DEPTH) {
            throw reader.problem(Code.LIMIT, reader.start()).field(prefix).found("depth > " + DEPTH).asException();
        }
        long count = reader.number();
        for (long i = 0; i < count; i++) {
            progress.check();
            value(prefix + i, depth, optimizer);
        }
    }

    private void leave(String name, boolean optimizer, String reason) throws CheckpointException {
        checkEnd(reader.start());
        claim(name, reader.start());
        ignored.add(new Ignored(name, optimizer ? "optimizer" : reason));
    }

    private void checkEnd(long place) throws CheckpointException {
        if (reader.missing() > 0) {
            throw reader.problem(Code.TRUNCATED, place).found(file.size()).expected(reader.at())
                    .asException();
        }
    }

    private void claim(String name, long place) throws CheckpointException {
        characters += name.length();
        if (characters > NAMES) {
            throw reader.problem(Code.LIMIT, place).field("names").found(characters).expected("<= " + NAMES)
                    .asException();
        }
        if (!names.add(name)) { throw reader.problem(Code.DUPLICATE_NAME, place).field(name).asException(); }
    }

    private void array(String name, boolean optimizer) throws CheckpointException {
        long place = reader.start();
        claim(name, place);
        long end = reader.at();
        var array = parse();
        reader.goTo(end);
        if (optimizer) {
            ignored.add(new Ignored(name, "optimizer"));
        } else {
            var info = info(name, place, array.dims, array.numpy, array.place.length());
            if (array.missing > 0) {
                info = info.broken(reader.problem(Code.TRUNCATED, place).field(name)
                        .found(array.place.length() - array.missing).expected(array.place.length()));
            }
            tensors.add(new MappedTensor(file, array.place.offset(), info));
        }
        checkEnd(place);
    }

    /** The list of three inside the extension that was read last; its bytes are left where they are. */
    private Array parse() throws CheckpointException {
        long place = reader.start();
        long end = reader.at();
        try {
            return parse(place, end);
        } catch (CheckpointException e) {
            // The extension is whole; what it holds claims more than it has room for.
            if (e.code() == Code.TRUNCATED && end <= all.byteSize()) { throw bad(place, "array"); }
            throw e;
        }
    }

    private Array parse(long place, long end) throws CheckpointException {
        reader.goTo(reader.contentAt());
        if (reader.next() != Msgpack.Kind.LIST || reader.number() != 3) { throw bad(place, "array"); }
        if (reader.next() != Msgpack.Kind.LIST) { throw bad(place, "shape"); }
        var dims = new ArrayList<Long>();
        long rank = reader.number();
        if (rank > RANK) {
            throw reader.problem(Code.LIMIT, place).field("shape").found(rank).expected("<= " + RANK).asException();
        }
        for (long i = 0; i < rank; i++) {
            dims.add(dim(place));
        }
        var kind = reader.next();
        if (kind != Msgpack.Kind.TEXT && kind != Msgpack.Kind.BYTES) { throw bad(place, "dtype"); }
        var numpy = reader.text(256);
        kind = reader.next();
        // Written with or without a type of their own for bytes.
        if (kind != Msgpack.Kind.TEXT && kind != Msgpack.Kind.BYTES) { throw bad(place, "bytes"); }
        if (reader.at() != end) { throw bad(place, "length"); }
        return new Array(dims, numpy, new Slice(reader.contentAt(), reader.contentLength()), reader.missing());
    }

    private long dim(long place) throws CheckpointException {
        if (reader.next() != Msgpack.Kind.INTEGER || reader.number() < 0) { throw bad(place, "shape"); }
        return reader.number();
    }

    private TensorInfo info(String name, long place, List<Long> dims, String numpy, long present) {
        var dtype = dtype(numpy);
        var shape = Shape.of(dims.stream().mapToLong(Long::longValue).toArray());
        if (!shape.isCountable()) {
            return new TensorInfo(name, dtype, Shape.SCALAR, present)
                    .broken(reader.problem(Code.SHAPE_BOMB, place).field(name).found(shape));
        }
        long bytes = shape.count() * dtype.bytes();
        var info = new TensorInfo(name, dtype, shape, present);
        if (dtype == DType.UNKNOWN) {
            return info.fileType(numpy)
                    .broken(reader.problem(Code.UNKNOWN_DTYPE, place).field(name).found(numpy));
        }
        return bytes == present
                ? info
                : info.broken(reader.problem(Code.STORAGE_SIZE, place).field(name).found(present).expected(bytes));
    }

    /** numpy's names, and ml_dtypes' for what JAX adds; no other spelling. */
    private static DType dtype(String numpy) {
        for (var type : DType.values()) {
            if (type.bytes() > 0 && type.title().equals(numpy)) { return type; }
        }
        return DType.UNKNOWN;
    }

    /** A big array in flat chunks; the map's first key was read. */
    private void chunked(String name, long place, boolean optimizer) throws CheckpointException {
        claim(name, place);
        reader.next(); // true
        List<Long> dims = null;
        List<Array> chunks = null;
        for (int i = 0; i < 2; i++) {
            switch (key()) {
                case "shape" -> dims = dims(place);
                case "chunks" -> chunks = chunks(place);
                default -> throw bad(place, CHUNKED);
            }
        }
        if (dims == null || chunks == null || chunks.isEmpty()) { throw bad(place, CHUNKED); }
        var numpy = chunks.getFirst().numpy;
        long present = 0;
        for (var chunk : chunks) {
            if (!chunk.numpy.equals(numpy) || chunk.dims.size() != 1) { throw bad(place, CHUNKED); }
            present += chunk.place.length();
        }
        if (optimizer) {
            ignored.add(new Ignored(name, "optimizer"));
            return;
        }
        var info = info(name, place, dims, numpy, present);
        tensors.add(chunks.size() == 1
                ? new MappedTensor(file, chunks.getFirst().place.offset(), info)
                : new JoinedTensor(file, chunks.stream().map(Array::place).toList(), info));
    }

    /** A tuple as Flax writes it: a map of {@code "0"}, {@code "1"} … in this order. */
    private List<Long> dims(long place) throws CheckpointException {
        if (reader.next() != Msgpack.Kind.MAP || reader.number() > RANK) { throw bad(place, "shape"); }
        long rank = reader.number();
        var dims = new ArrayList<Long>();
        for (long i = 0; i < rank; i++) {
            if (!key().equals(Long.toString(i))) { throw bad(place, "shape"); }
            dims.add(dim(place));
        }
        return dims;
    }

    private List<Array> chunks(long place) throws CheckpointException {
        if (reader.next() != Msgpack.Kind.MAP) { throw bad(place, "chunks"); }
        long count = reader.number();
        var chunks = new ArrayList<Array>();
        for (long i = 0; i < count; i++) {
            if (!key().equals(Long.toString(i)) || reader.next() != Msgpack.Kind.EXTENSION
                    || reader.extension() != ARRAY) {
                throw bad(place, "chunks");
            }
            checkEnd(reader.start());
            long end = reader.at();
            chunks.add(parse());
            reader.goTo(end);
        }
        return chunks;
    }

    private CheckpointException bad(long place, @Nullable String field) {
        return reader.problem(Code.BAD_HEADER, place).field(field).asException();
    }

    private static String word(Msgpack.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
