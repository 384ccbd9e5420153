package weft.format;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Crc;
import weft.io.Problem;
import weft.io.Progress;
import weft.io.SourceFile;
import weft.tensor.TensorSource;

/**
 * A new file that is written from front to back. Values go straight from the mapped source where they stand there in
 * order, else through a few buffers that are filled while others are written; in pieces small enough that the hashes
 * find them in the processor's cache.
 */
public final class FileSink implements AutoCloseable {
    private static final int BUFFER = 4 << 20;
    /** A disk with less room is full. */
    private static final int FULL = 8 << 20;
    /** Up to here a step isn't worth another thread. */
    private static final int SHORT = 64 << 10;
    private static final int PIECE = 256 << 10;
    private static final int PAGE = 4096;

    private final Path path;
    private final FileChannel channel;
    private final @Nullable MessageDigest sha256;
    private final boolean checksums;
    private final Progress progress;
    private final long total;
    private final Map<String, Integer> crc32c = new LinkedHashMap<>();
    private final WriteBehind behind;
    private final @Nullable MemorySegment[] buffers = new MemorySegment[WriteBehind.AHEAD];
    private int buffer;
    private @Nullable Crc crc32;
    private long position;
    private long values;

    private FileSink(Path path, FileChannel channel, @Nullable MessageDigest sha256, boolean checksums,
            Progress progress, long total) {
        this.path = path;
        this.channel = channel;
        this.behind = new WriteBehind(channel);
        this.sha256 = sha256;
        this.checksums = checksums;
        this.progress = progress;
        this.total = total;
    }

    /** Creates the file with checksums of the tensors. */
    public static FileSink create(Path path, boolean hash, Progress progress, long total) throws CheckpointException {
        return create(path, hash, true, progress, total);
    }

