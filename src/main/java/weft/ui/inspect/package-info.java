/**
 * A part of the window: why a row is as it is, and what is in a tensor.
 *
 * <p>May use: what weft.ui may.
 */
@NullMarked
package weft.ui.inspect;

import org.jspecify.annotations.NullMarked;
