package weft.format.torch;

import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import weft.format.torch.Storages.Stored;
import weft.format.torch.TorchTensor.View;
import weft.io.Code;
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
import weft.io.Problem;
import weft.io.SourceFile;
import weft.tensor.DType;
import weft.tensor.Shape;

/**
 * Recognises the tensors among a pickle's objects: the functions that {@code torch._utils} and {@code torch._tensor}
 * use to rebuild them, read as data. Their arguments are those of PyTorch 2.13's {@code torch/_utils.py}; files since
 * 0.1 have no others.
 */
final class Rebuild {
    /** Elements an expanded view may have when it has more bytes than its storage; a copy of it must stay possible. */
    private static final long EXPANDED_LIMIT = 1L << 34;
    private static final int DEPTH = 8; // wrappers around wrappers
    private static final int RANK_LIMIT = 64; // at::kDimVectorStaticSize is 5, no tensor has more than 64 axes

    /** Typed storages of {@code torch}, {@code torch.cuda} and {@code torch.storage}. */
    private static final Map<String, DType> TYPES = Map.ofEntries(Map.entry("DoubleStorage", DType.F64),
            Map.entry("FloatStorage", DType.F32), Map.entry("HalfStorage", DType.F16),
            Map.entry("BFloat16Storage", DType.BF16), Map.entry("LongStorage", DType.I64),
            Map.entry("IntStorage", DType.I32), Map.entry("ShortStorage", DType.I16),
            Map.entry("CharStorage", DType.I8), Map.entry("ByteStorage", DType.U8),
            Map.entry("BoolStorage", DType.BOOL),
            Map.entry("ComplexFloatStorage", DType.C64), Map.entry("ComplexDoubleStorage", DType.C128),
            Map.entry("QInt8Storage", DType.I8), Map.entry("QUInt8Storage", DType.U8),
            Map.entry("QInt32Storage", DType.I32), Map.entry("UntypedStorage", DType.U8));

    private final SourceFile source;
    private final String file;
    private final Storages storages;
    private final Map<String, Stored> found = new HashMap<>();
    private final Map<Opaque, View> known = new IdentityHashMap<>();
    private final Map<String, View> named = new HashMap<>();

    Rebuild(SourceFile source, Storages storages) {
        this.source = source;
        this.file = source.name();
        this.storages = storages;
    }

    /** Makes known a tensor that the pickle only refers to, by a persistent identifier (the tar form). */
    void name(String key, View view) {
        named.put(key, view);
    }

    /** The storage a persistent identifier names. */
    record StorageId(DType dtype, String word, String key, long count, long viewOffset) {
    }

    /** {@code ("storage", type, key, location, numel[, view])}, or null for anything else. */
    static @Nullable StorageId storage(PickleValue value) {
        // Tools that write the tar form leave out the step that makes an identifier of the tuple.
        var identifier = value instanceof Persistent persistent ? persistent.id() : value;
        if (!(identifier instanceof Sequence id) || id.items().size() < 5
                || !(id.items().get(0) instanceof Text(var kind)) || !kind.equals("storage")
                || !(id.items().get(1) instanceof Global type) || !(id.items().get(2) instanceof Text(var key))
                || !(id.items().get(4) instanceof Int(var count))) {
            return null;
        }
        // Old files (before 0.4) could store a view of another storage: (key, offset, size) in elements.
        long offset = id.items().size() > 5 && id.items().get(5) instanceof Sequence view && view.items().size() == 3
                && view.items().get(1) instanceof Int(var start) ? start : 0;
        return new StorageId(elements(type), type.name(), key, count, offset);
    }

    /** The element type of {@code torch.FloatStorage} and its like; bytes for an untyped one. */
    static DType elements(Global storage) {
        boolean torch = storage.module().equals("torch") || storage.module().startsWith("torch.");
        return torch ? TYPES.getOrDefault(storage.name(), DType.UNKNOWN) : DType.UNKNOWN;
    }

    /** Whether a file may have this called with tensors: the functions read here, and their like that aren't yet. */
    static boolean isKnown(Global type) {
        var name = type.qualified();
        return name.startsWith("torch._utils._rebuild_") || name.startsWith("torch._tensor._rebuild_")
                || name.startsWith("torch.jit._pickle.") || name.startsWith("torch.nn.parameter.")
                || name.startsWith("torch.nested._internal.");
    }

    /** The tensor a value is, or null if it isn't one. */
    @Nullable
    View tensor(PickleValue value) {
        return tensor(value, 0);
    }

