package weft.ui.rules;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import weft.text.Spelling;

/**
 * What can stand at the caret of a rule being written: names of the file left of the arrow, names of the model right of
 * it, ops between. It needs no stage.
 *
 * @param from where the word begins that is replaced
 * @param to where it ends
 */
public record Completion(int from, int to, List<String> words) {
    private static final int MOST = 12;
    /** Words that begin an op or a macro, as the rule language has them. */
    static final List<String> OPS = List.of("rearrange \"a b -> b a\"", "rearrange \"1 a b -> b a\"", "split 3 @0",
            "concat @0", "stack @0", "unstack @0", "slice @0 0:1:1", "pad @0 to 0, zero", "take @0", "affine 1, 0",
            "cast float32", "T", "conv1dToLinear", "tfConv1d", "rope half->interleaved", "gammaBeta");

    /** @param caret place in the text, 0 before its first character */
    static Optional<Completion> at(String text, int caret, Collection<String> sources, Collection<String> targets) {
        int from = caret;
        while (from > 0 && " \t|,".indexOf(text.charAt(from - 1)) < 0) {
            from--;
        }
        int to = caret;
        while (to < text.length() && " \t|,".indexOf(text.charAt(to)) < 0) {
            to++;
        }
        var typed = text.substring(from, caret);
        var before = text.substring(0, from).stripTrailing();
        boolean right = before.contains("=>");
        boolean inOps = !right && (before.endsWith(":") || before.endsWith("|"));
        boolean inside = !right && before.contains(" : ") && !inOps;
        if (inside || !inOps && !right && before.endsWith("=>")) { return Optional.empty(); }
        var found = new LinkedHashSet<String>();
        var pool = right ? targets : inOps ? OPS : sources;
        matching(pool, typed, found);
        found.remove(text.substring(from, to));
        return found.isEmpty()
                ? Optional.empty()
                : Optional.of(new Completion(from, to, found.stream().limit(MOST).toList()));
    }

    /** What begins with the word first, then what holds it. */
    private static void matching(Collection<String> pool, String typed, LinkedHashSet<String> found) {
        var word = typed.toLowerCase(Locale.ROOT);
        pool.stream().filter(n -> n.toLowerCase(Locale.ROOT).startsWith(word)).forEach(found::add);
        pool.stream().filter(n -> n.toLowerCase(Locale.ROOT).contains(word)).forEach(found::add);
    }

    /** The text with a word taken over, and where the caret stands then. */
    public record Taken(String text, int caret) {
    }

    Taken take(String text, String word) {
        return new Taken(text.substring(0, from) + word + text.substring(to), from + word.length());
    }

    /** Names with each layer's number as a capture first, then as they are. */
    static List<String> names(List<String> names) {
        var all = new LinkedHashSet<String>();
        names.forEach(n -> all.add(n.replaceFirst("(?<![0-9])[0-9]{1,6}(?=[./])", "{i}")));
        all.addAll(names);
        return List.copyOf(all);
    }

    /** The op's word that was most likely meant; null if none is near. */
    static @Nullable String meant(String found) {
        return Spelling.near(found, OPS.stream().map(op -> op.split("[ (]", 2)[0]).toList());
    }
}
