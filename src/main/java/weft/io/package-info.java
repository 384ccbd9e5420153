/**
 * Reading bytes that nobody vouches for: bounded readers, strict JSON, the ZIP directory, the restricted
 * unpickler; what went wrong as a code with arguments; progress and cancelling.
 *
 * <p>May use: weft.name, and Jackson.
 */
@NullMarked
package weft.io;

import org.jspecify.annotations.NullMarked;
