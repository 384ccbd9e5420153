package weft.arch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;

import org.jspecify.annotations.Nullable;

import weft.arch.Dialect.Presence;
import weft.arch.Parameter.Bound;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.name.Pattern;
import weft.tensor.AxisSizes;
import weft.tensor.TensorInfo;

/**
 * What a checkpoint should load into: the parameters a target wants, in the model's order.
 *
 * @param name as a person names it: {@code gpt2/scratch-split}, a file's name
 * @param dialect the dialect its names are written in, or {@code null}
 * @param sizes sizes of its axes
 * @param hypers numbers no shape shows, as far as the target says them itself
 */
public record Architecture(String name, @Nullable Dialect dialect, List<Parameter> parameters, AxisSizes sizes,
        Map<String, Hyper> hypers) {

    public long required() {
        return parameters.stream().filter(Parameter::required).count();
    }

    /** The size a word speaks of: an axis ({@code d}) or a configuration's word for one ({@code n_embd}). */
    public OptionalLong size(String word) {
        return size(dialect, sizes, word);
    }

    /** The same for any dialect and its sizes. */
    public static OptionalLong size(@Nullable Dialect dialect, AxisSizes sizes, String word) {
        if (dialect == null) { return OptionalLong.empty(); }
        var axis = dialect.family().axis(word);
        return axis.isEmpty() ? OptionalLong.empty() : sizes.product(List.of(axis.get()));
    }

    /**
     * A dialect's parameters. What the target leaves open is taken from the source.
     *
     * @param spec the dialect with a published size, dimensions and switches
     * @param source sizes learned from the source
     * @throws CheckpointException {@code BAD_TARGET} for an unknown size or option, {@code HYPER_UNKNOWN} for a
     *         dimension nobody gave
     */
    public static Architecture of(TargetSpec spec, AxisSizes source) throws CheckpointException {
        var dialect = spec.dialect();
        var family = dialect.family();
        var stated = new LinkedHashMap<String, Long>();
        if (spec.size() != null) {
            var published = family.sizes().get(spec.size());
            if (published == null) {
                throw Problem.of(Code.BAD_TARGET).field(spec.text()).found(spec.size())
                        .expected(String.join(", ", family.sizes().keySet())).asException();
            }
            stated.putAll(published);
        }
        stated.putAll(spec.dims());
        boolean other = stated.keySet().stream().anyMatch(family.widths()::contains);
        var sizes = other ? new AxisSizes() : source.copy();
        stated.forEach(sizes::put);
        if (other) {
            family.complete(sizes);
            // Nothing of another width follows from the source but what has no width in it.
            for (var axis : family.names().keySet()) {
                var size = source.size(axis);
                if (sizes.size(axis).isEmpty() && size.isPresent() && !family.derived().containsKey(axis)) {
                    sizes.put(axis, size.getAsLong());
                }
            }
        }
        family.complete(sizes);
        var hypers = new LinkedHashMap<String, Hyper>();
        spec.hypers().forEach((k, v) -> hypers.put(k, new Hyper(v, Hyper.Origin.USER)));
        return new Architecture(spec.text(), dialect, expand(spec, sizes), sizes, hypers);
    }

    private static List<Parameter> expand(TargetSpec spec, AxisSizes sizes) throws CheckpointException {
        var open = new ArrayList<Problem>();
        var parameters = expand(spec, sizes, open);
        if (open.isEmpty()) { return parameters; }
        throw open.getFirst().asException();
    }

    /**
     * A dialect's parameters in a spelling, as far as these sizes tell their shapes; what they don't is left out.
     *
     * @param options the dialect's switches
     */
    static List<Parameter> known(Dialect dialect, Dialect.Spelling spelling, Map<String, Boolean> options,
            AxisSizes sizes) {
        var spec = new TargetSpec(dialect.id(), dialect, null, Map.of(), options, Map.of());
        return expand(spec, sizes, new ArrayList<>()).stream().map(p -> {
            var bound = Objects.requireNonNull(p.bound());
            var spelled = new Bound(bound.entry(), dialect.spell(bound.pattern(), spelling), bound.captures());
            return new Parameter(spelled.pattern().render(spelled.captures()), p.shape(), p.presence(), named(spelled));
        }).toList();
    }

    /** An entry that is called what it is called here: in another spelling, or by another of its names. */
    private static Bound named(Bound bound) {
        var entry = bound.entry();
        return bound.pattern().equals(entry.name())
                ? bound
                : new Bound(new Dialect.Entry(List.of(bound.pattern()), entry.layout(), entry.roles(), entry.presence(),
                        entry.option(), entry.mistaken()), bound.pattern(), bound.captures());
    }

    /** @param open takes what couldn't be said: an axis without a size, a size beyond all reason */
    private static List<Parameter> expand(TargetSpec spec, AxisSizes sizes, List<Problem> open) {
        var dialect = spec.dialect();
        var family = dialect.family();
        var options = dialect.optionsWith(spec.options());
        long layers = sizes.size(family.layers()).orElse(0);
        if (layers > Family.MOST_LAYERS) {
            open.add(beyond(spec, family.word(family.layers()) + "=" + layers, "<= " + Family.MOST_LAYERS));
            layers = 0;
        }
        var parameters = new ArrayList<Parameter>();
        var block = new ArrayList<Dialect.Entry>();
        for (var entry : dialect.tensors()) {
            if (entry.option() != null && !options.getOrDefault(entry.option(), true)) {
                continue;
            }
            if (entry.name().captureNames().contains(family.layers())) {
                block.add(entry);
                continue;
            }
            expandBlock(block, layers, spec, sizes, parameters, open);
            block.clear();
            for (var captures : variants(entry.name(), Map.of())) {
                add(entry, captures, spec, sizes, parameters, open);
            }
        }
        expandBlock(block, layers, spec, sizes, parameters, open);
        return parameters;
    }

    private static void expandBlock(List<Dialect.Entry> block, long layers, TargetSpec spec, AxisSizes sizes,
            List<Parameter> parameters, List<Problem> open) {
        for (long layer = 0; layer < layers; layer++) {
            var given = Map.of(spec.dialect().family().layers(), Long.toString(layer));
            for (int from = 0; from < block.size();) {
                // norm1 with its scale and shift, then norm2: entries that vary alike go through their variants together.
                var variants = variants(block.get(from).name(), given);
                int to = from + 1;
                while (to < block.size() && variants(block.get(to).name(), given).equals(variants)) {
                    to++;
                }
                for (var captures : variants) {
                    for (var entry : block.subList(from, to)) {
                        add(entry, captures, spec, sizes, parameters, open);
                    }
                }
                from = to;
            }
        }
    }

    /** Every way to fill a pattern's captures: each combination of alternatives, with what is given. */
    private static List<Map<String, String>> variants(Pattern name, Map<String, String> given) {
        List<Map<String, String>> variants = List.of(given);
        for (var capture : name.captures()) {
            if (!given.containsKey(capture.name())) {
                variants = variants.stream().flatMap(v -> capture.choices().stream().map(choice -> {
                    Map<String, String> with = new LinkedHashMap<>(v);
                    with.put(capture.name(), choice);
                    return with;
                })).toList();
            }
        }
        return variants;
    }

    /** Every name a pattern stands for where some captures are given and all others have alternatives; else none. */
    static List<String> names(Pattern name, Map<String, String> given) {
        var open = name.captures().stream().filter(c -> !given.containsKey(c.name())).toList();
        return open.stream().anyMatch(c -> c.choices().isEmpty())
                ? List.of()
                : variants(name, given).stream().map(name::render).toList();
    }

    private static void add(Dialect.Entry entry, Map<String, String> captures, TargetSpec spec, AxisSizes sizes,
            List<Parameter> parameters, List<Problem> open) {
        var shape = sizes.shape(entry.layout());
        if (shape == null && entry.presence() == Presence.BUFFER) {
            return; // nobody needs it, so nobody has to say how large it is
        }
        if (shape == null) {
            var axis = entry.layout().axes().stream().filter(a -> sizes.size(a).isEmpty()).findFirst().orElse("");
            open.add(Problem.of(Code.HYPER_UNKNOWN).field(spec.dialect().family().word(axis)).found(spec.text())
                    .expected(entry.name() + " " + entry.layout()));
            return;
        }
        if (!shape.isCountable()) {
            open.add(beyond(spec, entry.name() + " " + shape, "< 2^63"));
            return;
        }
        parameters.add(new Parameter(entry.name().render(captures), shape, entry.presence(),
                new Bound(entry, entry.name(), captures)));
    }

    private static Problem beyond(TargetSpec spec, String found, String expected) {
        return Problem.of(Code.BAD_TARGET).field(spec.text()).found(found).expected(expected);
    }

    /** Another checkpoint as the target: every tensor it has is a parameter. */
    public static Architecture of(String name, List<TensorInfo> tensors, @Nullable Recognition recognition) {
        var parameters = new ArrayList<Parameter>();
        for (var tensor : tensors) {
            var bound = recognition == null ? null : recognition.bound().get(tensor.name());
            parameters.add(new Parameter(tensor.name(), tensor.shape(),
                    bound == null ? Presence.REQUIRED : bound.entry().presence(), bound == null ? null : named(bound)));
        }
        return new Architecture(name, recognition == null ? null : recognition.dialect(), parameters,
                recognition == null ? new AxisSizes() : recognition.sizes(), Map.of());
    }
}
