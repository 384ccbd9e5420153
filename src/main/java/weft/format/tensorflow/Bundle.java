package weft.format.tensorflow;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

import weft.format.Checkpoint;
import weft.format.Checkpoint.Ignored;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.LfsPointer;
import weft.io.Problem;
import weft.io.Progress;
import weft.io.SourceFile;
import weft.tensor.DType;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/**
 * Reads a V2 checkpoint, a tensor bundle: {@code PREFIX.index}, a table from names to places, and
 * {@code PREFIX.data-00000-of-00001} …, plain bytes ({@code tensorflow/core/util/tensor_bundle}). Opening reads the
 * index, and of the data files no more than an object graph.
 */
final class Bundle {
    /** Where Keras 3 exports every variable a second time. */
    private static final String COPIES = "_all_variables/";

    private final String prefix;
    private final Path folder;
    private final Table table;
    private final BundleHeader header;
    private final Map<Key, BundleEntry> entries = new LinkedHashMap<>();
    /** Data files by shard number; those that aren't there map to what to say of their tensors. */
    private final TreeMap<Integer, Shard> shards = new TreeMap<>();
    private final List<Problem> warnings = new ArrayList<>();
    private final List<Ignored> ignored = new ArrayList<>();
    private final HashSet<Key> usedSlices = new HashSet<>();

    private record Shard(String name, @Nullable SourceFile file, @Nullable Problem problem) {
    }

    private Bundle(SourceFile index, Table table, BundleHeader header) {
        this.table = table;
        this.header = header;
        this.prefix = index.name().substring(0, index.name().length() - CheckpointFiles.INDEX.length());
        this.folder = index.path().toAbsolutePath().resolveSibling("");
    }

    static Checkpoint open(SourceFile index, Progress progress) throws CheckpointException {
        return SourceFile.guarded(() -> {
            var table = Table.open(index);
            var header = table.find(new byte[0]);
            if (header == null) {
                throw index.problem(Code.BAD_HEADER, 0).field("bundle header").found("0").expected("1").asException();
            }
            var bundle = new Bundle(index, table, BundleHeader.parse(header.message()));
            table.forEach(progress, entry -> {
                if (entry.key().length > 0) {
                    bundle.entries.put(Key.of(entry.key()), BundleEntry.parse(entry, bundle.header.shards()));
                }
            });
            return bundle.checkpoint(progress);
        });
    }

    private Checkpoint checkpoint(Progress progress) throws CheckpointException {
        if (table.unused() != 0) {
            warnings.add(table.file().problem(Code.TRAILING_BYTES, -1).found(table.unused()).expected("0"));
        }
        openShards();
        var graph = graph();
        var names = names(graph);
        var tensors = new ArrayList<TensorSource>();
        for (var each : entries.entrySet()) {
            progress.check();
            var name = names.get(each.getKey());
            if (name != null) {
                var entry = each.getValue();
                tensors.add(entry.slices().isEmpty()
                        ? tensor(name, entry)
                        : partitioned(each.getKey(), name, entry));
            }
        }
        for (var key : entries.keySet()) {
            if (key.isSlice() && !usedSlices.contains(key)) {
                ignored.add(new Ignored(TensorSlice.nameOf(key.bytes()), NotParameters.AUX));
            }
        }
        checkLayout();
        return new Checkpoint(TensorFlowFormat.ID, files(), List.copyOf(tensors), metadata(), Map.of(),
                List.copyOf(ignored), List.copyOf(warnings));
    }

    private @Nullable String reason(Key key, String name, BundleEntry entry, ObjectGraph graph, Set<String> all,
            Set<String> originals) {
        if (key.equals(ObjectGraph.KEY) || TypeCode.isObject(entry.type())) { return "object"; }
        if (TypeCode.of(entry.type()) == DType.STRING) { return "string"; }
        if (key.latin1().startsWith(COPIES) && originals.contains(name)) { return NotParameters.AUX; }
        return graph.isOptimizers(key) ? NotParameters.OPTIMIZER : NotParameters.reason(key.text(), name, all);
    }

