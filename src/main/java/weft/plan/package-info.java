/**
 * The plan: one row for each target parameter, with what feeds it, its status and the evidence. It looks at
 * names and shapes only and touches no bytes; the suggester proposes the rules that are missing.
 *
 * <p>May use: weft.arch, weft.rule, weft.tensor, weft.io, weft.name.
 */
@NullMarked
package weft.plan;

import org.jspecify.annotations.NullMarked;
