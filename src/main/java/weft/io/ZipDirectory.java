package weft.io;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

import org.jspecify.annotations.Nullable;

/**
 * The central directory of a ZIP archive (PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5.3, with zip64). Stored entries
 * are ranges of the mapped file, so that a tensor in one costs no copy; deflated ones are inflated within limits.
 *
 * <p>
 * Readers that trust different parts of a contradictory archive see different files, which is how a scanner is shown
 * one thing and a loader another. So contradictions are refused: duplicate names, a local header that disagrees with
 * the central one, entries that overlap, two end records that both fit.
 */
public final class ZipDirectory {
    /** A deflated entry may have this many times its compressed size, or up to {@link #FREE_SIZE}. */
    private static final long RATIO = 100;
    private static final long FREE_SIZE = 64L << 20;
    /** Deflate can't do better than this (RFC 1951: 258 bytes from 2 bits); a larger claim is a lie. */
    private static final long DEFLATE_BEST = 1032;
    /** Room for a million entries; torch writes about 100 bytes each. */
    private static final long DIRECTORY_LIMIT = 128L << 20;

    private static final int END = 0x06054b50;
    private static final int END64 = 0x06064b50;
    private static final int LOCATOR64 = 0x07064b50;
    private static final int CENTRAL = 0x02014b50;
    private static final int LOCAL = 0x04034b50;
    private static final int END_SIZE = 22;
    private static final int LOCATOR64_SIZE = 20;
    private static final int CENTRAL_SIZE = 46;
    private static final int LOCAL_SIZE = 30;
    private static final int MAX16 = 0xFFFF;
    private static final long MAX32 = 0xFFFFFFFFL;
    private static final int ENCRYPTED = 1;
    private static final int SIZES_FOLLOW = 8;
    private static final int CHUNK = 1 << 16;
    private static final Pattern DRIVE = Pattern.compile("[A-Za-z]:([^0-9]|$)");

    /** How an entry's bytes are kept. Others than these two are listed and can't be read. */
    public enum Method {
        STORED, DEFLATED, OTHER
    }

    /**
     * One file in the archive.
     *
     * @param method {@link Method#OTHER} also for encrypted entries
     * @param crc CRC-32 of the uncompressed bytes as the directory states it, unsigned
     * @param compressed bytes it takes in the archive
     * @param size bytes it has when read
     * @param header offset of its local header
     * @param offset offset of its first byte in the archive
     */
    public record Entry(String name, Method method, long crc, long compressed, long size, long header, long offset) {
    }

    private final SourceFile file;
    private final Map<String, Entry> entries;
    private final List<Problem> warnings;

    private ZipDirectory(SourceFile file, Map<String, Entry> entries, List<Problem> warnings) {
        this.file = file;
        this.entries = entries;
        this.warnings = warnings;
    }

    /**
     * Reads and checks the directory and every local header.
     *
     * @throws CheckpointException {@code ZIP_INCOMPLETE} without an end record, {@code ZIP_AMBIGUOUS} and
     *         {@code OVERLAP} for contradictions, {@code LIMIT} for a directory over 128 MiB
     */
    public static ZipDirectory read(SourceFile file) throws CheckpointException {
        try (var pieces = file.pieces()) {
            return new Reader(file, pieces).read();
        }
    }

    /** In the directory's order, which is the order of writing. */
    public List<Entry> entries() {
        return List.copyOf(entries.values());
    }

    public @Nullable Entry entry(String name) {
        return entries.get(name);
    }

    public SourceFile file() {
        return file;
    }

    /** Bytes before the archive or after it, names that would leave a folder: present, never used. */
    public List<Problem> warnings() {
        return warnings;
    }