    /**
     * Creates the file; it mustn't exist.
     *
     * @param hash whether to take the SHA-256 of the file
     * @param checksums whether to take the CRC-32C of each tensor
     * @param total bytes of values to come, for the progress
     */
    public static FileSink create(Path path, boolean hash, boolean checksums, Progress progress, long total)
            throws CheckpointException {
        try {
            var channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            return new FileSink(path, channel, hash ? MessageDigest.getInstance("SHA-256") : null, checksums, progress,
                    total);
        } catch (IOException | UnsupportedOperationException e) {
            throw failed(path, e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has SHA-256
        }
    }

    /** Bytes given so far; they may yet have to be written. */
    public long position() {
        return position;
    }

    /** The array is the sink's from now on. */
    public void write(byte[] bytes) throws CheckpointException {
        position += bytes.length;
        behind.run(bytes.length <= SHORT, () -> save(ByteBuffer.wrap(bytes)));
    }

    /** Starts the CRC-32 of what is written from here on. */
    void startCrc32() throws CheckpointException {
        behind.run(true, () -> crc32 = Crc.crc32());
    }

    /** The CRC-32 of what was written since its start, unsigned. */
    long endCrc32() throws CheckpointException {
        behind.drain();
        if (crc32 == null) { throw new IllegalStateException("not started"); }
        long value = crc32.unsigned();
        crc32 = null;
        return value;
    }

    /** Zero bytes up to the next multiple of {@code alignment}. */
    public void align(int alignment) throws CheckpointException {
        write(new byte[(int) ((alignment - position % alignment) % alignment)]);
    }

    /** Writes what stands between two stretches of a tensor's values. */
    @FunctionalInterface
    public interface Between {
        /** @param start bytes of the tensor's values written so far; the next stretch begins here */
        void before(long start) throws CheckpointException;
    }

    /** The values of a tensor: row-major, little-endian, bit for bit. */
    public void write(TensorSource tensor) throws CheckpointException {
        write(tensor, Long.MAX_VALUE, start -> {
        });
    }

    /**
     * The values of a tensor in stretches of {@code every} bytes (the last may be shorter); something else is written
     * before each. A tensor without values has one empty stretch.
     */
    public void write(TensorSource tensor, long every, Between between) throws CheckpointException {
        var data = tensor.read();
        var info = tensor.info();
        if (data.dtype() != info.dtype() || !data.shape().equals(info.shape())) {
            throw new IllegalStateException(
                    info.name() + " reads as " + data + ", its header says " + info.dtype() + " "
                            + info.shape());
        }
        var crc = checksums ? Crc.crc32c() : null;
        long before = values;
        between.before(0);
        SourceFile.guarded(() -> {
            data.forEachChunk(BUFFER, this::buffer, chunk -> {
                for (long at = 0; at < chunk.byteSize();) {
                    progress.check();
                    long start = values - before;
                    if (start > 0 && start % every == 0) {
                        between.before(start);
                    }
                    var stretch = chunk.asSlice(at, Math.min(chunk.byteSize() - at, every - start % every));
                    at += stretch.byteSize();
                    position += stretch.byteSize();
                    values += stretch.byteSize();
                    behind.run(stretch.byteSize() <= SHORT, () -> save(stretch, crc));
                }
                progress.at(values, total);
            });
            return true;
        });
        if (crc != null) {
            behind.run(true, () -> crc32c.put(tensor.name(), crc.value()));
        }
    }

    /** The next of the buffers: what was in it is written by now, for no more are ahead. */
    private MemorySegment buffer() {
        buffer = (buffer + 1) % buffers.length;
        var next = buffers[buffer];
        if (next == null) {
            next = Arena.ofAuto().allocate(BUFFER, 64);
            buffers[buffer] = next;
        }
        return next;
    }

    private void save(MemorySegment stretch, @Nullable Crc crc) throws CheckpointException {
        SourceFile.guarded(() -> {
            for (long at = 0; at < stretch.byteSize(); at += PIECE) {
                progress.check();
                var piece = stretch.asSlice(at, Math.min(PIECE, stretch.byteSize() - at));
                if (crc != null) {
                    crc.update(piece);
                }
                save(piece.asByteBuffer());
            }
            return true;
        });
    }

    private void save(ByteBuffer bytes) throws CheckpointException {
        int length = bytes.remaining();
        if (sha256 != null) {
            sha256.update(bytes.duplicate());
        }
        if (crc32 != null) {
            crc32.update(MemorySegment.ofBuffer(bytes));
        }
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            touch(bytes);
            throw failed(path, e);
        }
        behind.wrote(length);
    }

    /**
     * The system can't write what it can't read: where the bytes stand in a mapping that was cut short, reading them here
     * is answered with the error that {@link SourceFile#guarded} knows.
     */
    private static void touch(ByteBuffer bytes) {
        var piece = new byte[PAGE];
        for (var rest = bytes.duplicate(); rest.hasRemaining();) {
            rest.get(piece, 0, Math.min(PAGE, rest.remaining()));
        }
    }

    /** CRC-32C of each tensor of a finished file, by name; empty without checksums. */
    public Map<String, Integer> crc32c() {
        return crc32c;
    }

    /** Writes what is left, closes the file and says what it is; a file closed without this may miss its end. */
    public Written.Part finish() throws CheckpointException {
        behind.drain();
        close();
        return new Written.Part(path, position, sha256 == null ? null : HexFormat.of().formatHex(sha256.digest()));
    }

    /** Closes the file as far as it was written. */
    @Override
    public void close() throws CheckpointException {
        behind.close();
        try {
            channel.close();
        } catch (IOException e) {
            throw failed(path, e);
        }
    }

    /** A full disk is told apart by asking the disk: the system's message is in words of its own. */
    private static CheckpointException failed(Path path, Exception e) {
        long free = -1;
        try {
            var folder = path.toAbsolutePath().getParent();
            free = folder == null ? -1 : Files.getFileStore(folder).getUsableSpace();
        } catch (IOException | SecurityException ignored) {
            // then it stays an ordinary failure
        }
        var code = free >= 0 && free < FULL ? Code.NO_SPACE : Code.WRITE_FAILED;
        return Problem.of(code).file(path.getFileName())
                .found(code == Code.NO_SPACE ? free : e.getClass().getSimpleName())
                .asException(e);
    }
}
