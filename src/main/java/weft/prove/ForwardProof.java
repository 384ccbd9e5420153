package weft.prove;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import weft.arch.Hypers;
import weft.arch.Parameter;
import weft.arch.Reading;
import weft.infer.Kernels;
import weft.infer.LanguageModel;
import weft.infer.Models;
import weft.infer.PlanWeights;
import weft.infer.RepeatedLoss;
import weft.io.CheckpointException;
import weft.io.Progress;
import weft.name.NaturalOrder;
import weft.plan.Execution;
import weft.plan.Plan;
import weft.prove.Doubt.Unit;
import weft.prove.Orientation.Answer;
import weft.prove.Orientation.Kind;
import weft.prove.Orientation.Question;
import weft.prove.Orientation.Trial;
import weft.prove.Orientation.Verdict;
import weft.tensor.TensorSource;

/**
 * Finds out what no shape shows by computing with every reading: which way round square matrices are, which part is the
 * query. Hypotheses are tested for whole roles first (all {@code c_proj} alike), because turning one of twelve wrong
 * squares gives no signal; then layer by layer against the best of those, until no single layer helps. A verdict needs
 * {@link Orientation#MARGIN} and a winner that is clearly a language model: in trained models a square of a later layer
 * often makes less difference than that, and then there is none.
 *
 * <p>
 * The model is loaded once. A hypothesis reads anew what it is about and shares the rest; layers below the first that
 * differs aren't computed again.
 */
public final class ForwardProof {
    /** Predicted tokens of the text that are used: every hypothesis costs one pass over them. */
    public static final int MOST_TOKENS = 256;

    /** Where a question has many answers, so many tokens choose the one that is tried on all. */
    private static final int SCREEN_TOKENS = 64;

    /**
     * Where nothing makes sense yet, a reading that makes a model shows at a glance: it is this much better than chance on
     * so few tokens. Others aren't computed any further.
     */
    private static final int GLANCE_TOKENS = 16;
    private static final double GLANCE = 0.5;

    /** Kinds of squares up to which every combination is tried: 2⁴ passes. */
    private static final int FEW_KINDS = 4;

    /**
     * Where a question has more than two answers, single layers are asked up to this much work: parameters × layers ×
     * answers. GPT-2 124M and its twelve orders of q, k and v are beyond: minutes for what nobody gets wrong in one layer.
     */
    private static final double MOST_WORK = 2e9;

    /** Layers that are read otherwise one after another before that makes sense. */
    private static final int MOST_ROUNDS = 8;

    /** One layer's part in a question. */
    private record Place(int doubt, int unit) {
    }

    private final Plan plan;
    private final Map<String, Reading> stored;
    private final Map<String, Parameter> parameters = new HashMap<>();
    private final PlanWeights weights;
    private final List<Doubt> doubts = new ArrayList<>();
    private final Hypers hypers;
    private final Progress progress;
    private final Bench all;
    private final Bench first;
    private final Bench glance;
    private final List<Trial> trials = new ArrayList<>();
    private @Nullable LanguageModel base;
    private int runs;
    private int expected;

    private ForwardProof(Plan plan, List<TensorSource> tensors, Hypers hypers, int[] ids, Progress progress)
            throws CheckpointException {
        this.plan = plan;
        this.hypers = hypers;
        this.progress = progress;
        weights = new PlanWeights(new Execution(plan, tensors));
        stored = Doubts.stored(plan);
        plan.target().parameters().forEach(p -> parameters.put(p.name(), p));
        for (var doubt : Doubts.of(plan)) {
            var ways = doubt.ways().stream().filter(w -> canRead(doubt.units().getFirst(), w)).toList();
            if (!ways.isEmpty()) {
                doubts.add(new Doubt(doubt.kind(), doubt.what(), doubt.stored(), ways, doubt.units()));
            }
        }
        all = new Bench(ids);
        first = ids.length > SCREEN_TOKENS + 1 ? new Bench(Arrays.copyOf(ids, SCREEN_TOKENS + 1)) : all;
        glance = ids.length > GLANCE_TOKENS + 1 ? new Bench(Arrays.copyOf(ids, GLANCE_TOKENS + 1)) : first;
    }

