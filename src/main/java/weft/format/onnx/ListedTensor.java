package weft.format.onnx;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.ProtoReader;
import weft.io.SourceFile;
import weft.tensor.TensorData;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/**
 * A tensor whose values don't stand in the file as in memory: a list of numbers, or several in a byte. Reading it unpacks all.
 *
 * @param offset of its bytes in the file, or −1 where they are a list in {@code message}
 */
record ListedTensor(SourceFile file, OnnxType type, long offset, ProtoReader message,
        TensorInfo info) implements TensorSource {
    @Override
    public TensorData read() throws CheckpointException {
        var broken = info.broken();
        if (broken != null) { throw broken.asException(); }
        file.checkUnchanged();
        return SourceFile.guarded(() -> {
            long count = info.shape().count();
            var bytes = offset >= 0 ? file.segment(offset, type.bytes(count)) : list(count);
            return TensorData.of(type.isPacked() ? unpacked(bytes, count) : bytes, info.dtype(), info.shape());
        });
    }

    private MemorySegment list(long count) throws CheckpointException {
        var list = type.list(message);
        long numbers = type.numbers(count);
        long found = list.count();
        if (found != numbers) {
            throw message.problem(Code.STORAGE_SIZE).field(info.name()).found(found).expected(numbers).asException();
        }
        var run = list.run();
        if (run != null && run.byteSize() == type.bytes(count)) { return run; }
        // Counted before: as many numbers as this holds do stand in the file.
        var values = Arena.ofAuto().allocate(Math.max(1, type.bytes(count)), 64);
        list.copy(values, type.width(), numbers);
        return values.asSlice(0, type.bytes(count));
    }

    /** A byte for each element; the first stands in the lowest bits. */
    private MemorySegment unpacked(MemorySegment bytes, long count) {
        var values = Arena.ofAuto().allocate(Math.max(1, count), 64);
        int bits = type.bits();
        int perByte = 8 / bits;
        boolean signed = type == OnnxType.INT4 || type == OnnxType.INT2;
        for (long i = 0; i < count; i++) {
            int shifted = bytes.get(ValueLayout.JAVA_BYTE, i / perByte) >> i % perByte * bits;
            int unsigned = shifted & (1 << bits) - 1;
            int sign = signed && unsigned >> bits - 1 != 0 ? 1 << bits : 0;
            values.set(ValueLayout.JAVA_BYTE, i, (byte) (unsigned - sign));
        }
        return values;
    }
}
