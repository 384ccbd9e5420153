/**
 * The safetensors format: a JSON header, then the bytes; shards with an index.
 *
 * <p>May use: weft.format, weft.tensor, weft.io, weft.name; never another format.
 */
@NullMarked
package weft.format.safetensors;

import org.jspecify.annotations.NullMarked;
