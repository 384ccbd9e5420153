package weft.work;

import java.util.List;
import java.util.Map;

import weft.infer.Models;
import weft.io.CheckpointException;
import weft.plan.Plan;
import weft.tensor.TensorData;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/**
 * Llama 3's stretched rotary frequencies: numbers in most dialects, in GGUF a tensor [k/2] of what each frequency is
 * divided by. The tensor follows from the numbers, the numbers not from the tensor.
 */
final class RotaryDivisors {
    static final String ROLE = "rope.factors";

    private RotaryDivisors() {
    }

    /**
     * The tensor that a plan's target wants and its source has in numbers; else nothing.
     *
     * @throws CheckpointException BAD_CONFIG, HYPER_UNKNOWN for numbers that are malformed or missing
     */
    static List<TensorSource> of(Workspace workspace, Plan plan) throws CheckpointException {
        var target = plan.target();
        var hypers = workspace.hypers();
        var half = target.sizes().size("p");
        if (target.dialect() == null || hypers.isEmpty() || half.isEmpty() || target.parameters().stream()
                .anyMatch(p -> p.bound() != null && p.bound().roles().contains(ROLE))) {
            return List.of();
        }
        var entry = target.dialect().tensors().stream()
                .filter(e -> e.roles().stream().anyMatch(r -> r.toString().equals(ROLE))).findFirst();
        var divisors = entry.isEmpty()
                ? java.util.Optional.<float[]>empty()
                : Models.rotaryDivisors(hypers.get(), Math.toIntExact(half.getAsLong()));
        if (divisors.isEmpty()) { return List.of(); }
        var values = TensorData.ofFloats(divisors.get(), divisors.get().length);
        var info = new TensorInfo(entry.orElseThrow().name().render(Map.of()), values.dtype(), values.shape(),
                values.shape().count() * values.dtype().bytes());
        return List.of(new TensorSource() {
            @Override
            public TensorInfo info() {
                return info;
            }

            @Override
            public TensorData read() {
                return values;
            }
        });
    }
}
