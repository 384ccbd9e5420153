package weft.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import weft.arch.Architecture;
import weft.name.Pattern;
import weft.plan.Alike.Named;
import weft.plan.Reason.Note;
import weft.plan.Reason.Open;
import weft.plan.Reason.Relation;
import weft.rule.Op;
import weft.rule.Rearrange;
import weft.rule.Rule;
import weft.rule.RuleSet;
import weft.tensor.Shape;

/**
 * Rules between names no dialect knows. Names that differ in a running number alone are one kind of tensor, so that one
 * pair speaks for all layers. Two kinds belong together if their layers agree, their shapes are related, and their
 * names mean the same: in the names of all dialect files, or as their siblings' names do. What has a rival of nearly
 * the same score gets no rule, and a square only together with siblings that show which way round the others lie. What a
 * person accepted comes first: it holds for all layers, and says what its siblings mean. Each suggestion has its
 * {@link Reason}, and so has what could be suggested and isn't.
 */
final class Guesser {
    /** A pair needs this much likeness of names, from 0 to 1, unless no other shape is left. */
    private static final double LEAST = 0.25;
    /** The same for a vector that is the only one left: so many things are one number per channel. */
    private static final double LEAST_VECTOR = 0.1;
    /** Kinds of tensors that are compared, each of one side with each of the other. */
    private static final long MOST_PAIRS = 250_000;
    /** How far the next best must lie behind. */
    private static final double MARGIN = 0.06;
    /** Beyond so many possible pairs nothing is concluded from pairs that were found. */
    private static final int MOST_FOLLOWED = 20_000;
    /** Rivals that are named. */
    private static final int MOST_RIVALS = 4;
    /** What the parts of a score count. */
    private static final double NAMES = 0.75, SHAPE = 0.15, INDEX = 0.10;

    private record Match(Alike from, Alike to, Fit fit, double names, @Nullable String role, List<Note> notes) {
        double score() {
            var shift = to.shiftFrom(from);
            double index = shift != null && shift != 0 ? 0.7 : 1;
            return NAMES * names + SHAPE * fit.closeness() + INDEX * index;
        }
    }

    private final List<Alike> sources;
    private final List<Alike> targets;
    private final Architecture target;
    private final RuleSet given;
    private final Aliases aliases = new Aliases();
    private final Fuses fuses = new Fuses(aliases);
    private final Map<String, Long> frequencies = new HashMap<>();
    private final Map<List<Alike>, Aliases.Meaning> plainNames = new HashMap<>();
    /** In which orders the dimensions of siblings go, by their number. */
    private final Map<Integer, Set<List<Integer>>> orders = new HashMap<>();
    private final Set<Alike> used = new HashSet<>();
    private final Set<Alike> made = new HashSet<>();
    private final List<Match> found = new ArrayList<>();
    private final Map<Alike, Rule> rules = new LinkedHashMap<>();
    private final Map<Alike, Reason> reasons = new LinkedHashMap<>();

    private Guesser(Source source, Architecture target, RuleSet given) {
        this.target = target;
        this.given = given;
        var tensors = meant(source);
        var shapes = new HashMap<String, Shape>();
        tensors.forEach(t -> shapes.putIfAbsent(t.name(), t.shape()));
        var same = new HashSet<String>();
        target.parameters().stream().filter(p -> shapes.get(p.name()) instanceof Shape shape && shape.equals(p.shape()))
                .forEach(p -> same.add(p.name()));
        var all = Alike.groups(tensors.stream().filter(t -> !same.contains(t.name())).toList());
        var wanted = Alike.groups(target.parameters().stream()
                .filter(p -> p.required() && !same.contains(p.name()))
                .map(p -> new Named(p.name(), p.shape(), null)).toList());
        sources = new ArrayList<>(all);
        targets = new ArrayList<>(wanted);
        for (var name : same) {
            var shape = Objects.requireNonNull(shapes.get(name));
            if (!orders.containsKey(shape.squeezed().rank()) && isMatrixOfALayer(shape, name)
                    && Fit.of(shape, shape) instanceof Fit fit && fit.isDecided()) {
                sibling(shape, fit.orders().getFirst());
            }
        }
    }

