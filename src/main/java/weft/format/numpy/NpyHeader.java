package weft.format.numpy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.tensor.DType;
import weft.tensor.Shape;

/**
 * What a {@code .npy} says before its values: six bytes of magic, two of version, the header's length (two bytes in
 * version 1, four in 2 and 3), a Python dict as text.
 *
 * @param dtype {@code UNKNOWN} for what has no counterpart here; {@code word} tells what it is
 * @param word numpy's word for the element type: {@code <f4}; for a structured type {@code [(…)]}
 * @param isObject its elements, or some of their fields, are pickles
 * @param shape outermost first, also in Fortran order
 * @param fortran the first axis is the innermost in the file
 * @param values bytes from the array's start to its first value
 * @see <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">numpy.lib.format</a>
 */
record NpyHeader(DType dtype, String word, boolean isObject, boolean bigEndian, boolean fortran, Shape shape,
        int values) {
    /** Room for the header of any plain array; numpy itself refuses text over 10,000 bytes unless told otherwise. */
    static final int LONGEST = 1 << 17;
    /** NumPy pads a plain array's header to 128 bytes. */
    static final int USUAL = 256;
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final Pattern WORD = Pattern.compile("([<>=|]?)([a-zA-Z])(\\d{0,9})(\\[\\w+])?");
    private static final Set<String> KEYS = Set.of("descr", "fortran_order", "shape");
    private static final int RANK = 64;

    static boolean isMagic(byte[] head) {
        return head.length >= MAGIC.length && ByteBuffer.wrap(head, 0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC));
    }

    boolean isText() {
        return dtype == DType.STRING;
    }

    /** Bytes of all values; 0 where the element's size is unknown. */
    long bytes() {
        return dtype.bytes() * shape.count();
    }

    /** Whether a header goes on beyond these first bytes of it. */
    static boolean isLonger(byte[] head) {
        if (head.length < USUAL || !isMagic(head)) { return false; }
        var bytes = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
        return head[6] == 1
                ? 10 + Short.toUnsignedLong(bytes.getShort(8)) > head.length
                : 12 + Integer.toUnsignedLong(bytes.getInt(8)) > head.length;
    }

    /**
     * @param head the array's first bytes, as many as {@link #LONGEST} where there are so many
     * @param size bytes of the whole array, header and all
     * @param problem names the file
     * @param base where it stands in the file, or −1 inside a compressed entry
     */
    static NpyHeader read(byte[] head, long size, Problem problem, long base) throws CheckpointException {
        var bytes = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
        if (!isMagic(head)) { throw at(problem, base, 0).field("magic").asException(); }
        if (head.length < 10) { throw truncated(problem, base, 6, size, 10); }
        int version = head[6];
        if (version < 1 || version > 3 || head[7] != 0) {
            throw problem(problem, Code.UNSUPPORTED_VERSION, base, 6).found(head[6] + "." + head[7]).expected("<= 3.0")
                    .asException();
        }
        int start = version == 1 ? 10 : 12;
        if (head.length < start) { throw truncated(problem, base, 8, size, start); }
        long length = version == 1 ? Short.toUnsignedLong(bytes.getShort(8)) : Integer.toUnsignedLong(bytes.getInt(8));
        if (length > LONGEST - start) {
            throw problem(problem, Code.LIMIT, base, 8).field("header length").found(length)
                    .expected("<= " + (LONGEST - start)).asException();
        }
        if (length > head.length - start) { throw truncated(problem, base, start, size, start + length); }
        var text = new String(head, start, (int) length,
                version == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
        var dict = new Literal(text, problem, base < 0 ? -1 : base + start).dict();
        var bad = at(problem, base, start);
        if (!dict.keySet().equals(KEYS)) {
            throw bad.field("header").found(String.join(", ", dict.keySet())).expected("descr, fortran_order, shape")
                    .asException();
        }
        if (!(dict.get("fortran_order") instanceof Boolean fortran)) {
            throw bad.field("fortran_order").found(dict.get("fortran_order")).asException();
        }
        var shape = shape(dict.get("shape"), bad);
        int values = start + (int) length;
        return switch (dict.get("descr")) {
            case String word -> simple(word, fortran, shape, values, bad);
            case List<?> fields -> new NpyHeader(DType.UNKNOWN, String.valueOf(fields), holdsObjects(fields), false,
                    fortran, shape, values);
            case null, default -> throw bad.field("descr").found(dict.get("descr")).asException();
        };
    }

    private static NpyHeader simple(String word, boolean fortran, Shape shape, int values, Problem bad)
            throws CheckpointException {
        var parts = WORD.matcher(word);
        if (!parts.matches()) { throw bad.field("descr").found(word).asException(); }
        var dtype = switch (parts.group(2) + parts.group(3)) {
            case "f8" -> DType.F64;
            case "f4" -> DType.F32;
            case "f2" -> DType.F16;
            case "i8" -> DType.I64;
            case "i4" -> DType.I32;
            case "i2" -> DType.I16;
            case "i1" -> DType.I8;
            case "u8" -> DType.U64;
            case "u4" -> DType.U32;
            case "u2" -> DType.U16;
            case "u1" -> DType.U8;
            case "b1" -> DType.BOOL;
            case "c8" -> DType.C64;
            case "c16" -> DType.C128;
            default -> "SU".contains(parts.group(2)) ? DType.STRING : DType.UNKNOWN;
        };
        return new NpyHeader(dtype, word, holdsObjects(word), word.startsWith(">") && dtype.bytes() > 1, fortran, shape,
                values);
    }

    /** {@code O} is the type of a pickled object; a record is a list of fields, each with a name and its own type. */
    private static boolean holdsObjects(Object type) {
        return switch (type) {
            case String word -> word.matches("[<>=|]?O\\d*");
            case List<?> fields -> fields.stream().anyMatch(
                    f -> f instanceof List<?> field && field.size() > 1 && holdsObjects(field.get(1)));
            default -> false;
        };
    }

    private static Shape shape(@Nullable Object value, Problem bad)
            throws CheckpointException {
        var problem = bad.field("shape").found(value);
        if (!(value instanceof List<?> list) || list.size() > RANK) { throw problem.asException(); }
        var dims = new long[list.size()];
        for (int i = 0; i < dims.length; i++) {
            if (!(list.get(i) instanceof Long dim) || dim < 0) { throw problem.asException(); }
            dims[i] = dim;
        }
        var shape = Shape.of(dims);
        if (shape.isCountable()) { return shape; }
        throw new Problem(Code.SHAPE_BOMB, bad.file(), bad.offset(), "shape", shape.toString(), null).asException();
    }

    private static CheckpointException truncated(Problem problem, long base, long at, long found, long expected) {
        return problem(problem, Code.TRUNCATED, base, at).field("header").found(found).expected(expected).asException();
    }

    private static Problem at(Problem problem, long base, long at) {
        return problem.at(base < 0 ? -1 : base + at);
    }

    private static Problem problem(Problem problem, Code code, long base, long at) {
        return at(Problem.of(code).file(problem.file()), base, at);
    }
}
