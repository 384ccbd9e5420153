package weft.work;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import weft.arch.Recognition;
import weft.arch.Settings;
import weft.format.Checkpoint;
import weft.io.CheckpointException;
import weft.io.Problem;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/**
 * A checkpoint opened as a model: the weights with what lies beside them.
 *
 * @param path as the person gave it
 * @param folder where config and tokenizer are looked for
 * @param settings what configurations say, in order of trust
 * @param tokenizer files of a tokenizer beside it, or empty
 * @param fixedText {@code weft-text.txt} beside it, or {@code null}
 * @param quantised what of it is stored quantised
 * @param adapter what is merged into it on the way to a target, or {@code null}; the recognition speaks of the result
 */
public record Model(Path path, Path folder, Checkpoint checkpoint, @Nullable Recognition recognition,
        List<Settings> settings, List<Path> tokenizer, @Nullable Path fixedText, Quantised quantised,
        @Nullable Adapter adapter) {

    /** The same with an adapter that is to be merged into it. */
    Model with(Adapter other, weft.arch.DialectFiles dialects) {
        var seen = Recognition
                .of(other.merged(quantised.meant(tensors())), dialects.dialects(), Settings.words(settings))
                .orElse(recognition);
        if (seen != null) {
            Folders.complete(seen, settings);
        }
        return new Model(path, folder, checkpoint, seen, settings, tokenizer, fixedText, quantised, other);
    }

    /** The same with numbers a person set before all others; nothing else they set holds any more. */
    Model with(Map<String, Object> user) {
        var all = new java.util.ArrayList<Settings>();
        all.add(new Settings(Map.copyOf(user), weft.arch.Hyper.Origin.USER, null));
        settings.stream().filter(s -> s.origin() != weft.arch.Hyper.Origin.USER).forEach(all::add);
        // The same dialect, whatever was proved of it; only sizes are learned anew.
        var seen = recognition == null ? null : recognition.withSizesOf(merged());
        if (seen != null) {
            Folders.complete(seen, all);
        }
        return new Model(path, folder, checkpoint, seen, all, tokenizer, fixedText, quantised, adapter);
    }

    /** Every tensor a plan may name: its own, and the adapter's with their alias. */
    List<TensorSource> sources() {
        if (adapter == null) { return checkpoint.tensors(); }
        var all = new java.util.ArrayList<>(checkpoint.tensors());
        all.addAll(adapter.sources());
        return all;
    }

    /** What comes out when nothing but the adapter is merged in. */
    List<TensorInfo> merged() {
        var meant = quantised.meant(tensors());
        return adapter == null ? meant : adapter.merged(meant);
    }

    /** Names and shapes for a plan. */
    weft.plan.Source asSource() {
        var merges = new java.util.LinkedHashMap<>(quantised.merges());
        if (adapter != null) {
            merges.putAll(adapter.merges());
        }
        return new weft.plan.Source(path.toString(), tensors(), recognition,
                adapter == null ? Map.of() : Map.of(weft.plan.Merge.ALIAS, adapter.infos()), merges,
                quantised.packed());
    }

    public String format() {
        return checkpoint.format();
    }

    /** The dialect's identifier, or null if none was recognised. */
    public @Nullable String dialect() {
        return recognition == null ? null : recognition.dialect().id();
    }

    public List<TensorInfo> tensors() {
        return checkpoint.tensors().stream().map(TensorSource::info).toList();
    }

    public Optional<TensorSource> tensor(String name) {
        return checkpoint.tensors().stream().filter(t -> t.name().equals(name)).findFirst();
    }

    public List<Path> files() {
        return checkpoint.files();
    }

    public Map<String, String> metadata() {
        return checkpoint.metadata();
    }

    public List<Problem> warnings() {
        var all = new java.util.ArrayList<>(checkpoint.warnings());
        all.addAll(quantised.warnings(settings));
        return all;
    }

    /**
     * Why a tensor's values may not be the ones that were saved. Finding out may take reading all its bytes.
     *
     * @throws CheckpointException if they can't be read
     */
    public Optional<Problem> doubt(String tensor) throws CheckpointException {
        var warned = checkpoint.doubt(tensor);
        if (warned.isPresent()) { return warned; }
        var found = tensor(tensor);
        return found.isEmpty() ? Optional.empty() : found.get().doubt();
    }

    /** The same, read whatever checksums say ({@link Checkpoint#anyway()}). */
    Model anyway() {
        return new Model(path, folder, checkpoint.anyway(), recognition, settings, tokenizer, fixedText,
                quantised, adapter);
    }

    /** Entries that are no parameters: name and reason. */
    public List<Left> ignored() {
        return checkpoint.ignored().stream().map(i -> new Left(i.name(), i.reason())).toList();
    }

    /** An entry left aside and why. */
    public record Left(String name, String reason) {
    }

    public long parameters() {
        return tensors().stream().mapToLong(t -> t.shape().count()).sum();
    }

    public long bytes() {
        return tensors().stream().mapToLong(TensorInfo::bytes).sum();
    }

    /** The same file, some of its tensors taken for something else than their dialect says. */
    Model read(java.util.Map<String, weft.arch.Reading> otherwise) {
        return new Model(path, folder, checkpoint, recognition == null ? null : recognition.read(otherwise), settings,
                tokenizer, fixedText, quantised, adapter);
    }
}