    /** The source's tensors as they are meant: what is packed in its logical shape, without what only serves it. */
    private static List<Named> meant(Source source) {
        var stored = new HashSet<String>();
        source.packed().closed().forEach((name, closed) -> stored.addAll(closed.tensors()));
        var names = new HashSet<String>();
        var all = new ArrayList<Named>();
        for (var tensor : source.tensors()) {
            var merge = source.merges().get(tensor.name());
            var closed = source.packed().closed().get(tensor.name());
            if (source.packed().aux().contains(tensor.name())
                    || closed == null && stored.contains(tensor.name()) || !names.add(tensor.name())) {
                continue;
            }
            all.add(new Named(tensor.name(),
                    merge != null ? merge.shape() : closed != null ? closed.shape() : tensor.shape(),
                    merge != null || closed != null ? null : tensor.dtype()));
        }
        source.packed().closed().forEach((name, closed) -> {
            if (names.add(name)) {
                all.add(new Named(name, closed.shape(), null));
            }
        });
        source.merges().forEach((name, merge) -> {
            if (names.add(name)) { // an adapter brings it
                all.add(new Named(name, merge.shape(), null));
            }
        });
        return all;
    }

    /**
     * Rules for whatever the target needs and only one source can feed; none for what is open to doubt.
     *
     * @param given what a person gave or accepted: learned from, and not suggested again
     */
    static RuleSet guess(Source source, Architecture target, RuleSet given) {
        return new Guesser(source, target, given).run();
    }

    private RuleSet run() {
        if ((long) sources.size() * targets.size() <= MOST_PAIRS) {
            learn();
            fused(true);
            pairs();
            fused(false);
            pairs();
            resized();
            squares();
            ambiguous();
        }
        var order = new HashMap<Alike, Integer>();
        targets.forEach(t -> order.put(t, order.size()));
        var sorted = new LinkedHashSet<Rule>();
        rules.entrySet().stream().sorted(Comparator.comparingInt(e -> order.getOrDefault(e.getKey(), 0)))
                .forEach(e -> sorted.add(e.getValue()));
        var why = new LinkedHashMap<String, Object>();
        reasons.entrySet().stream().sorted(Comparator.comparingInt(e -> order.getOrDefault(e.getKey(), 0)))
                .forEach(e -> why.put(e.getKey().name().toString(), e.getValue().toMap()));
        return new RuleSet(null, null, target.name(), Map.of(), RuleSet.Others.DROP, List.copyOf(sorted),
                why.isEmpty() ? Map.of() : Map.of(Reason.KEY, why));
    }

    // What a person gave.

    private void learn() {
        if (given.rules().isEmpty()) { return; }
        var bySource = byName(sources);
        var byTarget = byName(targets);
        for (var rule : given.rules()) {
            if (rule instanceof Rule.Map map && map.from().stream().noneMatch(b -> b.name().isRegex())) {
                learn(map);
                general(map, bySource, byTarget);
            }
        }
        sources.removeIf(s -> s.names().stream().allMatch(n -> isGivenFrom(n)));
        targets.removeIf(t -> !made.contains(t) && t.names().stream().allMatch(n -> given.rules().stream()
                .anyMatch(r -> r.targets().stream().anyMatch(p -> p.match(n).isPresent()))));
    }

    private boolean isGivenFrom(String name) {
        return given.rules().stream().anyMatch(r -> r instanceof Rule.Map map
                && map.from().stream().anyMatch(b -> b.source() == null && b.name().match(name).isPresent()));
    }

    private static Map<String, Alike> byName(List<Alike> side) {
        var byName = new HashMap<String, Alike>();
        side.forEach(a -> a.names().forEach(n -> byName.put(n, a)));
        return byName;
    }