    /**
     * An entry's uncompressed bytes: a view of the mapping when stored, else inflated into off-heap memory.
     *
     * @throws CheckpointException {@code BOMB} when it would be more than 64 MiB and 100 times the compressed size,
     *         {@code BAD_HEADER} when it doesn't inflate to the size declared, {@code UNSUPPORTED_FILTER} when it is
     *         encrypted or compressed some other way
     */
    public MemorySegment segment(Entry entry) throws CheckpointException {
        var refusal = refusal(entry);
        if (refusal != null) { throw refusal.asException(); }
        return entry.method == Method.STORED
                ? file.segment(entry.offset, entry.size)
                : SourceFile.guarded(() -> inflate(entry));
    }

    /** Whether {@link #segment} refuses only because the entry grows so much: such a file may be honest zeros. */
    public boolean mayBeReadAnyway(Entry entry) {
        return entry.method == Method.STORED || entry.method == Method.DEFLATED && !isImpossible(entry);
    }

    /**
     * The same as {@link #segment}, but for an entry that grows more than anybody would expect: to be called when a
     * person who was told its size said so. What deflate can't do is refused all the same.
     */
    public MemorySegment segmentAnyway(Entry entry) throws CheckpointException {
        return entry.method == Method.DEFLATED && !isImpossible(entry)
                ? SourceFile.guarded(() -> inflate(entry))
                : segment(entry);
    }

    private static boolean isImpossible(Entry entry) {
        return entry.size / DEFLATE_BEST > entry.compressed;
    }

    /**
     * At most the first {@code limit} uncompressed bytes: for a header, without inflating what follows it.
     *
     * @param pieces of this archive's file
     */
    public byte[] head(Entry entry, int limit, SourceFile.Pieces pieces) throws CheckpointException {
        int length = (int) Math.min(limit, entry.size);
        if (entry.method == Method.STORED) { return pieces.read(entry.offset, length).toArray(ValueLayout.JAVA_BYTE); }
        if (entry.method == Method.OTHER) { return segment(entry).toArray(ValueLayout.JAVA_BYTE); }
        var source = file.segment(entry.offset, entry.compressed);
        return SourceFile.guarded(() -> {
            var head = new byte[length];
            int written = 0;
            long read = 0;
            var in = new byte[CHUNK];
            try (var inflater = new Inflater(true)) {
                while (written < length && !inflater.finished()) {
                    if (inflater.needsInput()) {
                        int count = (int) Math.min(CHUNK, source.byteSize() - read);
                        MemorySegment.copy(source, ValueLayout.JAVA_BYTE, read, in, 0, count);
                        inflater.setInput(in, 0, count);
                        read += count;
                    }
                    int count = inflater.inflate(head, written, length - written);
                    if (count == 0
                            && (inflater.needsDictionary() || inflater.needsInput() && read == source.byteSize())) {
                        break;
                    }
                    written += count;
                }
            } catch (DataFormatException e) {
                throw file.problem(Code.BAD_HEADER, entry.offset).field(entry.name).found("deflate").asException(e);
            }
            return Arrays.copyOf(head, written);
        });
    }

    /** Why {@link #segment} would refuse an entry without looking at its bytes, or null. */
    public @Nullable Problem refusal(Entry entry) {
        return switch (entry.method) {
            case STORED -> null;
            case DEFLATED -> {
                // Before anything is allocated: what so few bytes can't hold, and what nobody asked for.
                boolean impossible = isImpossible(entry);
                boolean large = entry.size > FREE_SIZE && entry.size / RATIO > entry.compressed;
                yield !impossible && !large
                        ? null
                        : file.problem(Code.BOMB, entry.offset).field(entry.name).found(entry.size)
                                .expected("<= " + (impossible
                                        ? entry.compressed * DEFLATE_BEST
                                        : Math.max(FREE_SIZE, entry.compressed * RATIO)));
            }
            case OTHER -> file.problem(Code.UNSUPPORTED_FILTER, entry.header).field(entry.name)
                    .expected("stored or deflate");
        };
    }

    /** Compares the bytes with the directory's CRC-32; null when they agree. */
    public @Nullable Problem checksum(Entry entry) throws CheckpointException {
        return checksum(entry, segment(entry));
    }