    /** Opens the data files that entries name; a header may claim any number of them. */
    private void openShards() throws CheckpointException {
        for (var entry : entries.values()) {
            if (entry.slices().isEmpty() && !shards.containsKey(entry.shard())) {
                shards.put(entry.shard(), openShard(entry.shard()));
            }
        }
        shards.values().forEach(shard -> {
            if (shard.problem != null) {
                warnings.add(shard.problem);
            }
        });
    }

    private Shard openShard(int number) throws CheckpointException {
        var name = CheckpointFiles.dataName(prefix, number, header.shards());
        var path = folder.resolve(name);
        if (!Files.exists(path)) {
            return new Shard(name, null, Problem.of(Code.DATA_MISSING).file(name).expected(name));
        }
        var file = SourceFile.open(path);
        if (LfsPointer.is(file)) { return new Shard(name, null, file.problem(Code.LFS_POINTER, 0).found(file.size())); }
        return new Shard(name, file, null);
    }

    /** The object graph, if there is one and its bytes are here; a damaged one is a warning. */
    private ObjectGraph graph() {
        var entry = entries.get(ObjectGraph.KEY);
        var shard = entry == null ? null : shards.get(entry.shard());
        if (entry == null || shard == null || shard.file == null || TypeCode.of(entry.type()) != DType.STRING) {
            return ObjectGraph.NONE;
        }
        try {
            return ObjectGraph.read(shard.file, entry, header.bigEndian());
        } catch (CheckpointException e) {
            warnings.add(e.problem());
            return ObjectGraph.NONE;
        }
    }

    /**
     * The parameters' names, by key. What isn't a parameter goes to {@link #ignored}. An object graph's variables go by
     * their own names unless two share one: then both keep the path that leads to them.
     */
    private Map<Key, String> names(ObjectGraph graph) throws CheckpointException {
        var own = new LinkedHashMap<Key, String>();
        var originals = new HashSet<String>();
        for (var key : entries.keySet()) {
            if (!key.isSlice()) {
                var name = graph.names().getOrDefault(key, key.path());
                own.put(key, name);
                if (!key.latin1().startsWith(COPIES)) {
                    originals.add(name);
                }
            }
        }
        var all = Set.copyOf(own.values());
        var names = new LinkedHashMap<Key, String>();
        var count = new HashMap<String, Integer>();
        for (var each : own.entrySet()) {
            var key = each.getKey();
            var reason = reason(key, each.getValue(), Objects.requireNonNull(entries.get(key)), graph, all,
                    originals);
            if (reason == null) {
                names.put(key, each.getValue());
                count.merge(each.getValue(), 1, Integer::sum);
            } else {
                ignored.add(new Ignored(each.getValue(), reason));
            }
        }
        names.replaceAll((key, name) -> count.getOrDefault(name, 1) > 1 ? key.path() : name);
        var seen = new HashMap<String, Key>();
        for (var each : names.entrySet()) {
            var other = seen.put(each.getValue(), each.getKey());
            if (other != null) {
                throw table.file().problem(Code.DUPLICATE_NAME, -1).field(each.getValue()).found(each.getKey().text())
                        .expected(other.text()).asException();
            }
        }
        return names;
    }

    private TensorSource tensor(String name, BundleEntry entry) {
        var dtype = TypeCode.of(entry.type());
        var info = new TensorInfo(name, dtype, entry.shape(), entry.size());
        var problem = problem(name, entry);
        var shard = shards.get(entry.shard());
        return problem != null || shard == null || shard.file == null
                ? new BrokenTensor(info.broken(problem))
                : new StoredTensor(info, shard.file, entry, header.bigEndian());
    }

    /** Why an entry's bytes can't be a tensor's values, or null. */
    private @Nullable Problem problem(String name, BundleEntry entry) {
        var dtype = TypeCode.of(entry.type());
        var shard = shards.get(entry.shard());
        var file = CheckpointFiles.dataName(prefix, entry.shard(), header.shards());
        var place = Problem.of(Code.STORAGE_SIZE).file(file).at(entry.offset()).field(name);
        if (dtype == DType.UNKNOWN || dtype == DType.STRING) {
            return Problem.of(Code.UNKNOWN_DTYPE).file(file).at(entry.offset()).field(name)
                    .found("DT_" + entry.type());
        }
        long wanted = ShapeProto.bytes(dtype, entry.shape());
        if (entry.size() != wanted) { return place.found(entry.size()).expected(wanted); }
        if (shard == null || shard.file == null) {
            return shard == null || shard.problem == null
                    ? Problem.of(Code.DATA_MISSING).file(file).field(name)
                    : shard.problem.field(name);
        }
        long end = entry.offset() + entry.size();
        return end <= shard.file.size()
                ? null
                : shard.file.problem(Code.TRUNCATED, entry.offset()).field(name).found(shard.file.size())
                        .expected(end);
    }