    private @Nullable View tensor(@Nullable PickleValue value, int depth) {
        if (value instanceof Persistent persistent && !named.isEmpty()) { return named.get(text(persistent.id())); }
        if (!(value instanceof Opaque made) || depth > DEPTH || !made.called()) { return null; }
        var view = known.get(made);
        if (view == null) {
            view = rebuild(made.type(), made.arguments(), made.offset(), depth);
            if (view == null) {
                view = NumpyPickle.view(source, made);
            }
            if (view != null) {
                known.put(made, view);
            }
        }
        return view;
    }

    private @Nullable View rebuild(Global type, PickleValue arguments, long offset, int depth) {
        if (!(arguments instanceof Sequence tuple) || !isKnown(type)) { return null; }
        var items = tuple.items();
        return switch (type.name()) {
            case "_rebuild_tensor" -> items.size() < 4 ? null : strided(items, null, offset);
            case "_rebuild_tensor_v2" -> items.size() < 4 ? null : lazy(strided(items, null, offset), items, 6);
            case "_rebuild_tensor_v3" -> items.size() < 7 ? null : lazy(strided(items, items.get(6), offset), items, 7);
            case "_rebuild_qtensor" -> items.size() < 5 ? null : quantised(items, offset);
            case "_rebuild_parameter", "_rebuild_parameter_with_state", "Parameter", "Buffer" ->
                items.isEmpty() ? null : tensor(items.getFirst(), depth + 1);
            case "_rebuild_from_type", "_rebuild_from_type_v2" ->
                items.size() > 2 && items.get(0) instanceof Global inner
                        ? rebuild(inner, type.name().endsWith("_v2") ? items.get(2) : items.get(1), offset, depth + 1)
                        : null;
            case "_rebuild_meta_tensor_no_storage" -> items.size() < 3 ? null : meta(items, offset);
            // Tensors of a kind that isn't read: sparse, nested, on a device, of a subclass.
            default -> type.module().equals("torch.jit._pickle")
                    ? null
                    : unread(DType.UNKNOWN, Shape.SCALAR,
                            Problem.of(Code.UNKNOWN_DTYPE).file(file).at(offset)
                                    .found(type.name().replaceFirst("^_rebuild_", "")));
        };
    }

    /** {@code (storage, offset, size, stride, …)}; {@code dtype} is given where the storage is untyped. */
    private View strided(List<PickleValue> items, @Nullable PickleValue dtype, long place) {
        var id = storage(items.get(0));
        var sizes = longs(items.get(2));
        var strides = longs(items.get(3));
        if (id == null || sizes == null || strides == null || !(items.get(1) instanceof Int(var offset))) {
            return unread(DType.UNKNOWN, sizes == null ? Shape.SCALAR : shape(sizes),
                    problem(place).found("arguments"));
        }
        var typed = dtype == null ? id : new StorageId(id.dtype(), word(dtype), id.key(), id.count(), id.viewOffset());
        return view(typed, dtype == null ? id.dtype() : dtype(dtype), offset, sizes, strides, place);
    }

    /** A view of a storage, checked; {@code place} is where the file asks for it. */
    View view(StorageId id, DType dtype, long offset, long[] sizes, long[] strides, long place) {
        var stored = found.computeIfAbsent(id.key(), storages::find);
        var shape = shape(sizes);
        var broken = stored.broken();
        if (dtype == DType.UNKNOWN || id.dtype() == DType.UNKNOWN) {
            broken = Problem.of(Code.UNKNOWN_DTYPE).file(file).at(place).found(id.word());
        } else if (sizes.length != strides.length || sizes.length > RANK_LIMIT) {
            broken = Problem.of(Code.VIEW_RANGE).file(file).at(place).found(sizes.length).expected(strides.length);
        } else if (broken == null || broken.code() == Code.BOMB && stored.size() > 0) {
            var lie = check(sizes, strides, offset, id, dtype, stored.size(), place);
            broken = lie == null ? broken : lie;
        }
        // Nothing is read of an empty tensor, wherever it claims to be.
        boolean empty = broken == null && shape.count() == 0;
        return new View(dtype, shape, empty ? new long[strides.length] : strides,
                empty ? 0 : offset + id.viewOffset(), id.key(), stored, storages.bigEndian(), false, false, null,
                broken);
    }

