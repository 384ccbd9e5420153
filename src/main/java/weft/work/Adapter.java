package weft.work;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import weft.arch.Recognition;
import weft.arch.Settings;
import weft.format.Checkpoint;
import weft.format.Formats;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;
import weft.name.Pattern;
import weft.plan.Merge;
import weft.rule.Combine;
import weft.tensor.Shape;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/**
 * A LoRA adapter as PEFT saves it ({@code adapter_config.json} with {@code adapter_model.safetensors} or {@code .bin}),
 * held against the base it is to be merged into.
 *
 * @param merges what it does, by the base's tensor names; names the base doesn't have are tensors it adds
 * @param spare its tensors that are only the base's own, saved once more
 */
record Adapter(Path path, Checkpoint checkpoint, Map<String, Merge> merges, Set<String> spare) {
    private static final String CONFIG = "adapter_config.json";
    private static final List<String> WEIGHTS = List.of("adapter_model.safetensors", "adapter_model.bin");
    /** Settings with which an adapter is more than W + α/r·B·A. */
    private static final List<String> OTHER_SETTINGS = List.of("use_dora", "lora_bias", "use_qalora", "use_bdlora",
            "alora_invocation_tokens", "layer_replication", "arrow_config", "kasa_config", "monteclora_config",
            "trainable_token_indices", "target_parameters");
    private static final List<String> OTHER_BEGINNINGS = List.of("pissa", "corda", "olora", "loftq", "lora_ga");
    private static final String BEFORE = "base_model.model.";
    private static final String A = ".lora_A.weight", B = ".lora_B.weight", EMBEDDING_A = ".lora_embedding_A",
            EMBEDDING_B = ".lora_embedding_B";

    /**
     * Opens an adapter and finds the tensors of the base that its modules mean.
     *
     * @throws CheckpointException {@code ADAPTER_MISFIT} with the first module the base lacks or has in another shape,
     *         {@code ADAPTER_ROWS} with the first row the base lacks, {@code ADAPTER_KIND} for what isn't a plain LoRA
     */
    static Adapter open(Path path, List<TensorInfo> base, @Nullable Recognition recognition, Progress progress)
            throws CheckpointException {
        var folder = Files.isDirectory(path)
                ? path
                : java.util.Objects.requireNonNullElse(path.toAbsolutePath().getParent(), path);
        var weights = Files.isRegularFile(path)
                ? path
                : WEIGHTS.stream().map(folder::resolve).filter(Files::isRegularFile).findFirst()
                        .orElseThrow(() -> Problem.of(Code.INCOMPLETE_SET).file(path).expected(WEIGHTS.getFirst())
                                .asException());
        var config = folder.resolve(CONFIG);
        if (!Files.isRegularFile(config)) {
            throw Problem.of(Code.INCOMPLETE_SET).file(path).expected(CONFIG).asException();
        }
        var settings = Settings.read(Folders.bytes(config), CONFIG);
        var checkpoint = Formats.open(weights, progress);
        var reading = new Reading(settings, checkpoint.tensors().stream().map(TensorSource::info).toList(), base,
                recognition);
        return new Adapter(path, checkpoint, reading.run(), reading.spare);
    }

    /** The base's tensors as they are once the adapter is in: other shapes, and some more. */
    List<TensorInfo> merged(List<TensorInfo> base) {
        var all = new ArrayList<TensorInfo>();
        var names = new HashSet<String>();
        for (var tensor : base) {
            names.add(tensor.name());
            var merge = merges.get(tensor.name());
            all.add(merge == null || merge.shape().equals(tensor.shape())
                    ? tensor
                    : new TensorInfo(tensor.name(), tensor.dtype(), merge.shape(),
                            merge.shape().count() * tensor.dtype().bytes()));
        }
        merges.forEach((name, merge) -> {
            if (!names.contains(name)) {
                var type = infos().stream().filter(t -> t.name().equals(merge.tensors().getFirst())).findFirst()
                        .orElseThrow().dtype();
                all.add(new TensorInfo(name, type, merge.shape(), merge.shape().count() * type.bytes()));
            }
        });
        return all;
    }

    List<TensorInfo> infos() {
        return checkpoint.tensors().stream().map(TensorSource::info).filter(t -> !spare.contains(t.name())).toList();
    }

    /** Its tensors under the names rules have for them. */
    List<TensorSource> sources() {
        var named = new ArrayList<TensorSource>();
        for (var tensor : checkpoint.tensors()) {
            var info = tensor.info().named(Merge.ALIAS + ":" + tensor.name());
            named.add(new TensorSource() {
                @Override
                public TensorInfo info() {
                    return info;
                }

                @Override
                public weft.tensor.TensorData read() throws CheckpointException {
                    return tensor.read();
                }
            });
        }
        return named;
    }

