package weft.work;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import weft.name.Pattern;
import weft.plan.Plan;
import weft.plan.Reason;
import weft.rule.RuleSet;
import weft.text.Texts;

/** Why rules are suggested, or not, between names no dialect knows. */
public final class Reasons {
    private Reasons() {
    }

    /** By the target's pattern; none where dialects say it all. */
    public static Map<String, Reason> of(Plan plan) {
        return Reason.of(plan.suggestions().provenance());
    }

    /** The one that speaks of a parameter. */
    public static Optional<Reason> of(Map<String, Reason> reasons, String parameter) {
        return reasons.entrySet().stream().filter(e -> Pattern.parse(e.getKey()).match(parameter).isPresent())
                .map(Map.Entry::getValue).findFirst();
    }

    /** Each in a sentence behind the targets it is for: {@code a, b: from c; names 74 % alike}. */
    public static List<String> lines(Plan plan, Texts texts) {
        var bySentence = new LinkedHashMap<String, List<String>>();
        of(plan).forEach((target, reason) -> bySentence
                .computeIfAbsent(sentence(reason, texts), _ -> new ArrayList<>()).add(Texts.shown(target)));
        return bySentence.entrySet().stream()
                .map(e -> texts.get("why.line", "targets", String.join(", ", e.getValue()), "why", e.getKey()))
                .toList();
    }

    /** The same rules without their reasons, for a face that says them in sentences. */
    public static RuleSet without(RuleSet rules) {
        var provenance = new LinkedHashMap<>(rules.provenance());
        provenance.remove(Reason.KEY);
        return new RuleSet(rules.name(), rules.source(), rules.target(), rules.dims(), rules.others(), rules.rules(),
                provenance);
    }

    /** {@code names 74 % alike; 3 layers; transposed}. */
    public static String sentence(Reason reason, Texts texts) {
        var parts = new ArrayList<String>();
        if (reason.open() != null) {
            parts.add(texts.get("why.open." + reason.open().id(), "from", String.join(", ", shown(reason.from()))));
        } else {
            parts.add(texts.get("why.from", "from", String.join(", ", shown(reason.from()))));
        }
        for (var note : reason.notes()) {
            parts.add(texts.get("why.note." + note.id()));
        }
        if (!reason.notes().contains(Reason.Note.ACCEPTED)) {
            parts.add(texts.get("why.names", "percent", Math.round(reason.names() * 100), "role",
                    reason.role() == null ? null : reason.role().substring(reason.role().indexOf(' ') + 1)));
        }
        if (reason.layers() > 0) {
            parts.add(texts.get("why.layers", "n", reason.layers()));
        }
        if (reason.open() == null || reason.open() == Reason.Open.AMBIGUOUS) {
            parts.add(texts.get("why.shape." + reason.shape().id()));
        }
        return String.join(texts.get("why.and"), parts);
    }

    private static List<String> shown(List<String> names) {
        return names.stream().map(Texts::shown).toList();
    }
}
