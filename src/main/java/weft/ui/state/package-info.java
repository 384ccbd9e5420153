/**
 * A part of the window: what it remembers from one day to the next, in one folder of the person's and nowhere else.
 *
 * <p>May use: what weft.ui may.
 */
@NullMarked
package weft.ui.state;

import org.jspecify.annotations.NullMarked;
