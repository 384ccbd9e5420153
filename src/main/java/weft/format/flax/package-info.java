/**
 * Flax's msgpack: a state dict of JAX arrays as {@code flax.serialization.to_bytes} writes it.
 *
 * <p>May use: weft.format, weft.tensor, weft.io, weft.name; never another format.
 */
@NullMarked
package weft.format.flax;

import org.jspecify.annotations.NullMarked;
