/**
 * Why, the way values take and errors by layer as plain drawing data (boxes, lines, labels, cells) that is written as
 * SVG or painted by the window.
 *
 * <p>May use: weft.plan, weft.arch, weft.rule, weft.tensor, weft.text, weft.io.
 */
@NullMarked
package weft.picture;

import org.jspecify.annotations.NullMarked;
