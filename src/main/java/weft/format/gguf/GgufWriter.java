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
 * Writes version 3 with plain element types, at the default alignment. Metadata is written under sorted keys; what a
 * runtime needs to run the model (architecture, vocabulary) isn't made up here.
 */
final class GgufWriter implements CheckpointWriter {
    private static final int VERSION = 3;
    private static final int U32 = 4;
    private static final int I32 = 5;
    private static final int F32 = 6;
    private static final int BOOL = 7;
    private static final int STRING = 8;
    private static final int ARRAY = 9;
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
    public Written write(Path target, List<TensorSource> tensors, Map<String, ?> metadata, boolean hash,
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

    private static byte[] header(String file, List<TensorInfo> infos, Map<String, ?> metadata)
            throws CheckpointException {
        var out = new ByteArrayOutputStream();
        var pairs = new TreeMap<String, Object>(metadata);
        // The reader's own words for the file it came from; they say nothing of this one.
        pairs.remove("gguf.version");
        pairs.remove("gguf.endianness");
        pairs.remove(GgufReader.ALIGNMENT);
        out.writeBytes(buffer(24).putInt(GgufFormat.MAGIC).putInt(VERSION).putLong(infos.size())
                .putLong(pairs.size()).array());
        for (var pair : pairs.entrySet()) {
            text(out, pair.getKey());
            value(out, pair.getValue());
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

    /** In the type its Java value has: whole numbers u32, others f32, truth values as such, lists of one of them. */
    private static void value(ByteArrayOutputStream out, Object value) {
        out.writeBytes(buffer(4).putInt(type(value)).array());
        switch (value) {
            case Boolean flag -> out.write(flag ? 1 : 0);
            case List<?> texts -> {
                count(out, STRING, texts.size());
                texts.forEach(text -> text(out, String.valueOf(text)));
            }
            case int[] numbers -> {
                count(out, I32, numbers.length);
                var bytes = buffer(4 * numbers.length);
                bytes.asIntBuffer().put(numbers);
                out.writeBytes(bytes.array());
            }
            case float[] numbers -> {
                count(out, F32, numbers.length);
                var bytes = buffer(4 * numbers.length);
                bytes.asFloatBuffer().put(numbers);
                out.writeBytes(bytes.array());
            }
            case Number number when type(value) == U32 ->
                out.writeBytes(buffer(4).putInt((int) number.longValue()).array());
            case Number number -> out.writeBytes(buffer(4).putFloat(number.floatValue()).array());
            default -> text(out, value.toString());
        }
    }

    private static int type(Object value) {
        return switch (value) {
            case Boolean _ -> BOOL;
            case Integer whole when whole >= 0 -> U32;
            case Long whole when whole >= 0 && whole <= 0xFFFF_FFFFL -> U32;
            case Number _ -> F32;
            case List<?> _,int[] _,float[] _ -> ARRAY;
            default -> STRING;
        };
    }

    private static void count(ByteArrayOutputStream out, int type, int count) {
        out.writeBytes(buffer(12).putInt(type).putLong(count).array());
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
