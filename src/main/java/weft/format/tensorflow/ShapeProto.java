package weft.format.tensorflow;

import java.util.Arrays;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.ProtoReader;
import weft.tensor.DType;
import weft.tensor.Shape;

/** TensorShapeProto ({@code tensorflow/core/framework/tensor_shape.proto}), of values that exist. */
final class ShapeProto {
    /** TensorFlow's own limit ({@code tensor_shape.h}: MaxDimensions). */
    private static final int RANK = 254;
    /** A tensor larger than 1 PiB isn't a tensor; smaller ones add up without overflow. */
    private static final long BYTES = 1L << 50;

    private ShapeProto() {
    }

    static Shape parse(ProtoReader proto) throws CheckpointException {
        var dims = new long[4];
        int rank = 0;
        while (proto.next()) {
            switch (proto.field()) {
                case 2 -> {
                    var dim = proto.message();
                    long size = 0;
                    while (dim.next()) {
                        if (dim.field() == 1) {
                            size = dim.int64();
                        } else {
                            dim.skip();
                        }
                    }
                    if (size < 0 || rank == RANK) {
                        throw proto.problem(Code.BAD_HEADER).field("shape")
                                .found(size < 0 ? Long.toString(size) : "rank > " + RANK).expected(">= 0")
                                .asException();
                    }
                    dims = rank == dims.length ? Arrays.copyOf(dims, 2 * rank) : dims;
                    dims[rank++] = size;
                }
                case 3 -> {
                    if (proto.bool()) {
                        throw proto.problem(Code.BAD_HEADER).field("shape").found("unknown rank").asException();
                    }
                }
                default -> proto.skip();
            }
        }
        return Shape.of(Arrays.copyOf(dims, rank));
    }

    /** The bytes of a tensor, or −1 if no tensor can be as large. */
    static long bytes(DType dtype, Shape shape) {
        long bytes = Math.max(1, dtype.bytes());
        long limit = BYTES;
        for (var dim : shape.dims()) {
            if (dim == 0) { return 0; }
        }
        for (var dim : shape.dims()) {
            if (dim > limit / bytes) { return -1; }
            bytes *= dim;
        }
        return dtype.bytes() == 0 ? 0 : bytes;
    }
}