    /**
     * The same while many small entries are looked at.
     *
     * @param pieces of this archive's file
     */
    public @Nullable Problem checksum(Entry entry, SourceFile.Pieces pieces) throws CheckpointException {
        if (entry.method != Method.STORED) { return checksum(entry); }
        var crc = Crc.crc32();
        for (long at = 0; at < entry.size; at += CHUNK) {
            crc.update(pieces.read(entry.offset + at, Math.min(CHUNK, entry.size - at)));
        }
        return compared(entry, crc.unsigned());
    }

    /** The same for an entry that {@link #segmentAnyway} reads. */
    public @Nullable Problem checksumAnyway(Entry entry) throws CheckpointException {
        return checksum(entry, segmentAnyway(entry));
    }

    private @Nullable Problem checksum(Entry entry, MemorySegment segment) throws CheckpointException {
        return compared(entry, SourceFile.guarded(() -> Crc.crc32().update(segment).unsigned()));
    }

    private @Nullable Problem compared(Entry entry, long found) {
        return found == entry.crc
                ? null
                : file.problem(Code.CRC, entry.offset).field(entry.name).found(hex(found)).expected(hex(entry.crc));
    }

    private static String hex(long crc) {
        return HexFormat.of().toHexDigits(crc, 8);
    }

    private MemorySegment inflate(Entry entry) throws CheckpointException {
        var source = file.segment(entry.offset, entry.compressed);
        var target = Arena.ofAuto().allocate(Math.max(1, entry.size), 64);
        var in = new byte[CHUNK];
        var out = new byte[CHUNK];
        long read = 0;
        long written = 0;
        try (var inflater = new Inflater(true)) {
            while (!inflater.finished()) {
                if (inflater.needsInput()) {
                    int length = (int) Math.min(CHUNK, source.byteSize() - read);
                    if (length == 0) {
                        break;
                    }
                    MemorySegment.copy(source, ValueLayout.JAVA_BYTE, read, in, 0, length);
                    inflater.setInput(in, 0, length);
                    read += length;
                }
                int length = inflater.inflate(out);
                if (length > entry.size - written || length == 0 && inflater.needsDictionary()) {
                    break;
                }
                MemorySegment.copy(out, 0, target, ValueLayout.JAVA_BYTE, written, length);
                written += length;
            }
            if (inflater.finished() && written == entry.size) { return target.asSlice(0, entry.size).asReadOnly(); }
        } catch (DataFormatException e) {
            throw file.problem(Code.BAD_HEADER, entry.offset).field(entry.name).found("deflate").asException(e);
        }
        throw file.problem(Code.BAD_HEADER, entry.offset).field(entry.name).found(written).expected(entry.size)
                .asException();
    }

    /** One pass over the directory; the fields are what the passes share. */
    private static final class Reader {
        private final SourceFile file;
        private final SourceFile.Pieces pieces;
        private final List<Problem> warnings = new ArrayList<>();
        /** How far the archive is moved by bytes in front of it. */
        private long shift;

        Reader(SourceFile file, SourceFile.Pieces pieces) {
            this.file = file;
            this.pieces = pieces;
        }

        ZipDirectory read() throws CheckpointException {
            long end = findEnd();
            var tail = pieces.read(end, END_SIZE);
            long count = u16(tail, 10);
            long size = u32(tail, 12);
            long start = u32(tail, 16);
            if (u16(tail, 4) != 0 && u16(tail, 4) != MAX16) {
                throw file.problem(Code.UNSUPPORTED_VERSION, end).field("disk").found(u16(tail, 4)).expected(0)
                        .asException();
            }
            long limit = end; // the directory ends here
            long record = findEnd64(end);
            if (record >= 0) {
                var large = pieces.read(record, 56);
                count = agree(record, "entries", count, MAX16, large.get(SourceFile.I64, 32));
                size = agree(record, "size", size, MAX32, large.get(SourceFile.I64, 40));
                start = agree(record, "start", start, MAX32, large.get(SourceFile.I64, 48));
                limit = record;
            }
            if (size < 0 || size > limit || start < 0 || start > limit - size) {
                throw file.problem(Code.ZIP_INCOMPLETE, end).field("central directory")
                        .found(Long.toUnsignedString(start) + "+" + Long.toUnsignedString(size))
                        .expected("<= " + limit).asException();
            }
            if (size > DIRECTORY_LIMIT) {
                throw file.problem(Code.LIMIT, start).field("central directory").found(size)
                        .expected("<= " + DIRECTORY_LIMIT).asException();
            }
            if (limit - size != start) {
                start = settle(start, limit - size, size, end);
            }
            return new ZipDirectory(file, readEntries(start, size, count), List.copyOf(warnings));
        }