    private void learn(Rule.Map map) {
        fuses.learn(map, name -> words(sources, name), name -> words(targets, name));
        if (map.from().size() != 1 || map.to().size() != 1 || map.from().getFirst().source() != null) { return; }
        var to = map.to().getFirst().name();
        var from = map.from().getFirst().name();
        aliases.accepted(words(sources, from), words(targets, to), name(sources, from), name(targets, to));
        var ops = new ArrayList<Op>(map.from().getFirst().ops());
        ops.addAll(map.ops());
        ops.addAll(map.to().getFirst().ops());
        boolean plain = ops.stream().allMatch(op -> op instanceof Rearrange r && (r.isTranspose() || r.isSqueeze()));
        boolean turned = ops.stream().filter(op -> op instanceof Rearrange r && r.isTranspose()).count() % 2 == 1;
        kind(targets, to).filter(t -> plain && t.shape().squeezed().rank() == 2 && isMatrixOfALayer(t))
                .ifPresent(t -> sibling(t.shape(), turned ? List.of(1, 0) : List.of(0, 1)));
    }

    /** The kind of tensor a person's rule speaks of, perhaps in one layer only. */
    private static Optional<Alike> kind(List<Alike> side, Pattern name) {
        return side.stream().filter(a -> a.names().stream().anyMatch(n -> name.match(n).isPresent())).findFirst();
    }

    private static Pattern name(List<Alike> side, Pattern name) {
        return kind(side, name).map(Alike::name).orElse(name);
    }

    private static Set<String> words(List<Alike> side, Pattern name) {
        return kind(side, name).map(Alike::words).orElseGet(() -> Words.of(name.toString()));
    }

    /** A rule somebody gave for one layer, for all of them. */
    private void general(Rule.Map map, Map<String, Alike> bySource, Map<String, Alike> byTarget) {
        if (map.from().stream().anyMatch(b -> b.source() != null || !b.name().isLiteral())
                || map.to().stream().anyMatch(b -> !b.name().isLiteral())) {
            return;
        }
        var from = new ArrayList<Alike>();
        var to = new ArrayList<Alike>();
        for (var branch : map.from()) {
            var like = bySource.get(branch.name().render(Map.of()));
            if (like == null || like.layers().size() < 2) { return; }
            from.add(like);
        }
        for (var branch : map.to()) {
            var like = byTarget.get(branch.name().render(Map.of()));
            if (like == null || like.layers().size() < 2) { return; }
            to.add(like);
        }
        var base = from.getFirst();
        long layer = number(base, map.from().getFirst().name());
        var in = new ArrayList<Rule.Branch>();
        for (int i = 0; i < from.size(); i++) {
            var shift = from.get(i).shiftFrom(base);
            if (shift == null || number(from.get(i), map.from().get(i).name()) != layer + shift) { return; }
            in.add(new Rule.Branch(null, from.get(i).shifted(shift), map.from().get(i).ops()));
        }
        var out = new ArrayList<Rule.Branch>();
        for (int i = 0; i < to.size(); i++) {
            var shift = to.get(i).shiftFrom(base);
            if (shift == null || number(to.get(i), map.to().get(i).name()) != layer + shift) { return; }
            out.add(new Rule.Branch(null, to.get(i).shifted(shift), map.to().get(i).ops()));
        }
        var rule = new Rule.Map(in, map.ops(), out);
        var names = from.stream().map(f -> f.name().toString()).toList();
        for (var like : to) {
            rules.put(like, rule);
            made.add(like);
            reasons.put(like,
                    new Reason(names, 1, 1, null, like.layers().size(), relation(from, like), List.of(Note.ACCEPTED),
                            null));
        }
        used.addAll(from);
    }

    private static Relation relation(List<Alike> from, Alike to) {
        var fit = from.size() == 1 ? Fit.of(from.getFirst().shape(), to.shape()) : null;
        return fit == null ? Relation.FUSED : fit.relation();
    }

    private static long number(Alike like, Pattern name) {
        return like.name().match(name.render(Map.of())).map(c -> Long.parseLong(c.getOrDefault("i", "0"))).orElse(-1L);
    }

    // Pairs.

    private List<Alike> left() {
        return sources.stream().filter(s -> !used.contains(s)).toList();
    }

    private List<Alike> open() {
        return targets.stream().filter(t -> !made.contains(t)).toList();
    }

