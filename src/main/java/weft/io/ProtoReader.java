package weft.io;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Walks the fields of one protocol buffer message in place (Protocol Buffers, "Encoding"). Nothing is copied but text;
 * a length-delimited field is a slice, so a message around gigabytes of tensor costs its few header bytes.
 *
 * <pre>{@code
 * while (message.next()) {
 *     switch (message.field()) {
 *     case 1 -> size = message.int64();
 *     case 2 -> name = message.text();
 *     default -> message.skip();
 *     }
 * }
 * }</pre>
 *
 * <p>
 * Every field must be read or skipped before the next. A field whose wire type isn't the one asked for, a length past
 * the message's end, a varint of more than ten bytes: {@link Code#BAD_HEADER} with the offset in the file.
 */
public final class ProtoReader {
    private static final int VARINT = 0;
    private static final int I64 = 1;
    private static final int LEN = 2;
    private static final int I32 = 5;

    private final MemorySegment bytes;
    private final String file;
    private final long base;
    private final boolean inPlace;
    private final long missing;
    private long position;
    private int tag;
    private long tagAt;

    private ProtoReader(MemorySegment bytes, String file, long base, boolean inPlace, long missing) {
        this.bytes = bytes;
        this.file = file;
        this.base = base;
        this.inPlace = inPlace;
        this.missing = missing;
    }

    /** A message that stands in a file at {@code base}: problems name the very byte. */
    public static ProtoReader of(MemorySegment bytes, String file, long base) {
        return new ProtoReader(bytes, file, base, true, 0);
    }

    /** A message that was packed at {@code base} and is no longer byte for byte what the file holds. */
    public static ProtoReader unpacked(MemorySegment bytes, String file, long base) {
        return new ProtoReader(bytes, file, base, false, 0);
    }

    /** Goes to the next field; false at the message's end. */
    public boolean next() throws CheckpointException {
        if (position == bytes.byteSize()) { return false; }
        tagAt = position;
        long value = varint();
        if (value >>> 32 != 0 || value >>> 3 == 0) {
            throw bad(tagAt, "tag").found(Long.toUnsignedString(value)).asException();
        }
        tag = (int) value;
        return true;
    }

    /** The same message from its start. */
    public ProtoReader again() {
        return new ProtoReader(bytes, file, base, inPlace, missing);
    }

    /** Bytes of the whole message. */
    public long size() {
        return bytes.byteSize();
    }

    /** The field's number. */
    public int field() {
        return tag >>> 3;
    }

    /** Whether the field is length-delimited: bytes, text, a message or packed numbers. */
    public boolean isDelimited() {
        return (tag & 7) == LEN;
    }

    /** Where the field's content stands in the file (where it was packed, if it was). */
    public long offset() {
        return place(position);
    }

    public long int64() throws CheckpointException {
        want(VARINT);
        return varint();
    }

    /** An int32 or enum. Negative numbers are ten bytes on the wire; anything beyond 32 bits is refused. */
    public int int32() throws CheckpointException {
        long at = position;
        long value = int64();
        if (value != (int) value) { throw bad(at, "int32").found(value).asException(); }
        return (int) value;
    }

    public boolean bool() throws CheckpointException {
        return int64() != 0;
    }

    public int fixed32() throws CheckpointException {
        want(I32);
        return take(4).get(SourceFile.I32, 0);
    }

    public long fixed64() throws CheckpointException {
        want(I64);
        return take(8).get(SourceFile.I64, 0);
    }

    /** The content of a length-delimited field, in place. */
    public MemorySegment bytes() throws CheckpointException {
        want(LEN);
        return take(varint());
    }

    /** The message in a length-delimited field. */
    public ProtoReader message() throws CheckpointException {
        return inner(bytes(), 0);
    }

    /**
     * The message in a length-delimited field as far as it is there: of a file cut short, its last one. What its length
     * claims beyond that is {@link #missing()}.
     */
    public ProtoReader rest() throws CheckpointException {
        want(LEN);
        long at = position;
        long length = varint();
        long left = bytes.byteSize() - position;
        if (length < 0) {
            throw bad(at, "field " + field()).found(Long.toUnsignedString(length)).expected("<= " + left)
                    .asException();
        }
        return inner(take(Math.min(length, left)), length - Math.min(length, left));
    }

    /** Bytes of this message that should be there and aren't. */
    public long missing() {
        return missing;
    }

    private ProtoReader inner(MemorySegment content, long beyond) {
        return new ProtoReader(content, file, inPlace ? base + position - content.byteSize() : base, inPlace, beyond);
    }

    /** UTF-8 text; other bytes are refused. */
    public String text() throws CheckpointException {
        long at = position;
        var content = bytes().toArray(ValueLayout.JAVA_BYTE);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
        } catch (CharacterCodingException e) {
            throw bad(at, "text").expected("UTF-8").asException(e);
        }
    }

    /** Varints of a packed field (the message is the field's content), or of no more. */
    public boolean hasMore() {
        return position < bytes.byteSize();
    }

    /** One bare varint: of a packed field's content. */
    public long varint() throws CheckpointException {
        long at = position;
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (position == bytes.byteSize()) { throw bad(at, "varint").found(bytes.byteSize() - at).asException(); }
            long b = bytes.get(ValueLayout.JAVA_BYTE, position++);
            value |= (b & 0x7f) << shift;
            if (b >= 0) { return value; }
        }
        throw bad(at, "varint").expected("<= 10").asException();
    }

    /** Passes over the field, whatever it is. Groups (which proto3 has no more) are refused. */
    public void skip() throws CheckpointException {
        switch (tag & 7) {
            case VARINT -> varint();
            case I64 -> take(8);
            case LEN -> take(varint());
            case I32 -> take(4);
            default -> throw bad(tagAt, "wire type").found(tag & 7).asException();
        }
    }

    /** A problem at the field that was just read. */
    public Problem problem(Code code) {
        return Problem.of(code).file(file).at(place(tagAt));
    }

    private void want(int wire) throws CheckpointException {
        if ((tag & 7) != wire) {
            throw bad(tagAt, "field " + field()).found("wire type " + (tag & 7)).expected("wire type " + wire)
                    .asException();
        }
    }

    private MemorySegment take(long length) throws CheckpointException {
        long left = bytes.byteSize() - position;
        if (length < 0 || length > left) {
            throw bad(position, "field " + field()).found(Long.toUnsignedString(length)).expected("<= " + left)
                    .asException();
        }
        var slice = bytes.asSlice(position, length);
        position += length;
        return slice;
    }

    private Problem bad(long at, String field) {
        return Problem.of(Code.BAD_HEADER).file(file).at(place(at)).field(field);
    }

    private long place(long at) {
        return inPlace ? base + at : base;
    }
}
