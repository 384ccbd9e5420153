/**
 * A part of the window: the rules as text, edited in place.
 *
 * <p>May use: what weft.ui may.
 */
@NullMarked
package weft.ui.rules;

import org.jspecify.annotations.NullMarked;
