package weft.format.numpy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import weft.format.CheckpointWriter;
import weft.format.FileSink;
import weft.format.Written;
import weft.format.ZipSink;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/**
 * Writes an {@code .npz} of stored arrays, headers of version 1, little-endian and in C order, each array's first byte and
 * each array's first value at a multiple of 64 in the file. There is no room for metadata.
 */
final class NpzWriter implements CheckpointWriter {
    private static final int ALIGNMENT = 64;

    @Override
    public boolean holds(DType dtype) {
        return word(dtype) != null;
    }

    @Override
    public Written write(Path target, List<TensorSource> tensors, Map<String, ?> metadata, boolean hash,
            Progress progress) throws CheckpointException {
        var file = String.valueOf(target.getFileName());
        check(target, tensors);
        for (var tensor : tensors) {
            if (tensor.name().indexOf(0) >= 0) { // an archive's readers end an entry's name there
                throw Problem.of(Code.BAD_HEADER).file(file).field(tensor.name()).expected("UTF-8").asException();
            }
        }
        long total = tensors.stream().mapToLong(t -> t.info().valueBytes()).sum();
        try (var sink = FileSink.create(target, hash, hash, progress, total)) {
            var zip = new ZipSink(sink, file);
            for (var tensor : tensors) {
                var header = header(tensor.info());
                zip.begin(tensor.name() + NumpyFormat.ARRAY, header.length + tensor.info().valueBytes(), ALIGNMENT);
                sink.write(header);
                sink.write(tensor);
                zip.end();
            }
            zip.finish();
            return new Written(List.of(sink.finish()), sink.crc32c());
        }
    }

    /** The header of version 1.0 as NumPy writes it, padded with blanks so that values begin at a multiple of 64. */
    private static byte[] header(TensorInfo info) {
        var dict = "{'descr': '" + word(info.dtype()) + "', 'fortran_order': False, 'shape': " + tuple(info.shape())
                + ", }";
        int length = 10 + dict.length() + 1;
        int padded = (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        var header = new byte[padded];
        Arrays.fill(header, (byte) ' ');
        ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).put((byte) 0x93)
                .put("NUMPY".getBytes(StandardCharsets.US_ASCII))
                .put((byte) 1).put((byte) 0).putShort((short) (padded - 10))
                .put(dict.getBytes(StandardCharsets.US_ASCII));
        header[padded - 1] = '\n';
        return header;
    }

    /** A Python tuple: {@code ()}, {@code (3,)}, {@code (3, 4)}. */
    private static String tuple(Shape shape) {
        return Arrays.stream(shape.dims()).mapToObj(Long::toString)
                .collect(Collectors.joining(", ", "(", shape.rank() == 1 ? ",)" : ")"));
    }

    /** numpy's word for a type, or null where it has none. */
    private static @Nullable String word(DType dtype) {
        return switch (dtype) {
            case F64 -> "<f8";
            case F32 -> "<f4";
            case F16 -> "<f2";
            case I64 -> "<i8";
            case I32 -> "<i4";
            case I16 -> "<i2";
            case I8 -> "|i1";
            case U64 -> "<u8";
            case U32 -> "<u4";
            case U16 -> "<u2";
            case U8 -> "|u1";
            case BOOL -> "|b1";
            case C64 -> "<c8";
            case C128 -> "<c16";
            case BF16, F8_E4M3, F8_E5M2, STRING, UNKNOWN -> null;
        };
    }
}
