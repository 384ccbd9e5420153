package weft.prove;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import weft.arch.Dialect;
import weft.arch.Family;
import weft.arch.Parameter;
import weft.arch.Reading;
import weft.name.Pattern;
import weft.plan.Plan;
import weft.prove.Doubt.Unit;
import weft.prove.Doubt.Way;
import weft.tensor.Layout;
import weft.tensor.Shape;

/** Finds what no shape shows about a source: its family says what can be mistaken for what. */
final class Doubts {
    /** A sum of more parts has more orders than anybody mixes up. */
    private static final int MOST_PARTS = 3;

    private final Family family;
    private final Map<String, Parameter> parameters = new LinkedHashMap<>();
    private final List<Doubt> doubts = new ArrayList<>();

    private Doubts(Plan plan, Family family) {
        this.family = family;
        for (var row : plan.rows()) {
            var bound = row.target().bound();
            if (bound != null && bound.entry().presence() != Dialect.Presence.BUFFER && row.status().isReady()
                    && !bound.entry().isStacked(family.layers())) {
                parameters.put(row.target().name(), row.target());
            }
        }
    }

    /**
     * Squares first, then orders, then rotary pairs.
     *
     * @param plan a source as a target of its own
     */
    static List<Doubt> of(Plan plan) {
        var dialect = plan.target().dialect();
        if (dialect == null) { return List.of(); }
        var found = new Doubts(plan, dialect.family());
        found.squares();
        for (var alike : dialect.family().alike()) {
            switch (alike) {
                case Family.Alike.Order order -> found.order(order);
                case Family.Alike.Rotary rotary -> found.rotary(rotary);
            }
        }
        return List.copyOf(found.doubts);
    }

    /** What the dialect says of each tensor. */
    static Map<String, Reading> stored(Plan plan) {
        var readings = new LinkedHashMap<String, Reading>();
        for (var parameter : plan.target().parameters()) {
            if (parameter.bound() != null) {
                readings.put(parameter.name(), Reading.of(parameter.bound()));
            }
        }
        return readings;
    }

    private static Parameter.Bound bound(Parameter parameter) {
        return Objects.requireNonNull(parameter.bound());
    }

    private int layer(Parameter.Bound bound) {
        var layer = bound.captures().get(family.layers());
        return layer == null ? -1 : Integer.parseInt(layer);
    }

    // Squares ---------------------------------------------------------------------------------------------------------

    private void squares() {
        var kinds = new LinkedHashMap<String, List<Parameter>>();
        for (var parameter : parameters.values()) {
            var shape = parameter.shape().squeezed();
            if (bound(parameter).roles().size() == 1 && shape.rank() == 2 && shape.dim(0) == shape.dim(1)) {
                kinds.computeIfAbsent(bound(parameter).pattern().toString(), _ -> new ArrayList<>()).add(parameter);
            }
        }
        kinds.forEach((pattern, squares) -> {
            var reading = Reading.of(bound(squares.getFirst()));
            doubts.add(new Doubt(Orientation.Kind.ORIENTATION, pattern, reading.shown(),
                    List.of(new Way(reading.turned().shown(), (unit, readings) -> unit.tensors()
                            .forEach(t -> readings.computeIfPresent(t, (_, r) -> r.turned())))),
                    squares.stream().map(p -> new Unit(layer(bound(p)), List.of(p.name()))).toList()));
        });
    }

    // Who is who ------------------------------------------------------------------------------------------------------

    /**
     * A tensor with some of the roles in question.
     *
     * @param members which of them, by number, in the layout's order
     * @param suffix {@code .weight} or {@code .bias}
     */
    private record Holder(Parameter parameter, List<Integer> members, String suffix) {
    }

    /** By layer, in its order; only tensors all of whose roles are among these, or ({@code !all}) one of them. */
    private Map<Integer, List<Holder>> holders(List<Pattern> roles, boolean all) {
        var layers = new TreeMap<Integer, List<Holder>>();
        for (var parameter : parameters.values()) {
            var members = new ArrayList<Integer>();
            var suffixes = new HashSet<String>();
            for (var role : bound(parameter).roles()) {
                int dot = role.lastIndexOf('.');
                for (int i = 0; i < roles.size() && dot >= 0; i++) {
                    if (roles.get(i).match(role.substring(0, dot)).isPresent()) {
                        members.add(i);
                        suffixes.add(role.substring(dot));
                    }
                }
            }
            if (!members.isEmpty() && suffixes.size() == 1
                    && (!all || members.size() == bound(parameter).roles().size())) {
                layers.computeIfAbsent(layer(bound(parameter)), _ -> new ArrayList<>())
                        .add(new Holder(parameter, members, suffixes.iterator().next()));
            }
        }
        return layers;
    }

