/**
 * A part of the window: whether what the rules make computes the same, and which squares are proved.
 *
 * <p>May use: what weft.ui may.
 */
@NullMarked
package weft.ui.verify;

import org.jspecify.annotations.NullMarked;
