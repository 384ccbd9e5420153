package weft.format.tensorflow;

import java.util.ArrayList;
import java.util.List;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.tensor.Shape;

/**
 * Where a tensor's bytes stand (BundleEntryProto in {@code tensorflow/core/protobuf/tensor_bundle.proto}).
 *
 * @param type the DataType's number
 * @param shard which data file
 * @param offset bytes from that file's start
 * @param size bytes there
 * @param crc32c masked checksum of those bytes
 * @param slices of a partitioned variable; it has no bytes of its own then
 */
record BundleEntry(int type, Shape shape, int shard, long offset, long size, int crc32c, List<TensorSlice> slices) {
    static BundleEntry parse(Table.Entry entry, int shards) throws CheckpointException {
        int type = 0;
        var shape = Shape.SCALAR;
        int shard = 0;
        long offset = 0;
        long size = 0;
        int crc32c = 0;
        var slices = new ArrayList<TensorSlice>();
        var proto = entry.message();
        while (proto.next()) {
            switch (proto.field()) {
                case 1 -> type = proto.int32();
                case 2 -> shape = ShapeProto.parse(proto.message());
                case 3 -> shard = proto.int32();
                case 4 -> offset = proto.int64();
                case 5 -> size = proto.int64();
                case 6 -> crc32c = proto.fixed32();
                case 7 -> slices.add(TensorSlice.parse(proto.message()));
                default -> proto.skip();
            }
        }
        if (shard < 0 || shard >= shards) {
            throw entry.problem(Code.BAD_HEADER).field(name(entry)).found("shard " + shard).expected("< " + shards)
                    .asException();
        }
        if (offset < 0 || size < 0 || offset > Long.MAX_VALUE - size) {
            throw entry.problem(Code.BAD_HEADER).field(name(entry)).found(offset + "+" + size).expected(">= 0")
                    .asException();
        }
        if (slices.size() > TensorSlice.MOST) {
            throw entry.problem(Code.LIMIT).field(name(entry)).found(slices.size()).expected("<= " + TensorSlice.MOST)
                    .asException();
        }
        if (ShapeProto.bytes(TypeCode.of(type), shape) < 0) {
            throw entry.problem(Code.SHAPE_BOMB).field(name(entry)).found(shape).asException();
        }
        return new BundleEntry(type, shape, shard, offset, size, crc32c, List.copyOf(slices));
    }

    private static String name(Table.Entry entry) {
        return Table.text(entry.key());
    }
}
