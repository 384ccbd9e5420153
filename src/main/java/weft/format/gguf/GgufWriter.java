package weft.format.gguf;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

import weft.format.CheckpointWriter;
import weft.format.FileSink;
import weft.format.Written;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;
import weft.tensor.DType;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/**
 * Writes version 3 with plain element types, at the default alignment. Metadata is written as text under sorted keys; what a
 * runtime needs to run the model (architecture, vocabulary) isn't made up here.
 */
final class GgufWriter implements CheckpointWriter {
    private static final int VERSION = 3;
    private static final int U32 = 4;
    private static final int F32 = 6;
    private static final int BOOL = 7;
    private static final int STRING = 8;
    private static final int RANK = 4;
    /** ggml keeps a name in 64 bytes with a zero at the end ({@code GGML_MAX_NAME}). */
    private static final int LONGEST_NAME = 63;

    @Override
    public boolean keepsMetadata() {
        return true;
    }

    @Override
    public boolean holds(DType dtype) {
        return GgmlType.of(dtype) != null;
    }

    @Override
    public Written write(Path target, List<TensorSource> tensors, Map<String, String> metadata, boolean hash,
            Progress progress) throws CheckpointException {
        check(target, tensors);
        var header = header(String.valueOf(target.getFileName()), tensors.stream().map(TensorSource::info).toList(),
                metadata);
        long total = tensors.stream().mapToLong(t -> t.info().valueBytes()).sum();
        try (var sink = FileSink.create(target, hash, hash, progress, total)) {
            sink.write(header);
            sink.align(GgufReader.DEFAULT_ALIGNMENT);
            for (var tensor : tensors) {
                sink.write(tensor);
                sink.align(GgufReader.DEFAULT_ALIGNMENT);
            }
            return new Written(List.of(sink.finish()), sink.crc32c());
        }
    }

    private static byte[] header(String file, List<TensorInfo> infos, Map<String, String> metadata)
            throws CheckpointException {
        var out = new ByteArrayOutputStream();
        var pairs = new TreeMap<>(metadata);
        // The reader's own words for the file it came from; they say nothing of this one.
        pairs.remove("gguf.version");
        pairs.remove("gguf.endianness");
        pairs.remove(GgufReader.ALIGNMENT);
        out.writeBytes(buffer(24).putInt(GgufFormat.MAGIC).putInt(VERSION).putLong(infos.size())
                .putLong(pairs.size()).array());
        var architecture = pairs.get(GgufReader.ARCHITECTURE);
        for (var pair : pairs.entrySet()) {
            text(out, pair.getKey());
            value(out, pair.getValue(), architecture != null && pair.getKey().startsWith(architecture + "."));
        }
        long start = 0;
        for (var info : infos) {
            check(file, info);
            var type = Objects.requireNonNull(GgmlType.of(info.dtype()));
            text(out, info.name());
            var dims = info.shape().dims();
            var entry = buffer(4 + 8 * dims.length + 12).putInt(dims.length);
            for (int i = dims.length - 1; i >= 0; i--) {
                entry.putLong(dims[i]); // innermost first
            }
            out.writeBytes(entry.putInt(type.id()).putLong(start).array());
            long alignment = GgufReader.DEFAULT_ALIGNMENT;
            start = (start + info.valueBytes() + alignment - 1) / alignment * alignment;
        }
        return out.toByteArray();
    }

    /**
     * Text, but of what describes the architecture the types llama.cpp writes: whole numbers u32, others f32, truth
     * values as such.
     */
    private static void value(ByteArrayOutputStream out, String value, boolean typed) {
        if (typed && value.matches("[0-9]{1,9}")) {
            out.writeBytes(buffer(8).putInt(U32).putInt(Integer.parseInt(value)).array());
        } else if (typed && value.matches("-?[0-9]+(\\.[0-9]+)?([eE]-?[0-9]+)?")) {
            out.writeBytes(buffer(8).putInt(F32).putFloat(Float.parseFloat(value)).array());
        } else if (typed && (value.equals("true") || value.equals("false"))) {
            out.writeBytes(buffer(5).putInt(BOOL).put((byte) (value.equals("true") ? 1 : 0)).array());
        } else {
            out.writeBytes(buffer(4).putInt(STRING).array());
            text(out, value);
        }
    }

    private static void check(String file, TensorInfo info) throws CheckpointException {
        int length = info.name().getBytes(StandardCharsets.UTF_8).length;
        if (length > LONGEST_NAME) {
            throw Problem.of(Code.FORMAT_LIMIT).file(file).field(info.name()).found(length + " bytes")
                    .expected(LONGEST_NAME + " bytes").asException();
        }
        if (info.shape().rank() > RANK) {
            throw Problem.of(Code.FORMAT_LIMIT).file(file).field(info.name()).found(info.shape().rank() + " dims")
                    .expected(RANK + " dims").asException();
        }
    }

    private static void text(ByteArrayOutputStream out, String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeBytes(buffer(8).putLong(bytes.length).array());
        out.writeBytes(bytes);
    }

    private static ByteBuffer buffer(int length) {
        return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    }
}
