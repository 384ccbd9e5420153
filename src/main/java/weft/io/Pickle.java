package weft.io;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

import org.jspecify.annotations.Nullable;

import weft.io.PickleValue.BigInt;
import weft.io.PickleValue.Bool;
import weft.io.PickleValue.Bytes;
import weft.io.PickleValue.Dict;
import weft.io.PickleValue.Global;
import weft.io.PickleValue.Int;
import weft.io.PickleValue.None;
import weft.io.PickleValue.Opaque;
import weft.io.PickleValue.Persistent;
import weft.io.PickleValue.Real;
import weft.io.PickleValue.Sequence;
import weft.io.PickleValue.Sequence.Kind;
import weft.io.PickleValue.Text;

/**
 * Reads a pickle (protocols 0 to 5; Python's {@code pickletools.py} is the specification) without running it. The
 * opcodes are a closed set; classes and functions stay names; only a handful of built-in containers are understood.
 * A file that names something dangerous is refused with {@link Code#PICKLE_CALL}.
 *
 * <p>
 * Every limit is on what was really built, never on what a length field claims; lengths are compared with the bytes
 * present. All offsets in problems are places in the file the pickle stands in.
 */
public final class Pickle {
    /** The largest pickle read, in bytes. */
    public static final long BYTES_LIMIT = 512L << 20;
    private static final int OPCODE_LIMIT = 50_000_000;
    private static final int STACK_LIMIT = 1_000_000;
    private static final int MEMO_LIMIT = 10_000_000;
    private static final int INTEGER_LIMIT = 1024; // bytes of one integer
    private static final int LINE_LIMIT = 1 << 20; // bytes of one text line (protocol 0, names)
    private static final Int[] SMALL = new Int[256];

    static {
        Arrays.setAll(SMALL, Int::new);
    }

    /** A value, and the offset of the byte after its {@code STOP}. */
    public record Result(PickleValue value, long end) {
    }

    private final String file;
    private final MemorySegment in;
    private final long base;
    private final UnaryOperator<PickleValue> persistent;
    private final List<@Nullable PickleValue> stack = new ArrayList<>(); // null is a mark
    private final List<@Nullable PickleValue> memo = new ArrayList<>();
    private final Map<Integer, PickleValue> farMemo = new HashMap<>();
    private final long weightLimit = Runtime.getRuntime().maxMemory() / 2;
    private long weight;
    private long at;
    private long opcodeAt;

    private Pickle(String file, MemorySegment in, long base, UnaryOperator<PickleValue> persistent) {
        this.file = file;
        this.in = in;
        this.base = base;
        this.persistent = persistent;
    }

    /** A whole file that is one pickle. */
    public static PickleValue read(SourceFile file) throws CheckpointException {
        return read(file.name(), file.segment(0, file.size()), 0).value();
    }

    /**
     * The pickle at the start of some bytes.
     *
     * @param file the name problems give
     * @param in from the pickle's first byte on; more may follow
     * @param base the offset of that byte in the file
     * @throws CheckpointException {@code PICKLE_CALL} for a dangerous name, {@code BAD_PICKLE} for a broken pickle,
     *         {@code TRUNCATED} when it goes on after the last byte, {@code LIMIT} when it is too large
     */
    public static Result read(String file, MemorySegment in, long base) throws CheckpointException {
        return read(file, in, base, UnaryOperator.identity());
    }

    /** The same, where {@code persistent} may put something else in the place of a {@link Persistent}. */
    public static Result read(String file, MemorySegment in, long base, UnaryOperator<PickleValue> persistent)
            throws CheckpointException {
        var reader = new Pickle(file, in, base, persistent);
        return SourceFile.guarded(() -> {
            var value = reader.run();
            return new Result(value, base + reader.at);
        });
    }

    private PickleValue run() throws CheckpointException {
        for (int count = 0; count < OPCODE_LIMIT; count++) {
            opcodeAt = at;
            int opcode = u8();
            if (opcode == '.') {
                var value = pop();
                if (stack.isEmpty()) { return value; }
                throw bad("STOP").found(stack.size() + 1).expected(1).asException();
            }
            execute(opcode);
            if (at > BYTES_LIMIT) { throw limit("bytes", at, BYTES_LIMIT); }
        }
        throw limit("opcodes", OPCODE_LIMIT + 1L, OPCODE_LIMIT);
    }

