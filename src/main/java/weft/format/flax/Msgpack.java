package weft.format.flax;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.SourceFile;

/**
 * Walks MessagePack in place, one value's header after another; the content of texts, bytes and extensions is passed over
 * unless somebody asks for it.
 *
 * @see <a href="https://github.com/msgpack/msgpack/blob/master/spec.md">MessagePack specification</a>
 */
final class Msgpack {
    /** What a value is; of a collection the header only. */
    enum Kind {
        MAP, LIST, TEXT, BYTES, EXTENSION, INTEGER, FLOAT, OTHER
    }

    private static final ValueLayout.OfShort BIG16 = SourceFile.I16.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt BIG32 = SourceFile.I32.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong BIG64 = SourceFile.I64.withOrder(ByteOrder.BIG_ENDIAN);

    private final MemorySegment all;
    private final String file;
    private long at;
    private Kind kind = Kind.OTHER;
    private long start;
    private long number;
    private long content;
    private int extension;

    Msgpack(MemorySegment all, String file) {
        this.all = all;
        this.file = file;
    }

    /** Reads the next value's header and goes behind it; behind its content, too, if it is no collection. */
    Kind next() throws CheckpointException {
        start = at;
        int first = Byte.toUnsignedInt(byteAt());
        if (first <= 0x7f || first >= 0xe0) { return integer((byte) first); }
        if (first <= 0x8f) { return collection(Kind.MAP, first & 15); }
        if (first <= 0x9f) { return collection(Kind.LIST, first & 15); }
        if (first <= 0xbf) { return content(Kind.TEXT, first & 31); }
        return switch (first) {
            case 0xc0, 0xc2, 0xc3 -> other(); // nil, false, true
            case 0xc4 -> content(Kind.BYTES, unsigned(1));
            case 0xc5 -> content(Kind.BYTES, unsigned(2));
            case 0xc6 -> content(Kind.BYTES, unsigned(4));
            case 0xc7 -> extension(unsigned(1));
            case 0xc8 -> extension(unsigned(2));
            case 0xc9 -> extension(unsigned(4));
            case 0xca -> content(Kind.FLOAT, 4);
            case 0xcb -> content(Kind.FLOAT, 8);
            case 0xcc -> integer(unsigned(1));
            case 0xcd -> integer(unsigned(2));
            case 0xce -> integer(unsigned(4));
            case 0xcf -> integer(unsigned(8));
            case 0xd0 -> integer((byte) unsigned(1));
            case 0xd1 -> integer((short) unsigned(2));
            case 0xd2 -> integer((int) unsigned(4));
            case 0xd3 -> integer(unsigned(8));
            case 0xd4 -> extension(1);
            case 0xd5 -> extension(2);
            case 0xd6 -> extension(4);
            case 0xd7 -> extension(8);
            case 0xd8 -> extension(16);
            case 0xd9 -> content(Kind.TEXT, unsigned(1));
            case 0xda -> content(Kind.TEXT, unsigned(2));
            case 0xdb -> content(Kind.TEXT, unsigned(4));
            case 0xdc -> collection(Kind.LIST, unsigned(2));
            case 0xdd -> collection(Kind.LIST, unsigned(4));
            case 0xde -> collection(Kind.MAP, unsigned(2));
            case 0xdf -> collection(Kind.MAP, unsigned(4));
            default -> throw problem(Code.BAD_HEADER, start).found("0xc1").asException(); // never used
        };
    }

    /** What was read last. */
    Kind kind() {
        return kind;
    }

    /** Where the value that was read last begins. */
    long start() {
        return start;
    }

    /** Where the next value begins. */
    long at() {
        return at;
    }

    void goTo(long place) {
        at = place;
    }

    /** The integer; the elements of a list; the pairs of a map. */
    long number() {
        return number;
    }

    /** Where the content of a text, of bytes or of an extension begins. */
    long contentAt() {
        return content;
    }

    long contentLength() {
        return at - content;
    }

    /** An extension's type. */
    int extension() {
        return extension;
    }

    /** Bytes of content that was declared and isn't there. */
    long missing() {
        return Math.max(0, at - all.byteSize());
    }

    /** The text or bytes that were read last, as UTF-8. */
    String text(int longest) throws CheckpointException {
        long length = contentLength();
        if (missing() > 0) { throw cut(start, length); }
        if (length > longest) {
            throw problem(Code.LIMIT, start).field("key").found(length).expected("<= " + longest).asException();
        }
        var bytes = all.asSlice(content, length).toArray(ValueLayout.JAVA_BYTE);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw problem(Code.BAD_HEADER, start).field("key").expected("UTF-8").asException(e);
        }
    }

    Problem problem(Code code, long place) {
        return Problem.of(code).file(file).at(place);
    }

    private Kind integer(long value) {
        number = value;
        return kind = Kind.INTEGER;
    }

    private Kind other() {
        return kind = Kind.OTHER;
    }

    /** Every element takes a byte at least: more of them than bytes can't be there. */
    private Kind collection(Kind which, long count) throws CheckpointException {
        long least = which == Kind.MAP ? 2 * count : count;
        if (least > all.byteSize() - at) { throw cut(start, least); }
        number = count;
        return kind = which;
    }

    private Kind extension(long length) throws CheckpointException {
        extension = byteAt();
        return content(Kind.EXTENSION, length);
    }

    private Kind content(Kind which, long length) {
        content = at;
        at += length; // at most 2^32 beyond the file's end
        return kind = which;
    }

    private byte byteAt() throws CheckpointException {
        if (at >= all.byteSize()) { throw cut(at, 1); }
        return all.get(ValueLayout.JAVA_BYTE, at++);
    }

    private long unsigned(int width) throws CheckpointException {
        if (width > all.byteSize() - at) { throw cut(at, width); }
        long value = switch (width) {
            case 1 -> Byte.toUnsignedLong(all.get(ValueLayout.JAVA_BYTE, at));
            case 2 -> Short.toUnsignedLong(all.get(BIG16, at));
            case 4 -> Integer.toUnsignedLong(all.get(BIG32, at));
            default -> all.get(BIG64, at);
        };
        at += width;
        return value;
    }

    private CheckpointException cut(long place, long wanted) {
        return problem(Code.TRUNCATED, place).found(all.byteSize()).expected(place + wanted).asException();
    }
}
