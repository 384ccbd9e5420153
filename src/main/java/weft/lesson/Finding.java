package weft.lesson;

import org.jspecify.annotations.Nullable;

/**
 * What a check found, in arguments rather than words.
 *
 * @param passed whether it holds
 * @param name the parameter it is about, or {@code null}
 * @param found what is there: a status, an index, a number; language-neutral
 * @param expected what should be there; {@code null} where saying so would give the task away
 */
public record Finding(What what, boolean passed, @Nullable String name, @Nullable String found,
        @Nullable String expected) {

    /** What it is about: faces have a sentence for each, passed and not. */
    public enum What {
        /** Nothing is open, or it has no target. */
        NOTHING_OPEN,
        /** {@code found} required parameters have no values; {@code name} is the first. */
        COMPLETE,
        /** The target's dialect. */
        TARGET,
        /** A row's status. */
        ROW,
        /** What kind of row it is. */
        KIND,
        /** The ops that make a row. */
        OPS,
        /** No row has such a name. */
        NO_ROW,
        /** A row whose orientation has to be proved. */
        PROVED,
        /** Where a number comes from. */
        CELL,
        /** A rule in so many words. */
        GIVEN,
        /** Nat/token on a text. */
        LOSS,
        /** The model can't run as things stand; {@code name} has no values, if that is why. */
        NOT_RUNNING,
        /** Which answer is chosen. */
        ANSWER
    }

    static Finding good(What what, @Nullable String name, @Nullable Object found) {
        return new Finding(what, true, name, found == null ? null : found.toString(), null);
    }

    static Finding bad(What what, @Nullable String name, @Nullable Object found, @Nullable Object expected) {
        return new Finding(what, false, name, found == null ? null : found.toString(),
                expected == null ? null : expected.toString());
    }
}
