package weft.format.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import weft.format.MappedTensor;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.ProtoReader;
import weft.io.SourceFile;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/**
 * A message {@code TensorProto}. Parsing notes where the values stand and looks at none of them.
 *
 * @param number of its type
 * @param raw the place of its raw bytes, or {@code null}
 * @param external what says where its values stand outside, or {@code null}
 * @param listed whether some of its lists of numbers is there
 */
record OnnxTensor(ProtoReader message, String name, List<Long> dims, int number, @Nullable Place raw,
        @Nullable Map<String, String> external, boolean listed, boolean segmented, long missing) {
    private static final int RANK = 64;
    private static final int LONGEST_NAME = 1 << 20;
    private static final int EXTERNAL = 1;

    /** @param length as declared */
    record Place(long offset, long length) {
    }

    /**
     * @param cut whether the file is cut short, and this may be its last piece
     */
    static OnnxTensor parse(ProtoReader message, boolean cut) throws CheckpointException {
        var name = "";
        var dims = new ArrayList<Long>();
        int number = 0;
        Place raw = null;
        var entries = new HashMap<String, String>();
        boolean external = false;
        boolean listed = false;
        boolean segmented = false;
        long missing = message.missing();
        try {
            while (message.next()) {
                switch (message.field()) {
                    case 1 -> dims(message, dims);
                    case 2 -> number = message.int32();
                    case 3 -> {
                        segmented = true;
                        message.skip();
                    }
                    case 4, 5, 6, 7, 10, 11 -> {
                        listed = true;
                        message.skip();
                    }
                    case 8 -> name = OnnxReader.text(message, LONGEST_NAME);
                    case 9 -> {
                        var bytes = message.rest();
                        if (bytes.missing() > 0 && !cut) { throw OnnxReader.beyond(message, bytes).asException(); }
                        raw = new Place(message.offset() - bytes.size(), bytes.size() + bytes.missing());
                    }
                    case 13 -> entry(message.message(), entries);
                    case 14 -> external = message.int32() == EXTERNAL;
                    default -> message.skip();
                }
            }
        } catch (CheckpointException e) {
            if (missing == 0) { throw e; }
            // The file ends inside this tensor: what was read so far is what is known of it.
        }
        return new OnnxTensor(message.again(), name, dims, number, raw,
                external || !entries.isEmpty() ? entries : null, listed, segmented, missing);
    }

    static void dims(ProtoReader message, List<Long> dims) throws CheckpointException {
        if (!message.isDelimited()) {
            dims.add(dim(message, message.int64(), dims));
            return;
        }
        for (var packed = message.message(); packed.hasMore();) {
            dims.add(dim(message, packed.varint(), dims));
        }
    }

    private static long dim(ProtoReader message, long dim, List<Long> before) throws CheckpointException {
        if (dim < 0) { throw message.problem(Code.BAD_HEADER).field("dims").found(dim).expected(">= 0").asException(); }
        if (before.size() == RANK) {
            throw message.problem(Code.LIMIT).field("dims").found("> " + RANK).expected("<= " + RANK).asException();
        }
        return dim;
    }

    private static void entry(ProtoReader entry, Map<String, String> entries) throws CheckpointException {
        var key = "";
        var value = "";
        while (entry.next()) {
            switch (entry.field()) {
                case 1 -> key = OnnxReader.text(entry, LONGEST_NAME);
                case 2 -> value = OnnxReader.text(entry, LONGEST_NAME);
                default -> entry.skip();
            }
        }
        entries.put(key, value);
    }

    /** Its type, or null for one this version doesn't know. */
    @Nullable
    OnnxType type() {
        return OnnxType.of(number);
    }

    int rank() {
        return dims.size();
    }

    /** @param as the name it is listed under */
    TensorSource source(String as, SourceFile file, ExternalFiles files) {
        var type = type();
        var word = type == null ? "type " + number : type.name();
        var dtype = type == null ? DType.UNKNOWN : type.dtype();
        var shape = Shape.of(dims.stream().mapToLong(Long::longValue).toArray());
        if (!shape.isCountable()) {
            var info = new TensorInfo(as, dtype, Shape.SCALAR, 0);
            return new MappedTensor(file, 0, info.broken(problem(Code.SHAPE_BOMB, as).found(shape)));
        }
        long bytes = type == null || type.bits() == 0 ? raw == null ? 0 : raw.length : type.bytes(shape.count());
        var info = new TensorInfo(as, dtype, shape, bytes)
                .fileType(dtype == DType.UNKNOWN || type != null && type.isPacked() ? word : null);
        if (type == null || dtype == DType.UNKNOWN) {
            return new MappedTensor(file, 0, info.broken(problem(Code.UNKNOWN_DTYPE, as).found(word)));
        }
        if (segmented) {
            return new MappedTensor(file, 0, info.broken(problem(Code.UNSUPPORTED_VERSION, as).found("segment")));
        }
        if (external != null) { return outside(external, type, info, file, files); }
        var place = raw;
        if (place == null) {
            boolean absent = !listed && bytes > 0;
            var why = missing > 0
                    ? problem(Code.TRUNCATED, as).found(message.size()).expected(message.size() + missing)
                    : absent ? problem(Code.DATA_MISSING, as).found("never written") : null;
            return new ListedTensor(file, type, -1, message, info.broken(why));
        }
        if (place.length != bytes) {
            info = info.broken(problem(Code.STORAGE_SIZE, as).found(place.length).expected(bytes));
        } else if (bytes > file.size() - place.offset) {
            info = info.broken(file.problem(Code.TRUNCATED, place.offset).field(as)
                    .found(file.size() - place.offset).expected(bytes));
        }
        return mapped(type, file, place.offset, info);
    }

    private TensorSource mapped(OnnxType type, SourceFile file, long offset, TensorInfo info) {
        return type.isPacked()
                ? new ListedTensor(file, type, offset, message, info)
                : new MappedTensor(file, offset, info);
    }

    private TensorSource outside(Map<String, String> entries, OnnxType type, TensorInfo info, SourceFile model,
            ExternalFiles files) {
        var location = entries.get("location");
        if (location == null) {
            return new MappedTensor(model, 0,
                    info.broken(problem(Code.BAD_HEADER, info.name()).expected("location")));
        }
        var found = files.at(location);
        var file = found.file();
        if (file == null) {
            var problem = found.problem();
            return new MappedTensor(model, 0, info.broken(problem == null ? null : problem.field(info.name())));
        }
        long offset = number(entries.get("offset"), 0);
        long length = number(entries.get("length"), info.bytes());
        Problem why = null;
        if (offset < 0 || length < 0) {
            why = problem(Code.BAD_HEADER, info.name()).found(entries.get(offset < 0 ? "offset" : "length"))
                    .expected(">= 0");
        } else if (length != info.bytes()) {
            why = problem(Code.STORAGE_SIZE, info.name()).found(length).expected(info.bytes());
        } else if (offset > file.size() || length > file.size() - offset) {
            why = file.problem(Code.TRUNCATED, offset).field(info.name()).found(Math.max(0, file.size() - offset))
                    .expected(length);
        }
        return mapped(type, file, Math.max(0, offset), info.broken(why));
    }

    /** A number as text, {@code absent} if there is none, −1 if it isn't one. */
    private static long number(@Nullable String text, long absent) {
        if (text == null) { return absent; }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** A problem at the message's start. */
    private Problem problem(Code code, String as) {
        return message.problem(code).field(as);
    }
}
