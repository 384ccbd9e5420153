package weft.ui.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import weft.io.Code;
import weft.io.Problem;
import weft.prove.Orientation;
import weft.text.Texts;
import weft.work.Proved;

/** What a proof found, in sentences. It needs no stage. */
public final class Proofs {
    private Proofs() {
    }

    /** @param most how many warnings of one kind are spelled out before they are only counted */
    public static List<String> told(Proved proof, Texts texts, int most) {
        var told = new ArrayList<String>();
        for (var orientation : List.of("values", "forward")) {
            var found = orientation.equals("values") ? proof.values() : proof.forward();
            if (found != null) {
                told.add(texts.get(orientation.equals("values") ? "squares.byValues" : "squares.byForward", "right",
                        count(found, Orientation.Answer.RIGHT), "turned", count(found, Orientation.Answer.TURNED),
                        "open", count(found, Orientation.Answer.TOO_CLOSE)));
                asked(found.questions(), texts, told);
            }
        }
        proof.asserted().forEach(p -> told.add(texts.message(p)));
        Map<Code, List<Problem>> kinds = proof.warnings().stream()
                .collect(Collectors.groupingBy(Problem::code, java.util.LinkedHashMap::new, Collectors.toList()));
        kinds.forEach((_, problems) -> {
            problems.stream().limit(problems.size() > most ? 1 : most).map(texts::message).forEach(told::add);
            if (problems.size() > most) {
                told.add(texts.get("proof.more", "n", problems.size() - 1));
            }
        });
        return List.copyOf(told);
    }

    /** What is asked besides which way round squares are. */
    private static void asked(List<Orientation.Question> questions, Texts texts, List<String> told) {
        for (var question : questions) {
            if (question.kind() != Orientation.Kind.ORIENTATION) {
                told.add(texts.get(switch (question.answer()) {
                    case RIGHT -> "proof.asked.right";
                    case TURNED -> "proof.asked.otherwise";
                    case TOO_CLOSE -> "proof.asked.none";
                }, "what", texts.get(switch (question.kind()) {
                    case ORIENTATION -> "proof.kind.orientation";
                    case ORDER -> "proof.kind.order";
                    case ROTARY -> "proof.kind.rotary";
                }), "names", question.what(), "stored", question.stored(), "best", question.best(), "loss",
                        number(question, question.loss()), "next", question.next(), "nextLoss",
                        number(question, question.nextLoss()), "margin", number(question, question.margin())));
                asked(question.layers(), texts, told);
            }
        }
    }

    /** A loss, or nothing where values decided. */
    private static @Nullable String number(Orientation.Question question, double loss) {
        return Double.isFinite(question.margin()) ? String.format(java.util.Locale.ROOT, "%.3f", loss) : null;
    }

    private static long count(Orientation orientation, Orientation.Answer answer) {
        return orientation.squares().stream().filter(v -> v.answer() == answer).count();
    }
}
