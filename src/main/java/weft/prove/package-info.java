/**
 * Evidence by values and by forward pass, the ladder of verification, the loss on a text.
 *
 * <p>May use: weft.infer, weft.token, weft.plan, weft.arch, weft.rule, weft.tensor, weft.io, weft.name,
 * EJML (a module's activations are matrices).
 */
@NullMarked
package weft.prove;

import org.jspecify.annotations.NullMarked;