    /** Layers that are alike but for their number. */
    private static List<List<Map.Entry<Integer, List<Holder>>>> alike(Map<Integer, List<Holder>> layers) {
        var groups = new LinkedHashMap<List<Object>, List<Map.Entry<Integer, List<Holder>>>>();
        for (var layer : layers.entrySet()) {
            var key = new ArrayList<Object>();
            for (var holder : layer.getValue()) {
                key.add(bound(holder.parameter()).entry());
                key.add(holder.parameter().shape());
            }
            groups.computeIfAbsent(key, _ -> new ArrayList<>()).add(layer);
        }
        return List.copyOf(groups.values());
    }

    private void order(Family.Alike.Order order) {
        for (var layers : alike(holders(order.roles(), true))) {
            var first = layers.getFirst().getValue();
            var fused = first.stream().filter(h -> h.members().size() > 1).toList();
            if (fused.isEmpty()) {
                exchanged(order, layers);
            } else
                if (fused.stream().map(Holder::members).distinct().count() == 1
                        && fused.getFirst().members().size() <= MOST_PARTS) {
                            inOneTensor(order, layers, fused);
                        }
        }
    }

    // Tensors that may have each other's names ------------------------------------------------------------------------

    private void exchanged(Family.Alike.Order order, List<Map.Entry<Integer, List<Holder>>> layers) {
        var first = layers.getFirst().getValue();
        var all = first.stream().map(h -> h.members().getFirst()).distinct().sorted().toList();
        // Only those that have a partner of their shapes are in doubt.
        var members = all.stream().filter(a -> all.stream()
                .anyMatch(b -> !a.equals(b) && shapes(first, a).equals(shapes(first, b)))).toList();
        if (members.isEmpty() || members.size() > MOST_PARTS) { return; }
        var words = members.stream().map(m -> word(order.roles().get(m))).toList();
        var ways = new ArrayList<Way>();
        for (var places : permutations(members.size())) {
            var instead = new LinkedHashMap<Integer, Integer>(); // member → whose reading its tensors get
            for (int i = 0; i < places.size(); i++) {
                instead.put(members.get(i), members.get(places.get(i)));
            }
            if (instead.entrySet().stream().allMatch(e -> shapes(first, e.getKey()).equals(shapes(first, e.getValue())))
                    && instead.entrySet().stream().anyMatch(e -> !e.getKey().equals(e.getValue()))) {
                ways.add(new Way(String.join(", ", places.stream().map(words::get).toList()),
                        (unit, readings) -> exchange(order.roles(), instead, unit, readings)));
            }
        }
        add(order, String.join(", ", words), ways, layers, h -> members.contains(h.members().getFirst()));
    }

    /** Every member's tensors get the readings of another's. */
    private void exchange(List<Pattern> roles, Map<Integer, Integer> instead, Unit unit,
            Map<String, Reading> readings) {
        var before = new LinkedHashMap<String, Reading>();
        unit.tensors().forEach(t -> before.put(t, Objects.requireNonNull(readings.get(t))));
        for (var tensor : unit.tensors()) {
            var mine = Objects.requireNonNull(before.get(tensor));
            int member = member(roles, mine);
            var suffix = suffix(mine);
            before.values().stream()
                    .filter(r -> suffix(r).equals(suffix)
                            && Integer.valueOf(member(roles, r)).equals(instead.get(member)))
                    .findFirst().ifPresent(r -> readings.put(tensor, r));
        }
    }

    private int member(List<Pattern> roles, Reading reading) {
        var role = reading.roles().getFirst().toString();
        var stem = Pattern.parse(role.substring(0, role.lastIndexOf('.')));
        for (int i = 0; i < roles.size(); i++) {
            if (Pattern.unify(roles.get(i), stem).isPresent()) { return i; }
        }
        return -1;
    }

    private static String suffix(Reading reading) {
        var role = reading.roles().getFirst().toString();
        return role.substring(role.lastIndexOf('.'));
    }

