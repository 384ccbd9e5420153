package weft.prove;

import java.util.List;

import org.jspecify.annotations.Nullable;

import weft.io.Problem;

/**
 * Whether two checkpoints are the same model: the rungs of a ladder from names to text, and every module's activations.
 *
 * @param modules in the order they run; empty if the models could not be run
 * @param top the likeliest next tokens after the last position, by A's logits; empty likewise
 * @param continuations what each writes on, as ids: A's, then B's; empty likewise
 */
public record Verification(List<Step> ladder, List<Module> modules, List<Top> top, List<int[]> continuations) {

    /** |a − b| ≤ this + this · |b|, for every element. */
    public static final double TOLERANCE = 1e-3;
    /** The same with this is exact enough. */
    public static final double EXACT = 1e-5;

    /** Rungs, bottom first. */
    public enum Rung {
        NAMES, SHAPES, VALUES, MODULES, LOGITS, TEXT
    }

    /**
     * One rung.
     *
     * @param passed {@code null} if it could not be tried
     * @param count how many were compared
     * @param where the first that differs: a tensor or role, a module, a position; {@code null} if none does
     * @param found how much, or what A has; {@code null} if there is nothing to say
     * @param expected what B has
     * @param problem why it could not be tried or broke off
     */
    public record Step(Rung rung, @Nullable Boolean passed, long count, @Nullable String where,
            @Nullable String found, @Nullable String expected, @Nullable Problem problem) {
    }

    /**
     * A module's output in A against B, [n, out]; NaN anywhere makes all four numbers NaN.
     *
     * @param passed every element within the tolerance
     * @param maxRel of |a − b| / max(|a|, |b|)
     * @param error the largest |a − b| / (1 + |b|): at most the tolerance where it passed, and not where it didn't
     * @param alone B's module agrees when it is fed A's input: where this fails, the fault is in the module itself;
     *        {@code null} where nobody recorded what it got
     */
    public record Module(String name, boolean passed, double maxAbs, double maxRel, double cosine, double error,
            @Nullable Boolean alone) {
    }

    /** A likely token and both logits. */
    public record Top(int id, float a, float b) {
    }

    /** No rung failed. */
    public boolean passed() {
        return ladder.stream().noneMatch(s -> Boolean.FALSE.equals(s.passed()));
    }

    /** The first module whose output differs, or {@code null}. */
    public @Nullable Module first() {
        return modules.stream().filter(m -> !m.passed()).findFirst().orElse(null);
    }

    /** Modules that are wrong by themselves; of one inside another, the inner. */
    public List<Module> faults() {
        var wrong = modules.stream().filter(m -> Boolean.FALSE.equals(m.alone())).toList();
        return wrong.stream().filter(m -> wrong.stream().noneMatch(o -> o.name().startsWith(m.name() + "."))).toList();
    }

    /**
     * Whether the weights differ and yet both compute the same: as channels that were rescaled or reordered on both
     * sides of a product do. They are not the same checkpoint, but as functions nothing tells them apart here.
     */
    public boolean sameFunction() {
        return is(Rung.VALUES, false) && is(Rung.LOGITS, true) && !is(Rung.TEXT, false);
    }

    private boolean is(Rung rung, boolean passed) {
        return ladder.stream().anyMatch(s -> s.rung() == rung && s.passed() != null && s.passed() == passed);
    }
}
