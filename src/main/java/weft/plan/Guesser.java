package weft.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import weft.arch.Architecture;
import weft.arch.DialectFiles;
import weft.name.Pattern;
import weft.rule.Chain;
import weft.rule.Op;
import weft.rule.Rearrange;
import weft.rule.Rule;
import weft.rule.RuleSet;
import weft.tensor.Shape;
import weft.tensor.TensorInfo;

/**
 * Rules between names no dialect knows. Names that differ in a running number alone are one kind of tensor, so that one
 * pair speaks for all layers. Two kinds belong together if their layers agree, their shapes are related, and their names
 * mean the same role: all names of all dialect files are the table of aliases. What has a rival of nearly the same score
 * gets no rule, and a square only together with siblings that show which way round the others lie. The reasons stand
 * in the rules' provenance, by target.
 */
final class Guesser {
    /** A pair needs this much likeness of names, from 0 to 1, unless no other shape is left. */
    private static final double LEAST = 0.25;
    /** Kinds of tensors that are compared, each of one side with each of the other. */
    private static final long MOST_PAIRS = 250_000;
    /** How far the next best must lie behind. */
    private static final double MARGIN = 0.08;

    /** How one shape becomes the other. */
    private enum Relation {
        EQUAL, SQUEEZED, TRANSPOSED, SQUARE
    }

    /** Tensors that differ in one running number. @param layers the numbers; empty for a tensor by itself */
    private record Like(Pattern name, Set<Long> layers, Shape shape, Set<String> words) {
    }

    private record Match(Like from, Like to, Relation relation, double likeness) {
    }

    private final List<Like> sources;
    private final List<Like> targets;
    private final List<List<Set<String>>> aliases = new ArrayList<>();
    private final Map<String, Long> frequencies = new LinkedHashMap<>();
    private final Map<Like, List<Double>> meanings = new LinkedHashMap<>();
    private final List<Match> found = new ArrayList<>();
    private final Map<String, Object> reasons = new LinkedHashMap<>();

    private Guesser(List<TensorInfo> tensors, Architecture target) {
        var same = new HashSet<String>();
        var shapes = tensors.stream().collect(Collectors.toMap(TensorInfo::name, TensorInfo::shape, (a, _) -> a));
        target.parameters().stream().filter(p -> p.shape().equals(shapes.get(p.name()))).forEach(p -> same.add(p.name()));
        var mine = new LinkedHashMap<String, Shape>();
        tensors.stream().filter(t -> !same.contains(t.name())).forEach(t -> mine.putIfAbsent(t.name(), t.shape()));
        var theirs = new LinkedHashMap<String, Shape>();
        target.parameters().stream().filter(p -> p.required() && !same.contains(p.name()))
                .forEach(p -> theirs.put(p.name(), p.shape()));
        sources = alike(mine);
        targets = alike(theirs);
        var byRole = new LinkedHashMap<String, List<Set<String>>>();
        for (var dialect : DialectFiles.shipped().dialects()) {
            for (var entry : dialect.tensors()) {
                for (var name : entry.roles().size() == 1 ? entry.names() : List.<Pattern>of()) {
                    for (var choice : choices(name)) { // norm1 and norm2 are two roles
                        byRole.computeIfAbsent(dialect.family().name() + " " + entry.roles().getFirst().with(choice),
                                _ -> new ArrayList<>()).add(words(name.with(choice).toString()));
                    }
                }
            }
        }
        aliases.addAll(byRole.values());
    }

    private static List<Map<String, Pattern>> choices(Pattern name) {
        for (var capture : name.captures()) {
            if (capture.kind() == Pattern.Kind.CHOICE) {
                return capture.choices().stream().map(c -> Map.of(capture.name(), Pattern.literal(c))).toList();
            }
        }
        return List.of(Map.of());
    }

    /** Rules for whatever the target needs and only one source can feed; none for what is open to doubt. */
    static RuleSet guess(List<TensorInfo> tensors, Architecture target) {
        return new Guesser(tensors, target).run(target);
    }

    private RuleSet run(Architecture target) {
        boolean more = (long) sources.size() * targets.size() <= MOST_PAIRS;
        while (more) {
            var fresh = round();
            found.addAll(fresh);
            more = !fresh.isEmpty();
        }
        var rules = new ArrayList<Rule>();
        found.sort(Comparator.comparingInt(m -> targets.indexOf(m.to())));
        for (var match : found) {
            var relation = match.relation() == Relation.SQUARE ? siblings() : match.relation();
            if (relation == null) {
                reasons.put(match.to().name().toString(), "square: no sibling shows which way round");
                continue;
            }
            reasons.put(match.to().name().toString(), why(match, relation));
            boolean identity = relation == Relation.EQUAL && match.from().name().equals(match.to().name());
            if (!identity) {
                rules.add(new Rule.Map(List.of(new Rule.Branch(null, match.from().name(), List.of())),
                        ops(match, relation), List.of(new Rule.Branch(null, match.to().name(), List.of()))));
            }
        }
        return new RuleSet(null, null, target.name(), Map.of(), RuleSet.Others.DROP, rules,
                reasons.isEmpty() ? Map.of() : Map.of("why", reasons));
    }

