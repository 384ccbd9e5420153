/**
 * PyTorch's files: a ZIP with a pickle and stored tensors, and the layouts older than that.
 *
 * <p>May use: weft.format, weft.tensor, weft.io, weft.name; never another format.
 */
@NullMarked
package weft.format.torch;

import org.jspecify.annotations.NullMarked;