        /** The end record nearest to the file's end, as every reader has it. */
        private long findEnd() throws CheckpointException {
            long from = Math.max(0, file.size() - END_SIZE - MAX16);
            var tail = pieces.read(from, file.size() - from);
            long found = -1;
            long left = 0;
            for (long at = tail.byteSize() - END_SIZE; at >= 0; at--) {
                if (tail.get(SourceFile.I32, at) != END) {
                    continue;
                }
                long after = tail.byteSize() - at - END_SIZE - u16(tail, at + 20);
                if (found < 0) {
                    found = from + at;
                    left = after;
                } else if (after == 0) {
                    // An earlier one reaches to the end of the file: the last one lies in its comment.
                    throw file.problem(Code.ZIP_AMBIGUOUS, found).field("end record").found(found)
                            .expected(from + at).asException();
                }
            }
            if (found < 0) {
                throw file.problem(Code.ZIP_INCOMPLETE, file.size()).field("central directory").found(file.size())
                        .asException();
            }
            if (left < 0) { throw file.problem(Code.ZIP_INCOMPLETE, found).field("comment").found(left).asException(); }
            if (left > 0) {
                warnings.add(file.problem(Code.TRAILING_BYTES, file.size() - left).found(left));
            }
            return found;
        }

        /** The zip64 end record, or −1. */
        private long findEnd64(long end) throws CheckpointException {
            long locator = end - LOCATOR64_SIZE;
            if (locator < 0 || pieces.read(locator, 4).get(SourceFile.I32, 0) != LOCATOR64) { return -1; }
            long declared = pieces.read(locator, LOCATOR64_SIZE).get(SourceFile.I64, 8);
            // Bytes in front of the archive move the record; without its extensible part it has 56 bytes.
            for (long at : new long[]{declared, locator - 56}) {
                if (at >= 0 && at <= locator - 56 && pieces.read(at, 4).get(SourceFile.I32, 0) == END64) { return at; }
            }
            throw file.problem(Code.ZIP_INCOMPLETE, locator).field("zip64 end record")
                    .found(Long.toUnsignedString(declared)).asException();
        }

        private long agree(long offset, String field, long small, long sentinel, long large)
                throws CheckpointException {
            if (small != sentinel && small != large) {
                throw file.problem(Code.ZIP_AMBIGUOUS, offset).field(field).found(small)
                        .expected(Long.toUnsignedString(large)).asException();
            }
            return large;
        }

        /** The directory isn't where it should be: bytes before the archive, or between the directory and its end. */
        private long settle(long declared, long adjacent, long size, long end) throws CheckpointException {
            boolean atDeclared = isCentral(declared, size);
            boolean atAdjacent = isCentral(adjacent, size);
            if (atDeclared && atAdjacent) {
                throw file.problem(Code.ZIP_AMBIGUOUS, end).field("central directory").found(declared)
                        .expected(adjacent).asException();
            }
            if (!atDeclared && !atAdjacent) {
                throw file.problem(Code.ZIP_INCOMPLETE, declared).field("central directory").asException();
            }
            warnings.add(file.problem(Code.TRAILING_BYTES, atDeclared ? declared + size : 0)
                    .found(adjacent - declared));
            shift = atDeclared ? 0 : adjacent - declared;
            return declared + shift;
        }

