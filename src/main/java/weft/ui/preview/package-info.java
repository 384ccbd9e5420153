/**
 * A part of the window: text before and after the rules.
 *
 * <p>May use: what weft.ui may.
 */
@NullMarked
package weft.ui.preview;

import org.jspecify.annotations.NullMarked;