    private static Map<String, Shape> shapes(List<Holder> holders, int member) {
        var shapes = new LinkedHashMap<String, Shape>();
        holders.stream().filter(h -> h.members().getFirst() == member)
                .forEach(h -> shapes.put(h.suffix(), h.parameter().shape()));
        return shapes;
    }

    // Parts of one tensor ---------------------------------------------------------------------------------------------

    private void inOneTensor(Family.Alike.Order order, List<Map.Entry<Integer, List<Holder>>> layers,
            List<Holder> fused) {
        var stored = Reading.of(bound(fused.getFirst().parameter()));
        var ways = new ArrayList<Way>();
        for (var axis : structures(order, stored)) {
            for (var places : permutations(stored.roles().size())) {
                var reading = arranged(stored, axis, places);
                if (reading != null && !reading.equals(stored)) {
                    ways.add(new Way(reading.shown(), (unit, readings) -> unit.tensors()
                            .forEach(t -> readings.computeIfPresent(t, (_, r) -> {
                                var other = arranged(r, axis, places);
                                return other == null ? r : other;
                            }))));
                }
            }
        }
        add(order, stored.shown(), ways, layers, h -> h.members().size() > 1);
    }

    /** What parts may alternate along: nothing ({@code ""}), or heads, or groups where keys have fewer heads. */
    private List<String> structures(Family.Alike.Order order, Reading reading) {
        var structures = new ArrayList<>(List.of(""));
        if (order.axis() != null) {
            for (var axis : around(order.axis())) {
                if (reading.roles().stream().allMatch(r -> has(r, axis))) {
                    structures.add(axis);
                    break; // h where all have it, else g
                }
            }
        }
        return structures;
    }

    private List<String> around(String axis) {
        var all = new LinkedHashSet<>(List.of(axis));
        all.addAll(family.finer().getOrDefault(axis, List.of()));
        return List.copyOf(all);
    }

    private boolean has(Pattern role, String axis) {
        var layout = family.role(role).map(Family.Role::layout);
        return layout.isPresent()
                && Layout.refine(layout.get(), Set.of(axis), family.finer()).axes().contains(axis);
    }

