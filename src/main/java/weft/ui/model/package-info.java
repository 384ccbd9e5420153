/**
 * A part of the window: what the window knows: properties without a stage, tested without one.
 *
 * <p>May use: what weft.ui may.
 */
@NullMarked
package weft.ui.model;

import org.jspecify.annotations.NullMarked;
