package weft.plan;

import java.util.Arrays;
import java.util.Map;

import weft.rule.RuleSet;

/**
 * How long planning takes: a GPT-2 of so many layers that it has about 100,000 tensors, from Hugging Face's file to the
 * textbook's model. A main program, no test: {@code java -cp target/classes:target/test-classes:… weft.plan.PlanBench}.
 */
final class PlanBench {
    private PlanBench() {
    }

    public static void main(String[] arguments) throws Exception {
        int layers = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 8334;
        var model = DeepModel.of(layers);
        var source = model.source();
        var target = model.target();
        var rules = Planner.suggest(source, target, false);
        System.out.printf("%d tensors, %d parameters, %d rules%n", source.tensors().size(), target.parameters().size(),
                rules.rules().size());
        for (boolean given : new boolean[]{false, true}) {
            var millis = new long[7];
            for (int run = 0; run < millis.length; run++) {
                long start = time();
                var plan = Planner.plan(source, given ? rules : RuleSet.EMPTY, target, Map.of());
                millis[run] = (time() - start) / 1_000_000;
                if (plan.isComplete() != given) { throw new AssertionError(plan.open().getFirst()); }
            }
            long first = millis[0];
            Arrays.sort(millis);
            System.out.printf("plan %s rules: first %d ms, median %d ms%n", given ? "with" : "without", first,
                    millis[millis.length / 2]);
        }
    }

    /** The thread's own time: planning is one thread's work, and others may want the processor too. */
    private static long time() {
        return java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
