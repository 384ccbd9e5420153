package weft.arch;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.tensor.AxisSizes;

/** The numbers no shape shows, each with its origin. They come with the source and travel through the rules. */
public record Hypers(Family family, Map<String, Hyper> values) {

    /**
     * Gathers them: what a person set, then what lies beside the weights, then what the dialect says always holds.
     *
     * @param settings in order of trust
     */
    public static Hypers gather(Dialect dialect, List<Settings> settings, Map<String, Hyper> user) {
        var values = new LinkedHashMap<String, Hyper>();
        boolean configured = settings.stream().anyMatch(s -> s.origin().isRead() && dialect.known(s.values()) > 0);
        var said = Settings.words(settings);
        var variant = dialect.variants().stream().filter(v -> v.isNamedBy(said)).findFirst().orElse(null);
        for (var hyper : dialect.family().hypers().values()) {
            var set = user.get(hyper.name());
            if (set != null) {
                values.put(hyper.name(), set);
                continue;
            }
            for (var from : settings) {
                from.get(dialect.hyperWords(hyper))
                        .ifPresent(v -> values.putIfAbsent(hyper.name(), new Hyper(v, from.origin())));
            }
            var standard = dialect.hypers().get(hyper.name());
            if (standard != null) {
                values.putIfAbsent(hyper.name(), new Hyper(standard, Hyper.Origin.DIALECT_DEFAULT));
            }
            var silent = variant == null ? null : variant.hypers().get(hyper.name());
            silent = silent == null ? dialect.configDefaults().get(hyper.name()) : silent;
            if (configured && silent != null) {
                values.putIfAbsent(hyper.name(), new Hyper(silent, Hyper.Origin.DIALECT_DEFAULT));
            }
        }
        return new Hypers(dialect.family(), values);
    }

    /** Sizes a configuration states where shapes leave them open: a head count, mostly. */
    public static void complete(Dialect dialect, AxisSizes sizes, List<Settings> settings) {
        for (var axis : dialect.family().names().keySet()) {
            for (var from : settings) {
                if (sizes.size(axis).isEmpty() && from.get(dialect.axisWords(axis)).orElse(null) instanceof Long n
                        && n > 0) {
                    sizes.learn(List.of(axis), n);
                }
            }
        }
    }

    /** These, and what others know where these say nothing. */
    public Hypers or(Hypers others) {
        var all = new LinkedHashMap<>(values);
        others.values.forEach(all::putIfAbsent);
        return new Hypers(family, all);
    }

    public boolean has(String name) {
        return values.containsKey(name);
    }

    /** A list of words, or none. */
    public List<String> list(String name) {
        var hyper = values.get(name);
        return hyper != null && hyper.value() instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of();
    }

    public long whole(String name) throws CheckpointException {
        return value(name) instanceof Number n && n.doubleValue() == n.longValue()
                ? n.longValue()
                : refuse(name, "integer");
    }

    public double real(String name) throws CheckpointException {
        return value(name) instanceof Number n ? n.doubleValue() : refuse(name, "number");
    }

    public String word(String name) throws CheckpointException {
        return String.valueOf(value(name));
    }

    private Object value(String name) throws CheckpointException {
        var hyper = values.get(name);
        if (hyper == null) {
            var known = family.hypers().get(name);
            throw Problem.of(Code.HYPER_UNKNOWN).field(known == null ? name : known.words().getFirst()).asException();
        }
        return hyper.value();
    }

    private long refuse(String name, String expected) throws CheckpointException {
        throw Problem.of(Code.BAD_CONFIG).field(name).found(values.get(name)).expected(expected).asException();
    }
}