    /**
     * The same tensor with its parts in another order, side by side or alternating.
     *
     * @param axis what they alternate along, or empty
     * @return {@code null} if the parts can't be told from the layout
     */
    private @Nullable Reading arranged(Reading reading, String axis, List<Integer> places) {
        var sum = reading.layout().sum();
        if (sum == null) { return null; }
        var roles = places.stream().map(reading.roles()::get).toList();
        var parts = roles.stream().map(r -> new Layout.Part(r.toString(), List.of(), List.of())).toList();
        var dims = new ArrayList<>(reading.layout().dims());
        int at = reading.layout().sumAxis();
        dims.set(at, axis.isEmpty()
                ? List.of(new Layout.Sum(parts))
                : List.of(new Layout.Axis(axis), new Layout.Sum(parts)));
        var layouts = new LinkedHashMap<String, Layout>();
        for (var role : roles) {
            family.role(role).ifPresent(r -> layouts.put(role.toString(), r.layout()));
        }
        try {
            return new Reading(new Layout(List.copyOf(dims)).resolve(layouts, family.finer()), roles);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    // Rotary pairs ----------------------------------------------------------------------------------------------------

    private void rotary(Family.Alike.Rotary rotary) {
        var pair = family.finer().get(rotary.axis());
        if (pair == null || pair.size() != 2) { return; }
        for (var layers : alike(holders(rotary.roles(), false))) {
            var first = layers.getFirst().getValue();
            var members = first.stream().filter(h -> !paired(Reading.of(bound(h.parameter())), rotary, pair).equals(
                    Reading.of(bound(h.parameter())))).toList();
            if (members.isEmpty()) {
                continue;
            }
            var stored = Reading.of(bound(members.getFirst().parameter()));
            // Whoever holds the role then, whatever it is called: names may have been exchanged before.
            var inLayer = new LinkedHashMap<Integer, List<String>>();
            parameters.values().forEach(p -> inLayer.computeIfAbsent(layer(bound(p)), _ -> new ArrayList<>())
                    .add(p.name()));
            add(rotary, shown(rotary, stored), List.of(new Way(shown(rotary, paired(stored, rotary, pair)),
                    (unit, readings) -> inLayer.getOrDefault(unit.layer(), unit.tensors()).forEach(
                            t -> readings.computeIfPresent(t, (_, r) -> paired(r, rotary, pair))))),
                    layers, _ -> true);
        }
    }

    /** In the roles that turn in pairs, halves become pairs and pairs halves; in a fused tensor in these parts of it. */
    private Reading paired(Reading reading, Family.Alike.Rotary rotary, List<String> pair) {
        var layout = reading.layout();
        if (layout.sum() != null) {
            return new Reading(layout.withParts(p -> isMember(rotary.roles(), Pattern.parse(p.label()))
                    ? new Layout.Part(p.label(), p.shown(), axes(p.axes(), rotary.axis(), pair))
                    : p), reading.roles());
        }
        if (!isMember(rotary.roles(), reading.roles().getFirst())) { return reading; }
        var dims = layout.dims().stream().map(dim -> axes(
                dim.stream().map(f -> ((Layout.Axis) f).name()).toList(), rotary.axis(), pair).stream()
                .map(a -> (Layout.Factor) new Layout.Axis(a)).toList()).toList();
        return new Reading(new Layout(dims), reading.roles());
    }

    /** For people: of a fused tensor the parts that turn, {@code q (h k), k (g k)}. */
    private static String shown(Family.Alike.Rotary rotary, Reading reading) {
        var sum = reading.layout().sum();
        if (sum == null) { return reading.shown(); }
        return String.join(", ", sum.parts().stream().filter(p -> isMember(rotary.roles(), Pattern.parse(p.label())))
                .map(p -> Reading.word(p.label()) + " (" + String.join(" ", p.axes()) + ")").toList());
    }

    private static List<String> axes(List<String> stored, String axis, List<String> pair) {
        var axes = new ArrayList<>(stored);
        int whole = axes.indexOf(axis);
        int halves = Collections.indexOfSubList(axes, pair);
        int crossed = Collections.indexOfSubList(axes, pair.reversed());
        if (whole >= 0) {
            axes.set(whole, pair.get(1));
            axes.add(whole + 1, pair.get(0));
        } else if (halves >= 0) { // a dialect may write them out
            Collections.swap(axes, halves, halves + 1);
        } else if (crossed >= 0) {
            axes.set(crossed, axis);
            axes.remove(crossed + 1);
        }
        return List.copyOf(axes);
    }

    private static boolean isMember(List<Pattern> roles, Pattern role) {
        var text = role.toString();
        int dot = text.lastIndexOf('.');
        return dot >= 0
                && roles.stream().anyMatch(r -> Pattern.unify(r, Pattern.parse(text.substring(0, dot))).isPresent());
    }

    // All of them -----------------------------------------------------------------------------------------------------

    private void add(Family.Alike alike, String stored, List<Way> ways,
            List<Map.Entry<Integer, List<Holder>>> layers, Predicate<Holder> which) {
        var units = new ArrayList<Unit>();
        var patterns = new LinkedHashSet<String>();
        for (var layer : layers) {
            var some = layer.getValue().stream().filter(which).map(Holder::parameter).toList();
            some.forEach(p -> patterns.add(bound(p).pattern().toString()));
            units.add(new Unit(layer.getKey(), some.stream().map(Parameter::name).toList()));
        }
        if (!ways.isEmpty() && units.stream().noneMatch(u -> u.tensors().isEmpty())) {
            doubts.add(new Doubt(alike instanceof Family.Alike.Order ? Orientation.Kind.ORDER : Orientation.Kind.ROTARY,
                    String.join(", ", patterns), stored, List.copyOf(ways), List.copyOf(units)));
        }
    }

    private static String word(Pattern role) {
        var text = role.toString();
        return text.substring(text.lastIndexOf('.') + 1);
    }

    /** All orders of so many things, the given one first. */
    private static List<List<Integer>> permutations(int count) {
        var all = new ArrayList<List<Integer>>();
        all.add(List.of());
        for (int n = 0; n < count; n++) {
            var longer = new ArrayList<List<Integer>>();
            for (var some : all) {
                for (int next = 0; next < count; next++) {
                    if (!some.contains(next)) {
                        var more = new ArrayList<>(some);
                        more.add(next);
                        longer.add(List.copyOf(more));
                    }
                }
            }
            all = longer;
        }
        return List.copyOf(all);
    }
}