    /** What matrices that aren't square say of all: turned, or not; null if they disagree or there is none. */
    private @Nullable Relation siblings() {
        var seen = found.stream().filter(m -> m.to().shape().squeezed().rank() == 2 && m.relation() != Relation.SQUARE)
                .filter(m -> !m.from().words().contains("embedding") && !m.to().words().contains("embedding"))
                .filter(m -> !m.to().layers().isEmpty()).map(Match::relation).collect(Collectors.toSet());
        return seen.equals(Set.of(Relation.TRANSPOSED))
                ? Relation.TRANSPOSED
                : !seen.isEmpty() && !seen.contains(Relation.TRANSPOSED) ? Relation.EQUAL : null;
    }

    private static String why(Match match, Relation relation) {
        return String.format(Locale.ROOT, "names %.2f alike, %s, shape %s%s", match.likeness(),
                match.to().layers().isEmpty() ? "one tensor" : match.to().layers().size() + " layers",
                relation.name().toLowerCase(Locale.ROOT),
                match.relation() == Relation.SQUARE ? " as its siblings" : "");
    }

    private static List<Op> ops(Match match, Relation relation) {
        boolean squeeze = !match.from().shape().equals(match.to().shape()) && relation != Relation.TRANSPOSED
                || match.from().shape().rank() != match.to().shape().rank();
        if (relation != Relation.TRANSPOSED && !squeeze) { return List.of(); }
        var from = axes(match.from().shape());
        var to = axes(match.to().shape());
        if (relation == Relation.TRANSPOSED) {
            var real = to.stream().filter(d -> !d.isEmpty()).toList();
            var turned = List.of(real.get(1), real.get(0)).iterator();
            to = to.stream().map(d -> d.isEmpty() ? d : turned.next()).toList();
        }
        return List.of(new Rearrange(from, to, Map.of()));
    }

    private static List<List<String>> axes(Shape shape) {
        var letters = List.of("o", "d", "x", "y", "z").iterator();
        var dims = new ArrayList<List<String>>();
        for (var dim : shape.dims()) {
            dims.add(dim == 1 ? List.of() : List.of(letters.next()));
        }
        return dims;
    }

    /** Pairs that are each other's best by far, of what is left. */
    private List<Match> round() {
        var left = sources.stream().filter(s -> found.stream().noneMatch(m -> m.from().equals(s))).toList();
        var open = targets.stream().filter(t -> found.stream().noneMatch(m -> m.to().equals(t))).toList();
        var candidates = new ArrayList<Match>();
        for (var from : left) {
            for (var to : open) {
                var relation = from.layers().equals(to.layers()) ? relation(from.shape(), to.shape()) : null;
                if (relation != null) {
                    candidates.add(new Match(from, to, relation, likeness(from, to)));
                }
            }
        }
        return candidates.stream().filter(m -> {
            var rivals = candidates.stream().filter(r -> r != m && (r.from().equals(m.from()) || r.to().equals(m.to())))
                    .toList();
            return rivals.isEmpty() || m.likeness() >= LEAST
                    && rivals.stream().allMatch(r -> r.likeness() <= m.likeness() - MARGIN);
        }).toList();
    }

    private static @Nullable Relation relation(Shape from, Shape to) {
        var a = from.squeezed();
        var b = to.squeezed();
        if (a.rank() > 5) { return null; }
        if (a.rank() == 2 && a.equals(b) && a.dim(0) == a.dim(1)) { return Relation.SQUARE; }
        if (from.equals(to)) { return Relation.EQUAL; }
        if (a.equals(b)) { return Relation.SQUEEZED; }
        return a.rank() == 2 && b.rank() == 2 && a.dim(0) == b.dim(1) && a.dim(1) == b.dim(0)
                ? Relation.TRANSPOSED
                : null;
    }

    /** The names themselves, or what both are called in a dialect that knows such names. */
    private double likeness(Like from, Like to) {
        double best = weighed(from.words(), to.words());
        var mine = meaning(from);
        var theirs = meaning(to);
        for (int role = 0; role < mine.size(); role++) {
            best = Math.max(best, Math.min(mine.get(role), theirs.get(role)));
        }
        return best;
    }

