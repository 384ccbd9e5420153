/**
 * GGUF, the file of llama.cpp: typed metadata, tensors plain or in quantised blocks.
 *
 * <p>May use: weft.format, weft.tensor, weft.io, weft.name; never another format.
 */
@NullMarked
package weft.format.gguf;

import org.jspecify.annotations.NullMarked;
