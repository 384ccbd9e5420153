/**
 * The forward pass of each family, bound to its weights by a plan: kernels, sampling, the trace of each layer.
 *
 * <p>May use: weft.plan, weft.arch, weft.rule, weft.tensor, weft.io, weft.name, EJML, the Vector API.
 */
@NullMarked
package weft.infer;

import org.jspecify.annotations.NullMarked;
