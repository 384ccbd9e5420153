package weft.format.keras;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import io.jhdf.dataset.DatasetBase;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.SourceFile;
import weft.tensor.TensorData;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/**
 * A dataset. In one piece it is a view of the file's mapping; in chunks it is put together by jHDF, whose buffers hold 2 GB.
 *
 * @param header the address of the dataset's header, by which jHDF finds it again
 * @param address of the first byte in the HDF5 bytes, or −1 for a dataset in chunks
 */
record Hdf5Tensor(Hdf5 hdf5, long header, long address, ByteOrder order, TensorInfo info) implements TensorSource {
    @Override
    public TensorData read() throws CheckpointException {
        var broken = info.broken();
        if (broken != null) { throw broken.asException(); }
        var bytes = address >= 0 ? hdf5.bytes().asSlice(address, info.bytes()) : chunks();
        boolean swap = order == ByteOrder.BIG_ENDIAN && info.dtype().bytes() > 1;
        return swap
                ? SourceFile.guarded(() -> TensorData.ofBigEndian(bytes, info.dtype(), info.shape()))
                : TensorData.of(bytes, info.dtype(), info.shape());
    }

    private MemorySegment chunks() throws CheckpointException {
        return hdf5.with(info.name(), file -> {
            ByteBuffer buffer = ((DatasetBase) file.getNodeByAddress(header)).getDataBuffer();
            if (buffer.remaining() != info.bytes()) {
                throw hdf5.file().problem(Code.STORAGE_SIZE, hdf5.place()).field(info.name()).found(buffer.remaining())
                        .expected(info.bytes()).asException();
            }
            var copy = Arena.ofAuto().allocate(Math.max(1, info.bytes()), 64);
            MemorySegment.copy(MemorySegment.ofBuffer(buffer), 0, copy, 0, info.bytes());
            return copy.asSlice(0, info.bytes());
        });
    }
}