    private TensorSource partitioned(Key key, String name, BundleEntry whole) {
        var dtype = TypeCode.of(whole.type());
        long bytes = ShapeProto.bytes(dtype, whole.shape());
        var info = new TensorInfo(name, dtype, whole.shape(), bytes);
        var place = Problem.of(Code.INCOMPLETE_SET).file(table.file().name()).field(name);
        var parts = new ArrayList<PartitionedTensor.Part>();
        Problem broken = null;
        long found = 0;
        for (var slice : whole.slices()) {
            var box = slice.within(whole.shape());
            var sliceKey = Key.of(slice.key(key.bytes()));
            var entry = entries.get(sliceKey);
            if (box == null || entry == null || !entry.slices().isEmpty() || !entry.shape().equals(box.shape())
                    || entry.type() != whole.type() || !usedSlices.add(sliceKey)) {
                broken = place.found(slice).expected(whole.shape());
                continue;
            }
            var values = tensor(name, entry);
            if (broken == null) {
                broken = values.info().broken();
            }
            found += values.info().bytes();
            parts.add(new PartitionedTensor.Part(box, values));
        }
        if (broken == null && (found != bytes || PartitionedTensor.overlap(parts))) {
            broken = place.found(found).expected(bytes);
        }
        return broken == null ? new PartitionedTensor(info, parts) : new BrokenTensor(info.broken(broken));
    }

    /** Two tensors in the same bytes, or bytes after the last one: nothing TensorFlow writes. */
    private void checkLayout() {
        var byPlace = new ArrayList<Map.Entry<Key, BundleEntry>>();
        entries.entrySet().stream().filter(e -> e.getValue().slices().isEmpty() && e.getValue().size() > 0)
                .sorted(Comparator.comparingInt((Map.Entry<Key, BundleEntry> e) -> e.getValue().shard())
                        .thenComparingLong(e -> e.getValue().offset()))
                .forEach(byPlace::add);
        var ends = new HashMap<Integer, Long>();
        for (var each : byPlace) {
            var entry = each.getValue();
            var shard = shards.get(entry.shard());
            long end = ends.getOrDefault(entry.shard(), 0L);
            if (entry.offset() < end) {
                warnings.add(Problem.of(Code.OVERLAP).file(shard == null ? null : shard.name).at(entry.offset())
                        .field(each.getKey().path()).found(entry.offset() + "+" + entry.size()).expected(">= " + end));
            }
            ends.put(entry.shard(), Math.max(end, entry.offset() + entry.size()));
        }
        shards.forEach((number, shard) -> {
            long end = ends.getOrDefault(number, 0L);
            if (shard.file != null && shard.file.size() > end) {
                warnings.add(shard.file.problem(Code.TRAILING_BYTES, end).found(shard.file.size() - end)
                        .expected("0"));
            }
        });
    }

    private List<Path> files() throws CheckpointException {
        var files = new ArrayList<Path>();
        files.add(table.file().path());
        for (var shard : shards.values()) {
            if (shard.file != null) {
                files.add(shard.file.path());
            }
        }
        var state = folder.resolve(CheckpointFiles.STATE);
        if (Files.isRegularFile(state) && prefix.equals(CheckpointFiles.named(state))) {
            files.add(state);
        }
        return List.copyOf(files);
    }

    private Map<String, String> metadata() {
        var metadata = new LinkedHashMap<String, String>();
        metadata.put("version", "V2");
        metadata.put("producer", Integer.toString(header.producer()));
        metadata.put("shards", Integer.toString(header.shards()));
        metadata.put("endianness", header.bigEndian() ? "big" : "little");
        return metadata;
    }
}
