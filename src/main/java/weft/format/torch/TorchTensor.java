package weft.format.torch;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import weft.format.CheckedTensor;
import weft.format.torch.Storages.Stored;
import weft.io.CheckpointException;
import weft.io.Problem;
import weft.io.SourceFile;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorData;
import weft.tensor.TensorInfo;

/** A tensor of a pickle under its name: a strided view of a storage. */
record TorchTensor(TensorInfo info, View view) implements CheckedTensor {

    /**
     * What {@code _rebuild_tensor_v2} and its relatives are given.
     *
     * @param dtype element type; {@code UNKNOWN} where this version can't decode it
     * @param shape outermost first
     * @param strides elements, one an axis
     * @param offset first element, counted in elements from the storage's start
     * @param key the storage's key, or null for a tensor without one
     * @param stored the storage
     * @param swap whether the file's elements are big-endian
     * @param conjugate the imaginary parts are to be negated when read ({@code torch.conj} is lazy)
     * @param negative all parts are to be negated when read ({@code x.conj().imag} is lazy)
     * @param note quantisation, as text, or null
     * @param broken why its values can't be read, or null
     */
    record View(DType dtype, Shape shape, long[] strides, long offset, @Nullable String key, @Nullable Stored stored,
            boolean swap, boolean conjugate, boolean negative, @Nullable String note, @Nullable Problem broken) {

        /** Bytes it takes in the file: those of its elements, or of its storage where an axis is expanded. */
        long bytes() {
            try {
                long all = Math.multiplyExact(shape.count(), dtype.bytes());
                return stored == null ? 0 : Math.min(all, stored.size());
            } catch (ArithmeticException e) {
                return stored == null ? 0 : stored.size();
            }
        }

        View note(String text) {
            return new View(dtype, shape, strides, offset, key, stored, swap, conjugate, negative, text, broken);
        }

        /** With the flags of lazy operations, as {@code torch._utils.set_tensor_metadata} sets them. */
        View flags(boolean isConjugate, boolean isNegative) {
            return new View(dtype, shape, strides, offset, key, stored, swap, isConjugate, isNegative, note, broken);
        }
    }

    static TorchTensor of(String name, View view) {
        var broken = view.broken == null ? null : view.broken.field(name);
        return new TorchTensor(new TensorInfo(name, view.dtype, view.shape, view.bytes()).broken(broken), view);
    }

    TorchTensor sharesWith(String other) {
        return new TorchTensor(info.sharesWith(other), view);
    }

    @Override
    public Optional<Problem> check() throws CheckpointException {
        return view.stored == null ? Optional.empty() : view.stored.check().run();
    }

    @Override
    public TensorData values() throws CheckpointException {
        var stored = view.stored;
        if (stored == null) { throw new IllegalStateException("a tensor without storage is broken"); }
        var data = TensorData.strided(stored.loader().load(), view.dtype, view.offset * view.dtype.bytes(), view.shape,
                view.strides);
        if (!view.swap && !view.conjugate && !view.negative) { return data; }
        return SourceFile.guarded(() -> changed(data));
    }

    /** A copy with the bytes in memory's order and the signs that lazy operations left to the reader. */
    private TensorData changed(TensorData data) {
        var ordered = view.swap
                ? TensorData.ofBigEndian(data.contiguous().bytes(), view.dtype, view.shape)
                : data;
        if (!view.conjugate && !view.negative) { return ordered; }
        var copy = Arena.ofAuto().allocate(Math.max(1, data.byteSize()), 64);
        ordered.copyInto(copy);
        boolean complex = view.dtype == DType.C64 || view.dtype == DType.C128;
        int part = complex ? view.dtype.bytes() / 2 : view.dtype.bytes();
        long parts = part == 0 ? 0 : data.byteSize() / part;
        for (long i = 0; i < parts; i++) {
            boolean imaginary = complex && i % 2 == 1;
            if (view.negative != (view.conjugate && imaginary)) {
                long sign = i * part + part - 1; // little-endian: the sign is in the last byte
                copy.set(ValueLayout.JAVA_BYTE, sign, (byte) (copy.get(ValueLayout.JAVA_BYTE, sign) ^ 0x80));
            }
        }
        return TensorData.of(copy, view.dtype, view.shape);
    }
}