        private boolean isCentral(long at, long size) throws CheckpointException {
            return size >= CENTRAL_SIZE && pieces.read(at, 4).get(SourceFile.I32, 0) == CENTRAL;
        }

        private Map<String, Entry> readEntries(long start, long size, long count) throws CheckpointException {
            var directory = pieces.read(start, size);
            var entries = new LinkedHashMap<String, Entry>();
            long at = 0;
            while (at < size) {
                if (size - at < CENTRAL_SIZE || directory.get(SourceFile.I32, at) != CENTRAL) {
                    throw file.problem(Code.BAD_HEADER, start + at).field("central directory").asException();
                }
                int name = u16(directory, at + 28);
                int extra = u16(directory, at + 30);
                long length = CENTRAL_SIZE + (long) name + extra + u16(directory, at + 32);
                if (length > size - at) {
                    throw file.problem(Code.BAD_HEADER, start + at).field("central directory").found(length)
                            .expected("<= " + (size - at)).asException();
                }
                var entry = readEntry(directory.asSlice(at, length), start + at, name, extra, start);
                if (entries.putIfAbsent(entry.name, entry) != null) {
                    throw file.problem(Code.ZIP_AMBIGUOUS, start + at).field(entry.name).found("duplicate")
                            .asException();
                }
                if (isUnsafe(entry.name)) {
                    warnings.add(file.problem(Code.PATH_OUTSIDE, start + at).field(entry.name));
                }
                at += length;
            }
            if (entries.size() != count) {
                throw file.problem(Code.ZIP_AMBIGUOUS, start).field("entries").found(entries.size()).expected(count)
                        .asException();
            }
            refuseOverlaps(entries.values().toArray(Entry[]::new), start);
            return entries;
        }

        /** One central header, section 4.3.12, with its zip64 extra field (4.5.3), and its local header (4.3.7). */
        private Entry readEntry(MemorySegment central, long place, int nameLength, int extraLength, long limit)
                throws CheckpointException {
            var nameBytes = central.asSlice(CENTRAL_SIZE, nameLength).toArray(ValueLayout.JAVA_BYTE);
            var name = decode(nameBytes);
            long compressed = u32(central, 20);
            long size = u32(central, 24);
            long header = u32(central, 42);
            if (compressed == MAX32 || size == MAX32 || header == MAX32) {
                var large = central.asSlice(CENTRAL_SIZE + (long) nameLength, extraLength);
                long at = zip64(large);
                long end = at < 0 ? 0 : at + u16(large, at - 2);
                var wide = new long[]{size, compressed, header}; // the order of the extra field
                for (int i = 0; i < 3; i++) {
                    if (wide[i] == MAX32) {
                        if (at < 0 || end - at < 8) {
                            throw file.problem(Code.BAD_HEADER, place).field(name).found("zip64").asException();
                        }
                        wide[i] = large.get(SourceFile.I64, at);
                        at += 8;
                    }
                }
                size = wide[0];
                compressed = wide[1];
                header = wide[2];
            }
            if (header < 0 || header > limit - shift - LOCAL_SIZE || size < 0 || compressed < 0) {
                throw file.problem(Code.OVERLAP, place).field(name).found(Long.toUnsignedString(header))
                        .expected("< " + (limit - shift)).asException();
            }
            header += shift;
            long offset = checkLocal(central, nameBytes, name, header);
            if (compressed > limit - offset) {
                throw file.problem(Code.OVERLAP, header).field(name).found(offset + "+" + compressed)
                        .expected("<= " + limit).asException();
            }
            boolean encrypted = (u16(central, 8) & ENCRYPTED) != 0;
            var method = encrypted ? Method.OTHER : switch (u16(central, 10)) {
                case 0 -> Method.STORED;
                case 8 -> Method.DEFLATED;
                default -> Method.OTHER;
            };
            if (method == Method.STORED && size != compressed) {
                throw file.problem(Code.ZIP_AMBIGUOUS, place).field(name).found(compressed).expected(size)
                        .asException();
            }
            return new Entry(name, method, u32(central, 16), compressed, size, header, offset);
        }

