/**
 * Tokenizers: text to ids and back, read from streams that weft.work hands in.
 *
 * <p>May use: weft.io, weft.name, and jtokkit and protobuf.
 */
@NullMarked
package weft.token;

import org.jspecify.annotations.NullMarked;
