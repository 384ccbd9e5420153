package weft.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import weft.arch.Dialect;
import weft.arch.DialectFiles;
import weft.name.Pattern;

/**
 * What names mean: the names all dialect files have for a role are aliases of each other, and a pair that a person
 * accepted, or that was found beyond doubt, says what its siblings mean.
 */
final class Aliases {
    /** A pair that was found counts less than one a person accepted. */
    private static final double FOUND = 0.9;
    /** A tensor of a module whose other tensors are known to be the other's. */
    private static final double SAME_MODULE = 0.5;
    /** Names of one role, by role. */
    private static final Map<String, List<Set<String>>> ROLES = roles();
    private static final List<String> ROLE_NAMES = List.copyOf(ROLES.keySet());
    /** What frameworks keep in one tensor, in the order in which it usually lies. */
    static final List<Together> TOGETHER = together();

    private final List<Pair> pairs = new ArrayList<>();
    private final Map<Set<String>, double[]> meanings = new HashMap<>();

    /**
     * Words that mean the same.
     *
     * @param modules what both names have before their last part
     * @param worth how far they are believed, 0 to 1
     */
    private record Pair(Set<String> from, Set<String> to, List<String> modules, double worth) {
    }

    /**
     * Roles that are often one tensor.
     *
     * @param parts for each the words that only its own names have, in the usual order
     * @param fused words that names of all in one have
     */
    record Together(List<String> labels, List<Set<String>> parts, Set<String> fused) {
        /** Which part a name speaks of; −1 if none or more than one. */
        int part(Set<String> words) {
            int found = -1;
            for (int i = 0; i < parts.size(); i++) {
                if (parts.get(i).stream().anyMatch(words::contains)) {
                    if (found >= 0) { return -1; }
                    found = i;
                }
            }
            return found;
        }

        /** The words of a name that don't say which part it is. */
        Set<String> frame(Set<String> words) {
            var rest = new HashSet<>(words);
            parts.forEach(rest::removeAll);
            return rest;
        }

        /** Whether a name says that it holds all of them. */
        boolean isNamedBy(Set<String> words) {
            return fused.stream().anyMatch(words::contains)
                    || parts.stream().allMatch(p -> p.stream().anyMatch(words::contains));
        }
    }

    private static Map<String, List<Set<String>>> roles() {
        var byRole = new LinkedHashMap<String, List<Set<String>>>();
        for (var dialect : DialectFiles.shipped().dialects()) {
            for (var entry : dialect.tensors()) {
                // A name that holds every layer reads like one outside the layers.
                boolean speaks = entry.roles().size() == 1 && !entry.isStacked(dialect.family().layers());
                for (var name : speaks ? entry.names() : List.<Pattern>of()) {
                    for (var choice : choices(name)) { // norm1 and norm2 are two roles
                        byRole.computeIfAbsent(dialect.family().name() + " " + entry.roles().getFirst().with(choice),
                                _ -> new ArrayList<>()).add(Words.of(name.with(choice).toString()));
                    }
                }
            }
        }
        return byRole;
    }

    private static List<Map<String, Pattern>> choices(Pattern name) {
        for (var capture : name.captures()) {
            if (capture.kind() == Pattern.Kind.CHOICE) {
                return capture.choices().stream().map(c -> Map.of(capture.name(), Pattern.literal(c))).toList();
            }
        }
        return List.of(Map.of());
    }

    private static List<Together> together() {
        var fused = new HashSet<>(Set.of("qkv", "wqkv", "qkvs"));
        for (var dialect : DialectFiles.shipped().dialects()) {
            var single = new HashSet<String>();
            dialect.tensors().stream().filter(e -> e.roles().size() == 1)
                    .forEach(e -> e.names().forEach(n -> single.addAll(Words.of(n.toString()))));
            dialect.tensors().stream().filter(e -> e.roles().size() == 3).map(Dialect.Entry::name)
                    .forEach(n -> fused.addAll(Words.without(Words.of(n.toString()), single)));
        }
        return List.of(
                new Together(List.of("query", "key", "value"), parts("attn.q.", "attn.k.", "attn.v."), fused),
                new Together(List.of("key", "value"), parts("attn.k.", "attn.v."), Set.of("kv", "wkv")),
                new Together(List.of("gate", "up"), parts("mlp.gate.", "mlp.up."), Set.of("gateup", "glu")));
    }

