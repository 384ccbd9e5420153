package weft.plan;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import weft.arch.Dialect.Presence;
import weft.arch.Parameter;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.name.NameIndex.Found;
import weft.name.Pattern;
import weft.rule.Rule;
import weft.rule.RuleSet;
import weft.rule.Sizes;
import weft.tensor.Shape;
import weft.tensor.TensorInfo;

/** Where there is no target, the rules say what comes out of a source. */
public final class Outcome {
    private final Source source;
    private final RuleSet rules;
    private final Sizes sizes;
    private final SourceNames names;
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final Map<String, Parameter> made = new LinkedHashMap<>();
    private final Set<String> used = new HashSet<>();

    private Outcome(Source source, RuleSet rules) {
        this.source = source;
        this.rules = rules;
        this.sizes = rules.sizes().or(source::size);
        this.names = new SourceNames(source);
        source.all().forEach(t -> tensors.putIfAbsent(t.name(), t));
    }

    /**
     * The parameters the rules make, and those that {@code others: copy} (or having no rules at all) leaves as they
     * are.
     *
     * @throws CheckpointException {@code E-SOURCE}, {@code E-COLLECT}, {@code E-REGEX} and what the ops throw, with
     *         the rule's number
     */
    public static List<Parameter> of(Source source, RuleSet rules) throws CheckpointException {
        var outcome = new Outcome(source, rules);
        for (int i = 0; i < rules.rules().size(); i++) {
            outcome.add(i + 1, rules.rules().get(i));
        }
        return outcome.finished();
    }

    private List<Parameter> finished() throws CheckpointException {
        if (rules.others() == RuleSet.Others.COPY || rules.rules().isEmpty()) {
            source.tensors().stream().filter(t -> !used.contains(t.name()))
                    .forEach(t -> make(t.name(), t.shape()));
        }
        for (var rule : rules.rules()) {
            if (rule instanceof Rule.Tie tie) {
                for (var parameter : List.copyOf(made.values())) {
                    var captures = tie.same().match(parameter.name())
                            .filter(c -> c.keySet().containsAll(tie.to().captureNames()));
                    if (captures.isPresent()) {
                        make(rendered(tie.to(), captures.get()), parameter.shape());
                    }
                }
            }
        }
        return List.copyOf(made.values());
    }

    /** A name with its captures filled in; {@code {i-1}} leads below 0 for the first layer. */
    private static String rendered(Pattern name, Map<String, String> captures) throws CheckpointException {
        try {
            return name.render(captures);
        } catch (IllegalArgumentException e) {
            throw Problem.of(Code.E_NAME).field(e.getMessage()).found(name).asException(e);
        }
    }

    private void make(String name, Shape shape) {
        made.putIfAbsent(name, new Parameter(name, shape, Presence.REQUIRED, null));
    }

    private void add(int number, Rule rule) throws CheckpointException {
        switch (rule) {
            case Rule.Map map -> map(number, map);
            case Rule.Drop drop -> tensors.keySet().stream().filter(n -> drop.from().match(n).isPresent())
                    .forEach(used::add);
            // What is made of nothing has a shape only in a target.
            case Rule.Tie _,Rule.Init _,Rule.Keep _,Rule.Assert _ -> {
            }
        }
    }

