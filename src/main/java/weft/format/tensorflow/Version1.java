package weft.format.tensorflow;

import java.lang.ref.SoftReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import weft.format.Checkpoint;
import weft.format.Checkpoint.Ignored;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;
import weft.io.ProtoReader;
import weft.io.SourceFile;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorData;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/**
 * Reads V1 checkpoints, of TensorFlow before 2016's end: the values stand inside the table
 * ({@code tensorflow/core/util/saved_tensor_slice.proto}). The empty key holds what tensors there are and their
 * slices; each slice has a key of its own. Opening reads the first; a slice's block is read with its values.
 */
final class Version1 {
    /** One tensor, put together from what the files of the set say. */
    private static final class Variable {
        final String name;
        final int type;
        final Shape shape;
        final List<Slice> slices = new ArrayList<>();

        Variable(String name, int type, Shape shape) {
            this.name = name;
            this.type = type;
            this.shape = shape;
        }
    }

    private record Slice(TensorSlice slice, Table table) {
    }

    private final Map<String, Variable> variables = new LinkedHashMap<>();
    private final List<Problem> warnings = new ArrayList<>();

    private Version1() {
    }

    static Checkpoint open(Path path, Progress progress) throws CheckpointException {
        var set = CheckpointFiles.shards(path);
        var version1 = new Version1();
        for (var missing : set.missing()) {
            version1.warnings.add(Problem.of(Code.INCOMPLETE_SET).file(missing).found(set.files().size()));
        }
        for (var file : set.files()) {
            progress.check();
            SourceFile.guarded(() -> {
                version1.readMeta(Table.open(SourceFile.open(file)));
                return file;
            });
        }
        return version1.checkpoint(set.files());
    }

    private void readMeta(Table table) throws CheckpointException {
        if (table.unused() != 0) {
            warnings.add(table.file().problem(Code.TRAILING_BYTES, -1).found(table.unused()).expected("0"));
        }
        var entry = table.find(new byte[0]);
        if (entry == null) {
            throw table.file().problem(Code.BAD_HEADER, 0).field("meta").found("0").expected("1").asException();
        }
        var message = entry.message();
        while (message.next()) {
            if (message.field() != 1) {
                message.skip();
                continue;
            }
            var meta = message.message();
            while (meta.next()) {
                switch (meta.field()) {
                    case 1 -> readTensor(meta.message(), table);
                    case 2 -> BundleHeader.version(meta.message());
                    default -> meta.skip();
                }
            }
        }
    }

    private void readTensor(ProtoReader proto, Table table) throws CheckpointException {
        var name = "";
        var shape = Shape.SCALAR;
        int type = 0;
        var slices = new ArrayList<Slice>();
        while (proto.next()) {
            switch (proto.field()) {
                case 1 -> name = proto.text();
                case 2 -> shape = ShapeProto.parse(proto.message());
                case 3 -> type = proto.int32();
                case 4 -> slices.add(new Slice(TensorSlice.parse(proto.message()), table));
                default -> proto.skip();
            }
        }
        if (ShapeProto.bytes(TypeCode.of(type), shape) < 0) {
            throw proto.problem(Code.SHAPE_BOMB).field(name).found(shape).asException();
        }
        // A variable whose parts stand in several files is named in each.
        var known = variables.get(name);
        if (known == null) {
            known = new Variable(name, type, shape);
            variables.put(name, known);
        } else if (known.type != type || !known.shape.equals(shape)) {
            throw proto.problem(Code.DUPLICATE_NAME).field(name).found(shape).expected(known.shape).asException();
        }
        known.slices.addAll(slices);
        if (known.slices.size() > TensorSlice.MOST) {
            throw proto.problem(Code.LIMIT).field(name).found(known.slices.size()).expected("<= " + TensorSlice.MOST)
                    .asException();
        }
    }

