/**
 * TensorFlow's checkpoints: the V2 bundle of index and data files, and V1's single table.
 *
 * <p>May use: weft.format, weft.tensor, weft.io, weft.name, and protobuf; never another format.
 */
@NullMarked
package weft.format.tensorflow;

import org.jspecify.annotations.NullMarked;
