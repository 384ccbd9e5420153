/**
 * The use cases, on an immutable workspace: open, choose a target, suggest, edit, prove, preview, export.
 * Both faces call this room and nothing beneath it.
 *
 * <p>May use: every room above it, that is all but weft.lesson, weft.cli, weft.ui and weft.app.
 */
@NullMarked
package weft.work;

import org.jspecify.annotations.NullMarked;