    private void map(int number, Rule.Map map) throws CheckpointException {
        var wrong = map.problem();
        if (wrong.isPresent()) { throw wrong.get().by(number, null).asException(); }
        var kept = new LinkedHashSet<String>();
        map.to().forEach(b -> kept.addAll(b.name().captureNames()));
        var problems = new ArrayList<Problem>();
        var known = new ArrayList<Map<Map<String, String>, List<Found>>>();
        var keys = new LinkedHashSet<Map<String, String>>();
        int most = map.from().stream().mapToInt(b -> common(b.name(), kept)).max().orElse(0);
        for (var branch : map.from()) {
            var byKey = new LinkedHashMap<Map<String, String>, List<Found>>();
            for (var found : names.all(branch, number, problems)) {
                used.add(found.name());
                byKey.computeIfAbsent(SourceNames.restricted(found.captures(), kept), _ -> new ArrayList<>())
                        .add(found);
            }
            known.add(byKey);
            if (common(branch.name(), kept) == most) {
                keys.addAll(byKey.keySet());
            }
        }
        if (!problems.isEmpty()) { throw problems.getFirst().asException(); }
        for (var key : keys) {
            try {
                made(map, key, known, kept);
            } catch (CheckpointException e) {
                throw e.problem().by(number, null).asException(e);
            }
        }
    }

    private static int common(Pattern name, Set<String> kept) {
        var own = new HashSet<>(name.captureNames());
        own.retainAll(kept);
        return own.size();
    }

    private void made(Rule.Map map, Map<String, String> key, List<Map<Map<String, String>, List<Found>>> known,
            Set<String> kept) throws CheckpointException {
        var shapes = new ArrayList<Shape>();
        var counts = new ArrayList<Integer>();
        for (int i = 0; i < map.from().size(); i++) {
            var branch = map.from().get(i);
            var own = new HashSet<>(branch.name().captureNames());
            own.retainAll(kept);
            var found = known.get(i).getOrDefault(SourceNames.restricted(key, own), List.of());
            if (found.isEmpty()) {
                var name = branch.name().isRegex() || !key.keySet().containsAll(branch.name().captureNames())
                        ? branch.name().toString()
                        : rendered(branch.name(), key);
                throw Problem.of(Code.E_SOURCE).found(SourceNames.key(branch.source(), name)).asException();
            }
            found.forEach(f -> shapes.add(Objects.requireNonNull(tensors.get(f.name())).shape()));
            counts.add(found.size());
        }
        if (map.spread().isEmpty()) {
            var ones = Collections.nCopies(map.to().size(), 1);
            var out = map.chain(counts, ones).shapes(shapes, sizes);
            for (int t = 0; t < out.size(); t++) {
                make(rendered(map.to().get(t).name(), key), out.get(t));
            }
            return;
        }
        spread(map, key, shapes, counts);
    }

    /** Without a target nobody says how far a number goes; the pieces count themselves. */
    private void spread(Rule.Map map, Map<String, String> key, List<Shape> shapes, List<Integer> counts)
            throws CheckpointException {
        var capture = map.to().getFirst().name().captures().stream().filter(c -> map.spread().contains(c.name()))
                .findFirst().orElse(null);
        boolean parts = Claims.makesParts(map);
        if (map.spread().size() != 1 || capture == null || capture.kind() == Pattern.Kind.SEGMENT
                || capture.kind() == Pattern.Kind.REST || !parts && capture.choices().isEmpty()) {
            throw Problem.of(Code.E_COLLECT).field(map.to().getFirst().name())
                    .found("{" + String.join("}, {", map.spread()) + "}")
                    .expected("target").asException();
        }
        int pieces = parts
                ? map.chain(counts, Collections.nCopies(map.to().size(), 0)).pieces(shapes, sizes)
                        / map.to().size()
                : 1;
        var out = map.chain(counts, Collections.nCopies(map.to().size(), pieces)).shapes(shapes, sizes);
        for (int t = 0; t < map.to().size(); t++) {
            int copies = parts ? pieces : capture.choices().size();
            for (int k = 0; k < copies; k++) {
                if (!capture.choices().isEmpty() && k >= capture.choices().size()) {
                    break;
                }
                var captures = new LinkedHashMap<>(key);
                captures.put(capture.name(),
                        capture.choices().isEmpty() ? Integer.toString(k) : capture.choices().get(k));
                make(rendered(map.to().get(t).name(), captures), out.get(parts ? t * pieces + k : t));
            }
        }
    }
}
