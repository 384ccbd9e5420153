package weft.format;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import weft.format.Checkpoint.Ignored;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.JsonReader;
import weft.io.Problem;
import weft.io.Progress;
import weft.io.Sibling;
import weft.io.SourceFile;
import weft.name.NaturalOrder;
import weft.tensor.TensorSource;

/**
 * A checkpoint cut into shards, as transformers writes it: {@code model.safetensors.index.json} or
 * {@code pytorch_model.bin.index.json} (or {@code flax_model.msgpack.index.json}) holds {@code weight_map}, which names for each
 * tensor the file beside the index that has it. Tensors are listed shard by shard (in natural order of the shards' names),
 * each shard in its own order.
 *
 * <p>
 * A shard that isn't there leaves its tensors without a shape, and a tensor without a shape is no {@link TensorSource}:
 * their names stand in {@link Checkpoint#ignored()} as {@code missing} and one {@code DATA_MISSING} names the shard.
 */
public final class ShardedIndex implements CheckpointFormat {
    private static final String ENDING = ".index.json";
    private static final int LONGEST = 64_000_000;

    @Override
    public String id() {
        return "index";
    }

    @Override
    public List<String> endings() {
        return List.of(ENDING);
    }

    @Override
    public Match probe(Path path, byte[] head) {
        var text = new String(head, StandardCharsets.ISO_8859_1).stripLeading();
        if (!text.startsWith("{")) { return Match.NO; }
        // "weight_map" may stand after metadata longer than the head.
        return text.contains("\"weight_map\"") || Formats.name(path).endsWith(ENDING) ? Match.CONTENT : Match.NO;
    }

    @Override
    public Checkpoint open(Path path, Progress progress) throws CheckpointException {
        var file = SourceFile.open(path);
        if (file.size() > LONGEST) {
            throw file.problem(Code.LIMIT, -1).found(file.size()).expected("<= " + LONGEST).asException();
        }
        var index = JsonReader.read(file, 0, file.size(), json -> new Index(file, json));
        var set = new Assembly(file, index.shards.values());
        for (var shard : index.shards.entrySet()) {
            progress.check();
            set.add(shard.getKey(), shard.getValue(), progress);
        }
        set.metadata.putAll(index.metadata);
        return set.checkpoint();
    }

    /** What the index says: the tensors of each shard, shards in natural order. */
    private static final class Index {
        final Map<String, Set<String>> shards = new TreeMap<>(NaturalOrder.INSTANCE);
        final Map<String, String> metadata = new LinkedHashMap<>();

        Index(SourceFile file, JsonReader json) throws CheckpointException {
            var names = new HashSet<String>();
            var seen = new HashSet<String>();
            json.object("index", field -> {
                if (!seen.add(field)) { throw json.problem(Code.DUPLICATE_NAME).field(field).asException(); }
                switch (field) {
                    case "weight_map" -> json.object(field, name -> {
                        if (!names.add(name)) { throw json.problem(Code.DUPLICATE_NAME).field(name).asException(); }
                        var shard = json.string(name);
                        if (!Sibling.isPlainName(shard)) {
                            throw json.problem(Code.PATH_OUTSIDE).field(name).found(shard).expected("file name")
                                    .asException();
                        }
                        shards.computeIfAbsent(shard, s -> new LinkedHashSet<>()).add(name);
                    });
                    case "metadata" -> {
                        if (json.value() instanceof Map<?, ?> map) {
                            map.forEach((key, value) -> metadata.put(String.valueOf(key), String.valueOf(value)));
                        }
                    }
                    default -> json.skip();
                }
            });
            if (!seen.contains("weight_map")) {
                throw file.problem(Code.BAD_HEADER, 0).field("weight_map").found("-").expected("object").asException();
            }
        }
    }

    /** The set while it is put together. */
    private static final class Assembly {
        private final SourceFile index;
        private final List<Path> files = new ArrayList<>();
        private final List<TensorSource> tensors = new ArrayList<>();
        /** Every name the index gives a shard, and the names of shards' tensors that it doesn't. */
        private final Set<String> elsewhere = new HashSet<>();
        private final Set<String> unnamed = new HashSet<>();
        private final Map<String, String> metadata = new LinkedHashMap<>();
        private final Map<String, Object> settings = new LinkedHashMap<>();
        private final List<Ignored> ignored = new ArrayList<>();
        private final List<Problem> warnings = new ArrayList<>();
        private String format = "";

        Assembly(SourceFile index, Collection<Set<String>> named) {
            named.forEach(elsewhere::addAll);
            this.index = index;
            files.add(index.path());
            var name = index.name();
            format = name.contains(".safetensors")
                    ? "safetensors"
                    : name.contains(".bin")
                            ? "torch"
                            : name.contains(".msgpack") ? "flax" : "index";
        }

        void add(String shard, Set<String> expected, Progress progress) throws CheckpointException {
            var path = Sibling.of(index.path(), shard);
            if (Files.notExists(path)) {
                warnings.add(Problem.of(Code.DATA_MISSING).file(shard).field(expected.iterator().next())
                        .found("shard").expected(shard));
                expected.forEach(name -> ignored.add(new Ignored(name, "missing")));
                return;
            }
            var opened = Formats.open(path, progress,
                    Formats.all().stream().filter(f -> !(f instanceof ShardedIndex)).toList());
            format = opened.format();
            files.addAll(opened.files());
            opened.metadata().forEach(metadata::putIfAbsent);
            opened.settings().forEach(settings::putIfAbsent);
            ignored.addAll(opened.ignored());
            opened.warnings().stream().filter(w -> w.code() != Code.OPEN_SIBLING).forEach(warnings::add);
            var absent = new LinkedHashSet<>(expected);
            for (var tensor : opened.tensors()) {
                add(shard, tensor, absent.remove(tensor.name()));
            }
            for (var name : absent) {
                warnings.add(Problem.of(Code.INCOMPLETE_SET).file(shard).field(name).expected(index.name()));
                ignored.add(new Ignored(name, "missing"));
            }
        }

        /** A tensor the index doesn't name is loaded all the same, as transformers does; of twins the index's counts. */
        private void add(String shard, TensorSource tensor, boolean named) {
            if (!named && (elsewhere.contains(tensor.name()) || !unnamed.add(tensor.name()))) {
                warnings.add(Problem.of(Code.DUPLICATE_NAME).file(shard).field(tensor.name()));
                return;
            }
            if (!named) {
                warnings.add(Problem.of(Code.INCOMPLETE_SET).file(index.name()).field(tensor.name()).found(shard));
            }
            tensors.add(tensor);
        }

        Checkpoint checkpoint() {
            return new Checkpoint(format, List.copyOf(files), List.copyOf(tensors), metadata, settings,
                    List.copyOf(ignored), List.copyOf(warnings));
        }
    }
}