    private Checkpoint checkpoint(List<Path> files) {
        var tensors = new ArrayList<TensorSource>();
        var ignored = new ArrayList<Ignored>();
        var names = Set.copyOf(variables.keySet());
        for (var variable : variables.values()) {
            var reason = TypeCode.of(variable.type) == DType.STRING
                    ? "string"
                    : NotParameters.reason(variable.name, variable.name, names);
            if (reason != null) {
                ignored.add(new Ignored(variable.name, reason));
            } else {
                tensors.add(tensor(variable));
            }
        }
        return new Checkpoint(TensorFlowFormat.ID, List.copyOf(files), List.copyOf(tensors),
                Map.of("version", "V1", "shards", Integer.toString(files.size())), Map.of(), List.copyOf(ignored),
                List.copyOf(warnings));
    }

    private static TensorSource tensor(Variable variable) {
        var dtype = TypeCode.of(variable.type);
        long bytes = ShapeProto.bytes(dtype, variable.shape);
        var info = new TensorInfo(variable.name, dtype, variable.shape, bytes);
        if (dtype == DType.UNKNOWN) {
            return new BrokenTensor(info.broken(
                    Problem.of(Code.UNKNOWN_DTYPE).field(variable.name).found("DT_" + variable.type)));
        }
        var parts = new ArrayList<PartitionedTensor.Part>();
        var seen = new HashSet<Key>();
        long found = 0;
        for (var slice : variable.slices) {
            var box = slice.slice.within(variable.shape);
            var key = slice.slice.key(Key.of(variable.name).bytes());
            if (box == null || !seen.add(Key.of(key))) {
                return new BrokenTensor(info.broken(Problem.of(Code.INCOMPLETE_SET).file(slice.table.file().name())
                        .field(variable.name).found(slice.slice).expected(variable.shape)));
            }
            var part = new TensorInfo(variable.name, dtype, box.shape(), ShapeProto.bytes(dtype, box.shape()));
            found += part.bytes();
            parts.add(new PartitionedTensor.Part(box, new Values(part, slice.table, key, variable.type)));
        }
        if (found != bytes || PartitionedTensor.overlap(parts) || parts.isEmpty()) {
            return new BrokenTensor(info.broken(
                    Problem.of(Code.INCOMPLETE_SET).field(variable.name).found(found).expected(bytes)));
        }
        return parts.size() == 1 ? parts.getFirst().values() : new PartitionedTensor(info, parts);
    }

    /** The values of one slice; found, verified and unpacked when they are first read, and kept while memory lasts. */
    private static final class Values implements TensorSource {
        private final TensorInfo info;
        private final Table table;
        private final byte[] key;
        private final int type;
        private volatile SoftReference<@Nullable TensorData> kept = new SoftReference<>(null);

        Values(TensorInfo info, Table table, byte[] key, int type) {
            this.info = info;
            this.table = table;
            this.key = key;
            this.type = type;
        }

        @Override
        public TensorInfo info() {
            return info;
        }

        @Override
        public TensorData read() throws CheckpointException {
            var file = table.file();
            file.checkUnchanged();
            var data = kept.get();
            if (data == null) {
                data = SourceFile.guarded(this::find);
                kept = new SoftReference<>(data);
            }
            return data;
        }

        private TensorData find() throws CheckpointException {
            var entry = table.find(key);
            if (entry == null) {
                throw table.file().problem(Code.INCOMPLETE_SET, -1).field(info.name()).found("-")
                        .expected(info.shape()).asException();
            }
            var message = entry.message();
            TensorProto tensor = null;
            while (message.next()) {
                if (message.field() != 2) {
                    message.skip();
                    continue;
                }
                var slice = message.message();
                while (slice.next()) {
                    if (slice.field() == 3) {
                        tensor = TensorProto.parse(slice.message());
                    } else {
                        slice.skip();
                    }
                }
            }
            if (tensor == null) {
                throw entry.problem(Code.BAD_HEADER).field(info.name()).found("-").expected("TensorProto")
                        .asException();
            }
            // The list's own type and shape are left out: the table's beginning has them.
            return tensor.as(type).read(info.shape(), false);
        }
    }
}