        /** Where the zip64 extra field's values start, or −1. */
        private static long zip64(MemorySegment extra) {
            for (long at = 0; at + 4 <= extra.byteSize();) {
                int length = u16(extra, at + 2);
                if (u16(extra, at) == 1 && length <= extra.byteSize() - at - 4) { return at + 4; }
                at += 4 + length;
            }
            return -1;
        }

        /** Compares the local header with the central one and returns where the bytes begin. */
        private long checkLocal(MemorySegment central, byte[] name, String shown, long header)
                throws CheckpointException {
            // With its name, which is as long as in the directory if the two agree.
            long most = Math.min(LOCAL_SIZE + (long) name.length, file.size() - header);
            var local = pieces.read(header, Math.max(LOCAL_SIZE, most));
            if (local.get(SourceFile.I32, 0) != LOCAL) {
                throw file.problem(Code.ZIP_AMBIGUOUS, header).field(shown).found("no local header").asException();
            }
            int length = u16(local, 26);
            var localName = (length == name.length
                    ? local.asSlice(LOCAL_SIZE)
                    : pieces.read(header + LOCAL_SIZE, length))
                    .toArray(ValueLayout.JAVA_BYTE);
            if (!Arrays.equals(name, localName)) {
                throw file.problem(Code.ZIP_AMBIGUOUS, header).field(shown).found(decode(localName)).expected(shown)
                        .asException();
            }
            same(shown, header + 8, u16(local, 8), u16(central, 10));
            if ((u16(local, 6) & SIZES_FOLLOW) == 0) {
                same(shown, header + 18, u32(local, 18), u32(central, 20));
                same(shown, header + 22, u32(local, 22), u32(central, 24));
            }
            return header + LOCAL_SIZE + length + u16(local, 28);
        }

        private void same(String name, long place, long local, long central) throws CheckpointException {
            // A size that only one of the two headers moves to its zip64 field says nothing here.
            if (local != central && local != MAX32 && central != MAX32) {
                throw file.problem(Code.ZIP_AMBIGUOUS, place).field(name).found(local).expected(central)
                        .asException();
            }
        }

        private void refuseOverlaps(Entry[] entries, long directory) throws CheckpointException {
            Arrays.sort(entries, Comparator.comparingLong(Entry::header));
            for (int i = 1; i < entries.length; i++) {
                var before = entries[i - 1];
                if (before.offset + before.compressed > entries[i].header) {
                    throw file.problem(Code.OVERLAP, entries[i].header).field(entries[i].name).found(before.name)
                            .asException();
                }
            }
            if (entries.length > 0 && entries[entries.length - 1].offset > directory) {
                throw file.problem(Code.OVERLAP, directory).field(entries[entries.length - 1].name).asException();
            }
        }
    }

    /**
     * A name no folder should ever see: absolute, with a drive, or climbing out. Such an entry is listed, not used. A colon
     * alone is in the name of every variable of TensorFlow ({@code kernel:0}).
     */
    private static boolean isUnsafe(String name) {
        return name.startsWith("/") || name.indexOf('\\') >= 0 || DRIVE.matcher(name).lookingAt()
                || name.indexOf('\0') >= 0
                || Arrays.asList(name.split("/", -1)).contains("..");
    }

    /** UTF-8 if it is, else one character a byte: old archives say nothing, or lie, about their encoding. */
    private static String decode(byte[] name) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(name)).toString();
        } catch (CharacterCodingException e) {
            return new String(name, StandardCharsets.ISO_8859_1);
        }
    }

    private static int u16(MemorySegment segment, long at) {
        return Short.toUnsignedInt(segment.get(SourceFile.I16, at));
    }

    private static long u32(MemorySegment segment, long at) {
        return Integer.toUnsignedLong(segment.get(SourceFile.I32, at));
    }
}
