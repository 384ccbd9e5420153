package weft.format.keras;

import java.lang.foreign.MemorySegment;
import java.lang.ref.WeakReference;

import org.jspecify.annotations.Nullable;

import io.jhdf.HdfFile;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.SourceFile;

/**
 * One HDF5 file for jHDF: a whole file, or the bytes of an archive's entry. jHDF trusts what it reads, so this is the one place
 * where it is called: whatever it throws ends as {@code BAD_HEADER}, whatever it wants to allocate and can't as {@code LIMIT}.
 */
final class Hdf5 {
    /** Where the HDF5 bytes come from. */
    @FunctionalInterface
    interface Bytes {
        MemorySegment read() throws CheckpointException;
    }

    /** Some work with the open file. */
    @FunctionalInterface
    interface Work<T> {
        T run(HdfFile file) throws CheckpointException;
    }

    private final SourceFile file;
    private final Bytes bytes;
    private final long place;
    private WeakReference<MemorySegment> last = new WeakReference<>(null);

    /** @param place where the HDF5 bytes begin in the file, or −1 if they don't stand there as they are */
    private Hdf5(SourceFile file, Bytes bytes, long place) {
        this.file = file;
        this.bytes = bytes;
        this.place = place;
    }

    static Hdf5 of(SourceFile file) {
        return new Hdf5(file, () -> file.segment(0, file.size()), 0);
    }

    static Hdf5 of(SourceFile file, Bytes bytes, long place) {
        return new Hdf5(file, bytes, place);
    }

    SourceFile file() {
        return file;
    }

    /** Where the HDF5 bytes begin in the file, or −1. */
    long place() {
        return place;
    }

    /** All bytes; what was inflated is kept as long as somebody holds it. */
    synchronized MemorySegment bytes() throws CheckpointException {
        file.checkUnchanged();
        var segment = last.get();
        if (segment == null) {
            segment = bytes.read();
            last = new WeakReference<>(segment);
        }
        return segment;
    }

    /** @param field what is being looked at, for the problem */
    <T> T with(@Nullable String field, Work<T> work) throws CheckpointException {
        var segment = bytes();
        try {
            // One buffer addresses 2 GB; a larger file goes by its channel, which lives no longer than the work.
            if (segment.byteSize() <= Integer.MAX_VALUE) {
                return work.run(HdfFile.fromByteBuffer(segment.asByteBuffer()));
            }
            if (place != 0) {
                throw file.problem(Code.LIMIT, place).field(field).found(segment.byteSize())
                        .expected("<= " + Integer.MAX_VALUE).asException();
            }
            try (var open = new HdfFile(file.path())) {
                return work.run(open);
            }
        } catch (RuntimeException | StackOverflowError e) {
            throw file.problem(Code.BAD_HEADER, place).field(field == null ? "HDF5" : field)
                    .found(e.getClass().getSimpleName()).asException(e);
        } catch (OutOfMemoryError e) {
            throw file.problem(Code.LIMIT, place).field(field == null ? "HDF5" : field).found("memory").asException(e);
        } catch (InternalError e) {
            throw file.problem(Code.CHANGED, -1).asException(e);
        }
    }
}
