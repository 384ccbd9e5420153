package weft.cli;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

import weft.io.Code;
import weft.prove.Orientation;
import weft.prove.Orientation.Answer;
import weft.text.Texts;
import weft.work.Proved;
import weft.work.RowGroup;

/** What was found out about all that no shape shows, in words. */
final class ProofText {
    private final Texts texts;

    ProofText(Texts texts) {
        this.texts = texts;
    }

    List<String> lines(Proved proved) {
        var lines = new ArrayList<String>();
        lines.add("");
        var values = proved.values();
        if (values != null && !values.verdicts().isEmpty()) {
            lines.add(texts.get("proof.values"));
            asked(values.questions(), lines);
            found(values, lines);
        }
        var forward = proved.forward();
        if (forward != null && forward.isModel()) {
            lines.add(texts.get("proof.forward", "text", Texts.shown(String.valueOf(forward.text())), "before",
                    loss(forward.before()), "after",
                    forward.readings().isEmpty() ? null : loss(forward.after())));
            asked(forward.questions(), lines);
            found(forward, lines);
        }
        proved.asserted().forEach(p -> lines.add(texts.full(p)));
        var seen = new LinkedHashSet<Code>();
        for (var warning : proved.warnings()) {
            if (warning.code() != Code.TOO_CLOSE || seen.add(warning.code())) {
                lines.add(warning.code() == Code.TOO_CLOSE ? texts.hint(warning) : texts.full(warning));
            }
        }
        return lines;
    }

    /** Each question of all layers together, with both losses. */
    private void asked(List<Orientation.Question> questions, List<String> lines) {
        for (var question : questions) {
            boolean measured = Double.isFinite(question.margin());
            lines.add("  " + texts.get(switch (question.answer()) {
                case RIGHT -> "proof.asked.right";
                case TURNED -> "proof.asked.otherwise";
                case TOO_CLOSE -> "proof.asked.none";
            }, "what", kind(question.kind()), "names",
                    String.join(", ", RowGroup.fold(question.tensors()).stream().map(Texts::shown).toList()),
                    "stored", question.stored(), "best", question.best(), "loss",
                    measured ? loss(question.loss()) : null, "next", question.next(), "nextLoss",
                    measured ? loss(question.nextLoss()) : null, "margin", margin(question.margin())));
            asked(question.layers(), lines);
        }
    }

    private String kind(Orientation.Kind kind) {
        return texts.get(switch (kind) {
            case ORIENTATION -> "proof.kind.orientation";
            case ORDER -> "proof.kind.order";
            case ROTARY -> "proof.kind.rotary";
        });
    }

    private void found(Orientation orientation, List<String> lines) {
        for (var answer : Answer.values()) {
            var tensors = orientation.with(answer);
            if (!tensors.isEmpty()) {
                var margins = orientation.squares().stream().filter(v -> v.answer() == answer)
                        .mapToDouble(Orientation.Verdict::margin).summaryStatistics();
                lines.add("  " + texts.get(switch (answer) {
                    case RIGHT -> "proof.right";
                    case TURNED -> "proof.turned";
                    case TOO_CLOSE -> "proof.close";
                }, "n", tensors.size(), "names",
                        String.join(", ", RowGroup.fold(tensors).stream().map(Texts::shown).toList()), "margin",
                        margin(answer == Answer.TOO_CLOSE ? margins.getMax() : margins.getMin())));
            }
        }
    }

    private @Nullable String margin(double margin) {
        return Double.isFinite(margin) ? loss(margin) : null;
    }

    private static String loss(double loss) {
        return String.format(Locale.ROOT, "%.3f", loss);
    }
}
