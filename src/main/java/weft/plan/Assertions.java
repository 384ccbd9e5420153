package weft.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.rule.Rule;
import weft.rule.RuleSet;
import weft.rule.SizeExpr;
import weft.rule.Sizes;
import weft.tensor.Shape;
import weft.tensor.TensorInfo;

/** Holds a rule file's assertions about shapes against what is there. What a model computes isn't asked here. */
final class Assertions {
    private Assertions() {
    }

    static List<Problem> check(RuleSet rules, Map<String, TensorInfo> tensors, List<Row> rows, Sizes sizes) {
        var problems = new ArrayList<Problem>();
        int number = 0;
        for (var rule : rules.rules()) {
            number++;
            if (!(rule instanceof Rule.Assert asked) || asked.check() instanceof Rule.Next) {
                continue;
            }
            int before = problems.size();
            boolean any = false;
            if (asked.from() != null) {
                for (var tensor : tensors.values()) {
                    if (asked.from().match(tensor.name()).isPresent()) {
                        any = true;
                        check(asked, number, tensor.name(), tensor.shape(), sizes, problems);
                    }
                }
            }
            if (asked.to() != null) {
                for (var row : rows) {
                    if (asked.to().match(row.target().name()).isPresent()) {
                        any = true;
                        check(asked, number, row.target().name(), row.target().shape(), sizes, problems);
                    }
                }
            }
            if (!any && problems.size() == before) {
                problems.add(asked.from() != null
                        ? Problem.of(Code.E_SOURCE).found(asked.from()).by(number, null)
                        : Problem.of(Code.E_NAME).found(asked.to()).by(number, null));
            }
        }
        return problems;
    }

    private static void check(Rule.Assert asked, int number, String name, Shape shape, Sizes sizes,
            List<Problem> problems) {
        try {
            var expected = switch (asked.check()) {
                case Rule.HasShape(var dims) -> {
                    var values = new long[dims.size()];
                    for (int i = 0; i < values.length; i++) {
                        values[i] = size(dims.get(i), sizes);
                    }
                    yield Shape.of(values);
                }
                case Rule.HasDim(var axis, var size) -> {
                    if (axis >= shape.rank()) {
                        throw Problem.of(Code.E_ASSERT).field(asked.check()).found(shape).expected("axis " + axis)
                                .asException();
                    }
                    yield shape.with(axis, size(size, sizes));
                }
                case Rule.Next _ -> shape;
            };
            if (!expected.equals(shape)) {
                problems.add(Problem.of(Code.E_ASSERT).field(asked.check()).found(shape).expected(expected)
                        .by(number, name));
            }
        } catch (CheckpointException e) {
            problems.add(e.problem().by(number, name));
        }
    }

    private static long size(SizeExpr size, Sizes sizes) throws CheckpointException {
        long value = size.value(sizes);
        if (value < 0) { throw Problem.of(Code.E_SIZE).field(size).found(value).expected(">= 0").asException(); }
        return value;
    }
}
