package weft.work;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import weft.arch.Dialect;
import weft.convert.Conversion;
import weft.convert.Converter;
import weft.format.CheckpointFormat;
import weft.format.CheckpointWriter;
import weft.format.Formats;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;
import weft.plan.Execution;
import weft.plan.Plan;
import weft.plan.TiedHeads;
import weft.tensor.DType;
import weft.token.Tokenizers;

/** Writes the target side of a workspace: values by the plan, and what lies beside them. */
final class Conversions {
    private Conversions() {
    }

    static Converted convert(Workspace workspace, ConvertRequest request, Predicate<String> only, Progress progress)
            throws CheckpointException {
        var source = workspace.source();
        var ready = workspace.needPlan();
        ForwardChecks.check(workspace, ready.rules(), progress);
        var lost = TiedHeads.of(ready, source.checkpoint().tensors(), only).untied();
        if (!lost.isEmpty()) { throw lost.getFirst().asException(); }
        var dialect = ready.target().dialect();
        var format = request.format() != null ? request.format() : formatFor(source, request, dialect);
        var execution = new Execution(ready, source.sources());
        var extras = Map.<String, byte[]>of();
        var more = RotaryDivisors.of(workspace, ready);
        var metadata = new LinkedHashMap<String, Object>();
        if (dialect != null && (request.folder() || dialect.configFile().isEmpty())) {
            var config = ConfigFiles.config(dialect, ready.target(), workspace.hypers().orElse(null), source.settings(),
                    execution.hasUntiedHead(), endOfText(source, ready));
            if (!more.isEmpty()) {
                config.keySet().removeIf(word -> word.startsWith("rope.scaling.")); // the tensor says it
            }
            if (dialect.configFile().isEmpty()) {
                metadata.putAll(ConfigFiles.metadata(config));
                metadata.putAll(vocabulary(source, ready));
            }
            extras = request.folder() ? Folders.extras(source, dialect, ConfigFiles.nested(config)) : extras;
        }
        var files = new ArrayList<>(source.files());
        files.addAll(source.tokenizer());
        if (source.adapter() != null) {
            files.addAll(source.adapter().checkpoint().files());
        }
        if (!format.equals("gguf")) {
            metadata.clear();
        }
        if (format.equals("safetensors")) {
            metadata.put("format", "pt"); // transformers refuses a file that doesn't say which framework it is for
        }
        if (Formats.byId(format).flatMap(CheckpointFormat::writer).filter(CheckpointWriter::keepsMetadata)
                .isPresent()) {
            metadata.putAll(Provenance.metadata(source, workspace.rules(), request.hash(), progress));
        }
        var file = dialect != null && format.equals(dialect.home()) ? dialect.file() : null;
        // llama.cpp adds norms and biases in f32, and stops at others.
        var vectors = dialect != null && dialect.home().equals("gguf") && format.equals("gguf") ? DType.F32 : null;
        var order = new Conversion(request.output(), request.folder(), file, format, request.dtype(), vectors,
                request.shardSize(),
                files, metadata, more, extras, request.part(), request.hash(), request.force());
        var made = Converter.convert(execution, source.checkpoint(), order, only, progress);
        return new Converted(made.files(), made.format(), made.tensors(), made.bytes(), made.lossless(), made.sha256(),
                made.casts(), warnings(workspace, made, metadata));
    }

    private static List<Problem> warnings(Workspace workspace, Conversion.Result made, Map<String, ?> metadata) {
        var warnings = new ArrayList<>(Findings.leftBehind(workspace));
        made.casts().forEach((name, loss) -> {
            if (loss.overflowed() > 0) {
                warnings.add(Problem.of(Code.W_OVERFLOW).field(name).found(loss.overflowed())
                        .expected(loss.to().title()));
            }
        });
        if (ConfigFiles.NO_VOCABULARY.equals(metadata.get(ConfigFiles.VOCABULARY))) {
            warnings.add(Problem.of(Code.NO_VOCABULARY).file(made.files().getFirst().getFileName()));
        }
        return List.copyOf(warnings);
    }

    /** The vocabulary that came with the source, for a file that carries its own; empty if there is none. */
    private static Map<String, Object> vocabulary(Model source, Plan ready) throws CheckpointException {
        var dialect = ready.target().dialect();
        long rows = dialect == null ? 0 : ready.target().size(dialect.family().vocabulary()).orElse(0);
        for (var files : TokenizerFiles.each(source)) {
            try {
                var tokenizer = TokenizerFiles.read(files);
                var metadata = tokenizer == null || rows > Integer.MAX_VALUE
                        ? Map.<String, Object>of()
                        : Tokenizers.ggufMetadata(tokenizer, (int) rows);
                if (!metadata.isEmpty()) { return metadata; }
            } catch (CheckpointException e) {
                if (e.code() != Code.BAD_TOKENIZER) { throw e; } // then it has no vocabulary that could be carried
            }
        }
        return Map.of();
    }

    /** The id that ends a text, if the target's vocabulary has it. */
    private static OptionalInt endOfText(Model source, Plan ready) throws CheckpointException {
        var dialect = ready.target().dialect();
        long rows = dialect == null ? 0 : ready.target().size(dialect.family().vocabulary()).orElse(0);
        try {
            var words = TokenizerFiles.find(source, null, rows);
            var end = words == null ? OptionalInt.empty() : words.endOfText();
            return end.isPresent() && end.getAsInt() < rows ? end : OptionalInt.empty();
        } catch (CheckpointException e) {
            if (e.code() == Code.BAD_TOKENIZER) { return OptionalInt.empty(); } // copied as it is, not used
            throw e;
        }
    }

    /**
     * By extension; folders and {@code .ckpt} take the target dialect's home, else the source's format, or safetensors
     * where Weft doesn't write that.
     */
    private static String formatFor(Model source, ConvertRequest request, @Nullable Dialect dialect) {
        var byName = request.folder() || request.output().toString().endsWith(".ckpt")
                ? Optional.<String>empty()
                : Formats.byName(request.output()).map(f -> f.id());
        var home = dialect != null ? dialect.home() : source.format();
        return byName.orElseGet(
                () -> Formats.byId(home).flatMap(CheckpointFormat::writer).isPresent() ? home : "safetensors");
    }
}
