package weft.work;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import weft.arch.ErrorLog;
import weft.plan.Kind;
import weft.rule.RuleSet;
import weft.tensor.Shape;
import weft.text.Texts;

/**
 * What a framework's error log means.
 *
 * @param checkpointDialect the dialect of the checkpoint's names, or {@code null}
 * @param modelDialect the dialect of the model's names, or {@code null}
 * @param sizes where the two models differ in size, by the words of a configuration; empty if they don't, or nobody knows
 * @param findings the log's complaints in its order, then what the framework could not see
 * @param rules what makes it fit
 * @param advice the log's own advice, which is answered
 * @param frameworks whose messages were recognised
 */
public record Explanation(@Nullable String checkpointDialect, @Nullable String modelDialect, List<Difference> sizes,
        List<Finding> findings, RuleSet rules, Set<ErrorLog.Advice> advice, Set<String> frameworks) {

    private static final int SOME = 3;
    private static final Map<String, String> TITLES = Map.of("pytorch", "PyTorch", "keras", "Keras", "tensorflow",
            "TensorFlow", "mindspore", "MindSpore");

    /** What the frameworks call themselves. */
    public List<String> titles() {
        return frameworks.stream().map(f -> TITLES.getOrDefault(f, f)).toList();
    }

    /** The findings with layers that are alike in one entry; that the whole model has another size is said once. */
    public List<List<Finding>> groups() {
        var groups = new LinkedHashMap<String, List<Finding>>();
        for (var finding : findings) {
            var name = finding.parameter() == null ? "" : finding.parameter().replaceAll("[0-9]+", "#");
            var key = finding.kind().equals(Kind.OTHER_MODEL_SIZE.id())
                    ? finding.kind()
                    : name + " " + finding.kind() + finding.checkpoint() + finding.model() + finding.reported()
                            + finding.cut();
            groups.computeIfAbsent(key, _ -> new ArrayList<>()).add(finding);
        }
        return List.copyOf(groups.values());
    }

    /**
     * What a group of findings is about: the names, folded into one where they are alike.
     *
     * @return empty where the log names nothing
     */
    public static String names(List<Finding> group, Texts texts) {
        var names = group.stream().map(f -> f.parameter() != null ? f.parameter() : f.cut())
                .filter(java.util.Objects::nonNull).map(Texts::shown).toList();
        if (names.size() > SOME && group.getFirst().kind().equals(Kind.OTHER_MODEL_SIZE.id())) {
            return texts.get("names.more", "names", String.join(", ", names.subList(0, SOME)), "n",
                    names.size() - SOME);
        }
        return RowGroup.join(names);
    }

    /** A size the two models don't have in common. */
    public record Difference(String word, long checkpoint, long model) {
    }

    /**
     * One parameter.
     *
     * @param parameter its name as the log has it, or {@code null}
     * @param checkpoint the shape in the checkpoint, or {@code null} if the log doesn't tell
     * @param model the shape the model wants, likewise
     * @param kind the plan's word for it ({@code transposed}, {@code vocabulary} …), or {@code missing}, {@code unexpected},
     *        {@code adapter}, {@code buffer}, {@code layers}, {@code unreadable}
     * @param hidden copying it as it is raises no error, and is wrong
     * @param reported whether the log speaks of it
     * @param other what it is called on the other side, or {@code null}
     * @param cut what the log has of the name it was cut inside of, with an ellipsis where it was cut, or {@code null};
     *        {@code parameter} is then the only name of the dialect it can be, or {@code null} with the kind
     *        {@code unreadable}
     */
    public record Finding(@Nullable String parameter, @Nullable Shape checkpoint, @Nullable Shape model, String kind,
            boolean hidden, boolean reported, @Nullable String other, @Nullable String cut) {
        public Finding(@Nullable String parameter, @Nullable Shape checkpoint, @Nullable Shape model, String kind,
                boolean hidden, boolean reported, @Nullable String other) {
            this(parameter, checkpoint, model, kind, hidden, reported, other, null);
        }

        /** The same, read from a piece of its name. */
        Finding readFrom(String piece) {
            return new Finding(parameter, checkpoint, model, kind, hidden, reported, other, piece);
        }

        /** What to do about it, in words. */
        public String advice(Texts texts) {
            var arguments = new java.util.ArrayList<@Nullable Object>();
            arguments().forEach((name, value) -> {
                arguments.add(name);
                arguments.add(value instanceof String text ? Texts.shown(text) : value);
            });
            var advice = texts.get(adviceKey(), arguments.toArray());
            return cut == null || parameter == null
                    ? advice
                    : texts.get("explain.cut", "cut", Texts.shown(cut), "advice", advice);
        }

        /** What its advice is called among the texts. */
        public String adviceKey() {
            return "explain.advice." + (hidden && !reported ? "hidden" : kind);
        }

        /** The arguments of its advice. */
        public Map<String, @Nullable Object> arguments() {
            var arguments = new java.util.LinkedHashMap<String, @Nullable Object>();
            arguments.put("found", checkpoint);
            arguments.put("expected", model);
            arguments.put("other", other);
            arguments.put("cut", cut);
            if (checkpoint != null && model != null && checkpoint.rank() > 0 && model.rank() > 0) {
                arguments.put("rows", checkpoint.dim(0));
                arguments.put("wanted", model.dim(0));
            }
            return arguments;
        }
    }
}