    /** Whether a view lies inside its storage and the storage inside its bytes; all sums exact. */
    private @Nullable Problem check(long[] sizes, long[] strides, long offset, StorageId id, DType dtype, long bytes,
            long place) {
        var problem = Problem.of(Code.STORAGE_SIZE).file(file).at(place).found(bytes);
        long declared;
        try {
            declared = Math.multiplyExact(id.count(), id.dtype().bytes());
        } catch (ArithmeticException e) {
            return problem.expected(id.count() + "*" + id.dtype().bytes());
        }
        if (id.count() < 0 || id.viewOffset() == 0 && declared != bytes) { return problem.expected(declared); }
        if (offset < 0 || id.viewOffset() < 0) {
            return problem(place).found(Math.min(offset, id.viewOffset())).expected(">= 0");
        }
        problem = problem(place).expected("<= " + bytes);
        try {
            long last = Math.addExact(offset, id.viewOffset());
            long count = 1;
            boolean empty = false;
            for (int axis = 0; axis < sizes.length; axis++) {
                if (sizes[axis] < 0 || strides[axis] < 0) {
                    return problem.found(sizes[axis] < 0 ? sizes[axis] : strides[axis]).expected(">= 0");
                }
                empty |= sizes[axis] == 0;
            }
            for (int axis = 0; axis < sizes.length && !empty; axis++) {
                last = Math.addExact(last, Math.multiplyExact(strides[axis], sizes[axis] - 1));
                count = Math.multiplyExact(count, sizes[axis]);
            }
            long end = Math.multiplyExact(empty ? 0 : Math.addExact(last, 1), dtype.bytes());
            if (end > bytes) { return problem.found(end); }
            if (count > EXPANDED_LIMIT && count > bytes) {
                return Problem.of(Code.SHAPE_BOMB).file(file).at(place).found(count).expected("<= " + EXPANDED_LIMIT);
            }
            return null;
        } catch (ArithmeticException e) {
            return problem.found("> 2^63");
        }
    }

    /** {@code metadata} of {@code set_tensor_metadata}: operations that torch leaves to whoever reads the values. */
    private static View lazy(View view, List<PickleValue> items, int index) {
        if (items.size() <= index || !(items.get(index) instanceof Dict metadata)) { return view; }
        return view.flags(isTrue(metadata.get("conj")), isTrue(metadata.get("neg")));
    }

    private static boolean isTrue(@Nullable PickleValue value) {
        return value instanceof Bool(var flag) && flag;
    }

    /** {@code (storage, offset, size, stride, quantizer, …)}: the integers as they are, the scale as a note. */
    private View quantised(List<PickleValue> items, long place) {
        var view = strided(items, null, place);
        if (!(items.get(4) instanceof Sequence quantizer) || quantizer.items().isEmpty()) { return view; }
        var parts = quantizer.items();
        return view.note(switch (text(parts.getFirst())) {
            case "torch.per_tensor_affine" -> parts.size() < 3
                    ? "per_tensor_affine"
                    : "per_tensor_affine scale=" + text(parts.get(1)) + " zero_point=" + text(parts.get(2));
            case "torch.per_channel_affine", "torch.per_channel_affine_float_qparams" ->
                "per_channel_affine axis=" + (parts.size() < 4 ? "?" : text(parts.get(3)));
            default -> text(parts.getFirst());
        });
    }

    /** {@code (dtype, size, stride, requires_grad)}: a shape without values. */
    private View meta(List<PickleValue> items, long place) {
        var sizes = longs(items.get(1));
        return unread(dtype(items.get(0)), sizes == null ? Shape.SCALAR : shape(sizes),
                Problem.of(Code.DATA_MISSING).file(file).at(place).found("meta"));
    }

    /** A tensor that is listed and can't be read. */
    private static View unread(DType dtype, Shape shape, Problem why) {
        return new View(dtype, shape, new long[shape.rank()], 0, null, null, false, false, false, null, why);
    }

    private Problem problem(long place) {
        return Problem.of(Code.VIEW_RANGE).file(file).at(place);
    }

    private static DType dtype(PickleValue value) {
        if (!(value instanceof Global type) || !type.module().equals("torch")) { return DType.UNKNOWN; }
        var dtype = DType.parse(type.name());
        return dtype == null ? DType.UNKNOWN : dtype;
    }

    private static String word(PickleValue dtype) {
        return dtype instanceof Global type ? type.name() : "?";
    }

    /** A short language-neutral rendering for a problem. */
    private static String text(PickleValue value) {
        return switch (value) {
            case Int(var number) -> Long.toString(number);
            case Real(var number) -> Double.toString(number);
            case Text(var word) -> word;
            case Global type -> type.qualified();
            case None _,Bool _,BigInt _,Bytes _,Sequence _,Dict _,Persistent _,Opaque _ ->
                "?";
        };
    }

    private static long @Nullable [] longs(PickleValue value) {
        if (!(value instanceof Sequence tuple)) { return null; }
        var numbers = new long[tuple.items().size()];
        for (int i = 0; i < numbers.length; i++) {
            if (!(tuple.items().get(i) instanceof Int(var number))) { return null; }
            numbers[i] = number;
        }
        return numbers;
    }

    /** A shape to show; a negative size is shown as none. */
    private static Shape shape(long[] sizes) {
        var dims = new long[Math.min(sizes.length, RANK_LIMIT)];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = Math.max(0, sizes[i]);
        }
        return Shape.of(dims);
    }
}
