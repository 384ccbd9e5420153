package weft.format.mindspore;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import weft.format.CheckpointWriter;
import weft.format.FileSink;
import weft.format.Written;
import weft.io.CheckpointException;
import weft.io.Progress;
import weft.tensor.DType;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/**
 * Writes a {@code .ckpt} as {@code save_checkpoint} does ({@code mindspore/train/serialization.py}): a value a tensor, its
 * dimensions unpacked, a scalar's as {@code [0]}; content over 512 MB in slices of that size, each in a value of its own
 * with the whole tensor's dimensions. There is no room for metadata.
 */
final class MindSporeWriter implements CheckpointWriter {
    /** MindSpore's {@code SLICE_SIZE}, and a multiple of every element's size. */
    static final long SLICE = 512L << 20;

    private final long slice;

    MindSporeWriter() {
        this(SLICE);
    }

    /** @param slice bytes a value may hold; for tests */
    MindSporeWriter(long slice) {
        this.slice = slice;
    }

    @Override
    public boolean holds(DType dtype) {
        return word(dtype) != null;
    }

    @Override
    public Written write(Path target, List<TensorSource> tensors, Map<String, ?> metadata, boolean hash,
            Progress progress) throws CheckpointException {
        check(target, tensors);
        long total = tensors.stream().mapToLong(t -> t.info().valueBytes()).sum();
        try (var sink = FileSink.create(target, hash, hash, progress, total)) {
            for (var tensor : tensors) {
                long size = tensor.info().valueBytes();
                sink.write(tensor, slice, start -> sink.write(value(tensor.info(), Math.min(slice, size - start))));
            }
            return new Written(List.of(sink.finish()), sink.crc32c());
        }
    }

    /** A value up to its content. */
    private static byte[] value(TensorInfo info, long content) {
        var tensor = new Message();
        if (info.shape().rank() == 0) {
            tensor.varint(0x08).varint(0);
        }
        for (long dim : info.shape().dims()) {
            tensor.varint(0x08).varint(dim);
        }
        var word = word(info.dtype());
        tensor.text(0x12, word == null ? "" : word).varint(0x1a).varint(content);
        var value = new Message().text(0x0a, info.name()).varint(0x12).varint(tensor.size() + content);
        long length = value.size() + tensor.size() + content;
        return new Message().varint(0x0a).varint(length).add(value).add(tensor).bytes();
    }

    /** Bytes of a message in the making. */
    private static final class Message {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Message varint(long value) {
            for (; (value & ~0x7fL) != 0; value >>>= 7) {
                out.write((int) value & 0x7f | 0x80);
            }
            out.write((int) value);
            return this;
        }

        Message text(int tag, String text) {
            var bytes = text.getBytes(StandardCharsets.UTF_8);
            varint(tag).varint(bytes.length);
            out.writeBytes(bytes);
            return this;
        }

        Message add(Message other) {
            out.writeBytes(other.bytes());
            return this;
        }

        int size() {
            return out.size();
        }

        byte[] bytes() {
            return out.toByteArray();
        }
    }

    /** {@code str(mindspore.dtype)}, or null where MindSpore's table has none. */
    private static @Nullable String word(DType dtype) {
        return switch (dtype) {
            case F64 -> "Float64";
            case F32 -> "Float32";
            case F16 -> "Float16";
            case BF16 -> "BFloat16";
            case I64 -> "Int64";
            case I32 -> "Int32";
            case I16 -> "Int16";
            case I8 -> "Int8";
            case U64 -> "UInt64";
            case U32 -> "UInt32";
            case U16 -> "UInt16";
            case U8 -> "UInt8";
            case BOOL -> "Bool";
            case F8_E4M3, F8_E5M2, C64, C128, STRING, UNKNOWN -> null;
        };
    }
}
