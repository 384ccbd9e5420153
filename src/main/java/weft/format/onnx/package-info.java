/**
 * ONNX graphs: the initializers and constants of a model, inside the file or in files beside it.
 *
 * <p>May use: weft.format, weft.tensor, weft.io, weft.name; never another format.
 */
@NullMarked
package weft.format.onnx;

import org.jspecify.annotations.NullMarked;