    /**
     * Tests a source by itself, whatever it shall become: how it is stored is a property of the file.
     *
     * @param plan the source as a target of its own; its family must be one Weft computes
     * @param tensors the source's
     * @param ids the fixed text's tokens, of which the first {@link #MOST_TOKENS} + 1 are used
     * @param name the fixed text's name
     * @throws CheckpointException {@code NOT_COMPLETE}, {@code NOT_FINITE}, {@code BAD_PROMPT}, … as the forward pass
     */
    public static Orientation of(Plan plan, List<TensorSource> tensors, Hypers hypers, int[] ids, String name,
            Progress progress) throws CheckpointException {
        var used = ids.length > MOST_TOKENS + 1 ? Arrays.copyOf(ids, MOST_TOKENS + 1) : ids;
        return new ForwardProof(plan, tensors, hypers, used, progress).run(name);
    }

    /** Whether sizes are known that this reading needs (heads, where parts alternate). */
    private boolean canRead(Unit unit, Doubt.Way way) {
        var readings = new HashMap<>(stored);
        way.change().apply(unit, readings);
        var read = weights.read(readings);
        try {
            for (var tensor : unit.tensors()) {
                for (var role : roles(tensor, readings)) {
                    read.role(role);
                }
            }
            return true;
        } catch (CheckpointException e) {
            return false; // what is wrong with the file itself is said when the model is loaded
        }
    }

    // The search ------------------------------------------------------------------------------------------------------

    private Orientation run(String name) throws CheckpointException {
        expected = 1 + (1 << Math.min(FEW_KINDS, squares().size())) + doubts.stream()
                .mapToInt(d -> d.ways().size() + (layerByLayer(d) ? d.units().size() * d.ways().size() : 0)).sum();
        double before = all.loss(Map.of());
        var margins = new HashMap<Place, Double>();
        var best = ofWholeRoles();
        for (var start : isModel(best) ? List.of(best) : List.of(Map.<Place, Integer>of(), best)) {
            margins.clear();
            best = layerByLayer(start, margins);
            if (isModel(best)) {
                break;
            }
        }
        // Of two that make no sense the one with the lower loss is no better.
        return concluded(name, before, isModel(best) ? best : Map.of(), margins);
    }

    /** The best reading of whole roles, all layers of each alike. */
    private Map<Place, Integer> ofWholeRoles() throws CheckpointException {
        var squares = squares();
        var best = squares.size() <= FEW_KINDS ? ofAllCombinations() : ofOneAfterAnother(allSquares(), squares);
        if (doubts.size() == squares.size()) { return best; }
        var turned = best;
        // Where nothing makes sense yet, a little less nonsense is no hint; one other reading makes a model, or two do.
        if (!isModel(best)) {
            for (int doubt : numbers()) {
                var other = nearest(doubt, null, Map.of());
                trial(doubt, null, other, Map.of());
                best = isModel(other) && all.loss(other) < all.loss(best) ? other : best;
            }
        }
        if (!isModel(best)) {
            best = ofPairs();
        }
        return isModel(best) ? ofOneAfterAnother(best, numbers()) : turned;
    }

    private List<Integer> numbers() {
        return IntStream.range(0, doubts.size()).boxed().toList();
    }

    private List<Integer> squares() {
        return numbers().stream().filter(n -> doubts.get(n).kind() == Kind.ORIENTATION).toList();
    }

    private boolean isModel(Map<Place, Integer> hypothesis) throws CheckpointException {
        return all.loss(hypothesis) < Math.log(vocabulary()) - 1;
    }

    /** Whether a reading may make a model. */
    private boolean isPromising(Map<Place, Integer> hypothesis) throws CheckpointException {
        return glance.loss(hypothesis) < Math.log(vocabulary()) - GLANCE;
    }

    /** Every kind of square turned or not, in every combination. */
    private Map<Place, Integer> ofAllCombinations() throws CheckpointException {
        Map<Place, Integer> best = Map.of();
        for (var some : combinations()) {
            if (trial(Kind.ORIENTATION, what(some), text(some), some, best) < -Orientation.MARGIN) {
                best = some;
            }
        }
        return best;
    }

    /** All squares together, if that helps. */
    private Map<Place, Integer> allSquares() throws CheckpointException {
        Map<Place, Integer> every = Map.of();
        for (int kind : squares()) {
            every = with(every, kind, 0);
        }
        return trial(Kind.ORIENTATION, "*", "", every, Map.of()) < -Orientation.MARGIN ? every : Map.of();
    }

