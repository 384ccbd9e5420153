package weft.work;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import weft.arch.Dialect;
import weft.arch.DialectFiles;
import weft.arch.Hyper;
import weft.arch.Recognition;
import weft.arch.Settings;
import weft.format.Formats;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;
import weft.io.SourceFile;
import weft.tensor.TensorSource;
import weft.token.Tokenizer;

/** Opens a path as a model: finds the checkpoint, the configuration, the tokenizer and the fixed text beside it. */
final class Folders {
    private static final List<String> CONFIGS = List.of("config.json", "hparams.json", "params.json", "bert_config.json");
    private static final String FIXED_TEXT = "weft-text.txt";
    private static final int SMALL = 64 << 20;

    private Folders() {
    }

    static Model open(Path path, DialectFiles dialects, Map<String, Object> user, Progress progress)
            throws CheckpointException {
        var checkpoint = Formats.open(path, progress);
        var folder = Files.isDirectory(path)
                ? path
                : java.util.Objects.requireNonNullElse(path.toAbsolutePath().getParent(), path);
        var settings = new ArrayList<Settings>();
        if (!user.isEmpty()) {
            settings.add(new Settings(user, Hyper.Origin.USER, null));
        }
        if (!checkpoint.settings().isEmpty()) {
            settings.add(new Settings(flat(checkpoint.settings()), Hyper.Origin.MODEL_ARGS, null));
        }
        for (var name : CONFIGS) {
            var file = folder.resolve(name);
            if (Files.isRegularFile(file)) {
                settings.add(Settings.read(bytes(file), name));
            }
        }
        var infos = checkpoint.tensors().stream().map(TensorSource::info).toList();
        var quantised = Quantised.of(checkpoint.tensors(), settings);
        var recognition = Recognition.of(quantised.meant(infos), dialects.dialects(), Settings.words(settings))
                .orElse(null);
        if (recognition != null) {
            complete(recognition, settings);
        }
        checkpoint = checkpoint.withWarnings(Stream.concat(checkpoint.warnings().stream(), leftovers(folder)).toList());
        var text = folder.resolve(FIXED_TEXT);
        return new Model(path, folder, checkpoint, recognition, settings, TokenizerFiles.in(folder, checkpoint),
                Files.isRegularFile(text) ? text : null, quantised, null);
    }

    /** A warning for each export that was killed in this folder. */
    private static Stream<Problem> leftovers(Path folder) {
        try {
            return Leftovers.in(folder).stream().map(l -> Problem.of(Code.UNFINISHED).file(l.path().getFileName())
                    .found(l.isComplete() ? "complete" : "half").expected(folder));
        } catch (CheckpointException e) {
            return Stream.empty(); // a folder that can't be listed; the file in it opens
        }
    }

    static void complete(Recognition recognition, List<Settings> settings) {
        Dialect dialect = recognition.dialect();
        weft.arch.Hypers.complete(dialect, recognition.sizes(), settings);
        dialect.family().complete(recognition.sizes());
    }

    /** Settings of a training dict lie one level down ({@code model_args}); what is nested is lifted. */
    private static Map<String, Object> flat(Map<String, Object> settings) {
        var flat = new java.util.LinkedHashMap<String, Object>();
        settings.forEach((key, value) -> {
            if (value instanceof Map<?, ?> inner) {
                inner.forEach((k, v) -> {
                    if (k instanceof String name && v != null) {
                        flat.putIfAbsent(name, v);
                    }
                });
            } else {
                flat.putIfAbsent(key, value);
            }
        });
        return flat;
    }

    static byte[] bytes(Path file) throws CheckpointException {
        var source = SourceFile.open(file);
        return source.bytes(0, source.size(), SMALL);
    }

    static String text(Path file) throws CheckpointException {
        return new String(bytes(file), java.nio.charset.StandardCharsets.UTF_8);
    }

    /** See {@link TokenizerFiles#load}. */
    static @Nullable Tokenizer tokenizer(Model model, @Nullable Path given, long vocabulary)
            throws CheckpointException {
        return TokenizerFiles.load(model, given, vocabulary);
    }

    /** The files beside a model that make a folder loadable, under the names the target's framework looks for. */
    static Map<String, byte[]> extras(Model model, Dialect target, Map<String, @Nullable Object> config)
            throws CheckpointException {
        var extras = new java.util.LinkedHashMap<String, byte[]>();
        if (!target.configFile().isEmpty()) {
            extras.put(target.configFile(),
                    weft.io.Json.print(config).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        extras.putAll(TokenizerFiles.forTarget(model, target.home()));
        if (model.fixedText() != null) {
            extras.put(FIXED_TEXT, bytes(model.fixedText()));
        }
        return extras;
    }

    /** Where the built-in samples are, or null if they aren't there. */
    static @Nullable Path samples() {
        var home = System.getProperty("weft.home");
        var candidates = home == null
                ? List.of(Path.of("target", "weft", "samples"))
                : List.of(Path.of(home, "samples"), Path.of("target", "weft", "samples"));
        return candidates.stream().filter(Files::isDirectory).findFirst().orElse(null);
    }
}
