package weft.plan;

import java.util.List;

import org.jspecify.annotations.Nullable;

import weft.arch.Parameter;
import weft.io.Problem;
import weft.rule.Op;
import weft.rule.Rule;
import weft.tensor.TensorInfo;

/**
 * One target parameter and what becomes of it.
 *
 * @param sources the tensors that feed it, or the one that would if its shape agreed
 * @param kind what kind of mismatch or rule; {@code null} where there is nothing to say
 * @param producer how its values come about: by the given rule, or by the suggested one; {@code null} if neither
 * @param hidden copying the source as it is would raise no shape error, although the layouts differ
 * @param rule the rule given or, while the status is {@code needsRule}, suggested
 * @param problem what is wrong with the rule, or {@code null}
 */
public record Row(Parameter target, List<TensorInfo> sources, Status status, @Nullable Kind kind,
        @Nullable Producer producer, boolean hidden, Evidence evidence, @Nullable Rule rule,
        @Nullable Problem problem) {

    /** Every op on the way to this parameter, in the order it runs. */
    public List<Op> ops() {
        return producer instanceof Producer.FromSources from ? from.chain().steps(from.target()) : List.of();
    }
}