    /** Whichever role's other reading helps most, until none does. */
    private Map<Place, Integer> ofOneAfterAnother(Map<Place, Integer> start, List<Integer> which)
            throws CheckpointException {
        var best = start;
        while (true) {
            var next = best;
            for (int doubt : which) {
                var other = nearest(doubt, null, best);
                trial(doubt, null, other, best);
                if (all.loss(other) < all.loss(next) - Orientation.MARGIN) {
                    next = other;
                }
            }
            if (next.equals(best)) { return best; }
            best = next;
        }
    }

    /** Two mistakes at once hide each other: any two together, all combinations of squares counted as one. */
    private Map<Place, Integer> ofPairs() throws CheckpointException {
        var firsts = new ArrayList<Map<Place, Integer>>(combinations());
        Map<Place, Integer> best = Map.of();
        for (int doubt : numbers()) {
            if (doubts.get(doubt).kind() == Kind.ORIENTATION) {
                continue;
            }
            for (var one : firsts) {
                for (var two : others(doubt, null, one)) {
                    if (two.size() == one.size() || !isPromising(two)) {
                        continue; // the doubt's own, or no better than chance
                    }
                    add(new Trial(doubts.get(doubt).kind(), what(two), text(two), first.loss(two),
                            first.loss(Map.of()), first.tokens()));
                    best = first.loss(two) < first.loss(best) ? two : best;
                }
            }
            firsts.addAll(others(doubt, null, Map.of()));
        }
        return best;
    }

    /** Every combination of squares where they are few, else each kind and all of them. */
    private List<Map<Place, Integer>> combinations() {
        var kinds = squares();
        var all = new ArrayList<Map<Place, Integer>>();
        if (kinds.size() <= FEW_KINDS) {
            for (int combination = 1; combination < 1 << kinds.size(); combination++) {
                Map<Place, Integer> some = Map.of();
                for (int kind = 0; kind < kinds.size(); kind++) {
                    some = (combination >> kind & 1) == 1 ? with(some, kinds.get(kind), 0) : some;
                }
                all.add(some);
            }
            return all;
        }
        Map<Place, Integer> every = Map.of();
        for (int kind : kinds) {
            all.add(with(Map.of(), kind, 0));
            every = with(every, kind, 0);
        }
        all.add(every);
        return all;
    }

    private List<Integer> asked(Map<Place, Integer> hypothesis) {
        return hypothesis.keySet().stream().map(Place::doubt).distinct().sorted().toList();
    }

    private String what(Map<Place, Integer> hypothesis) {
        return String.join(", ", asked(hypothesis).stream().map(d -> doubts.get(d).what()).toList());
    }

    private String text(Map<Place, Integer> hypothesis) {
        return String.join(", ", asked(hypothesis).stream().map(d -> text(d, hypothesis)).toList());
    }

    /**
     * The layer that helps most, until none does: every margin is about the best model found, not about one on the way.
     * What one layer's reading makes no better than the stored one by the margin, stays as it is stored.
     */
    private Map<Place, Integer> layerByLayer(Map<Place, Integer> start, Map<Place, Double> margins)
            throws CheckpointException {
        var places = new ArrayList<Place>();
        for (int doubt = 0; doubt < doubts.size(); doubt++) {
            boolean asked = layerByLayer(doubts.get(doubt));
            for (int unit = 0; asked && unit < doubts.get(doubt).units().size(); unit++) {
                places.add(new Place(doubt, unit));
            }
        }
        places.sort(Comparator.comparing((Place p) -> unit(p).tensors().getFirst(), NaturalOrder.INSTANCE));
        var best = start;
        for (int round = 0, most = isModel(start) ? Integer.MAX_VALUE : MOST_ROUNDS; !places.isEmpty()
                && round < most; round++) {
            all.hold(best);
            var next = best;
            boolean model = isModel(best);
            for (var place : places) {
                var other = nearest(place.doubt(), place, best);
                if (!model) { // no verdict hangs on it: whichever helps most on few tokens is tried on all
                    add(new Trial(doubts.get(place.doubt()).kind(), what(place.doubt(), place),
                            text(place.doubt(), place, other), first.loss(other), first.loss(best), first.tokens()));
                    next = first.loss(other) < first.loss(next) ? other : next;
                    continue;
                }
                margins.put(place, trial(place.doubt(), place, other, best));
                if (all.loss(other) < all.loss(next)) {
                    next = other;
                }
            }
            var after = all.loss(next) < all.loss(best) - Orientation.MARGIN ? next : asStored(best, start);
            if (after.equals(best)) { return best; }
            best = after;
            most = isModel(best) ? Integer.MAX_VALUE : most;
        }
        return best;
    }

