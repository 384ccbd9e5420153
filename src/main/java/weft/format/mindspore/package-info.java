/**
 * MindSpore's {@code .ckpt}: one protocol buffer message.
 *
 * <p>May use: weft.format, weft.tensor, weft.io, weft.name; never another format.
 */
@NullMarked
package weft.format.mindspore;

import org.jspecify.annotations.NullMarked;
