package weft.work;

import weft.arch.Dialect;
import weft.io.CheckpointException;

/** The words a person can set numbers by: those some configuration uses. */
public final class SetWords {
    private SetWords() {
    }

    /** Whether any dialect has a use for this word; a misspelled one would change nothing, and nobody would know. */
    public static boolean isKnown(String word) throws CheckpointException {
        return Dialects.all().dialects().stream().anyMatch(d -> knows(d, word));
    }

    private static boolean knows(Dialect dialect, String word) {
        var family = dialect.family();
        return family.axis(word).isPresent() || dialect.configWords().containsValue(word)
                || dialect.options().containsKey(word) || dialect.configFixed().containsKey(word)
                || dialect.marks().containsKey(word)
                || dialect.variants().stream().anyMatch(v -> v.config().containsKey(word))
                || family.hypers().values().stream().anyMatch(h -> h.name().equals(word) || h.words().contains(word)
                        || h.words().stream().anyMatch(w -> w.startsWith(word + "=")));
    }
}