    /** Without one layer's reading that whole roles didn't ask for and that makes no difference now. */
    private Map<Place, Integer> asStored(Map<Place, Integer> best, Map<Place, Integer> start)
            throws CheckpointException {
        for (var place : best.keySet()) {
            var without = new HashMap<>(best);
            without.remove(place);
            if (!start.containsKey(place) && all.loss(Map.copyOf(without)) <= all.loss(best) + Orientation.MARGIN) {
                return Map.copyOf(without);
            }
        }
        return best;
    }

    private boolean layerByLayer(Doubt doubt) {
        double size = plan.target().parameters().stream().mapToDouble(p -> p.shape().count()).sum();
        return doubt.ways().size() == 1 || size * doubt.units().size() * doubt.ways().size() <= MOST_WORK;
    }

    // Hypotheses ------------------------------------------------------------------------------------------------------

    private Unit unit(Place place) {
        return doubts.get(place.doubt()).units().get(place.unit());
    }

    /** A role read one way in all layers; {@code null} reads it as it is stored. */
    private Map<Place, Integer> with(Map<Place, Integer> hypothesis, int doubt, @Nullable Integer way) {
        var next = new HashMap<>(hypothesis);
        for (int unit = 0; unit < doubts.get(doubt).units().size(); unit++) {
            put(next, new Place(doubt, unit), way);
        }
        return Map.copyOf(next);
    }

    private static void put(Map<Place, Integer> hypothesis, Place place, @Nullable Integer way) {
        if (way == null) {
            hypothesis.remove(place);
        } else {
            hypothesis.put(place, way);
        }
    }

    /** All other readings of a role, or of it in one layer. */
    private List<Map<Place, Integer>> others(int doubt, @Nullable Place place, Map<Place, Integer> hypothesis) {
        var others = new ArrayList<Map<Place, Integer>>();
        for (int way = -1; way < doubts.get(doubt).ways().size(); way++) {
            var chosen = way < 0 ? null : way;
            Map<Place, Integer> other;
            if (place == null) {
                other = with(hypothesis, doubt, chosen);
            } else {
                var next = new HashMap<>(hypothesis);
                put(next, place, chosen);
                other = Map.copyOf(next);
            }
            if (!other.equals(hypothesis)) {
                others.add(other);
            }
        }
        return others;
    }

    /** The other reading that computes best. */
    private Map<Place, Integer> nearest(int doubt, @Nullable Place place, Map<Place, Integer> hypothesis)
            throws CheckpointException {
        var others = others(doubt, place, hypothesis);
        var best = others.getFirst();
        if (others.size() == 1) { return best; }
        if (!isModel(hypothesis)) {
            var promising = new ArrayList<Map<Place, Integer>>();
            for (var other : others) {
                best = glance.loss(other) < glance.loss(best) ? other : best;
                if (isPromising(other)) {
                    promising.add(other);
                }
            }
            others = promising.isEmpty() ? List.of(best) : promising;
            best = others.getFirst();
        }
        for (var other : others) {
            add(new Trial(doubts.get(doubt).kind(), what(doubt, place), text(doubt, place, other), first.loss(other),
                    first.loss(hypothesis), first.tokens()));
            if (first.loss(other) < first.loss(best)) {
                best = other;
            }
        }
        return best;
    }

    private String what(int doubt, @Nullable Place place) {
        return place == null ? doubts.get(doubt).what() : String.join(", ", unit(place).tensors());
    }

    private String text(int doubt, @Nullable Place place, Map<Place, Integer> hypothesis) {
        var way = hypothesis.get(place == null ? new Place(doubt, 0) : place);
        return way == null ? doubts.get(doubt).stored() : doubts.get(doubt).ways().get(way).text();
    }