    /** One pass over an adapter's tensors. */
    private static final class Reading {
        private final Settings settings;
        private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
        private final Map<String, TensorInfo> base = new LinkedHashMap<>();
        private final @Nullable Recognition recognition;
        private final Map<String, Merge> merges = new LinkedHashMap<>();
        private final Set<String> used = new HashSet<>();
        private final Set<String> spare = new HashSet<>();

        Reading(Settings settings, List<TensorInfo> tensors, List<TensorInfo> base,
                @Nullable Recognition recognition) {
            this.settings = settings;
            this.recognition = recognition;
            tensors.forEach(t -> this.tensors.put(t.name(), t));
            base.forEach(t -> this.base.put(t.name(), t));
        }

        Map<String, Merge> run() throws CheckpointException {
            refuseOtherKinds();
            for (var name : tensors.keySet()) { // whole tensors first: they may bring the rows a LoRA needs
                if (!name.contains(".lora_")) {
                    replace(name);
                }
            }
            for (var name : tensors.keySet()) {
                if (name.endsWith(A)) {
                    lora(name, name.substring(0, name.length() - A.length()), B, false);
                } else if (name.endsWith(EMBEDDING_A)) {
                    lora(name, name.substring(0, name.length() - EMBEDDING_A.length()), EMBEDDING_B, true);
                }
            }
            for (var name : tensors.keySet()) {
                if (!used.contains(name)) { throw Problem.of(Code.ADAPTER_KIND).found(name).asException(); }
            }
            return merges;
        }

        private void refuseOtherKinds() throws CheckpointException {
            var kind = String.valueOf(settings.values().get("peft_type"));
            if (!kind.equals("LORA")) {
                throw Problem.of(Code.ADAPTER_KIND).file(CONFIG).found("peft_type: " + kind).asException();
            }
            for (var setting : OTHER_SETTINGS) {
                if (isOn(settings.values().get(setting))) {
                    throw Problem.of(Code.ADAPTER_KIND).file(CONFIG).found(setting).asException();
                }
            }
            // These begin with other base weights than the base's, so that B·A alone added to the base is another model.
            if (settings.values().get("init_lora_weights") instanceof String start
                    && OTHER_BEGINNINGS.stream().anyMatch(start.toLowerCase(java.util.Locale.ROOT)::startsWith)) {
                throw Problem.of(Code.ADAPTER_KIND).file(CONFIG).found("init_lora_weights: " + start).asException();
            }
        }

        private static boolean isOn(@Nullable Object value) {
            return switch (value) {
                case null -> false;
                case Boolean on -> on;
                case java.util.Collection<?> some -> !some.isEmpty();
                case Map<?, ?> some -> !some.isEmpty();
                default -> true;
            };
        }

        /** A module's name in the base's spelling: a wrapper's or a dialect's prefix may be there or not. */
        private List<String> spellings(String name) {
            var plain = name.startsWith(BEFORE) ? name.substring(BEFORE.length()) : name;
            var all = new ArrayList<>(List.of(plain));
            if (recognition != null) {
                var prefix = recognition.dialect().prefix();
                var before = recognition.spelling().before();
                if (!prefix.isEmpty()) {
                    all.add(plain.startsWith(prefix) ? plain.substring(prefix.length()) : prefix + plain);
                }
                if (!before.isEmpty()) {
                    List.copyOf(all).forEach(n -> all.add(before + n));
                }
            }
            return all;
        }

        private @Nullable String inBase(String name) {
            return spellings(name).stream().filter(base::containsKey).findFirst().orElse(null);
        }

        /** A module that was trained as a whole and takes the base's place, perhaps with more rows. */
        private void replace(String name) throws CheckpointException {
            used.add(name);
            if (name.contains(".original_module.")) { // the base's own, saved beside the trained one
                spare.add(name);
                return;
            }
            var plain = name.replace(".base_layer.", ".").replace(".modules_to_save.default.", ".")
                    .replace(".modules_to_save.", ".");
            var own = inBase(plain);
            var shape = java.util.Objects.requireNonNull(tensors.get(name)).shape();
            if (own != null) {
                var there = java.util.Objects.requireNonNull(base.get(own)).shape();
                if (!isSameBut(there, shape, 0) && !there.equals(shape)) { throw misfit(plain, there, shape); }
            } else if (!isSaved(plain) && plain.endsWith("lm_head.weight")) {
                spare.add(name); // saved beside the embedding it is tied to: the base has only the one
                return;
            } else if (!isSaved(plain)) {
                throw Problem.of(Code.ADAPTER_MISFIT).field(module(plain)).expected(shape).asException();
            }
            var before = merges.putIfAbsent(own == null ? spellings(plain).getFirst() : own,
                    new Merge(Merge.ALIAS, List.of(name), null, shape));
            if (before != null) {
                spare.add(name);
            }
        }

        /** Whether the configuration says that this module was saved as a whole: a head the base has tied. */
        private boolean isSaved(String name) {
            var saved = settings.values().get("modules_to_save") instanceof List<?> list ? list : List.of();
            return saved.stream().anyMatch(m -> ("." + name).contains("." + m + "."));
        }

