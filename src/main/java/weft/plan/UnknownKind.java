package weft.plan;

import java.util.List;
import java.util.Set;

import weft.arch.Parameter;
import weft.tensor.DType;
import weft.tensor.TensorInfo;

/** What kind of mismatch it is where no dialect says what the axes mean. */
final class UnknownKind {
    private static final String POSITIONS = "embed.positions";
    private static final List<String> TOKENS = List.of("embed.tokens", "head.");
    private static final Aliases NAMES = new Aliases();

    private UnknownKind() {
    }

    /** {@link Kind#QUANTISED} for packed values, {@link Kind#VOCABULARY} or {@link Kind#CONTEXT} where only rows differ. */
    static Kind of(Parameter parameter, List<TensorInfo> inputs) {
        if (inputs.size() == 1) {
            var mine = inputs.getFirst();
            if (Fit.packed(mine.shape(), mine.dtype(), parameter.shape()) > 0) { return Kind.QUANTISED; }
            if (Fit.rows(mine.shape(), parameter.shape()) != null) {
                var role = role(Words.of(mine.name()), Words.of(parameter.name()));
                if (role.contains(POSITIONS)) { return Kind.CONTEXT; }
                if (TOKENS.stream().anyMatch(role::contains)) { return Kind.VOCABULARY; }
            }
        }
        return inputs.stream().anyMatch(t -> t.dtype() == DType.UNKNOWN) ? Kind.UNKNOWN_DTYPE : Kind.SHAPE;
    }

    /** Whether names speak of something with a row for each token or position. */
    static boolean isTable(Set<String> source, Set<String> target) {
        var role = role(source, target);
        return role.contains(POSITIONS) || TOKENS.stream().anyMatch(role::contains);
    }

    private static synchronized String role(Set<String> source, Set<String> target) {
        var found = NAMES.role(source, target);
        return found.role() == null ? "" : found.role();
    }
}