    /** What most layers are read as. */
    private String text(int doubt, Map<Place, Integer> hypothesis) {
        var counts = new LinkedHashMap<String, Integer>();
        for (int unit = 0; unit < doubts.get(doubt).units().size(); unit++) {
            counts.merge(text(doubt, new Place(doubt, unit), hypothesis), 1, Integer::sum);
        }
        return Collections.max(counts.entrySet(), Map.Entry.comparingByValue()).getKey();
    }

    private double trial(int doubt, @Nullable Place place, Map<Place, Integer> some, Map<Place, Integer> against)
            throws CheckpointException {
        return trial(doubts.get(doubt).kind(), what(doubt, place), text(doubt, place, some), some, against);
    }

    /** How much worse the model is with the one than with the other. */
    private double trial(Kind kind, String what, String as, Map<Place, Integer> some, Map<Place, Integer> against)
            throws CheckpointException {
        var trial = new Trial(kind, what, as, all.loss(some), all.loss(against), all.tokens());
        add(trial);
        return trial.margin();
    }

    private void add(Trial trial) {
        if (!trials.contains(trial)) {
            trials.add(trial);
        }
    }

    // The verdicts ----------------------------------------------------------------------------------------------------

    private Orientation concluded(String name, double before, Map<Place, Integer> best, Map<Place, Double> margins)
            throws CheckpointException {
        boolean isModel = isModel(best);
        var questions = new ArrayList<Question>();
        var verdicts = new ArrayList<Verdict>();
        var wrong = new HashMap<Place, Integer>();
        for (int number = 0; number < doubts.size(); number++) {
            var doubt = doubts.get(number);
            var next = nearest(number, null, best);
            double margin = trial(number, null, next, best);
            var most = text(number, best);
            boolean clear = isModel && margin > Orientation.MARGIN;
            boolean asOne = clear && places(number).allMatch(best::containsKey);
            var layers = new ArrayList<Question>();
            for (var place : places(number).toList()) {
                double own = margins.getOrDefault(place, layerByLayer(doubt) ? 0.0 : margin);
                var answer = answer(doubt.kind(), best.containsKey(place), isModel, asOne, own);
                if (answer == Answer.TURNED) {
                    wrong.put(place, Objects.requireNonNull(best.get(place)));
                }
                if (doubt.kind() == Kind.ORIENTATION || best.containsKey(place)) {
                    unit(place).tensors().forEach(t -> verdicts.add(new Verdict(doubt.kind(), t, answer, own)));
                }
                if (!text(number, place, best).equals(most)) {
                    var other = nearest(number, place, best);
                    layers.add(new Question(doubt.kind(), what(number, place), unit(place).tensors(), doubt.stored(),
                            text(number, place, best), all.loss(best), text(number, place, other), all.loss(other),
                            answer, List.of()));
                }
            }
            questions.add(new Question(doubt.kind(), doubt.what(), doubt.tensors(), doubt.stored(), most,
                    all.loss(best), text(number, next), all.loss(next), !clear
                            ? Answer.TOO_CLOSE
                            : most.equals(doubt.stored()) ? Answer.RIGHT : Answer.TURNED,
                    List.copyOf(layers)));
        }
        var readings = readings(wrong);
        return new Orientation(name, before, all.loss(Map.copyOf(wrong)), isModel, List.copyOf(trials),
                List.copyOf(questions), List.copyOf(verdicts), readings);
    }

    private Stream<Place> places(int doubt) {
        return IntStream.range(0, doubts.get(doubt).units().size()).mapToObj(unit -> new Place(doubt, unit));
    }

    /**
     * Whoever forgot one {@code c_proj} forgot all of them; so a layer that makes little difference goes with its kind
     * if it is better so too. Whoever cut q, k and v in another order did it in every layer: those go together whatever
     * a single one says. Nothing of that sort proves that a layer is right.
     *
     * @param asOne all layers are otherwise, and clearly so together
     */
    private static Answer answer(Kind kind, boolean otherwise, boolean isModel, boolean asOne, double margin) {
        boolean clear = isModel && margin > Orientation.MARGIN;
        boolean withItsKind = asOne && (kind != Kind.ORIENTATION || margin > Orientation.MARGIN / 10);
        return !clear && !withItsKind ? Answer.TOO_CLOSE : otherwise ? Answer.TURNED : Answer.RIGHT;
    }

    // Losses ----------------------------------------------------------------------------------------------------------