    private void execute(int opcode) throws CheckpointException {
        switch (opcode) {
            case 0x80 -> protocol(u8());
            case 0x95 -> need(i64()); // FRAME: only a hint for readers that buffer
            case '(' -> pushMark();
            case '0' -> popAny();
            case '1' -> popMark();
            case '2' -> push(top());
            // Constants and numbers
            case 'N' -> push(None.NONE);
            case 0x88 -> push(new Bool(true));
            case 0x89 -> push(new Bool(false));
            case 'I' -> push(integerLine(line()));
            case 'L' -> push(longLine(line()));
            case 'J' -> push(integer(i32()));
            case 'K' -> push(integer(u8()));
            case 'M' -> push(integer(u8() | u8() << 8));
            case 0x8a -> push(big(u8()));
            case 0x8b -> push(big(i32()));
            case 'F' -> push(realLine(line()));
            case 'G' -> push(new Real(Double.longBitsToDouble(Long.reverseBytes(i64()))));
            // Strings
            case 'S' -> push(new Text(quoted(line())));
            case 'V' -> push(new Text(rawUnicode(line(StandardCharsets.ISO_8859_1))));
            case 'T' -> push(text(take(i32())));
            case 'U' -> push(text(take(u8())));
            case 'X' -> push(text(take(u32())));
            case 0x8c -> push(text(take(u8())));
            case 0x8d -> push(text(take(i64())));
            case 'B' -> push(bytes(take(u32())));
            case 'C' -> push(bytes(take(u8())));
            case 0x8e, 0x96 -> push(bytes(take(i64())));
            // Containers
            case ']' -> push(new Sequence(Kind.LIST, list(0)));
            case ')' -> push(tuple(List.of()));
            case 0x85 -> push(tuple(popLast(1)));
            case 0x86 -> push(tuple(popLast(2)));
            case 0x87 -> push(tuple(popLast(3)));
            case 't' -> push(tuple(popMark()));
            case 'l' -> push(new Sequence(Kind.LIST, popMark()));
            case 0x8f -> push(new Sequence(Kind.SET, list(0)));
            case 0x91 -> push(new Sequence(Kind.SET, popMark()));
            case '}' -> push(dict(List.of()));
            case 'd' -> push(dict(popMark()));
            case 'a' -> append(popLast(1));
            case 'e', 0x90 -> append(popMark());
            case 's' -> putAll(popLast(2));
            case 'u' -> putAll(popMark());
            // Memo
            case 'p' -> memoise(index(line()));
            case 'q' -> memoise(u8());
            case 'r' -> memoise(u32());
            case 0x94 -> memoise(memo.size() + (long) farMemo.size());
            case 'g' -> push(recall(index(line())));
            case 'h' -> push(recall(u8()));
            case 'j' -> push(recall(u32()));
            // Names and what would be made with them
            case 'c' -> push(global(line(), line()));
            case 0x93 -> stackGlobal();
            case 'R' -> reduce();
            case 'i' -> {
                var type = global(line(), line());
                push(make(type, true, tuple(popMark())));
            }
            case 'o' -> {
                var items = popMark();
                if (items.isEmpty()) { throw bad("OBJ").asException(); }
                push(make(type(items.getFirst()), true, tuple(List.copyOf(items.subList(1, items.size())))));
            }
            case 0x81 -> {
                var arguments = pop();
                push(make(type(pop()), false, arguments));
            }
            case 0x92 -> {
                var keywords = pop();
                var arguments = pop();
                push(make(type(pop()), false, tuple(List.of(arguments, keywords))));
            }
            case 'b' -> build();
            case 'P' -> push(persistent.apply(new Persistent(new Text(line()), base + opcodeAt)));
            case 'Q' -> push(persistent.apply(new Persistent(pop(), base + opcodeAt)));
            // EXT1, EXT2, EXT4 name classes by numbers of a registry that only the writer had; NEXT_BUFFER and
            // READONLY_BUFFER want bytes that aren't in the file.
            default -> throw bad("opcode").found("0x" + HexFormat.of().toHexDigits((byte) opcode)).asException();
        }
    }

