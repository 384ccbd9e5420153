package weft.work;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import weft.arch.Architecture;
import weft.arch.Dialect;
import weft.io.CheckpointException;
import weft.plan.Execution;
import weft.plan.Plan;
import weft.plan.Producer;
import weft.plan.Row;
import weft.tensor.Shape;
import weft.tensor.TensorData;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/**
 * What the target framework would make of a file as it is: it refuses, in these words; or, forced, it reads the bytes
 * in the target's shapes, which is wrong on purpose.
 *
 * @param model what the framework calls the model's class
 * @param missing parameters the file has under no such name
 * @param unexpected names of the file the model doesn't have
 * @param mismatched same names, other shapes
 */
public record Before(String model, List<String> missing, List<String> unexpected, List<Mismatch> mismatched) {

    /** A parameter of the right name and the wrong shape. */
    public record Mismatch(String name, Shape found, Shape expected) {
    }

    /** Holds names and shapes against a plan's target as PyTorch's {@code load_state_dict} does: no rules. */
    static Before of(Plan plan) {
        var tensors = new HashMap<String, TensorInfo>();
        plan.source().tensors().forEach(t -> tensors.put(t.name(), t));
        var names = new LinkedHashSet<String>();
        var missing = new ArrayList<String>();
        var mismatched = new ArrayList<Mismatch>();
        for (var parameter : plan.target().parameters()) {
            names.add(parameter.name());
            var same = tensors.get(parameter.name());
            if (same == null && parameter.required()) {
                missing.add(parameter.name());
            } else if (same != null && !same.shape().equals(parameter.shape())) {
                mismatched.add(new Mismatch(parameter.name(), same.shape(), parameter.shape()));
            }
        }
        var unexpected = plan.source().tensors().stream().map(TensorInfo::name).filter(n -> !names.contains(n))
                .toList();
        return new Before(model(plan.target()), List.copyOf(missing), unexpected, List.copyOf(mismatched));
    }

    private static String model(Architecture target) {
        var dialect = target.dialect();
        if (dialect == null) { return target.name(); }
        return dialect.configFixed().get("architectures") instanceof List<?> classes && !classes.isEmpty()
                ? String.valueOf(classes.getFirst())
                : dialect.title();
    }

    /** Whether the framework would say a word at all. */
    public boolean refuses() {
        return !missing.isEmpty() || !unexpected.isEmpty() || !mismatched.isEmpty();
    }

    /**
     * PyTorch's message ({@code torch.nn.Module.load_state_dict}), with no more than some names of each kind; what is
     * left out shows as {@code …}.
     */
    public List<String> lines(int most) {
        if (!refuses()) { return List.of(); }
        var lines = new ArrayList<>(List.of("RuntimeError: Error(s) in loading state_dict for " + model + ":"));
        if (!missing.isEmpty()) {
            lines.add("    Missing key(s) in state_dict: " + keys(missing, most));
        }
        if (!unexpected.isEmpty()) {
            lines.add("    Unexpected key(s) in state_dict: " + keys(unexpected, most));
        }
        mismatched.stream().limit(most).forEach(m -> lines.add("    size mismatch for " + m.name()
                + ": copying a param with shape torch.Size(" + m.found()
                + ") from checkpoint, the shape in current model is torch.Size(" + m.expected() + ")."));
        if (mismatched.size() > most) {
            lines.add("    …");
        }
        return List.copyOf(lines);
    }

    private static String keys(List<String> names, int most) {
        return names.stream().limit(most).map(n -> '"' + n + '"').collect(Collectors.joining(", "))
                + (names.size() > most ? ", …" : ".");
    }

    /**
     * The target's parameters filled by force: each takes its suggested source's bytes in the file's order, cut one
     * after another among the targets of one rule, in its own shape. What has no such source is left out.
     *
     * @param accepted the plan with all suggestions accepted: it says who feeds whom
     */
    static List<TensorSource> forced(Plan accepted, List<TensorSource> tensors) {
        var execution = new Execution(accepted, tensors);
        var forced = new ArrayList<TensorSource>();
        var byName = new HashMap<String, Row>();
        accepted.rows().forEach(r -> byName.put(r.target().name(), r));
        for (var row : accepted.rows()) {
            var feeding = feeding(row, byName);
            if (row.target().presence() != Dialect.Presence.BUFFER && feeding != null) {
                forced.add(new Forced(row, feeding, execution));
            }
        }
        return forced;
    }

    /** The row whose sources feed this one: its own, or the one it is tied to; null if nothing does. */
    private static @Nullable Row feeding(Row row, Map<String, Row> byName) {
        return switch (row.producer()) {
            case Producer.FromSources from -> elements(row) == row.target().shape().count() * from.chain().out().size()
                    ? row
                    : null;
            case Producer.SameAs same -> {
                var other = byName.get(same.parameter());
                yield other == null || other.producer() instanceof Producer.SameAs ? null : feeding(other, byName);
            }
            case Producer.Made _ -> row;
            case Producer.Kept _ -> null;
            case null -> null;
        };
    }

    private static long elements(Row row) {
        return row.sources().stream().mapToLong(s -> s.shape().count()).sum();
    }

    /** A parameter read by force. */
    private record Forced(Row row, Row feeding, Execution execution) implements TensorSource {
        @Override
        public TensorInfo info() {
            var target = row.target();
            var type = feeding.sources().isEmpty() ? weft.tensor.DType.F32 : feeding.sources().getFirst().dtype();
            return new TensorInfo(target.name(), type, target.shape(), target.shape().count() * type.bytes());
        }

        @Override
        public TensorData read() throws CheckpointException {
            if (!(feeding.producer() instanceof Producer.FromSources from)) {
                return execution.value(feeding.target().name());
            }
            var parts = new ArrayList<TensorData>();
            for (var name : from.sources()) {
                var data = execution.read(name).contiguous();
                parts.add(data.reshape(Shape.of(data.shape().count())));
            }
            var flat = parts.size() == 1 ? parts.getFirst() : joined(parts);
            long size = row.target().shape().count();
            return flat.slice(0, from.target() * size, (from.target() + 1) * size, 1).reshape(row.target().shape());
        }

        /** Several sources one after another. */
        private static TensorData joined(List<TensorData> parts) {
            long bytes = parts.stream().mapToLong(TensorData::byteSize).sum();
            var memory = java.lang.foreign.Arena.ofAuto().allocate(Math.max(1, bytes), 64);
            long at = 0;
            for (var part : parts) {
                part.copyInto(memory.asSlice(at));
                at += part.byteSize();
            }
            var type = parts.getFirst().dtype();
            return TensorData.of(memory, type, Shape.of(bytes / type.bytes()));
        }
    }
}