    /** What tensors are taken for under a hypothesis, where it isn't what their dialect says. */
    private Map<String, Reading> readings(Map<Place, Integer> hypothesis) {
        var readings = new LinkedHashMap<>(stored);
        // Who is who first, then how its channels lie, then which way round it is.
        for (var kind : List.of(Kind.ORDER, Kind.ROTARY, Kind.ORIENTATION)) {
            hypothesis.forEach((place, way) -> {
                if (doubts.get(place.doubt()).kind() == kind) {
                    doubts.get(place.doubt()).ways().get(way).change().apply(unit(place), readings);
                }
            });
        }
        readings.entrySet().removeIf(e -> e.getValue().equals(stored.get(e.getKey())));
        return readings;
    }

    private List<String> roles(String tensor, Map<String, Reading> readings) {
        var bound = Objects.requireNonNull(
                Objects.requireNonNull(parameters.get(tensor)).bound());
        return Objects.requireNonNull(readings.get(tensor)).roles().stream()
                .map(r -> r.render(bound.captures())).toList();
    }

    /** The model with some tensors read otherwise. */
    private LanguageModel model(Map<Place, Integer> hypothesis) throws CheckpointException {
        if (base == null) {
            base = Models.load(weights, plan.target(), hypers, Kernels.best());
        }
        var readings = readings(hypothesis);
        if (readings.isEmpty()) { return base; }
        var changed = new HashSet<String>();
        for (var tensor : readings.keySet()) {
            for (var role : Stream.concat(roles(tensor, readings).stream(),
                    roles(tensor, stored).stream()).toList()) {
                changed.add(role.replaceFirst("\\.(weight|bias)$", ""));
            }
        }
        return base.with(weights.read(readings).trusted(), changed::contains); // looked at when the first model was loaded
    }

    /** Losses on some of the text's tokens. */
    private final class Bench {
        private final RepeatedLoss loss;
        private final Map<Map<Place, Integer>, Double> known = new HashMap<>();
        private @Nullable Map<Place, Integer> held;

        Bench(int[] ids) {
            loss = new RepeatedLoss(ids);
        }

        int tokens() {
            return loss.tokens();
        }

        double loss(Map<Place, Integer> hypothesis) throws CheckpointException {
            var before = known.get(hypothesis);
            if (before != null) { return before; }
            progress.check();
            progress.at(runs++, Math.max(expected, runs));
            double now = loss.of(model(hypothesis), shared(hypothesis), held == null, quiet());
            held = held == null ? hypothesis : held;
            known.put(hypothesis, now);
            return now;
        }

        /** From here on, hypotheses that begin like this one are computed from where they differ. */
        void hold(Map<Place, Integer> hypothesis) throws CheckpointException {
            if (!hypothesis.equals(held)) {
                loss.of(model(hypothesis), shared(hypothesis), true, quiet());
                held = hypothesis;
            }
            if (this == all && first != all) {
                first.hold(hypothesis);
            }
            if (this == all && glance != first) {
                glance.hold(hypothesis);
            }
        }

        /** Blocks below the first that is read otherwise than in what is held; −1 if not even the embeddings are shared. */
        private int shared(Map<Place, Integer> hypothesis) {
            if (held == null) { return -1; }
            var mine = readings(hypothesis);
            var theirs = readings(held);
            int shared = Integer.MAX_VALUE;
            var differing = new HashSet<String>(mine.keySet());
            differing.addAll(theirs.keySet());
            for (var tensor : differing) {
                if (!Objects.equals(mine.get(tensor), theirs.get(tensor))) {
                    shared = Math.min(shared, layer(tensor));
                }
            }
            return shared;
        }
    }

    /** The number of a tensor's layer; −1 for what stands in none, so that everything is computed. */
    private int layer(String tensor) {
        var parameter = Objects.requireNonNull(parameters.get(tensor));
        var dialect = plan.target().dialect();
        var bound = parameter.bound();
        var layer = bound == null || dialect == null ? null : bound.captures().get(dialect.family().layers());
        return layer == null ? -1 : Integer.parseInt(layer);
    }

    /** Only cancels; what is done of one pass isn't what is done of all. */
    private Progress quiet() {
        return new Progress() {
            @Override
            public boolean cancelled() {
                return progress.cancelled();
            }
        };
    }

    private long vocabulary() {
        var dialect = plan.target().dialect();
        return dialect == null ? 1 : plan.target().size(dialect.family().vocabulary()).orElse(1);
    }
}