    // ---- what is built -------------------------------------------------------------------------------------------

    private void protocol(int version) throws CheckpointException {
        if (version > 5) {
            throw problem(Code.UNSUPPORTED_VERSION).field("PROTO").found(version).expected("<= 5").asException();
        }
    }

    private Global global(String module, String name) throws CheckpointException {
        if (PickleGlobals.isDangerous(module, name)) {
            throw problem(Code.PICKLE_CALL).found(module + "." + name).asException();
        }
        weigh(module.length() + name.length());
        return new Global(module, name, base + opcodeAt);
    }

    private void stackGlobal() throws CheckpointException {
        var name = pop();
        var module = pop();
        if (!(module instanceof Text(var m)) || !(name instanceof Text(var n))) {
            throw bad("STACK_GLOBAL").expected("str").asException();
        }
        push(global(m, n));
    }

    private Global type(PickleValue value) throws CheckpointException {
        if (value instanceof Global global) { return global; }
        // Calling what a call returned is how a file gets from a harmless name to a harmful one.
        throw problem(Code.PICKLE_CALL).found(value instanceof Opaque made ? made.toString() + "()" : "?")
                .asException();
    }

    private void reduce() throws CheckpointException {
        var arguments = pop();
        push(make(type(pop()), true, arguments));
    }

    /** The few types that are plain data; everything else stays a name with its arguments. */
    private PickleValue make(Global type, boolean called, PickleValue arguments) throws CheckpointException {
        weigh(64);
        var items = arguments instanceof Sequence tuple ? tuple.items() : List.<PickleValue>of();
        var first = items.isEmpty() ? None.NONE : items.getFirst();
        return switch (type.qualified()) {
            case "collections.OrderedDict", "builtins.dict", "__builtin__.dict", "collections.Counter" -> dictOf(first);
            case "collections.defaultdict" -> new Dict();
            case "builtins.list", "__builtin__.list", "collections.deque" -> copy(Kind.LIST, first);
            case "builtins.tuple", "__builtin__.tuple", "torch.Size" -> copy(Kind.TUPLE, first);
            case "builtins.set", "__builtin__.set", "builtins.frozenset", "__builtin__.frozenset" ->
                copy(Kind.SET, first);
            // Protocols below 3 write bytes as text, one character a byte.
            case "_codecs.encode" -> first instanceof Text(var text) && isLatin(items)
                    ? bytes(text.getBytes(StandardCharsets.ISO_8859_1))
                    : new Opaque(type, called, arguments, place());
            case "builtins.bytearray", "__builtin__.bytearray", "builtins.bytes", "__builtin__.bytes" ->
                first instanceof Bytes
                        ? first
                        : first instanceof None
                                ? bytes(new byte[0])
                                : new Opaque(type, called, arguments, place());
            // copyreg makes an object of the class it is given.
            case "copyreg._reconstructor", "copy_reg._reconstructor", "copyreg.__newobj__", "copyreg.__newobj_ex__" ->
                new Opaque(type(first), false, items.size() < 2
                        ? tuple(List.of())
                        : tuple(List.copyOf(items.subList(1, items.size()))), place());
            default -> new Opaque(type, called, arguments, place());
        };
    }

    private static boolean isLatin(List<PickleValue> items) {
        return items.size() == 2 && items.get(1) instanceof Text(var name)
                && (name.equals("latin1") || name.equals("latin-1"));
    }

    private long place() {
        return base + opcodeAt;
    }

    /** {@code OrderedDict([(k, v), …])}, or of another dict. */
    private Dict dictOf(PickleValue pairs) throws CheckpointException {
        var dict = new Dict();
        if (pairs instanceof Dict other) {
            other.entries().forEach(dict::put);
            weigh(64L * other.entries().size());
        } else if (pairs instanceof Sequence list) {
            for (var pair : list.items()) {
                if (!(pair instanceof Sequence two) || two.items().size() != 2) {
                    throw bad("dict").expected("pairs").asException();
                }
                weigh(64);
                dict.put(two.items().get(0), two.items().get(1));
            }
        }
        return dict;
    }