        private static String module(String name) {
            var plain = name.startsWith(BEFORE) ? name.substring(BEFORE.length()) : name;
            return plain.replaceFirst("\\.(weight|bias)$", "");
        }

        private static boolean isSameBut(Shape a, Shape b, int axis) {
            return a.rank() == b.rank() && a.rank() > axis && a.with(axis, 0).equals(b.with(axis, 0));
        }

        private static CheckpointException misfit(String module, Shape found, Shape expected) {
            return Problem.of(Code.ADAPTER_MISFIT).field(module(module)).found(found).expected(expected).asException();
        }

        private void lora(String nameA, String module, String endB, boolean embedding) throws CheckpointException {
            var a = java.util.Objects.requireNonNull(tensors.get(nameA)).shape();
            var nameB = module + endB;
            var other = tensors.get(nameB);
            if (other == null) { throw Problem.of(Code.INCOMPLETE_SET).expected(nameB).asException(); }
            var b = other.shape();
            if (a.rank() != 2 || b.rank() != 2 || a.dim(0) != b.dim(1)) {
                throw Problem.of(Code.ADAPTER_KIND).found(nameA + " " + a + ", " + b).asException();
            }
            var own = inBase(module + ".weight");
            if (own == null) {
                throw Problem.of(Code.ADAPTER_MISFIT).field(module(module)).expected(Shape.of(b.dim(0), a.dim(1)))
                        .asException();
            }
            used.add(nameA);
            used.add(nameB);
            var before = merges.get(own);
            if (before != null && before.op() != null) {
                throw Problem.of(Code.ADAPTER_KIND).found(nameA).asException();
            }
            // An embedding that was saved whole is itself what is added to.
            var shape = before != null ? before.shape() : java.util.Objects.requireNonNull(base.get(own)).shape();
            var plain = Shape.of(b.dim(0), a.dim(1));
            var turned = Shape.of(a.dim(1), b.dim(0));
            boolean fan;
            if (embedding) {
                fan = true;
                if (!shape.equals(turned)) {
                    if (isSameBut(shape, turned, 0)) { throw rows(module, shape, turned); }
                    throw misfit(module, shape, turned);
                }
            } else if (plain.equals(turned)) {
                fan = Boolean.TRUE.equals(settings.values().get("fan_in_fan_out")) || isTurned();
                if (!shape.equals(plain)) { throw misfit(module, shape, plain); }
            } else {
                fan = shape.equals(turned);
                if (!fan && !shape.equals(plain)) {
                    if (isSameBut(shape, plain, 0)) { throw rows(module, shape, plain); }
                    throw misfit(module, shape, Boolean.TRUE.equals(settings.values().get("fan_in_fan_out"))
                            ? turned
                            : plain);
                }
            }
            long r = a.dim(0);
            var stated = setting("rank_pattern", "r", module);
            if (stated != null && stated.longValue() != r) {
                throw Problem.of(Code.BAD_CONFIG).file(CONFIG).field("r").found(stated).expected(r).asException();
            }
            var alpha = setting("alpha_pattern", "lora_alpha", module);
            if (alpha == null) {
                throw Problem.of(Code.BAD_CONFIG).file(CONFIG).field("lora_alpha").expected("number").asException();
            }
            var all = before == null
                    ? List.of(nameA, nameB)
                    : List.of(before.tensors().getFirst(), nameA, nameB);
            merges.put(own, new Merge(Merge.ALIAS, all, new Combine(new Combine.Lora(alpha.doubleValue(), r, fan,
                    Boolean.TRUE.equals(settings.values().get("use_rslora")))), shape));
        }

        /** More rows than the base has, and nothing says what the base's part of them is. */
        private static CheckpointException rows(String module, Shape found, Shape expected) {
            return Problem.of(Code.ADAPTER_ROWS).field(module(module)).found(found.dim(0)).expected(expected.dim(0))
                    .asException();
        }

        /** Whether the base's own linear layers are stored [in, out]. */
        private boolean isTurned() {
            var computes = recognition == null ? null : recognition.dialect().computes();
            return computes != null && computes.startsWith("y = x");
        }

        /** A number of the configuration, or the one its patterns have for a module: regular expressions for its end. */
        private @Nullable Number setting(String patterns, String word, String module) {
            if (settings.values().get(patterns) instanceof Map<?, ?> map) {
                for (var entry : map.entrySet()) {
                    try {
                        var regex = Pattern.parse("re:(.*\\.)?(?:" + entry.getKey() + ")");
                        if (regex.match(module(module)).isPresent() && entry.getValue() instanceof Number n) {
                            return n;
                        }
                    } catch (Pattern.SyntaxException e) {
                        // not a pattern: speaks of no module
                    }
                }
            }
            return settings.values().get(word) instanceof Number n ? n : null;
        }
    }
}
