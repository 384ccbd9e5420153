package weft.io;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * A regular file, mapped read-only and never written. It remembers size, time and key of the moment it was opened;
 * {@link #segment(long, long)} compares them again, so that a file replaced or cut while open ends in
 * {@link Code#CHANGED} and not in wrong numbers.
 *
 * <p>
 * The mapping lives as long as something refers to it and holds no file descriptor, so there is nothing to close.
 * All offsets and lengths are bytes; a declared length is compared with the bytes present before anything is
 * allocated.
 */
public final class SourceFile {
    public static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    public static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    public static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Path path;
    private final long size;
    private final FileTime modified;
    private final @Nullable Object key;
    private final MemorySegment all;

    private SourceFile(Path path, BasicFileAttributes attributes, MemorySegment all) {
        this.path = path;
        this.size = all.byteSize();
        this.modified = attributes.lastModifiedTime();
        this.key = attributes.fileKey();
        this.all = all;
    }

    /** Opens a regular file. Directories, pipes, devices and unreadable files are refused before a byte is read. */
    public static SourceFile open(Path path) throws CheckpointException {
        try {
            // A FIFO would hang in open(); look first.
            var attributes = Files.readAttributes(path, BasicFileAttributes.class);
            if (!attributes.isRegularFile()) {
                throw Problem.of(Code.NOT_READABLE).file(path).found(attributes.isDirectory() ? "directory" : "device")
                        .expected("regular file").asException();
            }
            try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
                var mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
                return new SourceFile(path, attributes, mapped);
            }
        } catch (IOException | UnsupportedOperationException | SecurityException e) {
            throw Problem.of(Code.NOT_READABLE).file(path).found(e.getClass().getSimpleName()).asException(e);
        }
    }

    public Path path() {
        return path;
    }

    public String name() {
        var name = path.getFileName();
        return name == null ? path.toString() : name.toString();
    }

    public long size() {
        return size;
    }

    /** A problem in this file, to be filled in by the reader that found it. */
    public Problem problem(Code code, long offset) {
        return Problem.of(code).file(name()).at(offset);
    }

    /**
     * The bytes {@code [offset, offset + length)} as a read-only view of the mapping; nothing is copied. Both numbers
     * may come straight from a file: they are treated as unsigned and checked without overflow.
     */
    public MemorySegment segment(long offset, long length) throws CheckpointException {
        if (offset < 0 || length < 0 || offset > size || length > size - offset) {
            throw problem(Code.TRUNCATED, offset).found(Long.toString(size))
                    .expected(Long.toUnsignedString(offset) + "+" + Long.toUnsignedString(length)).asException();
        }
        checkUnchanged();
        return all.asSlice(offset, length);
    }

    /** A copy of at most {@code limit} bytes: for headers and directories, never for tensors. */
    public byte[] bytes(long offset, long length, int limit) throws CheckpointException {
        if (length > limit) {
            throw problem(Code.LIMIT, offset).found(Long.toUnsignedString(length)).expected("<= " + limit)
                    .asException();
        }
        try (var pieces = pieces()) {
            return pieces.read(offset, length).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /**
     * Reads small pieces here and there by system calls. Where a mapping is touched for the first time the system may
     * read megabytes around the place, and a listing touches it at every tensor.
     */
    public Pieces pieces() throws CheckpointException {
        try {
            var channel = FileChannel.open(path, StandardOpenOption.READ);
            checkUnchanged();
            return new Pieces(channel);
        } catch (IOException e) {
            throw problem(Code.CHANGED, -1).found(e.getClass().getSimpleName()).expected(Long.toString(size))
                    .asException(e);
        }
    }

    /** An open channel; to be closed when the listing is done. */
    public final class Pieces implements AutoCloseable {
        private final FileChannel channel;

        private Pieces(FileChannel channel) {
            this.channel = channel;
        }

        /** The bytes {@code [offset, offset + length)}: {@code TRUNCATED} beyond the end, {@code CHANGED} if they are gone. */
        public MemorySegment read(long offset, long length) throws CheckpointException {
            if (offset < 0 || length < 0 || offset > size || length > size - offset) {
                throw problem(Code.TRUNCATED, offset).found(Long.toString(size))
                        .expected(Long.toUnsignedString(offset) + "+" + Long.toUnsignedString(length)).asException();
            }
            var bytes = ByteBuffer.allocate(Math.toIntExact(length));
            try {
                while (bytes.hasRemaining()) {
                    if (channel.read(bytes, offset + bytes.position()) < 0) {
                        throw problem(Code.CHANGED, offset).found(Long.toString(channel.size()))
                                .expected(Long.toString(size)).asException();
                    }
                }
            } catch (IOException e) {
                throw problem(Code.NOT_READABLE, offset).found(e.getClass().getSimpleName()).asException(e);
            }
            return MemorySegment.ofArray(bytes.array());
        }

        @Override
        public void close() throws CheckpointException {
            try {
                channel.close();
            } catch (IOException e) {
                throw problem(Code.NOT_READABLE, -1).found(e.getClass().getSimpleName()).asException(e);
            }
        }
    }

    /**
     * The bytes {@code [offset, offset + length)} as a stream over the mapping, for headers too long to copy. Read it
     * inside {@link #guarded}.
     */
    public InputStream stream(long offset, long length) throws CheckpointException {
        var bytes = segment(offset, length);
        return new InputStream() {
            private long at;

            @Override
            public int read() {
                return at == length ? -1 : Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, at++));
            }

            @Override
            public int read(byte[] target, int from, int limit) {
                if (limit == 0) { return 0; }
                int count = (int) Math.min(limit, length - at);
                MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, at, target, from, count);
                at += count;
                return count == 0 ? -1 : count;
            }
        };
    }

    /** Throws {@link Code#CHANGED} if the file on disk is no longer the one that was opened. */
    public void checkUnchanged() throws CheckpointException {
        try {
            var now = Files.readAttributes(path, BasicFileAttributes.class);
            if (now.size() == size && now.lastModifiedTime().equals(modified)
                    && Objects.equals(now.fileKey(), key)) {
                return;
            }
            throw problem(Code.CHANGED, -1).found(Long.toString(now.size())).expected(Long.toString(size))
                    .asException();
        } catch (IOException e) {
            throw problem(Code.CHANGED, -1).found(e.getClass().getSimpleName()).expected(Long.toString(size))
                    .asException(e);
        }
    }

    /** Some work on mapped bytes. */
    @FunctionalInterface
    public interface Work<T> {
        T run() throws CheckpointException;
    }

    /**
     * Runs work that touches mapped memory. When the file was cut short behind the mapping the JVM answers with an
     * {@link InternalError}; here, and only here, it becomes {@link Code#CHANGED}.
     */
    public static <T> T guarded(Work<T> work) throws CheckpointException {
        try {
            return work.run();
        } catch (InternalError e) {
            throw Problem.of(Code.CHANGED).asException(e);
        }
    }
}