    private PickleValue copy(Kind kind, PickleValue items) throws CheckpointException {
        var source = items instanceof Sequence sequence ? sequence.items() : List.<PickleValue>of();
        weigh(8L * source.size());
        return new Sequence(kind, new ArrayList<>(source));
    }

    private Sequence tuple(List<PickleValue> items) {
        return new Sequence(Kind.TUPLE, items);
    }

    private Dict dict(List<PickleValue> pairs) throws CheckpointException {
        weigh(96);
        var dict = new Dict();
        put(dict, pairs);
        return dict;
    }

    private void putAll(List<PickleValue> pairs) throws CheckpointException {
        put(top(), pairs);
    }

    private void put(PickleValue target, List<PickleValue> pairs) throws CheckpointException {
        if (pairs.size() % 2 != 0) { throw bad("SETITEMS").found(pairs.size()).asException(); }
        weigh(64L * (pairs.size() / 2));
        for (int i = 0; i < pairs.size(); i += 2) {
            switch (target) {
                case Dict dict -> dict.put(pairs.get(i), pairs.get(i + 1));
                case Opaque opaque -> opaque.put(pairs.get(i), pairs.get(i + 1));
                case None _,Bool _,Int _,BigInt _,Real _,Text _,Bytes _,Sequence _,Global _,Persistent _ ->
                    throw bad("SETITEMS").expected("dict").asException();
            }
        }
    }

    private void append(List<PickleValue> items) throws CheckpointException {
        var target = top();
        for (var item : items) {
            switch (target) {
                case Sequence list when list.kind() != Kind.TUPLE -> list.add(item);
                case Opaque opaque -> opaque.add(item);
                case None _,Bool _,Int _,BigInt _,Real _,Text _,Bytes _,Sequence _,Dict _,Global _,Persistent _ ->
                    throw bad("APPENDS").expected("list").asException();
            }
        }
    }

    private void build() throws CheckpointException {
        var state = pop();
        switch (top()) {
            case Opaque opaque -> opaque.state(state);
            case Dict dict -> dict.state(state);
            // A list subclass keeps its items; attributes of plain values mean nothing here.
            case None _,Bool _,Int _,BigInt _,Real _,Text _,Bytes _,Sequence _,Global _,Persistent _ ->
                throw bad("BUILD").expected("object").asException();
        }
    }

    // ---- stack and memo ------------------------------------------------------------------------------------------

    private void push(PickleValue value) throws CheckpointException {
        weigh(24);
        room();
        stack.add(value);
    }

    private void pushMark() throws CheckpointException {
        room();
        stack.add(null);
    }

    private void room() throws CheckpointException {
        if (stack.size() >= STACK_LIMIT) { throw limit("stack", stack.size() + 1L, STACK_LIMIT); }
    }

    private void popAny() throws CheckpointException {
        if (stack.isEmpty()) { throw bad("stack").found(0).asException(); }
        stack.removeLast();
    }

    private PickleValue pop() throws CheckpointException {
        var value = top();
        stack.removeLast();
        return value;
    }

    private PickleValue top() throws CheckpointException {
        var value = stack.isEmpty() ? null : stack.getLast();
        if (value == null) { throw bad("stack").found(stack.isEmpty() ? "empty" : "mark").asException(); }
        return value;
    }

    private List<PickleValue> popLast(int count) throws CheckpointException {
        var values = new PickleValue[count];
        for (int i = count - 1; i >= 0; i--) {
            values[i] = pop();
        }
        weigh(56);
        return Arrays.asList(values);
    }

    /** Everything above the topmost mark, and the mark itself. */
    private List<PickleValue> popMark() throws CheckpointException {
        int mark = stack.lastIndexOf(null);
        if (mark < 0) { throw bad("stack").found("no mark").asException(); }
        var above = stack.subList(mark + 1, stack.size());
        var values = list(above.size());
        for (var value : above) {
            if (value != null) {
                values.add(value);
            }
        }
        stack.subList(mark, stack.size()).clear();
        return values;
    }

