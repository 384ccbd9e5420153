package weft.format.torch;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import weft.format.torch.Rebuild.StorageId;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Pickle;
import weft.io.PickleValue;
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
import weft.io.PickleValue.Text;
import weft.io.SourceFile;
import weft.tensor.DType;

/**
 * The layout of torch.save before 0.1.10 ({@code legacy_load} in {@code torch/serialization.py}): a tar (POSIX ustar)
 * with the members {@code storages} (a count, then a pickled {@code (key, location, type)}, a 64-bit count and the
 * elements of each, then views), {@code tensors} (likewise: {@code (key, storage, type)}, rank, sizes, strides,
 * offset) and {@code pickle}, which refers to both by key.
 */
final class TorchTar implements Storages {
    private static final int BLOCK = 512;
    private static final int MEMBER_LIMIT = 1000;

    /** A member of the archive: where its bytes are. */
    record Member(long offset, long size) {
        long end() {
            return offset + size;
        }
    }

    /** A storage's place and type. */
    private record Raw(DType dtype, String word, long offset, long size) {
    }

    private final SourceFile file;
    private final Map<String, Member> members = new HashMap<>();
    private final Map<String, Raw> storages = new HashMap<>();
    private long at;
    private long end;

    private TorchTar(SourceFile file) {
        this.file = file;
    }

    /** @throws CheckpointException {@code TORCH_TAR} when the archive or its tables contradict themselves */
    static TorchTar open(SourceFile file) throws CheckpointException {
        var tar = new TorchTar(file);
        SourceFile.guarded(() -> {
            tar.walk();
            tar.readStorages();
            return tar;
        });
        return tar;
    }

    /** One member's place, or null if there is none of that name. */
    static @Nullable Member member(SourceFile file, String name) throws CheckpointException {
        var tar = new TorchTar(file);
        SourceFile.guarded(() -> {
            tar.walk();
            return tar;
        });
        return tar.members.get(name);
    }

    /** The object; tensors of the member {@code tensors} are made known to {@code rebuild} first. */
    PickleValue pickle(Rebuild rebuild) throws CheckpointException {
        return SourceFile.guarded(() -> {
            readTensors(rebuild);
            enter("pickle");
            return next();
        });
    }

    @Override
    public Stored find(String key) {
        var raw = storages.get(key);
        return raw == null
                ? Stored.broken(file.problem(Code.DATA_MISSING, -1).found(key))
                : new Stored(raw.size, null, () -> file.segment(raw.offset, raw.size));
    }

    @Override
    public boolean bigEndian() {
        return false;
    }

    // ---- the archive ---------------------------------------------------------------------------------------------

    /** One header a block, its bytes padded to blocks; two empty blocks end the archive. */
    private void walk() throws CheckpointException {
        long place = 0;
        for (int count = 0; place <= file.size() - BLOCK; count++) {
            var header = file.segment(place, BLOCK);
            if (header.mismatch(MemorySegment.ofArray(new byte[BLOCK])) < 0) { return; }
            if (count > MEMBER_LIMIT || number(header, 148, 8) != checksum(header)) { throw bad(place, "checksum"); }
            long size = number(header, 124, 12);
            var member = new Member(place + BLOCK, size);
            if (size < 0 || size > file.size() - member.offset) {
                throw file.problem(Code.TRUNCATED, place).field(text(header, 0, 100)).found(file.size())
                        .expected(member.offset + "+" + Long.toUnsignedString(size)).asException();
            }
            byte type = header.get(ValueLayout.JAVA_BYTE, 156);
            var name = text(header, 0, 100);
            if ((type == '0' || type == 0)
                    && members.putIfAbsent(name.startsWith("./") ? name.substring(2) : name, member) != null) {
                throw bad(place, "duplicate " + name);
            }
            place = member.offset + Math.ceilDiv(size, (long) BLOCK) * BLOCK;
        }
    }

