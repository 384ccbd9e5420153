package weft.tensor;

import org.jspecify.annotations.Nullable;

import weft.io.Problem;

/**
 * What a listing knows of a tensor without reading its values.
 *
 * @param name the tensor's name as the file writes it
 * @param shape outermost first
 * @param bytes bytes it takes in the file
 * @param sharesWith the first tensor that stands in the same storage (tied weights), or {@code null}
 * @param fileShape the shape as the file spells it where that differs (GGUF, MindSpore scalars), or {@code null}
 * @param fileType the file's own word for an element type that has no {@link DType} and is decoded on reading ({@code Q4_0}
 *        of GGUF; {@code dtype} says what it is read as), or {@code null}
 * @param broken why its values can't be read (the rest of the file can), or {@code null}
 */
public record TensorInfo(String name, DType dtype, Shape shape, long bytes, @Nullable String sharesWith,
        @Nullable Shape fileShape, @Nullable String fileType, @Nullable Problem broken) {

    public TensorInfo(String name, DType dtype, Shape shape, long bytes) {
        this(name, dtype, shape, bytes, null, null, null, null);
    }

    public TensorInfo named(String other) {
        return new TensorInfo(other, dtype, shape, bytes, sharesWith, fileShape, fileType, broken);
    }

    public TensorInfo sharesWith(@Nullable String other) {
        return new TensorInfo(name, dtype, shape, bytes, other, fileShape, fileType, broken);
    }

    public TensorInfo fileShape(@Nullable Shape other) {
        return new TensorInfo(name, dtype, shape, bytes, sharesWith, other, fileType, broken);
    }

    public TensorInfo fileType(@Nullable String word) {
        return new TensorInfo(name, dtype, shape, bytes, sharesWith, fileShape, word, broken);
    }

    public TensorInfo broken(@Nullable Problem why) {
        return new TensorInfo(name, dtype, shape, bytes, sharesWith, fileShape, fileType, why);
    }

    /** Bytes the values take row-major in their own type: what a writer of plain values needs. */
    public long valueBytes() {
        return Math.multiplyExact(shape.count(), dtype.bytes());
    }
}
