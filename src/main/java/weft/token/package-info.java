/**
 * Tokenizers: text to ids and back. Their files are bytes that weft.work hands in.
 *
 * <p>May use: weft.io, weft.name, and jtokkit.
 */
@NullMarked
package weft.token;

import org.jspecify.annotations.NullMarked;