    private void pairs() {
        boolean more = true;
        while (more) {
            more = false;
            for (var match : best(candidates())) {
                found.add(match);
                used.add(match.from());
                made.add(match.to());
                aliases.found(match.from(), match.to());
                if (match.fit().isDecided() && isMatrixOfALayer(match.to())) {
                    sibling(match.to().shape(), match.fit().orders().getFirst());
                }
                more = true;
            }
        }
    }

    private List<Match> candidates() {
        var open = open();
        var fits = new ArrayList<Match>();
        for (var from : left()) {
            for (var to : open) {
                var fit = fit(from, to);
                if (fit != null) {
                    fits.add(new Match(from, to, fit, 0, null, List.of()));
                }
            }
        }
        boolean crowded = fits.size() > MOST_FOLLOWED;
        return fits.stream().map(m -> match(m.from(), m.to(), m.fit(), crowded)).toList();
    }

    private static @Nullable Fit fit(Alike from, Alike to) {
        if (from.layers().size() == to.layers().size()) {
            return from.sizes().equals(to.sizes()) && to.shiftFrom(from) != null
                    ? Fit.of(from.shape(), to.shape())
                    : null;
        }
        // All layers in one tensor, on one side or the other.
        var one = from.layers().isEmpty() ? from : to.layers().isEmpty() ? to : null;
        var each = one == from ? to : from;
        if (one == null || each.layers().size() < 2 || one.shape().rank() < 2
                || one.shape().dim(0) != each.layers().size() || !isCounted(each)) {
            return null;
        }
        var rest = Shape.of(Arrays.stream(one.shape().dims()).skip(1).toArray());
        var fit = one == from ? Fit.of(rest, each.shape()) : Fit.of(each.shape(), rest);
        return fit == null ? null : new Fit(Relation.STACKED, fit.orders(), 0.8 * fit.closeness());
    }

    /** Whether no number is missing. */
    private static boolean isCounted(Alike each) {
        long next = each.first();
        for (long number : each.numbers()) {
            if (number != next++) { return false; }
        }
        return true;
    }

    private Match match(Alike from, Alike to, Fit fit, boolean crowded) {
        var plain = plainNames.computeIfAbsent(List.of(from, to), _ -> {
            var role = aliases.role(from.words(), to.words());
            double own = weighed(from.words(), to.words());
            return own > role.likeness() ? new Aliases.Meaning(own, null) : role;
        });
        double accepted = aliases.follows(from, to, true);
        double followed = crowded ? 0 : aliases.follows(from, to, false);
        if (accepted > plain.likeness() && accepted >= followed) {
            return new Match(from, to, fit, accepted, null, List.of(Note.ACCEPTED));
        }
        return followed > plain.likeness()
                ? new Match(from, to, fit, followed, null, List.of(Note.FOLLOWED))
                : new Match(from, to, fit, plain.likeness(), plain.role(), List.of());
    }

    /** The two best scores of all pairs one tensor is in. */
    private static final class Scores {
        private int count;
        private double first;
        private double second;

        void add(double score) {
            count++;
            second = Math.max(second, Math.min(first, score));
            first = Math.max(first, score);
        }

        /** The best of the others. */
        double without(double score) {
            return score == first ? second : first;
        }
    }

    /** Pairs that are each other's best by far. */
    private static List<Match> best(List<Match> candidates) {
        var scores = new HashMap<Alike, Scores>();
        candidates.forEach(m -> {
            scores.computeIfAbsent(m.from(), _ -> new Scores()).add(m.score());
            scores.computeIfAbsent(m.to(), _ -> new Scores()).add(m.score());
        });
        var best = new ArrayList<Match>();
        for (var match : candidates) {
            var from = Objects.requireNonNull(scores.get(match.from()));
            var to = Objects.requireNonNull(scores.get(match.to()));
            boolean alone = from.count == 1 && to.count == 1;
            boolean vector = match.to().shape().squeezed().rank() < 2;
            double rival = Math.max(from.without(match.score()), to.without(match.score()));
            if (alone
                    ? match.names() >= (vector ? LEAST_VECTOR : 0)
                    : match.names() >= LEAST && rival <= match.score() - MARGIN) {
                best.add(alone && match.names() < LEAST
                        ? new Match(match.from(), match.to(), match.fit(), match.names(), match.role(),
                                List.of(Note.ONLY))
                        : match);
            }
        }
        return best;
    }