    /** A list for as many items as there are; the count was counted, not claimed. */
    private List<PickleValue> list(int count) throws CheckpointException {
        weigh(48 + 8L * count);
        return new ArrayList<>(count);
    }

    private void memoise(long index) throws CheckpointException {
        if (index < 0 || index >= MEMO_LIMIT) { throw limit("memo", index, MEMO_LIMIT); }
        var value = top();
        weigh(8);
        if (index < memo.size()) {
            memo.set((int) index, value);
        } else if (index == memo.size()) {
            memo.add(value);
        } else {
            weigh(64);
            farMemo.put((int) index, value);
        }
    }

    private PickleValue recall(long index) throws CheckpointException {
        PickleValue value = null;
        if (index >= 0 && index < MEMO_LIMIT) {
            value = farMemo.get((int) index);
            value = value == null && index < memo.size() ? memo.get((int) index) : value;
        }
        if (value == null) { throw bad("memo").found(index).asException(); }
        return value;
    }

    // ---- bytes ---------------------------------------------------------------------------------------------------

    /** Checks that so many bytes are left; a length may be any 64-bit number. */
    private void need(long length) throws CheckpointException {
        if (length < 0 || length > in.byteSize() - at) {
            throw problem(Code.TRUNCATED).found(base + in.byteSize())
                    .expected(base + at + "+" + Long.toUnsignedString(length)).asException();
        }
    }

    private int u8() throws CheckpointException {
        need(1);
        return Byte.toUnsignedInt(in.get(ValueLayout.JAVA_BYTE, at++));
    }

    private int i32() throws CheckpointException {
        need(4);
        at += 4;
        return in.get(SourceFile.I32, at - 4);
    }

    private long u32() throws CheckpointException {
        return Integer.toUnsignedLong(i32());
    }

    private long i64() throws CheckpointException {
        need(8);
        at += 8;
        return in.get(SourceFile.I64, at - 8);
    }

    private byte[] take(long length) throws CheckpointException {
        need(length);
        weigh(32 + length);
        var bytes = in.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
        at += length;
        return bytes;
    }

    private String line() throws CheckpointException {
        return line(StandardCharsets.UTF_8);
    }

    /** Up to the next line feed, without it. */
    private String line(Charset charset) throws CheckpointException {
        long end = at;
        while (end < in.byteSize() && end - at < LINE_LIMIT && in.get(ValueLayout.JAVA_BYTE, end) != '\n') {
            end++;
        }
        if (end - at >= LINE_LIMIT) { throw limit("line", end - at, LINE_LIMIT); }
        var bytes = take(end - at);
        need(1);
        at++;
        return new String(bytes, charset);
    }

    private static PickleValue integer(long value) {
        return value >= 0 && value < SMALL.length ? SMALL[(int) value] : new Int(value);
    }

    private static PickleValue integer(BigInteger value) {
        return value.bitLength() < 64 ? integer(value.longValue()) : new BigInt(value);
    }

    /** Little-endian two's complement. */
    private PickleValue big(int length) throws CheckpointException {
        if (length > INTEGER_LIMIT) { throw limit("integer", length, INTEGER_LIMIT); }
        var bytes = take(length);
        for (int i = 0, j = bytes.length - 1; i < j; i++, j--) {
            byte swap = bytes[i];
            bytes[i] = bytes[j];
            bytes[j] = swap;
        }
        return length == 0 ? SMALL[0] : integer(new BigInteger(bytes));
    }

    private PickleValue integerLine(String line) throws CheckpointException {
        return line.equals("01") ? new Bool(true) : line.equals("00") ? new Bool(false) : longLine(line);
    }

    private PickleValue longLine(String line) throws CheckpointException {
        var digits = line.strip();
        digits = digits.endsWith("L") ? digits.substring(0, digits.length() - 1) : digits;
        if (digits.length() > INTEGER_LIMIT) { throw limit("integer", digits.length(), INTEGER_LIMIT); }
        try {
            return integer(new BigInteger(digits));
        } catch (NumberFormatException e) {
            throw bad("INT").found(shorten(line)).asException(e);
        }
    }

