/**
 * A part of the window: lessons beside it, and the presenter's large view of one.
 *
 * <p>May use: what weft.ui may.
 */
@NullMarked
package weft.ui.lesson;

import org.jspecify.annotations.NullMarked;
