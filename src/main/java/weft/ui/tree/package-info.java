/**
 * A part of the window: the table's lines, grouped and folded without a stage, and the view that shows them.
 *
 * <p>May use: what weft.ui may.
 */
@NullMarked
package weft.ui.tree;

import org.jspecify.annotations.NullMarked;