    private PickleValue realLine(String line) throws CheckpointException {
        try {
            return new Real(switch (line) {
                case "nan" -> Double.NaN;
                case "inf" -> Double.POSITIVE_INFINITY;
                case "-inf" -> Double.NEGATIVE_INFINITY;
                default -> Double.parseDouble(line);
            });
        } catch (NumberFormatException e) {
            throw bad("FLOAT").found(shorten(line)).asException(e);
        }
    }

    private int index(String line) throws CheckpointException {
        try {
            return Integer.parseInt(line);
        } catch (NumberFormatException e) {
            throw bad("memo").found(shorten(line)).asException(e);
        }
    }

    private static String shorten(String line) {
        return line.length() > 40 ? line.substring(0, 40) + "…" : line;
    }

    private static PickleValue bytes(byte[] bytes) {
        return new Bytes(bytes);
    }

    /** UTF-8; a Python 2 byte string that isn't gets one character a byte. */
    private static PickleValue text(byte[] bytes) {
        try {
            return new Text(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        } catch (CharacterCodingException e) {
            return new Text(new String(bytes, StandardCharsets.ISO_8859_1));
        }
    }

    /** A Python string literal with its quotes. */
    private String quoted(String line) throws CheckpointException {
        int last = line.length() - 1;
        if (last < 1 || line.charAt(0) != line.charAt(last) || "'\"".indexOf(line.charAt(0)) < 0) {
            throw bad("STRING").found(shorten(line)).expected("'…'").asException();
        }
        var text = new StringBuilder();
        for (int i = 1; i < last; i++) {
            char c = line.charAt(i);
            if (c != '\\' || i + 1 >= last) {
                text.append(c);
                continue;
            }
            char next = line.charAt(++i);
            int code = next == 'x' ? hex(line, i + 1, 2, last) : -1;
            if (code >= 0) {
                text.append((char) code);
                i += 2;
                continue;
            }
            switch (next) {
                case 'n' -> text.append('\n');
                case 'r' -> text.append('\r');
                case 't' -> text.append('\t');
                case '\\', '\'', '"' -> text.append(next);
                default -> text.append('\\').append(next);
            }
        }
        return text.toString();
    }

    /** {@code raw-unicode-escape}: only backslash-u escapes mean something. */
    private static String rawUnicode(String line) {
        var text = new StringBuilder();
        for (int i = 0; i < line.length(); i++) {
            boolean escape = line.charAt(i) == '\\' && i + 1 < line.length();
            int digits = !escape ? 0 : line.charAt(i + 1) == 'u' ? 4 : line.charAt(i + 1) == 'U' ? 8 : 0;
            int code = digits == 0 ? -1 : hex(line, i + 2, digits, line.length());
            if (code >= 0 && Character.isValidCodePoint(code)) {
                text.appendCodePoint(code);
                i += 1 + digits;
            } else {
                text.append(line.charAt(i));
            }
        }
        return text.toString();
    }

    private static int hex(String line, int from, int digits, int end) {
        int value = 0;
        for (int i = from; i < from + digits; i++) {
            int digit = i < end ? Character.digit(line.charAt(i), 16) : -1;
            if (digit < 0 || value > 0x7FFFFFF) { return -1; }
            value = value * 16 + digit;
        }
        return value;
    }

    // ---- problems ------------------------------------------------------------------------------------------------

    /** Adds an estimate of the heap a value takes; a file whose values would fill half of it is refused. */
    private void weigh(long bytes) throws CheckpointException {
        weight += bytes;
        if (weight > weightLimit) { throw limit("memory", weight, weightLimit); }
    }

    private Problem problem(Code code) {
        return Problem.of(code).file(file).at(base + opcodeAt);
    }

    private Problem bad(String field) {
        return problem(Code.BAD_PICKLE).field(field);
    }

    private CheckpointException limit(String field, long found, long expected) {
        return problem(Code.LIMIT).field(field).found(found).expected("<= " + expected).asException();
    }
}
