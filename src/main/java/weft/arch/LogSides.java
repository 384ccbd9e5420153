package weft.arch;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import weft.arch.Dialect.Presence;
import weft.arch.ErrorLog.What;
import weft.tensor.AxisSizes;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorInfo;

/**
 * The two models a log speaks of, rebuilt whole: a log names what the framework saw, and the dialects tell the rest, among it what
 * the framework could not see.
 *
 * @param checkpoint the checkpoint's tensors, whole, in its dialect
 * @param model what the model wants, whole, in its dialect
 * @param told the model's sizes as far as the log tells them; the others are guessed, and shapes that need one are not to be shown
 * @param checkpointNames every name the checkpoint's dialect has for a model of so many layers, buffers too
 * @param modelNames likewise for the model
 */
public record LogSides(Recognition read, List<TensorInfo> checkpoint, Architecture model, AxisSizes told,
        Set<String> checkpointNames, Set<String> modelNames) {

    /** Empty if the names are of no known dialect, or of two families. */
    public static Optional<LogSides> of(ErrorLog log, List<Dialect> dialects) {
        return new Maker(log, dialects).make();
    }

    /** Whether the shape of a parameter follows from what the log says. */
    public boolean isKnown(Parameter.@Nullable Bound bound) {
        return bound != null && told.shape(bound.entry().layout()) != null;
    }

    private static final class Maker {
        private final List<Dialect> dialects;
        private final Map<String, @Nullable Shape> theirs = new LinkedHashMap<>();
        private final Map<String, @Nullable Shape> mine = new LinkedHashMap<>();
        private final Set<String> missing = new HashSet<>();
        private final Set<String> unexpected = new HashSet<>();

        Maker(ErrorLog log, List<Dialect> dialects) {
            this.dialects = dialects;
            for (var finding : log.findings()) {
                if (finding.parameter() == null) {
                    continue;
                }
                var name = finding.inFirstLayer();
                if (finding.what() == What.SHAPE) {
                    theirs.put(name, finding.checkpoint());
                    mine.put(name, finding.model());
                } else if (finding.what() == What.UNEXPECTED) {
                    theirs.put(name, null);
                    unexpected.add(name);
                } else if (finding.what() == What.MISSING) {
                    mine.put(name, null);
                    missing.add(name);
                }
            }
        }

        Optional<LogSides> make() {
            var from = proposed(theirs);
            var to = proposed(mine);
            if (from.isEmpty()) {
                from = to; // the checkpoint has no name a dialect knows but those the framework was content with
            }
            if (to.isEmpty() && missing.isEmpty()) {
                to = from;
            }
            for (var a : from) {
                for (var b : to) {
                    if (a.dialect().family().name().equals(b.dialect().family().name())) {
                        return Optional.of(rebuilt(a, b));
                    }
                }
            }
            return Optional.empty();
        }

        private List<Recognition> proposed(Map<String, @Nullable Shape> names) {
            var entries = new ArrayList<Listing.Entry>();
            names.forEach((name, shape) -> entries.add(new Listing.Entry(name, shape, false)));
            return entries.isEmpty() ? List.of() : Recognition.proposed(entries, dialects);
        }

        private LogSides rebuilt(Recognition a, Recognition b) {
            var family = a.dialect().family();
            var from = (isTurned(a, b) ? b : a).sizes().copy();
            var to = b.sizes().copy();
            complete(family, from);
            complete(family, to);
            share(from, to, family);
            share(to, from, family);
            complete(family, from);
            complete(family, to);
            var told = to.copy();
            var usual = family.sizes().values().stream().findFirst().orElse(Map.of());
            for (var axis : family.names().keySet()) {
                if (from.size(axis).isEmpty() && to.size(axis).isEmpty() && usual.containsKey(axis)) {
                    from.learnIfFits(axis, usual.get(axis));
                    to.learnIfFits(axis, usual.get(axis));
                }
            }
            complete(family, from);
            complete(family, to);
            var parameters = side(b, to, mine, unexpected).stream()
                    .map(p -> new Parameter(p.name(), shaped(p, mine), p.presence(), p.bound())).toList();
            var tensors = new ArrayList<TensorInfo>();
            for (var parameter : side(a, from, theirs, missing)) {
                var shape = isTurned(a, b) ? parameter.shape() : shaped(parameter, theirs);
                tensors.add(new TensorInfo(parameter.name(), DType.F32, shape, 4 * shape.count()));
            }
            var read = Recognition.read(a.dialect(), a.spelling(), tensors);
            if (isTurned(a, b)) {
                // The names are the model's and every matrix in the log lies the other way round: so do those that aren't in it.
                var turned = new HashSet<String>();
                for (int i = 0; i < tensors.size(); i++) {
                    var tensor = tensors.get(i);
                    var bound = read.bound().get(tensor.name());
                    if (tensor.shape().rank() == 2 && bound != null && bound.captures().containsKey(family.layers())) {
                        turned.add(tensor.name());
                        var shape = theirs.get(tensor.name());
                        tensors.set(i, new TensorInfo(tensor.name(), DType.F32, shape != null
                                ? shape
                                : Shape.of(tensor.shape().dim(1), tensor.shape().dim(0)), tensor.bytes()));
                    }
                }
                read = read.turned(turned);
            }
            return new LogSides(read, tensors,
                    new Architecture(b.dialect().id(), b.dialect(), parameters, to, Map.of()), told,
                    names(proposed(theirs), a, from), names(proposed(mine), b, to));
        }

        /** All names of a dialect, and of those that explain the log's names as well. */
        private static Set<String> names(List<Recognition> proposed, Recognition read, AxisSizes sizes) {
            int most = proposed.stream().mapToInt(r -> r.bound().size()).max().orElse(0);
            var names = new HashSet<>(names(read, sizes));
            proposed.stream().filter(r -> r.bound().size() == most).forEach(r -> names.addAll(names(r, sizes)));
            return names;
        }

        private static Set<String> names(Recognition read, AxisSizes sizes) {
            var names = new HashSet<String>();
            var layer = read.dialect().family().layers();
            long layers = sizes.size(layer).orElse(1);
            for (var entry : read.dialect().tensors()) {
                for (var pattern : entry.names()) {
                    var spelled = read.dialect().spell(pattern, read.spelling());
                    boolean each = spelled.captureNames().contains(layer);
                    for (long i = 0; i < (each ? Math.min(layers, Family.MOST_LAYERS) : 1); i++) {
                        names.addAll(Architecture.names(spelled, each ? Map.of(layer, Long.toString(i)) : Map.of()));
                    }
                }
            }
            return names;
        }

        /** One dialect on both sides, and nothing but matrices that are each other's transpose. */
        private boolean isTurned(Recognition a, Recognition b) {
            return a.dialect().equals(b.dialect()) && theirs.values().stream().anyMatch(Objects::nonNull)
                    && theirs.entrySet().stream().filter(e -> e.getValue() != null)
                            .allMatch(e -> isTranspose(e.getValue(), mine.get(e.getKey())));
        }

        private static boolean isTranspose(@Nullable Shape from, @Nullable Shape to) {
            return from != null && to != null && from.rank() == 2 && to.rank() == 2 && from.dim(0) == to.dim(1)
                    && from.dim(1) == to.dim(0);
        }

        private static Shape shaped(Parameter parameter, Map<String, @Nullable Shape> told) {
            var shape = told.get(parameter.name());
            return shape == null ? parameter.shape() : shape;
        }

        /** Every parameter of one side: what its dialect requires, what the log names, but nothing the log says isn't there. */
        private static List<Parameter> side(Recognition read, AxisSizes sizes, Map<String, @Nullable Shape> named,
                Set<String> absent) {
            return Architecture.known(read.dialect(), read.spelling(), read.options(), sizes).stream()
                    .filter(p -> named.containsKey(p.name())
                            || p.presence() == Presence.REQUIRED && !absent.contains(p.name()))
                    .toList();
        }

        private static void share(AxisSizes from, AxisSizes to, Family family) {
            for (var axis : family.names().keySet()) {
                var size = from.size(axis);
                if (size.isPresent() && to.size(axis).isEmpty()) {
                    to.learnIfFits(axis, size.getAsLong());
                }
            }
        }

        /** What follows from what is known; of {@code k = d/h} with neither h nor k, their product. */
        private static void complete(Family family, AxisSizes sizes) {
            family.complete(sizes);
            family.derived().forEach((axis, rule) -> {
                var terms = rule.split("/");
                if (terms.length == 2 && family.names().containsKey(terms[1].trim())) {
                    var whole = sizes.size(terms[0].trim());
                    var pair = List.of(terms[1].trim(), axis);
                    if (whole.isPresent() && sizes.product(pair).isEmpty()) {
                        sizes.learn(pair, whole.getAsLong());
                    }
                }
            });
        }
    }
}
