/**
 * The scriptable face: commands, exit codes, JSON.
 *
 * <p>May use: weft.work, weft.text, weft.picture, picocli, and of weft.plan, weft.rule, weft.arch, weft.tensor,
 * weft.infer, weft.prove and weft.io the data only (records, enums, sealed types), never what computes them.
 */
@NullMarked
package weft.cli;

import org.jspecify.annotations.NullMarked;
