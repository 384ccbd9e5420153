package weft.arch;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import weft.arch.Dialect.Presence;
import weft.arch.ErrorLog.What;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.tensor.AxisSizes;
import weft.tensor.DType;
import weft.tensor.TensorInfo;

/**
 * A target made of text: a listing of a model's parameters, or the log of a framework that refused the source.
 *
 * @param warnings what the text leaves open
 */
public record ListedTarget(Architecture architecture, List<Problem> warnings) {

    /**
     * A listing as a target. Shapes it doesn't name come from the dialect its names are written in, with the source's sizes.
     *
     * @param source the source's tensors
     * @param recognition the source's dialect, or {@code null}
     * @throws CheckpointException {@code BAD_TARGET} if names stand alone and no dialect knows them
     */
    public static ListedTarget of(String name, Listing listing, List<Dialect> dialects, List<TensorInfo> source,
            @Nullable Recognition recognition) throws CheckpointException {
        return new Maker(name, dialects, source, recognition).listing(listing);
    }

    /**
     * What a log says of the model that refused the source: the shapes it names, the names it misses, and everything else the
     * source has, in the source's shape, because the framework didn't complain of it.
     *
     * @throws CheckpointException {@code BAD_TARGET} if the log names no parameter
     */
    public static ListedTarget of(String name, ErrorLog log, List<Dialect> dialects, List<TensorInfo> source,
            @Nullable Recognition recognition) throws CheckpointException {
        return new Maker(name, dialects, source, recognition).log(log);
    }

    private static final class Maker {
        private final String name;
        private final List<Dialect> dialects;
        private final Map<String, TensorInfo> source = new LinkedHashMap<>();
        private final @Nullable Recognition recognition;
        private final List<Problem> warnings = new ArrayList<>();

        Maker(String name, List<Dialect> dialects, List<TensorInfo> source, @Nullable Recognition recognition) {
            this.name = name;
            this.dialects = dialects;
            this.recognition = recognition;
            source.forEach(t -> this.source.put(t.name(), t));
        }

        ListedTarget listing(Listing listing) throws CheckpointException {
            var entries = listing.entries();
            if (listing.opaque().isEmpty() && entries.stream().allMatch(e -> e.shape() != null)) {
                return made(entries, null);
            }
            var likely = likely(entries);
            if (likely == null) {
                return listing.kind() == Listing.Kind.NAMES ? bySource(entries) : withoutOpaque(listing);
            }
            var byName = new LinkedHashMap<String, Parameter>();
            expanded(likely, entries).forEach(p -> byName.put(p.name(), p));
            var completed = new ArrayList<Listing.Entry>();
            var named = new HashSet<String>();
            for (var entry : entries) {
                named.add(entry.name());
                if (entry.shape() != null) {
                    completed.add(entry);
                } else {
                    complete(entry, byName, completed);
                }
            }
            for (var module : listing.opaque()) {
                byName.values().stream().filter(p -> p.name().startsWith(module + ".") && !named.contains(p.name())
                        && p.presence() != Presence.BUFFER)
                        .forEach(p -> completed.add(new Listing.Entry(p.name(), p.shape(), false)));
            }
            return made(ordered(completed, byName), likely);
        }

        private void complete(Listing.Entry entry, Map<String, Parameter> byName, List<Listing.Entry> completed) {
            var known = byName.get(entry.name());
            var same = source.get(entry.name());
            if (known != null) {
                completed.add(new Listing.Entry(entry.name(), known.shape(), known.presence() == Presence.BUFFER));
            } else if (same != null) {
                completed.add(new Listing.Entry(entry.name(), same.shape(), false));
            } else {
                warnings.add(Problem.of(Code.TARGET_GAP).file(name).found(entry.name()));
            }
        }

        /** Names nobody knows, but the source does: the target wants them in the source's shapes. */
        private ListedTarget bySource(List<Listing.Entry> entries) throws CheckpointException {
            var completed = new ArrayList<Listing.Entry>();
            entries.forEach(e -> complete(e, Map.of(), completed));
            if (completed.isEmpty()) {
                throw Problem.of(Code.BAD_TARGET).file(name).found(entries.getFirst().name()).expected("name shape")
                        .asException();
            }
            return made(completed, null);
        }

        private ListedTarget withoutOpaque(Listing listing) throws CheckpointException {
            listing.opaque().forEach(m -> warnings.add(Problem.of(Code.TARGET_GAP).file(name).found(m)));
            return made(listing.entries(), null);
        }

