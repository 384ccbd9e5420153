package weft.io;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/**
 * A pickle's instructions as text, the names of Python's {@code pickletools.py}: for a person who wants to see what a
 * refused file would have done. It only reads; there is no stack, no memo, nothing is built and nothing can be called.
 */
public final class PickleListing {
    /** Bytes of an argument shown; the rest is counted. */
    private static final int SHOWN = 80;

    /** What follows an opcode. */
    private enum Argument {
        NONE, U1, U2, I4, U4, I8, F8, LINE, TWO_LINES, BYTES1, BYTES4, BYTES8, INT1, INT4
    }

    private record Opcode(String name, Argument argument) {
    }

    private static final Map<Integer, Opcode> OPCODES = new HashMap<>();

    static {
        put(Argument.NONE, "( MARK", ". STOP", "0 POP", "1 POP_MARK", "2 DUP", "N NONE", "] EMPTY_LIST",
                ") EMPTY_TUPLE", "} EMPTY_DICT", "t TUPLE", "l LIST", "d DICT", "a APPEND", "e APPENDS", "s SETITEM",
                "u SETITEMS", "R REDUCE", "o OBJ", "b BUILD", "Q BINPERSID", "\u0081 NEWOBJ", "\u0085 TUPLE1",
                "\u0086 TUPLE2", "\u0087 TUPLE3", "\u0088 NEWTRUE", "\u0089 NEWFALSE", "\u008f EMPTY_SET",
                "\u0090 ADDITEMS", "\u0091 FROZENSET", "\u0092 NEWOBJ_EX", "\u0093 STACK_GLOBAL", "\u0094 MEMOIZE",
                "\u0097 NEXT_BUFFER", "\u0098 READONLY_BUFFER");
        put(Argument.U1, "\u0080 PROTO", "K BININT1", "q BINPUT", "h BINGET", "\u0082 EXT1");
        put(Argument.U2, "M BININT2", "\u0083 EXT2");
        put(Argument.I4, "J BININT", "\u0084 EXT4");
        put(Argument.U4, "r LONG_BINPUT", "j LONG_BINGET");
        put(Argument.I8, "\u0095 FRAME");
        put(Argument.F8, "G BINFLOAT");
        put(Argument.LINE, "I INT", "L LONG", "F FLOAT", "S STRING", "V UNICODE", "p PUT", "g GET", "P PERSID");
        put(Argument.TWO_LINES, "c GLOBAL", "i INST");
        put(Argument.BYTES1, "U SHORT_BINSTRING", "C SHORT_BINBYTES", "\u008c SHORT_BINUNICODE");
        put(Argument.BYTES4, "T BINSTRING", "B BINBYTES", "X BINUNICODE");
        put(Argument.BYTES8, "\u008d BINUNICODE8", "\u008e BINBYTES8", "\u0096 BYTEARRAY8");
        put(Argument.INT1, "\u008a LONG1");
        put(Argument.INT4, "\u008b LONG4");
    }

    private static void put(Argument argument, String... opcodes) {
        for (var opcode : opcodes) {
            OPCODES.put((int) opcode.charAt(0), new Opcode(opcode.substring(2), argument));
        }
    }

    /** Takes what is listed. */
    public interface Sink {
        /** A pickle begins. @param name the file, or the entry it stands in */
        void pickle(String name);

        /**
         * @param offset of the instruction in the file, or in the entry where that is compressed
         * @param argument short, never longer than a line, with everything odd escaped; empty if it has none
         */
        void instruction(long offset, String name, String argument);
    }

    private final String file;
    private final MemorySegment in;
    private final long base;
    private long at;
    private long start;

    private PickleListing(String file, MemorySegment in, long base) {
        this.file = file;
        this.in = in;
        this.base = base;
    }

    /**
     * Lists one pickle, to its {@code STOP}.
     *
     * @param file the name problems give
     * @param base the offset of the segment's first byte in the file
     * @return the offset of the byte after it
     * @throws CheckpointException {@code BAD_PICKLE} at a byte that is no opcode, {@code TRUNCATED} at the end; what
     *         comes before has been listed by then
     */
    public static long list(String file, MemorySegment in, long base, Sink sink) throws CheckpointException {
        var listing = new PickleListing(file, in, base);
        return SourceFile.guarded(() -> {
            sink.pickle(file);
            return listing.run(sink);
        });
    }

    private long run(Sink sink) throws CheckpointException {
        while (true) {
            start = at;
            int byteThere = u1();
            var opcode = OPCODES.get(byteThere);
            if (opcode == null) {
                throw problem(Code.BAD_PICKLE).field("opcode")
                        .found("0x" + HexFormat.of().toHexDigits((byte) byteThere)).asException();
            }
            sink.instruction(base + start, opcode.name, argument(opcode.argument));
            if (byteThere == '.') { return base + at; }
        }
    }

    private String argument(Argument argument) throws CheckpointException {
        return switch (argument) {
            case NONE -> "";
            case U1 -> Integer.toString(u1());
            case U2 -> Integer.toString(u1() | u1() << 8);
            case I4 -> Integer.toString(i4());
            case U4 -> Integer.toUnsignedString(i4());
            case I8 -> Long.toUnsignedString(i8());
            case F8 -> Double.toString(Double.longBitsToDouble(Long.reverseBytes(i8())));
            case LINE -> line();
            case TWO_LINES -> line() + "." + line();
            case BYTES1 -> bytes(u1());
            case BYTES4 -> bytes(Integer.toUnsignedLong(i4()));
            case BYTES8 -> bytes(i8());
            case INT1 -> integer(u1());
            case INT4 -> integer(i4());
        };
    }

    private void need(long length) throws CheckpointException {
        if (length < 0 || length > in.byteSize() - at) {
            throw problem(Code.TRUNCATED).found(base + in.byteSize())
                    .expected(base + at + "+" + Long.toUnsignedString(length)).asException();
        }
    }

    private int u1() throws CheckpointException {
        need(1);
        return Byte.toUnsignedInt(in.get(ValueLayout.JAVA_BYTE, at++));
    }

    private int i4() throws CheckpointException {
        need(4);
        at += 4;
        return in.get(SourceFile.I32, at - 4);
    }

    private long i8() throws CheckpointException {
        need(8);
        at += 8;
        return in.get(SourceFile.I64, at - 8);
    }

    private String line() throws CheckpointException {
        long end = at;
        while (end < in.byteSize() && in.get(ValueLayout.JAVA_BYTE, end) != '\n') {
            end++;
        }
        var text = bytes(end - at);
        need(1);
        at++;
        return text;
    }

    /** The first bytes as text where they are text, escaped; then how many more there are. */
    private String bytes(long length) throws CheckpointException {
        need(length);
        var first = in.asSlice(at, Math.min(SHOWN, length)).toArray(ValueLayout.JAVA_BYTE);
        at += length;
        var quoted = Json.quote(new String(first, StandardCharsets.UTF_8));
        var text = quoted.substring(1, quoted.length() - 1);
        return length > SHOWN ? text + "… (" + length + ")" : text;
    }

    private String integer(int length) throws CheckpointException {
        need(length);
        at += length;
        if (length > SHOWN) { return "… (" + length + ")"; }
        var bytes = in.asSlice(at - length, length).toArray(ValueLayout.JAVA_BYTE);
        for (int i = 0, j = length - 1; i < j; i++, j--) {
            byte swap = bytes[i];
            bytes[i] = bytes[j];
            bytes[j] = swap;
        }
        return length == 0 ? "0" : new BigInteger(bytes).toString();
    }

    private Problem problem(Code code) {
        return Problem.of(code).file(file).at(base + start);
    }
}
