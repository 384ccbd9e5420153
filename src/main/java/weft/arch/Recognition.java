package weft.arch;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import weft.arch.Dialect.Spelling;
import weft.arch.Parameter.Bound;
import weft.name.Pattern;
import weft.tensor.AxisSizes;
import weft.tensor.DType;
import weft.tensor.Layout;
import weft.tensor.Shape;
import weft.tensor.TensorInfo;

/**
 * Which dialect a list of tensors is written in. Names propose, shapes decide: {@code gpt2/hf} and
 * {@code gpt2/hf-linear} have the same names, and only a matrix that isn't square tells them apart.
 *
 * @param bound what each recognised tensor is, by its name
 * @param sizes axis sizes learned from all shapes
 * @param contradicting tensors whose shape can't be what the dialect says
 * @param unknown names the dialect doesn't have
 * @param rivals other dialects that fit as well but lay tensors out differently; then nothing is proved
 * @param told the tensor whose shape decided between this dialect and one of the same names, or {@code null}
 */
public record Recognition(Dialect dialect, Spelling spelling, Map<String, Bound> bound, AxisSizes sizes,
        List<String> contradicting, List<String> unknown, List<Dialect> rivals, @Nullable String told) {

    /** The dialect that explains most of the tensors, or empty if none explains a third of what it needs. */
    public static Optional<Recognition> of(List<TensorInfo> tensors, List<Dialect> dialects) {
        return of(tensors, dialects, Map.of());
    }

    /**
     * The same where a configuration lies beside the tensors: among dialects that explain them equally well, the one it
     * speaks of.
     *
     * @param words the configuration's
     */
    public static Optional<Recognition> of(List<TensorInfo> tensors, List<Dialect> dialects,
            Map<String, Object> words) {
        var templates = new LinkedHashMap<String, String>(); // h.#.ln → a name like it
        tensors.forEach(t -> templates.putIfAbsent(t.name().replaceAll("[0-9]+", "#"), t.name()));
        var candidates = new ArrayList<Candidate>();
        for (var dialect : dialects) {
            for (var before : commonPrefixes(tensors)) {
                for (boolean bare : dialect.prefix().isEmpty() ? new boolean[]{false} : new boolean[]{false, true}) {
                    var spelling = new Spelling(before, bare);
                    int hits = (int) templates.values().stream()
                            .filter(n -> find(dialect, spelling, new HashMap<>(), n) != null)
                            .count();
                    if (hits > 0) {
                        candidates.add(new Candidate(dialect, spelling, hits));
                    }
                }
            }
        }
        int most = candidates.stream().mapToInt(Candidate::hits).max().orElse(0);
        var results = candidates.stream().filter(c -> c.hits() * 2 >= most)
                .map(c -> read(c.dialect(), c.spelling(), tensors)).filter(Recognition::isEnough)
                .sorted(Comparator.comparingInt(Recognition::score)
                        .thenComparingInt(r -> r.dialect().agrees(words))
                        .thenComparingLong(r -> r.dialect().known(words)).reversed())
                .toList();
        if (results.isEmpty()) { return Optional.empty(); }
        var best = results.getFirst();
        var rivals = results.stream().skip(1).filter(r -> r.score() == best.score()
                && r.dialect().agrees(words) == best.dialect().agrees(words) && !best.laysOutLike(r))
                .map(Recognition::dialect).distinct().toList();
        var told = results.stream().skip(1)
                .filter(r -> r.bound.keySet().equals(best.bound.keySet()) && !r.contradicting.isEmpty())
                .map(r -> r.contradicting.getFirst()).findFirst().orElse(null);
        return Optional.of(new Recognition(best.dialect, best.spelling, best.bound, best.sizes, best.contradicting,
                best.unknown, rivals, told));
    }

    private record Candidate(Dialect dialect, Spelling spelling, int hits) {
    }

    /** A dialect that is known already, held against tensors. */
    public static Recognition read(Dialect dialect, Spelling spelling, List<TensorInfo> tensors) {
        return read(dialect, spelling, tensors, Set.of());
    }

    /**
     * The dialects that names propose where shapes are known of some only, and perhaps of a few parameters at all: those that know
     * most of the names and contradict the fewest shapes, the likeliest first.
     *
     * @param listed names, with shapes as far as they are known
     */
    static List<Recognition> proposed(List<Listing.Entry> listed, List<Dialect> dialects) {
        var tensors = listed.stream().map(e -> new TensorInfo(e.name(), DType.F32,
                e.shape() == null ? Shape.SCALAR : e.shape(), 0)).toList();
        var shapeless = listed.stream().filter(e -> e.shape() == null).map(Listing.Entry::name)
                .collect(Collectors.toSet());
        var results = new ArrayList<Recognition>();
        for (var dialect : dialects) {
            for (var before : commonPrefixes(tensors)) {
                for (boolean bare : dialect.prefix().isEmpty() ? new boolean[]{false} : new boolean[]{false, true}) {
                    var read = read(dialect, new Spelling(before, bare), tensors, shapeless);
                    if (!read.bound.isEmpty() && read.bound.size() * 3 >= tensors.size()
                            && read.bound.size() > 2 * read.contradicting.size()) {
                        results.add(read);
                    }
                }
            }
        }
        results.sort(Comparator.comparingInt((Recognition r) -> r.score() - r.underived()).reversed());
        return results;
    }

    /** How many of the family's derived sizes ({@code k = d/h}) are otherwise here: allowed, but a hint at the wrong dialect. */
    private int underived() {
        int otherwise = 0;
        for (var rule : dialect.family().derived().entrySet()) {
            var terms = rule.getValue().split("[*/]");
            var mine = sizes.product(List.of(rule.getKey()));
            var left = factor(terms[0].trim());
            var right = factor(terms[1].trim());
            // k = d/h reads k·h = d: of h and k often only the product is known.
            boolean divides = rule.getValue().contains("/");
            var product = divides && !Character.isDigit(terms[1].trim().charAt(0))
                    ? sizes.product(List.of(terms[1].trim(), rule.getKey()))
                    : OptionalLong.empty();
            if (product.isPresent() && left.isPresent()) {
                otherwise += product.getAsLong() == left.getAsLong() ? 0 : 1;
            } else if (!divides && mine.isPresent() && left.isPresent() && right.isPresent()) {
                otherwise += mine.getAsLong() == left.getAsLong() * right.getAsLong() ? 0 : 1;
            }
        }
        return otherwise;
    }

    private OptionalLong factor(String term) {
        return Character.isDigit(term.charAt(0)) ? OptionalLong.of(Long.parseLong(term)) : sizes.product(List.of(term));
    }

    private static Recognition read(Dialect dialect, Spelling spelling, List<TensorInfo> tensors,
            Set<String> shapeless) {
        var bound = new LinkedHashMap<String, Bound>();
        var unknown = new ArrayList<String>();
        var spelled = new HashMap<Pattern, Pattern>();
        for (var tensor : tensors) {
            var found = find(dialect, spelling, spelled, tensor.name());
            if (found == null) {
                unknown.add(tensor.name());
            } else {
                bound.put(tensor.name(), found);
            }
        }
        var sizes = new AxisSizes();
        var contradicting = new LinkedHashSet<String>();
        long layers = 0;
        // Plain products first: they fix the widths that take sums apart.
        for (boolean sums : new boolean[]{false, true, false}) {
            for (var tensor : tensors) {
                var what = bound.get(tensor.name());
                if (what == null || what.entry().presence() == Dialect.Presence.BUFFER
                        || (what.entry().layout().sumAxis() >= 0) != sums) {
                    continue;
                }
                if (!shapeless.contains(tensor.name()) && !sizes.learn(what.entry().layout(), tensor.shape())) {
                    contradicting.add(tensor.name());
                }
                var layer = what.captures().get(dialect.family().layers());
                if (layer != null) {
                    layers = Math.max(layers, Long.parseLong(layer) + 1);
                }
            }
        }
        if (layers > 0) {
            sizes.learn(List.of(dialect.family().layers()), layers);
        }
        return new Recognition(dialect, spelling, bound, sizes, List.copyOf(contradicting), unknown, List.of(), null);
    }

    /** What a name is called in a spelling of a dialect; how its patterns are spelled is kept for the next name. */
    private static @Nullable Bound find(Dialect dialect, Spelling spelling, Map<Pattern, Pattern> spelled,
            String name) {
        if (!name.startsWith(spelling.before())) { return null; }
        var rest = name.substring(spelling.before().length());
        for (var entry : dialect.tensors()) {
            for (var pattern : entry.names()) {
                boolean prefixed = !dialect.prefix().isEmpty() && pattern.toString().startsWith(dialect.prefix());
                var tried = spelling.bare() && prefixed ? dialect.prefix() + rest : rest;
                var captures = pattern.match(tried);
                if (captures.isPresent() && isLayer(captures.get().get(dialect.family().layers()))) {
                    return new Bound(entry, spelled.computeIfAbsent(pattern, p -> dialect.spell(p, spelling)),
                            captures.get());
                }
            }
        }
        return null;
    }

    /** A number that counts further than layers go is part of a name, and of one that no dialect has. */
    private static boolean isLayer(@Nullable String number) {
        return number == null || Long.parseLong(number) < Family.MOST_LAYERS;
    }

    /** "" and every run of leading segments that all names share; the dialects' own prefixes are among them. */
    private static List<String> commonPrefixes(List<TensorInfo> tensors) {
        var prefixes = new ArrayList<>(List.of(""));
        if (tensors.isEmpty()) { return prefixes; }
        var shared = tensors.getFirst().name();
        for (var tensor : tensors) {
            int n = 0;
            int end = Math.min(shared.length(), tensor.name().length());
            while (n < end && shared.charAt(n) == tensor.name().charAt(n)) {
                n++;
            }
            shared = shared.substring(0, n);
        }
        for (int i = 0; i < shared.length() && prefixes.size() < 4; i++) {
            if (shared.charAt(i) == '.' || shared.charAt(i) == '/') {
                prefixes.add(shared.substring(0, i + 1));
            }
        }
        return prefixes;
    }

    private int score() {
        return 2 * (bound.size() - 2 * contradicting.size()) - (spelling.before().isEmpty() ? 0 : 1);
    }

    /** A dialect is named only if a third of what it requires is there. */
    private boolean isEnough() {
        var seen = new LinkedHashSet<Pattern>();
        bound.values().forEach(b -> seen.add(b.entry().name()));
        long required = dialect.tensors().stream().filter(e -> e.presence() == Dialect.Presence.REQUIRED).count();
        return seen.size() * 3L >= required && bound.size() > 2 * contradicting.size();
    }

    boolean laysOutLike(Recognition other) {
        return bound.keySet().equals(other.bound.keySet()) && bound.entrySet().stream().allMatch(e -> {
            var mine = e.getValue().entry();
            var theirs = other.bound.get(e.getKey());
            return theirs != null && mine.layout().equals(theirs.entry().layout());
        });
    }

    /**
     * Whether the shape alone shows how this tensor is laid out: a vector, or a matrix that isn't square. A square
     * looks the same either way, so its dialect is only an assumption.
     */
    public static boolean shapeTells(TensorInfo tensor) {
        var shape = tensor.shape().squeezed();
        for (int a = 0; a < shape.rank(); a++) {
            for (int b = a + 1; b < shape.rank(); b++) {
                if (shape.dim(a) == shape.dim(b)) { return false; }
            }
        }
        return true;
    }

    /**
     * The same, knowing that some tensors are stored the other way round than their dialect says. Rules derived from
     * it turn just these.
     */
    public Recognition turned(Set<String> tensors) {
        var readings = new LinkedHashMap<String, Reading>();
        for (var tensor : tensors) {
            var what = bound.get(tensor);
            if (what != null) {
                readings.put(tensor, Reading.of(what).turned());
            }
        }
        return read(readings);
    }

    /** The same, knowing what some tensors hold that isn't what their dialect says. */
    public Recognition read(Map<String, Reading> otherwise) {
        var changed = new LinkedHashMap<>(bound);
        var layer = dialect.family().layers();
        var entries = new LinkedHashSet<Dialect.Entry>();
        otherwise.keySet().stream().map(bound::get).filter(Objects::nonNull)
                .forEach(b -> entries.add(b.entry()));
        for (var entry : entries) {
            var groups = new LinkedHashMap<Reading, List<Map.Entry<String, Bound>>>();
            bound.entrySet().stream().filter(e -> e.getValue().entry().equals(entry)).forEach(e -> groups
                    .computeIfAbsent(otherwise.getOrDefault(e.getKey(), Reading.of(entry)), _ -> new ArrayList<>())
                    .add(e));
            groups.forEach((reading, some) -> {
                // Where only some layers are otherwise, the entries speak of different layers: {i:3|7} and the rest.
                var which = groups.size() == 1 || some.getFirst().getValue().captures().get(layer) == null
                        ? Map.<String, Pattern>of()
                        : Map.of(layer, some.size() == 1
                                ? Pattern.literal(some.getFirst().getValue().captures().getOrDefault(layer, ""))
                                : Pattern.parse(some.stream().map(e -> e.getValue().captures().get(layer))
                                        .collect(Collectors.joining("|", "{" + layer + ":", "}"))));
                var named = reading.named(reading.roles().stream().map(r -> r.with(which)).toList());
                var other = new Dialect.Entry(entry.names().stream().map(n -> n.with(which)).toList(), named.layout(),
                        named.roles(), entry.presence(), entry.option(), entry.mistaken());
                some.forEach(e -> changed.put(e.getKey(), new Bound(other, e.getValue().pattern().with(which),
                        e.getValue().captures())));
            });
        }
        return new Recognition(dialect, spelling, changed, sizes, contradicting, unknown, rivals, told);
    }

    /** The same, what is known of single tensors too, with axis sizes learned from these shapes and nothing else. */
    public Recognition withSizesOf(List<TensorInfo> tensors) {
        return new Recognition(dialect, spelling, bound, read(dialect, spelling, tensors).sizes, contradicting,
                unknown, rivals, told);
    }

    /** The dialect's switches as these names show them: a few names say nothing of one, more than half of them do. */
    Map<String, Boolean> options() {
        boolean isWhole = bound.values().stream().map(b -> b.entry().name()).distinct().count() * 2 > dialect.tensors()
                .size();
        var options = new LinkedHashMap<String, Boolean>();
        dialect.options().forEach((option, usual) -> options.put(option,
                bound.values().stream().anyMatch(b -> option.equals(b.entry().option())) || !isWhole && usual));
        return options;
    }

    /** Tensors whose names a known mistake has given them. */
    public List<String> misnamed() {
        return bound.entrySet().stream().filter(e -> e.getValue().entry().mistaken().stream()
                .anyMatch(m -> dialect.spell(m, spelling).equals(e.getValue().pattern()))).map(Map.Entry::getKey)
                .toList();
    }

    /** The layout of a tensor, or null if it isn't one of the dialect's. */
    public @Nullable Layout layout(String name) {
        var what = bound.get(name);
        return what == null ? null : what.entry().layout();
    }
}
