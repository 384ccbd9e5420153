package weft.format.torch;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Pickle;
import weft.io.PickleValue;
import weft.io.PickleValue.BigInt;
import weft.io.PickleValue.Global;
import weft.io.PickleValue.Int;
import weft.io.PickleValue.Persistent;
import weft.io.PickleValue.Sequence;
import weft.io.PickleValue.Text;
import weft.io.Problem;
import weft.io.SourceFile;
import weft.tensor.DType;

/**
 * The layout of torch.save from 0.1.10 to 1.5 ({@code _legacy_save} in {@code torch/serialization.py}): five pickles
 * one after the other (a magic number, the protocol version, facts about the machine, the object, the storages' keys),
 * then for each key a 64-bit count and that many elements, always little-endian.
 */
final class TorchLegacy implements Storages {
    private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
    private static final int PROTOCOL = 1001;

    private final SourceFile file;
    private final Map<String, DType> types = new HashMap<>();
    private final Map<String, Stored> storages = new HashMap<>();
    private final List<Problem> warnings = new ArrayList<>();
    private final PickleValue pickle;
    private long at;

    private TorchLegacy(SourceFile file) throws CheckpointException {
        this.file = file;
        long start = at;
        var magic = next();
        if (!(magic instanceof BigInt(var number)) || !number.equals(MAGIC)) {
            throw file.problem(Code.BAD_HEADER, start).field("magic").asException();
        }
        start = at;
        var protocol = next();
        if (!(protocol instanceof Int(var version)) || version != PROTOCOL) {
            throw file.problem(Code.UNSUPPORTED_VERSION, start).field("protocol").expected(PROTOCOL).asException();
        }
        next(); // sys_info: byte order and sizes of the machine that wrote; the storages don't depend on them
        this.pickle = next();
        start = at;
        if (!(next() instanceof Sequence keys)) {
            throw file.problem(Code.BAD_PICKLE, start).field("keys").expected("list").asException();
        }
        readStorages(keys.items());
    }

    /** @throws CheckpointException for whatever is wrong before the storages; a storage cut short is listed as such */
    static TorchLegacy open(SourceFile file) throws CheckpointException {
        return new TorchLegacy(file);
    }

    PickleValue pickle() {
        return pickle;
    }

    List<Problem> warnings() {
        return warnings;
    }

    private PickleValue next() throws CheckpointException {
        var result = Pickle.read(file.name(), file.segment(at, file.size() - at), at, this::persistent);
        at = result.end();
        return result.value();
    }

    /** Notes a storage's element type, which only the pickle knows; a class with its source is just the class. */
    private PickleValue persistent(PickleValue value) {
        if (value instanceof Persistent reference && reference.id() instanceof Sequence id && id.items().size() > 1
                && id.items().get(0) instanceof Text(var kind) && kind.equals("module")
                && id.items().get(1) instanceof Global type) {
            return type;
        }
        var storage = Rebuild.storage(value);
        if (storage != null) {
            types.putIfAbsent(storage.key(), storage.dtype());
        }
        return value;
    }

    /** Where a storage would end; what is claimed may be any number, without a sign. */
    private static BigInteger end(long place, long count, int bytes) {
        return new BigInteger(Long.toUnsignedString(count)).multiply(BigInteger.valueOf(bytes))
                .add(BigInteger.valueOf(place));
    }

    private void readStorages(List<PickleValue> keys) throws CheckpointException {
        for (var item : keys) {
            if (!(item instanceof Text(var key)) || storages.containsKey(key)) {
                throw file.problem(Code.BAD_PICKLE, at).field("keys").expected("str").asException();
            }
            var type = types.getOrDefault(key, DType.UNKNOWN);
            long left = file.size() - at - Long.BYTES;
            long count = left < 0 ? -1 : file.segment(at, Long.BYTES).get(SourceFile.I64, 0);
            long place = at + Long.BYTES;
            if (type == DType.UNKNOWN) {
                // How long it is nobody can tell, so what follows it can't be found.
                storages.put(key, Stored.broken(file.problem(Code.UNKNOWN_DTYPE, at).found(key)));
                at = file.size();
            } else if (left < 0 || count < 0 || count > left / type.bytes()) {
                // The download ended here: this storage and all after it are missing, the names aren't.
                storages.put(key, Stored.broken(file.problem(Code.TRUNCATED, at).found(file.size())
                        .expected(left < 0 ? BigInteger.valueOf(place) : end(place, count, type.bytes()))));
                at = file.size();
            } else {
                long size = count * type.bytes();
                storages.put(key, new Stored(size, null, () -> file.segment(place, size)));
                at = place + size;
            }
        }
        if (at < file.size()) {
            warnings.add(file.problem(Code.TRAILING_BYTES, at).found(file.size() - at));
        }
    }

    @Override
    public Stored find(String key) {
        var stored = storages.get(key);
        return stored != null ? stored : Stored.broken(file.problem(Code.DATA_MISSING, -1).found(key));
    }

    @Override
    public boolean bigEndian() {
        return false;
    }
}
