package weft.work;

import java.util.ArrayList;
import java.util.List;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;
import weft.rule.Rule;
import weft.rule.RuleSet;

/** Asks the finished model what a rule file asserts of it: before anything is written, and where it is proved. */
final class ForwardChecks {
    private ForwardChecks() {
    }

    /**
     * @throws CheckpointException {@code E-ASSERT} with the rule's number, the id found and the id asserted; what
     *         loading the model throws, where there is something to ask
     */
    static void check(Workspace ready, RuleSet rules, Progress progress) throws CheckpointException {
        for (var failed : failed(ready, rules, progress)) {
            throw failed.asException();
        }
    }

    /**
     * Every assertion the finished model doesn't meet.
     *
     * @throws CheckpointException what loading and running the model throws, where there is something to ask
     */
    static List<Problem> failed(Workspace ready, RuleSet rules, Progress progress) throws CheckpointException {
        var failed = new ArrayList<Problem>();
        Running running = null;
        int number = 0;
        for (var rule : rules.rules()) {
            number++;
            if (!(rule instanceof Rule.Assert asked) || !(asked.check() instanceof Rule.Next next)) {
                continue;
            }
            progress.check();
            running = running == null ? ready.run(null) : running;
            var ids = next.ids().stream().mapToInt(Integer::intValue).toArray();
            var best = running.next(ids, 1).getFirst().id();
            if (best != next.next()) {
                failed.add(Problem.of(Code.E_ASSERT).field(next).found(best).expected(next.next()).by(number, null));
            }
        }
        return failed;
    }
}
