package weft.format.tensorflow;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.ProtoReader;

/**
 * What a bundle says of itself, under the empty key (BundleHeaderProto in
 * {@code tensorflow/core/protobuf/tensor_bundle.proto}; VersionDef in {@code core/framework/versions.proto}).
 */
record BundleHeader(int shards, boolean bigEndian, int producer) {
    /** The version this reader knows ({@code tensor_bundle.cc}: kTensorBundleVersion). */
    private static final int VERSION = 1;

    static BundleHeader parse(ProtoReader proto) throws CheckpointException {
        int shards = 0;
        int endianness = 0;
        int producer = 0;
        while (proto.next()) {
            switch (proto.field()) {
                case 1 -> shards = proto.int32();
                case 2 -> endianness = proto.int32();
                case 3 -> producer = version(proto.message());
                default -> proto.skip();
            }
        }
        if (endianness < 0 || endianness > 1) {
            throw proto.problem(Code.BAD_HEADER).field("endianness").found(endianness).expected("0 | 1").asException();
        }
        if (shards < 0) {
            throw proto.problem(Code.BAD_HEADER).field("num_shards").found(shards).expected(">= 0").asException();
        }
        return new BundleHeader(shards, endianness == 1, producer);
    }

    /** The producer's version, if a reader as old as this one may read what it wrote. */
    static int version(ProtoReader proto) throws CheckpointException {
        int producer = 0;
        while (proto.next()) {
            switch (proto.field()) {
                case 1 -> producer = proto.int32();
                case 2 -> {
                    int value = proto.int32();
                    if (value > VERSION) {
                        throw proto.problem(Code.UNSUPPORTED_VERSION).field("min_consumer").found(value)
                                .expected("<= " + VERSION).asException();
                    }
                }
                default -> proto.skip();
            }
        }
        return producer;
    }
}