        ListedTarget log(ErrorLog log) throws CheckpointException {
            var unexpected = names(log, What.UNEXPECTED);
            var shapes = new LinkedHashMap<String, Listing.Entry>();
            for (var finding : log.of(What.SHAPE)) {
                var first = finding.inFirstLayer();
                shapes.put(first, new Listing.Entry(first, finding.model(), false));
            }
            var missing = names(log, What.MISSING);
            boolean speaksOfSource = shapes.keySet().stream().anyMatch(source::containsKey)
                    || unexpected.stream().anyMatch(source::containsKey)
                    || shapes.isEmpty() && unexpected.isEmpty() && !missing.isEmpty();
            if (shapes.isEmpty() && missing.isEmpty() && unexpected.isEmpty()) {
                throw Problem.of(Code.BAD_TARGET).file(name).found("-").expected("size mismatch for …").asException();
            }
            var entries = new ArrayList<Listing.Entry>();
            if (speaksOfSource) {
                for (var tensor : source.values()) {
                    var told = shapes.remove(tensor.name());
                    if (told != null && told.shape() != null) {
                        entries.add(told);
                    } else if (!unexpected.contains(tensor.name())) {
                        entries.add(new Listing.Entry(tensor.name(), tensor.shape(), false));
                    }
                }
            }
            entries.addAll(shapes.values());
            missing.forEach(m -> entries.add(new Listing.Entry(m, null, false)));
            var likely = speaksOfSource ? null : likely(entries);
            if (likely != null) {
                // The log of another checkpoint: what it tells of the model's dialect and sizes tells the whole model.
                var told = entries.stream().map(Listing.Entry::name).collect(Collectors.toSet());
                expanded(likely, entries).stream().filter(p -> p.required() && !told.contains(p.name()))
                        .forEach(p -> entries.add(new Listing.Entry(p.name(), p.shape(), false)));
            }
            return listing(new Listing(entries, List.of(), Listing.Kind.SHAPES));
        }

        private static Set<String> names(ErrorLog log, What what) {
            var names = new LinkedHashSet<String>();
            for (var finding : log.of(what)) {
                if (finding.parameter() != null) {
                    names.add(finding.parameter());
                }
            }
            return names;
        }

        /** The dialect the names are most likely written in; where two are as likely, a warning says which was taken. */
        private @Nullable Recognition likely(List<Listing.Entry> entries) {
            var proposed = Recognition.proposed(entries, dialects);
            if (proposed.isEmpty()) { return null; }
            var best = proposed.getFirst();
            proposed.stream().skip(1)
                    .filter(r -> r.contradicting().isEmpty() && r.bound().size() == best.bound().size()
                            && !r.dialect().equals(best.dialect()) && !best.laysOutLike(r))
                    .findFirst().ifPresent(r -> warnings.add(Problem.of(Code.AMBIGUOUS_TARGET).file(name)
                            .found(best.dialect().id()).expected(r.dialect().id())));
            return best;
        }

        /** All parameters of that dialect whose shapes are known from the listing or from the source. */
        private List<Parameter> expanded(Recognition likely, List<Listing.Entry> entries) {
            var family = likely.dialect().family();
            var sizes = likely.sizes().copy();
            var theirs = recognition != null && recognition.dialect().family().name().equals(family.name())
                    ? recognition.sizes()
                    : new AxisSizes();
            for (var axis : family.names().keySet()) {
                var size = theirs.size(axis);
                if (sizes.size(axis).isEmpty() && size.isPresent()) {
                    sizes.learnIfFits(axis, size.getAsLong());
                }
            }
            family.complete(sizes);
            return Architecture.known(likely.dialect(), likely.spelling(), likely.options(), sizes);
        }

        /** In the model's order, what the dialect doesn't know last. */
        private static List<Listing.Entry> ordered(List<Listing.Entry> entries, Map<String, Parameter> byName) {
            var places = new HashMap<String, Integer>();
            byName.keySet().forEach(n -> places.put(n, places.size()));
            return entries.stream().sorted(Comparator
                    .comparingInt((Listing.Entry e) -> places.getOrDefault(e.name(), Integer.MAX_VALUE))).toList();
        }

        private ListedTarget made(List<Listing.Entry> entries, @Nullable Recognition likely)
                throws CheckpointException {
            var infos = new ArrayList<TensorInfo>();
            var buffers = new HashSet<String>();
            for (var entry : entries) {
                var shape = Objects.requireNonNull(entry.shape());
                infos.add(new TensorInfo(entry.name(), DType.F32, shape, Math.multiplyExact(shape.count(), 4)));
                if (entry.buffer()) {
                    buffers.add(entry.name());
                }
            }
            var read = likely == null
                    ? Recognition.of(infos, dialects).orElse(null)
                    : Recognition.read(likely.dialect(), likely.spelling(), infos);
            var made = Architecture.of(name, infos, read);
            var parameters = made.parameters().stream().map(p -> p.bound() == null && buffers.contains(p.name())
                    ? new Parameter(p.name(), p.shape(), Presence.BUFFER, null)
                    : p).toList();
            return new ListedTarget(new Architecture(name, made.dialect(), parameters, made.sizes(), Map.of()),
                    List.copyOf(warnings));
        }
    }
}
