package weft.work;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

import weft.plan.Plan;
import weft.plan.Producer;
import weft.rule.Rule;
import weft.tensor.TensorInfo;

/**
 * Exactly what a conversion writes and what it leaves to the model.
 *
 * @param written parameters, in the model's order
 * @param left the others with the reason: {@code only} (not chosen), {@code kept}, {@code tied} (left out because it
 *        equals another), or the row's status
 * @param unread source tensors nothing that is written is made of
 */
public record Selection(List<String> written, Map<String, String> left, List<String> unread) {

    /** What {@code only} chooses of a plan. */
    public static Selection of(Plan plan, Predicate<String> only) {
        var written = new ArrayList<String>();
        var left = new LinkedHashMap<String, String>();
        var read = new HashSet<String>();
        for (var row : plan.rows()) {
            var name = row.target().name();
            if (row.producer() instanceof Producer.Kept) {
                left.put(name, "kept");
            } else if (!row.status().isReady()) {
                left.put(name, row.status().id());
            } else if (!only.test(name)) {
                left.put(name, "only");
            } else {
                row.sources().stream().map(TensorInfo::name).forEach(read::add);
                if (row.producer() instanceof Producer.SameAs same && same.write() == Rule.Write.OMIT) {
                    left.put(name, "tied");
                } else {
                    written.add(name);
                }
            }
        }
        var unread = plan.source().all().stream().map(TensorInfo::name).filter(n -> !read.contains(n)).toList();
        return new Selection(List.copyOf(written), left, unread);
    }
}
