/**
 * What a tensor is: its type, shape, named axes and a strided view of its values, so that splitting,
 * slicing and transposing move no bytes.
 *
 * <p>May use: weft.io, weft.name.
 */
@NullMarked
package weft.tensor;

import org.jspecify.annotations.NullMarked;