    private static String text(MemorySegment header, int offset, int length) {
        int end = 0;
        while (end < length && header.get(ValueLayout.JAVA_BYTE, offset + end) != 0) {
            end++;
        }
        return new String(header.asSlice(offset, end).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }

    /** Octal text, or (GNU) a big-endian number after a first byte 0x80; −1 for anything else. */
    private static long number(MemorySegment header, int offset, int length) {
        if (header.get(ValueLayout.JAVA_BYTE, offset) == (byte) 0x80) {
            long value = 0;
            for (int i = 1; i < length; i++) {
                if (value >>> 55 != 0) { return -1; }
                value = value << 8 | Byte.toUnsignedLong(header.get(ValueLayout.JAVA_BYTE, offset + i));
            }
            return value;
        }
        var digits = text(header, offset, length).strip();
        try {
            return digits.isEmpty() || digits.startsWith("-") ? -1 : Long.parseLong(digits, 8);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** The sum of the header's bytes, its own field taken as spaces. */
    private static long checksum(MemorySegment header) {
        long sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= 148 && i < 156 ? ' ' : Byte.toUnsignedInt(header.get(ValueLayout.JAVA_BYTE, i));
        }
        return sum;
    }

    // ---- its tables ----------------------------------------------------------------------------------------------

    private void readStorages() throws CheckpointException {
        enter("storages");
        long count = count();
        for (long i = 0; i < count; i++) {
            if (!(next() instanceof Sequence entry) || entry.items().size() != 3
                    || !(entry.items().get(2) instanceof Global type)) {
                throw bad(at, "storages");
            }
            var dtype = Rebuild.elements(type);
            long elements = i64();
            if (dtype == DType.UNKNOWN || elements < 0 || elements > (end - at) / dtype.bytes()) {
                throw bad(at, type.name());
            }
            put(key(entry.items().get(0)), new Raw(dtype, type.name(), at, elements * dtype.bytes()));
            at += elements * dtype.bytes();
        }
        // Views, (target, root, offset, elements); files made by other tools leave the list out.
        if (at < end && next() instanceof Sequence views) {
            for (var view : views.items()) {
                readView(view);
            }
        }
    }

    private void readView(PickleValue view) throws CheckpointException {
        if (!(view instanceof Sequence parts) || parts.items().size() != 4
                || !(parts.items().get(2) instanceof Int(var offset))
                || !(parts.items().get(3) instanceof Int(var elements))) {
            throw bad(at, "views");
        }
        var root = storages.get(key(parts.items().get(1)));
        if (root == null || offset < 0 || elements < 0 || offset > root.size / root.dtype.bytes()
                || elements > root.size / root.dtype.bytes() - offset) {
            throw bad(at, "views");
        }
        put(key(parts.items().get(0)), new Raw(root.dtype, root.word, root.offset + offset * root.dtype.bytes(),
                elements * root.dtype.bytes()));
    }

    private void put(String key, Raw raw) throws CheckpointException {
        if (storages.putIfAbsent(key, raw) != null) { throw bad(at, "duplicate " + key); }
    }

    private void readTensors(Rebuild rebuild) throws CheckpointException {
        if (!members.containsKey("tensors")) { return; }
        enter("tensors");
        long count = count();
        for (long i = 0; i < count; i++) {
            if (!(next() instanceof Sequence entry) || entry.items().size() != 3) { throw bad(at, "tensors"); }
            var storage = key(entry.items().get(1));
            var raw = storages.get(storage);
            long place = at;
            long rank = i64() & 0xFFFFFFFFL; // the upper half was never used
            if (raw == null || rank > (end - at) / 16) { throw bad(place, "tensors"); }
            var sizes = new long[(int) rank];
            var strides = new long[(int) rank];
            for (int axis = 0; axis < rank; axis++) {
                sizes[axis] = i64();
            }
            for (int axis = 0; axis < rank; axis++) {
                strides[axis] = i64();
            }
            var id = new StorageId(raw.dtype, raw.word, storage, raw.size / raw.dtype.bytes(), 0);
            rebuild.name(key(entry.items().get(0)), rebuild.view(id, raw.dtype, i64(), sizes, strides, place));
        }
    }

    private String key(PickleValue value) throws CheckpointException {
        return switch (value) {
            case Int(var number) -> Long.toString(number);
            case Text(var text) -> text;
            case None _,Bool _,BigInt _,Real _,Bytes _,Sequence _,Dict _,Global _,Persistent _,Opaque _ ->
                throw bad(at, "key");
        };
    }

    private void enter(String name) throws CheckpointException {
        var member = members.get(name);
        if (member == null) { throw bad(file.size(), name); }
        at = member.offset;
        end = member.end();
    }

    private PickleValue next() throws CheckpointException {
        var result = Pickle.read(file.name(), file.segment(at, end - at), at, TorchTar::persistent);
        at = result.end();
        return result.value();
    }

    /** A class comes with its source: only the class counts. */
    private static PickleValue persistent(PickleValue value) {
        return value instanceof Persistent reference && reference.id() instanceof Sequence id && !id.items().isEmpty()
                && id.items().getFirst() instanceof Global type ? type : value;
    }

    private long count() throws CheckpointException {
        if (next() instanceof Int(var count) && count >= 0) { return count; }
        throw bad(at, "count");
    }

    private long i64() throws CheckpointException {
        if (end - at < Long.BYTES) { throw bad(at, "end"); }
        at += Long.BYTES;
        return file.segment(at - Long.BYTES, Long.BYTES).get(SourceFile.I64, 0);
    }

    private CheckpointException bad(long place, String found) {
        return file.problem(Code.TORCH_TAR, place).found(found).asException();
    }
}
