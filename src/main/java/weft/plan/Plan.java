package weft.plan;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import weft.arch.Architecture;
import weft.io.Problem;
import weft.rule.RuleSet;
import weft.rule.Sizes;

/**
 * What fits, what doesn't, and why: the one value everybody reads. The window draws it, the report prints it, the
 * forward pass binds to it, the converter executes it. It was made from names and shapes only.
 *
 * @param rows one for each target parameter, in the model's order
 * @param unexpected source tensors the source's dialect doesn't know and no rule uses
 * @param ignored source tensors that are known not to be parameters, with the reason: {@code buffer}, or a drop rule's
 * @param unused source tensors the dialect knows, which nothing uses
 * @param problems what is wrong with the rules as a whole; nothing is written while there is one
 * @param warnings what a person should know and may live with: a rule that makes nothing
 */
public record Plan(Source source, Architecture target, RuleSet rules, RuleSet suggestions, List<Row> rows,
        List<String> unexpected, Map<String, String> ignored, List<String> unused, List<Problem> problems,
        List<Problem> warnings, Sizes sizes) {

    /** How many rows have a status. */
    public long count(Status status) {
        return rows.stream().filter(r -> r.status() == status).count();
    }

    public long hidden() {
        return rows.stream().filter(Row::hidden).count();
    }

    /** Every required parameter is there and right as far as anybody knows. */
    public boolean isComplete() {
        return problems.isEmpty()
                && rows.stream().allMatch(r -> r.status().isReady() || !r.target().required() && r.problem() == null);
    }

    public Optional<Row> row(String parameter) {
        return rows.stream().filter(r -> r.target().name().equals(parameter)).findFirst();
    }

    /** The required parameters nothing produces yet. */
    public List<Row> open() {
        return rows.stream().filter(r -> r.target().required() && !r.status().isReady()).toList();
    }
}
