/**
 * NumPy's arrays: {@code .npy} and the {@code .npz} archive of them.
 *
 * <p>May use: weft.format, weft.tensor, weft.io, weft.name; never another format.
 */
@NullMarked
package weft.format.numpy;

import org.jspecify.annotations.NullMarked;