    /** The names themselves, where a word that few names have counts more than one that all have. */
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
        return frequencies.computeIfAbsent(word, w -> Math.max(1, Stream
                .concat(sources.stream(), targets.stream()).filter(l -> l.words().contains(w)).count()));
    }

    // Which way round.

    private static boolean isMatrixOfALayer(Alike like) {
        return like.shape().squeezed().rank() > 2
                || like.shape().squeezed().rank() == 2 && !like.layers().isEmpty()
                        && !like.words().contains("embedding");
    }

    private static boolean isMatrixOfALayer(Shape shape, String name) {
        return shape.squeezed().rank() >= 2 && name.chars().anyMatch(Character::isDigit)
                && !Words.of(name).contains("embedding");
    }

    private void sibling(Shape shape, List<Integer> order) {
        orders.computeIfAbsent(shape.squeezed().rank(), _ -> new HashSet<>()).add(order);
    }

    /** What tensors of so many dimensions agree on; {@code null} if they don't, or if there is none. */
    private @Nullable List<Integer> siblings(int rank) {
        var seen = orders.getOrDefault(rank, Set.of());
        return seen.size() == 1 ? seen.iterator().next() : null;
    }

    /** Rules for what was found: squares go as their siblings do, when all of those are known. */
    private void squares() {
        for (var match : found) {
            var to = match.to();
            int rank = match.fit().orders().getFirst().size();
            var told = match.fit().isDecided() ? match.fit().orders().getFirst() : siblings(rank);
            boolean square = !match.fit().isDecided();
            if (told == null || !match.fit().orders().contains(told)) {
                // More than two dimensions of the same sizes on both sides, and no sibling says otherwise: as they are.
                var straight = IntStream.range(0, rank).boxed().toList();
                if (rank < 3 || told != null || !match.fit().orders().contains(straight)
                        || orders.containsKey(rank)) {
                    reasons.put(to, reason(match, Relation.SQUARE, List.of(), Open.SQUARE));
                    continue;
                }
                told = straight;
            }
            var notes = new ArrayList<>(match.notes());
            if (square) {
                notes.add(Note.SIBLINGS);
            }
            reasons.put(to, reason(match, shown(match, told), notes, null));
            rule(match, told);
        }
    }

    private static Relation shown(Match match, List<Integer> order) {
        if (match.fit().relation() != Relation.SQUARE) { return match.fit().relation(); }
        boolean straight = order.equals(IntStream.range(0, order.size()).boxed().toList());
        return straight
                ? match.from().shape().equals(match.to().shape()) ? Relation.EQUAL : Relation.SQUEEZED
                : order.size() == 2 ? Relation.TRANSPOSED : Relation.PERMUTED;
    }

    private void rule(Match match, List<Integer> order) {
        var from = match.from();
        var to = match.to();
        List<Op> ops;
        if (match.fit().relation() == Relation.STACKED) {
            boolean stack = !from.layers().isEmpty();
            var one = stack ? to.shape() : from.shape();
            var rest = Shape.of(Arrays.stream(one.dims()).skip(1).toArray());
            ops = Fit.stacked(stack ? from.shape() : rest, stack ? rest : to.shape(), order, stack);
        } else {
            ops = Fit.ops(from.shape(), to.shape(), order);
        }
        var shift = to.shiftFrom(from);
        var name = to.shifted(shift == null ? 0 : shift);
        if (!ops.isEmpty() || !from.name().equals(name)) {
            rules.put(to, new Rule.Map(List.of(Rule.Branch.of(from.name())), ops, List.of(Rule.Branch.of(name))));
        }
    }

    private static Reason reason(Match match, Relation shape, List<Note> notes, @Nullable Open open) {
        return new Reason(List.of(match.from().name().toString()), match.score(), match.names(), match.role(),
                match.to().layers().size(), shape, notes, open);
    }

    // Several in one.

    private void fused(boolean named) {
        var all = new ArrayList<Fuses.Fused>();
        if (named) {
            all.addAll(fuses.following(left(), open(), siblings(2)));
            take(all);
        }
        // Which way round square pieces lie is known only when the pairs are; so they wait for the second time.
        take(fuses.find(left(), open(), siblings(2), named).stream().filter(f -> !named || f.ops() != null).toList());
    }

    private void take(List<Fuses.Fused> all) {
        for (var fused : all) {
            var sides = fused.split() ? fused.many() : List.of(fused.one());
            if (sides.stream().anyMatch(made::contains)) {
                continue;
            }
            var from = fused.split() ? List.of(fused.one()) : fused.many();
            var names = new LinkedHashSet<>(from.stream().map(f -> f.name().toString()).toList());
            fused.rivals().stream().limit(MOST_RIVALS).forEach(r -> names.add(r.name().toString()));
            var open = !fused.rivals().isEmpty() ? Open.AMBIGUOUS : fused.ops() == null ? Open.SQUARE : null;
            double score = NAMES * fused.names() + SHAPE * 0.7 + INDEX;
            for (var to : sides) {
                reasons.put(to, new Reason(List.copyOf(names), score, fused.names(), null, to.layers().size(),
                        Relation.FUSED, open == null ? fused.notes() : List.of(), open));
                made.add(to);
                if (open == null) {
                    rules.put(to, fused.rule());
                }
            }
            used.addAll(from);
        }
    }

    // What is no rule by itself.

    /** Another number of rows, or packed values: which belongs to which is said, and a person says what to do. */
    private void resized() {
        var candidates = new ArrayList<Match>();
        for (var from : left()) {
            for (var to : open()) {
                if (to.shiftFrom(from) == null || Fit.of(from.shape(), to.shape()) != null) {
                    continue;
                }
                boolean packed = Fit.packed(from.shape(), from.type(), to.shape()) > 0;
                var fit = packed
                        ? new Fit(Relation.PACKED, List.of(List.of()), 0.3)
                        : Fit.rows(from.shape(), to.shape());
                if (fit != null) {
                    candidates.add(match(from, to, fit, false));
                }
            }
        }
        for (var match : best(candidates)) {
            boolean packed = match.fit().relation() == Relation.PACKED;
            if (match.names() < LEAST
                    || !packed && !UnknownKind.isTable(match.from().words(), match.to().words())) {
                continue;
            }
            used.add(match.from());
            made.add(match.to());
            reasons.put(match.to(),
                    reason(match, match.fit().relation(), match.notes(), packed ? Open.PACKED : Open.ROWS));
            var order = match.fit().orders().getFirst();
            // The rule says which tensor it is, so that the row shows it; its shape doesn't fit, so nothing is made by it.
            var name = match.to().shifted(Objects.requireNonNullElse(match.to().shiftFrom(match.from()), 0L));
            rules.put(match.to(), new Rule.Map(List.of(Rule.Branch.of(match.from().name())),
                    packed || order.size() < 2 || order.get(0) == 0
                            && match.from().shape().rank() == match.to().shape().rank()
                                    ? List.of()
                                    : Fit.ops(match.from().shape(), match.to().shape(), order),
                    List.of(Rule.Branch.of(name))));
        }
    }

    /** What more than one source could feed. */
    private void ambiguous() {
        var byTo = new LinkedHashMap<Alike, List<Match>>();
        candidates().forEach(m -> byTo.computeIfAbsent(m.to(), _ -> new ArrayList<>()).add(m));
        byTo.forEach((to, matches) -> {
            matches.sort(Comparator.comparingDouble(Match::score).reversed());
            var best = matches.getFirst();
            var names = matches.stream().filter(m -> m.score() > best.score() - MARGIN).limit(MOST_RIVALS)
                    .map(m -> m.from().name().toString()).toList();
            if (!reasons.containsKey(to)) {
                reasons.put(to, new Reason(names, best.score(), best.names(), best.role(), to.layers().size(),
                        best.fit().relation(), List.of(), Open.AMBIGUOUS));
            }
        });
    }
}
