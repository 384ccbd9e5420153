package weft.format.keras;

import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

import weft.format.Checkpoint;
import weft.format.Checkpoint.Ignored;
import weft.format.CheckpointFormat;
import weft.format.CheckpointWriter;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Json;
import weft.io.Problem;
import weft.io.Progress;
import weft.io.SourceFile;
import weft.io.ZipDirectory;
import weft.io.ZipDirectory.Entry;
import weft.io.ZipDirectory.Method;

/**
 * Keras: the HDF5 of a model or its weights (Keras 1, 2, 3), and Keras 3's ZIP of configuration and weights. A configuration is
 * shown as text; no class it names is looked up and no function it holds is run.
 */
public final class KerasFormat implements CheckpointFormat {
    private static final List<String> ENDINGS = List.of(".h5", ".weights.h5", ".hdf5", ".keras");
    private static final String SIGNATURE = "\u0089HDF\r\n\u001a\n";
    private static final String WEIGHTS = "model.weights.h5";
    private static final String CONFIG = "config.json";
    /** Classes whose configuration holds code: a Lambda layer, its function, a function by name. */
    private static final Set<String> CODE = Set.of("Lambda", "__lambda__", "function");
    private static final int LONGEST_CONFIG = 64 << 20;

    @Override
    public String id() {
        return "keras";
    }

    @Override
    public List<String> endings() {
        return ENDINGS;
    }

    @Override
    public Match probe(Path path, byte[] head) {
        var text = new String(head, StandardCharsets.ISO_8859_1);
        // HDF5's own block may stand behind another's, at 512 bytes or a power of two of them (format, II.A).
        for (int at : new int[]{0, 512, 1024, 2048}) {
            if (text.startsWith(SIGNATURE, at)) { return Match.CONTENT; }
        }
        var named = hasEnding(path) ? Match.NAME : Match.NO;
        if (!text.startsWith("PK\3\4")) { return named; }
        boolean first = text.startsWith("metadata.json", 30) || text.startsWith(CONFIG, 30);
        return text.contains(WEIGHTS) || first && text.contains(CONFIG) ? Match.CONTENT : named;
    }

    @Override
    public Checkpoint open(Path path, Progress progress) throws CheckpointException {
        var file = SourceFile.open(path);
        var start = new String(file.bytes(0, Math.min(2, file.size()), 2), StandardCharsets.ISO_8859_1);
        if (start.equals("PK")) { return archive(file, progress); }
        var tree = new Hdf5Tree(Hdf5.of(file), progress);
        var metadata = tree.read();
        var warnings = new ArrayList<Problem>();
        code(file, metadata.get("model_config"), warnings);
        return new Checkpoint(id(), List.of(path), List.copyOf(tree.tensors), metadata, Map.of(),
                List.copyOf(tree.ignored), warnings);
    }

    @Override
    public Optional<CheckpointWriter> writer() {
        return Optional.of(new KerasWriter());
    }

    private Checkpoint archive(SourceFile file, Progress progress) throws CheckpointException {
        var zip = ZipDirectory.read(file);
        var weights = zip.entry(WEIGHTS);
        if (weights == null) {
            throw file.problem(Code.NOT_A_MODEL, -1).field(WEIGHTS).found("0 tensors").asException();
        }
        boolean stored = weights.method() == Method.STORED;
        var tree = new Hdf5Tree(Hdf5.of(file, () -> zip.segment(weights), stored ? weights.offset() : -1), progress);
        var metadata = new TreeMap<>(tree.read());
        var warnings = new ArrayList<>(zip.warnings());
        var ignored = new ArrayList<>(tree.ignored);
        for (var entry : zip.entries()) {
            if (entry.name().endsWith(".json") && entry.name().indexOf('/') < 0) {
                metadata.put(entry.name(), text(zip, entry));
            } else if (!entry.name().equals(WEIGHTS) && !entry.name().endsWith("/")) {
                ignored.add(new Ignored(entry.name(), "aux"));
            }
        }
        code(file, metadata.get(CONFIG), warnings);
        return new Checkpoint(id(), List.of(file.path()), List.copyOf(tree.tensors), metadata, Map.of(),
                List.copyOf(ignored), List.copyOf(warnings));
    }

    private static String text(ZipDirectory zip, Entry entry) throws CheckpointException {
        if (entry.size() > LONGEST_CONFIG) {
            throw zip.file().problem(Code.LIMIT, entry.offset()).field(entry.name()).found(entry.size())
                    .expected("<= " + LONGEST_CONFIG).asException();
        }
        var bytes = zip.segment(entry);
        return SourceFile.guarded(() -> new String(bytes.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8));
    }

    /** Warns of functions in a configuration (a Lambda layer's bytecode) and of classes from elsewhere than Keras. */
    private static void code(SourceFile file, @Nullable String config, List<Problem> warnings) {
        if (config == null) { return; }
        try {
            look(file, Json.read(config, CONFIG), warnings);
        } catch (CheckpointException e) {
            warnings.add(e.problem()); // shown as text and of no use; the weights don't need it
        }
    }

    private static void look(SourceFile file, @Nullable Object value, List<Problem> warnings) {
        switch (value) {
            case Map<?, ?> object -> {
                var name = object.get("class_name") instanceof String text ? text : "";
                var module = object.get("module") instanceof String text ? text : "keras";
                boolean foreign = !name.isEmpty() && !module.equals("builtins") && !module.equals("keras")
                        && !module.startsWith("keras.");
                if (foreign || CODE.contains(name)) {
                    var inner = object.get("config") instanceof Map<?, ?> config ? config.get("name") : null;
                    warnings.add(Problem.of(Code.OPAQUE_OBJECT).file(file.name())
                            .field(inner instanceof String ? inner : name)
                            .found(foreign ? module + "." + name : name));
                } else {
                    object.values().forEach(inner -> look(file, inner, warnings));
                }
            }
            case List<?> list -> list.forEach(inner -> look(file, inner, warnings));
            case null, default -> {
                // a number, a text: nothing that could run
            }
        }
    }
}
