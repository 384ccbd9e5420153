package weft.format.tensorflow;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

import com.google.protobuf.CodedOutputStream;

import weft.format.CheckpointWriter;
import weft.format.FileSink;
import weft.format.ShardWriter;
import weft.format.Written;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/**
 * Writes a V2 bundle, of one shard unless told otherwise, and the {@code checkpoint} text file that makes it the folder's newest. Like
 * TensorFlow ({@code save_restore_v2_ops.cc}), whatever the order given, values stand in the data file in the order of
 * their names' bytes, without gaps: the same tensors make the very bytes TensorFlow writes. A bundle has no room for
 * metadata.
 */
final class TensorFlowWriter implements CheckpointWriter {
    @Override
    public boolean holds(DType dtype) {
        return switch (dtype) {
            case STRING, UNKNOWN -> false;
            case F64, F32, F16, BF16, F8_E4M3, F8_E5M2, I64, I32, I16, I8, U64, U32, U16, U8, BOOL, C64, C128 -> true;
        };
    }

    @Override
    public boolean splitsItself() {
        return true;
    }

    @Override
    public Written write(Path target, List<TensorSource> tensors, Map<String, ?> metadata, boolean hash,
            Progress progress) throws CheckpointException {
        return write(target, tensors, metadata, Long.MAX_VALUE, hash, progress);
    }

    /** @param target the prefix ({@code model.ckpt}), or the index file's name */
    @Override
    public Written write(Path target, List<TensorSource> given, Map<String, ?> metadata, long shardSize,
            boolean hash, Progress progress) throws CheckpointException {
        var name = Objects.requireNonNull(target.getFileName()).toString();
        var prefix = name.endsWith(CheckpointFiles.INDEX)
                ? name.substring(0, name.length() - CheckpointFiles.INDEX.length())
                : name;
        check(target, given);
        var tensors = given.stream()
                .sorted(Comparator.comparing((TensorSource t) -> key(t.name()), Arrays::compareUnsigned)).toList();
        var index = new TreeMap<byte[], byte[]>(Arrays::compareUnsigned);
        long total = 0;
        for (var tensor : tensors) {
            var key = key(tensor.name());
            // The empty key is the header's, and keys that begin with zero are slices'.
            if (key.length == 0 || key[0] == 0) {
                throw Problem.of(Code.DUPLICATE_NAME).file(prefix).field(tensor.name()).asException();
            }
            index.put(key, key);
            total += tensor.info().valueBytes();
        }
        var shards = ShardWriter.split(tensors, shardSize);
        var parts = new ArrayList<Written.Part>();
        var crc32c = new LinkedHashMap<String, Integer>();
        long done = 0;
        for (int shard = 0; shard < shards.size(); shard++) {
            var path = target.resolveSibling(CheckpointFiles.dataName(prefix, shard, shards.size()));
            try (var sink = FileSink.create(path, hash, ShardWriter.shifted(progress, done, total), total)) {
                var offsets = new ArrayList<Long>();
                for (var tensor : shards.get(shard)) {
                    offsets.add(sink.position());
                    sink.write(tensor);
                }
                offsets.add(sink.position());
                done += sink.position();
                parts.add(sink.finish());
                for (int i = 0; i < shards.get(shard).size(); i++) {
                    var tensor = shards.get(shard).get(i);
                    var crc = Objects.requireNonNull(sink.crc32c().get(tensor.name()));
                    index.put(key(tensor.name()), entry(tensor.info(), shard, offsets.get(i),
                            offsets.get(i + 1) - offsets.get(i), Masked.of(crc)));
                }
                crc32c.putAll(sink.crc32c());
            }
        }
        parts.add(writeIndex(target.resolveSibling(prefix + CheckpointFiles.INDEX), index, shards.size(), hash));
        parts.add(writeState(target.resolveSibling(CheckpointFiles.STATE), prefix, hash));
        return new Written(List.copyOf(parts), crc32c);
    }

    private static byte[] key(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    private static Written.Part writeIndex(Path path, TreeMap<byte[], byte[]> entries, int shards, boolean hash)
            throws CheckpointException {
        try (var sink = FileSink.create(path, hash, Progress.NONE, 0)) {
            var table = new TableWriter(sink);
            table.add(new byte[0], header(shards));
            for (var entry : entries.entrySet()) {
                table.add(entry.getKey(), entry.getValue());
            }
            table.finish();
            return sink.finish();
        }
    }

    /** A CheckpointState as text. */
    private static Written.Part writeState(Path path, String prefix, boolean hash) throws CheckpointException {
        var quoted = '"' + prefix.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
        try (var sink = FileSink.create(path, hash, Progress.NONE, 0)) {
            sink.write(("model_checkpoint_path: " + quoted + "\nall_model_checkpoint_paths: " + quoted + "\n")
                    .getBytes(StandardCharsets.UTF_8));
            return sink.finish();
        }
    }

    /** BundleHeaderProto: the number of shards, little-endian (0, so left out), version 1. */
    private static byte[] header(int shards) {
        return message(header -> {
            header.writeInt32(1, shards);
            header.writeByteArray(3, message(version -> version.writeInt32(1, 1)));
        });
    }

    /** BundleEntryProto. As everywhere in proto3, what is 0 is left out. */
    private static byte[] entry(TensorInfo info, int shard, long offset, long size, int crc32c) {
        return message(entry -> {
            entry.writeEnum(1, TypeCode.of(info.dtype()));
            entry.writeByteArray(2, shape(info.shape()));
            if (shard != 0) {
                entry.writeInt32(3, shard);
            }
            if (offset != 0) {
                entry.writeInt64(4, offset);
            }
            if (size != 0) {
                entry.writeInt64(5, size);
            }
            if (crc32c != 0) {
                entry.writeFixed32(6, crc32c);
            }
        });
    }

    private static byte[] shape(Shape shape) {
        return message(proto -> {
            for (var dim : shape.dims()) {
                proto.writeByteArray(2, message(size -> {
                    if (dim != 0) {
                        size.writeInt64(1, dim);
                    }
                }));
            }
        });
    }

    @FunctionalInterface
    private interface Fields {
        void write(CodedOutputStream out) throws IOException;
    }

    private static byte[] message(Fields fields) {
        var bytes = new ByteArrayOutputStream();
        var out = CodedOutputStream.newInstance(bytes);
        try {
            fields.write(out);
            out.flush();
        } catch (IOException e) {
            throw new IllegalStateException(e); // memory doesn't fail
        }
        return bytes.toByteArray();
    }
}