    private List<Double> meaning(Like like) {
        return meanings.computeIfAbsent(like, l -> aliases.stream()
                .map(names -> names.stream().mapToDouble(n -> overlap(n, l.words())).max().orElse(0)).toList());
    }

    /** As {@link #overlap}, where a word that few names have counts more than one that all have. */
    private double weighed(Set<String> a, Set<String> b) {
        double both = 0;
        double all = 0;
        var words = new HashSet<>(a);
        words.addAll(b);
        for (var word : words) {
            double weight = Math.log(1 + (sources.size() + targets.size()) / (double) frequency(word));
            all += weight;
            both += a.contains(word) && b.contains(word) ? weight : 0;
        }
        return all == 0 ? 0 : both / all;
    }

    private long frequency(String word) {
        return frequencies.computeIfAbsent(word, w -> Math.max(1, java.util.stream.Stream
                .concat(sources.stream(), targets.stream()).filter(l -> l.words().contains(w)).count()));
    }

    private static double overlap(Set<String> a, Set<String> b) {
        var both = new HashSet<>(a);
        both.retainAll(b);
        return a.isEmpty() || b.isEmpty() ? 0 : both.size() / (double) (a.size() + b.size() - both.size());
    }

    /** {@code trf_blocks.{i}.att.W_query.weight}: trf, blocks, att, query, weight … Running numbers say nothing. */
    private static Set<String> words(String name) {
        var words = new LinkedHashSet<String>();
        var plain = name.replaceAll("\\{[^}]*\\}", " ").replaceAll("([a-z])([A-Z])", "$1 $2")
                .toLowerCase(Locale.ROOT);
        for (var word : plain.split("[^a-z0-9]+")) {
            if (!word.isEmpty()) {
                words.add(switch (word) {
                    case "g", "gamma", "scale", "w", "kernel" -> "weight";
                    case "b", "beta", "shift" -> "bias";
                    default -> word.startsWith("emb") ? "embedding" : word;
                });
            }
        }
        return words;
    }

    /** Groups names that differ in one running number and have one shape. */
    private static List<Like> alike(Map<String, Shape> tensors) {
        var byTemplate = new LinkedHashMap<String, List<String>>();
        tensors.keySet().forEach(n -> byTemplate.computeIfAbsent(n.replaceAll("[0-9]+", "#"), _ -> new ArrayList<>())
                .add(n));
        var likes = new ArrayList<Like>();
        for (var names : byTemplate.values()) {
            int place = running(names);
            var groups = new LinkedHashMap<String, Set<Long>>();
            var first = new LinkedHashMap<String, String>();
            for (var name : names) {
                var cut = place < 0 ? null : number(name, place);
                var key = (cut == null
                        ? Pattern.escape(name)
                        : Pattern.escape(name.substring(0, cut[0])) + "{i}" + Pattern.escape(name.substring(cut[1])))
                        + "\n" + tensors.get(name);
                var layers = groups.computeIfAbsent(key, _ -> new TreeSet<>());
                first.putIfAbsent(key, name);
                if (cut != null) {
                    layers.add(Long.valueOf(name.substring(cut[0], cut[1])));
                }
            }
            groups.forEach((key, layers) -> {
                var text = key.substring(0, key.indexOf('\n'));
                var shape = tensors.get(first.get(key));
                boolean spoilt = groups.keySet().stream().filter(k -> k.startsWith(text + "\n")).count() > 1;
                if (shape != null && !spoilt) { // one pattern, two shapes: nothing is said of it
                    likes.add(new Like(Pattern.parse(text), layers, shape, words(text)));
                }
            });
        }
        return likes;
    }

    /** Which of the numbers in these names runs; −1 if none does. */
    private static int running(List<String> names) {
        if (names.size() < 2) { return -1; }
        int best = -1;
        int most = 1;
        for (int place = 0; number(names.getFirst(), place) != null; place++) {
            int at = place;
            int seen = (int) names.stream().map(n -> {
                var cut = number(n, at);
                return cut == null ? "" : n.substring(cut[0], cut[1]);
            }).distinct().count();
            if (seen > most) {
                most = seen;
                best = place;
            }
        }
        return best;
    }

    private static int @Nullable [] number(String name, int place) {
        var digits = java.util.regex.Pattern.compile("[0-9]+").matcher(name);
        for (int i = 0; digits.find(); i++) {
            if (i == place) { return digits.end() - digits.start() > 6 ? null : new int[]{digits.start(), digits.end()}; }
        }
        return null;
    }
}
