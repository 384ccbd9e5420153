package weft.format.torch;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import weft.format.torch.Storages.Stored;
import weft.format.torch.TorchTensor.View;
import weft.io.Code;
import weft.io.PickleValue;
import weft.io.PickleValue.Bool;
import weft.io.PickleValue.Bytes;
import weft.io.PickleValue.Global;
import weft.io.PickleValue.Int;
import weft.io.PickleValue.Opaque;
import weft.io.PickleValue.Sequence;
import weft.io.PickleValue.Text;
import weft.io.SourceFile;
import weft.tensor.DType;
import weft.tensor.Shape;

/**
 * numpy's arrays and numbers inside a pickle, as {@code ndarray.__reduce__} writes them: the closed list of three functions below,
 * none of which is called. Their bytes stand in the pickle itself, so they are in memory once it is read.
 */
final class NumpyPickle {
    private static final Set<String> ARRAY = Set.of("numpy.core.multiarray._reconstruct",
            "numpy._core.multiarray._reconstruct");
    private static final Set<String> SCALAR = Set.of("numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar");
    private static final Set<String> BUFFER = Set.of("numpy.core.numeric._frombuffer",
            "numpy._core.numeric._frombuffer");
    private static final int RANK_LIMIT = 64; // NPY_MAXDIMS

    /** An element type and whether its bytes are big-endian. */
    private record Element(DType dtype, boolean swap) {
    }

    private NumpyPickle() {
    }

    /** The array a value is, or null: of objects, texts, dates and records nothing is read. */
    static @Nullable View view(SourceFile file, Opaque made) {
        if (!made.called() || !(made.arguments() instanceof Sequence tuple)) { return null; }
        var arguments = tuple.items();
        var name = made.type().qualified();
        if (SCALAR.contains(name)) {
            return arguments.size() == 2
                    ? view(file, made, arguments.get(0), Shape.SCALAR, false, arguments.get(1))
                    : null;
        }
        if (BUFFER.contains(name)) { // protocol 5
            return arguments.size() == 4 && arguments.get(3) instanceof Text(var order)
                    ? view(file, made, arguments.get(1), shape(arguments.get(2)), order.equals("F"), arguments.get(0))
                    : null;
        }
        if (!ARRAY.contains(name) || arguments.isEmpty() || !(arguments.getFirst() instanceof Global type)
                || !type.qualified().equals("numpy.ndarray") || !(made.state() instanceof Sequence state)
                || state.items().size() != 5) {
            return null;
        }
        var parts = state.items(); // version, shape, type, Fortran order, bytes
        return view(file, made, parts.get(2), shape(parts.get(1)), parts.get(3) instanceof Bool(var flag) && flag,
                parts.get(4));
    }

    private static @Nullable View view(SourceFile file, Opaque made, PickleValue type, @Nullable Shape shape,
            boolean fortran, PickleValue content) {
        var element = element(type);
        if (element == null || shape == null) { return null; }
        long wanted;
        try {
            wanted = Math.multiplyExact(shape.count(), element.dtype.bytes());
        } catch (ArithmeticException e) {
            return null;
        }
        // Of no bytes protocol 2 makes a call of bytes().
        var bytes = content instanceof Bytes(var some) ? some : wanted == 0 ? new byte[0] : null;
        if (bytes == null) { return null; }
        var strides = shape.strides();
        if (fortran) {
            long step = 1;
            for (int axis = 0; axis < strides.length; axis++) {
                strides[axis] = step;
                step *= Math.max(1, shape.dim(axis));
            }
        }
        var problem = bytes.length == wanted
                ? null
                : file.problem(Code.STORAGE_SIZE, made.offset()).found(bytes.length).expected(wanted);
        var stored = new Stored(bytes.length, problem, () -> {
            file.checkUnchanged();
            var copy = Arena.ofAuto().allocate(Math.max(1, bytes.length), 64);
            MemorySegment.copy(MemorySegment.ofArray(bytes), 0, copy, 0, bytes.length);
            return copy;
        });
        return new View(element.dtype, shape, strides, 0, null, stored, element.swap && element.dtype.bytes() > 1,
                false, false, null, problem);
    }

    private static @Nullable Shape shape(PickleValue value) {
        if (!(value instanceof Sequence tuple) || tuple.items().size() > RANK_LIMIT) { return null; }
        var dims = new long[tuple.items().size()];
        for (int i = 0; i < dims.length; i++) {
            if (!(tuple.items().get(i) instanceof Int(var dim)) || dim < 0) { return null; }
            dims[i] = dim;
        }
        return Shape.of(dims);
    }

    /** {@code numpy.dtype("f4", False, True)} with the state {@code (3, "<", None, …)}. */
    private static @Nullable Element element(PickleValue type) {
        if (!(type instanceof Opaque made) || !made.called() || !made.type().qualified().equals("numpy.dtype")
                || !(made.arguments() instanceof Sequence tuple) || tuple.items().isEmpty()
                || !(tuple.items().getFirst() instanceof Text(var word))) {
            return null;
        }
        var dtype = switch (word) {
            case "f2" -> DType.F16;
            case "f4" -> DType.F32;
            case "f8" -> DType.F64;
            case "i1" -> DType.I8;
            case "i2" -> DType.I16;
            case "i4" -> DType.I32;
            case "i8" -> DType.I64;
            case "u1" -> DType.U8;
            case "u2" -> DType.U16;
            case "u4" -> DType.U32;
            case "u8" -> DType.U64;
            case "b1" -> DType.BOOL;
            case "c8" -> DType.C64;
            case "c16" -> DType.C128;
            default -> null;
        };
        List<PickleValue> state = made.state() instanceof Sequence parts ? parts.items() : List.of();
        return dtype == null
                ? null
                : new Element(dtype, state.size() > 1 && state.get(1) instanceof Text(var order) && order.equals(">"));
    }
}
