/**
 * Runs a plan into a writer without holding the model in memory, checks what was written, exports scripts.
 *
 * <p>May use: weft.plan, weft.rule, weft.arch, weft.format, weft.tensor, weft.io, weft.name.
 */
@NullMarked
package weft.convert;

import org.jspecify.annotations.NullMarked;