    /** For each of some roles the words that none of the others' names have, in families that have them all. */
    private static List<Set<String>> parts(String... roles) {
        var words = new ArrayList<Set<String>>();
        for (var role : roles) {
            var mine = new LinkedHashSet<String>();
            ROLES.forEach((name, names) -> {
                var family = name.substring(0, name.indexOf(' ') + 1);
                boolean all = Arrays.stream(roles)
                        .allMatch(r -> ROLES.keySet().stream().anyMatch(n -> n.startsWith(family) && n.contains(r)));
                if (all && name.contains(role)) {
                    names.forEach(mine::addAll);
                }
            });
            words.add(mine);
        }
        var own = new ArrayList<Set<String>>();
        for (int i = 0; i < words.size(); i++) {
            var rest = new HashSet<>(words.get(i));
            for (int j = 0; j < words.size(); j++) {
                if (j != i) {
                    rest.removeAll(words.get(j));
                }
            }
            rest.removeIf(w -> Character.isDigit(w.charAt(0))); // fc1 and fc2 are told apart, so are norm1 and norm2
            own.add(Set.copyOf(rest));
        }
        return List.copyOf(own);
    }

    /** A pair a person accepted. */
    void accepted(Set<String> from, Set<String> to, Pattern fromName, Pattern toName) {
        pairs.add(new Pair(from, to, modules(fromName, toName), 1));
    }

    /** A pair that was found. */
    void found(Alike from, Alike to) {
        pairs.add(new Pair(from.words(), to.words(), modules(from.name(), to.name()), FOUND));
    }

    private static List<String> modules(Pattern from, Pattern to) {
        return List.of(module(from.toString()), module(to.toString()));
    }

    /** {@code h.{i}.mlp.c_fc} of its weight and its bias; empty for a name without parts. */
    private static String module(String name) {
        return name.substring(0, Math.max(0, Math.max(name.lastIndexOf('.'), name.lastIndexOf('/'))));
    }

    /** What two names have in common as names of one role. @param role the role, {@code null} if none knows both */
    record Meaning(double likeness, @Nullable String role) {
    }

    Meaning role(Set<String> from, Set<String> to) {
        var mine = meaning(from);
        var theirs = meaning(to);
        double best = 0;
        int which = -1;
        for (int role = 0; role < mine.length; role++) {
            double both = Math.min(mine[role], theirs[role]);
            if (both > best) {
                best = both;
                which = role;
            }
        }
        return new Meaning(best, which < 0 ? null : ROLE_NAMES.get(which));
    }

    private double[] meaning(Set<String> words) {
        return meanings.computeIfAbsent(words, w -> ROLES.values().stream()
                .mapToDouble(names -> names.stream().mapToDouble(n -> Words.overlap(n, w)).max().orElse(0)).toArray());
    }

    /**
     * How well a pair follows from those that are known: what its left name has that a known one's hasn't, its right name
     * has too, and the other way round; or both belong to modules of which other tensors are a pair; or its words are
     * those that a known pair has translated. 0 if nothing known is near.
     *
     * @param accepted whether the known one has to be a person's
     */
    double follows(Alike from, Alike to, boolean accepted) {
        double best = 0;
        var modules = modules(from.name(), to.name());
        for (var pair : pairs) {
            if (!accepted || pair.worth() == 1) {
                double near = analogy(pair, from.words(), to.words());
                if (pair.modules().equals(modules) && !modules.contains("")) {
                    near = Math.max(near, SAME_MODULE);
                }
                best = Math.max(best, pair.worth() * Math.max(near, translated(pair, from.words(), to.words())));
            }
        }
        return best;
    }

    /** The same for words that are no tensor's name. */
    double follows(Set<String> from, Set<String> to) {
        return pairs.stream().mapToDouble(p -> p.worth() * analogy(p, from, to)).max().orElse(0);
    }

    private static double analogy(Pair known, Set<String> from, Set<String> to) {
        var newFrom = Words.without(from, known.from());
        var newTo = Words.without(to, known.to());
        var goneFrom = Words.without(known.from(), from);
        var goneTo = Words.without(known.to(), to);
        boolean nothing = newFrom.isEmpty() && goneFrom.isEmpty() && newTo.isEmpty() && goneTo.isEmpty();
        if (nothing) { return 0; } // the very same words: twins, which nothing tells apart
        double same = Math.min(alike(newFrom, newTo), alike(goneFrom, goneTo));
        double share = Math.min(share(from, known.from()), share(to, known.to()));
        return same * (0.5 + 0.5 * share);
    }

    /** What each side of a known pair is alone with means the same. */
    private static double translated(Pair known, Set<String> from, Set<String> to) {
        var mine = Words.without(known.from(), known.to());
        var theirs = Words.without(known.to(), known.from());
        if (mine.isEmpty() || theirs.isEmpty() || !from.containsAll(mine)) { return 0; }
        var words = new HashSet<>(from);
        words.removeAll(mine);
        words.addAll(theirs);
        return Words.overlap(words, to);
    }

    private static double alike(Set<String> a, Set<String> b) {
        return a.isEmpty() && b.isEmpty() ? 1 : Words.overlap(a, b);
    }

    private static double share(Set<String> words, Set<String> known) {
        int both = words.size() - Words.without(words, known).size();
        return both / (double) Math.max(1, Math.max(words.size(), known.size()));
    }
}
