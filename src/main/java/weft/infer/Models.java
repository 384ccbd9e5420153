package weft.infer;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

import weft.arch.Architecture;
import weft.arch.Hypers;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.plan.Execution;

/** From a plan to a model that runs: the one place that knows which family is computed by which class. */
public final class Models {
    private Models() {
    }

    /**
     * Binds a complete plan to the forward pass of its target's family.
     *
     * @param hypers the numbers no shape shows
     * @throws CheckpointException {@code NOT_COMPLETE} naming the first parameter nothing makes, {@code NOT_A_FAMILY},
     *         {@code HYPER_UNKNOWN}, or whatever reading the weights throws
     */
    public static LanguageModel load(Execution execution, Hypers hypers, Kernels kernels) throws CheckpointException {
        var plan = execution.plan();
        var open = plan.open();
        if (!open.isEmpty()) {
            throw Problem.of(Code.NOT_COMPLETE).field(open.getFirst().target().name()).found(open.size())
                    .expected(plan.target().required()).asException();
        }
        return load(new PlanWeights(execution), plan.target(), hypers, kernels);
    }

    /**
     * Whether all numbers are there that a target's family computes with, before any weight is read.
     *
     * @throws CheckpointException {@code HYPER_UNKNOWN} with the first that isn't, {@code BAD_CONFIG} for one that
     *         can't be
     */
    public static void check(Architecture target, Hypers hypers) throws CheckpointException {
        switch (target.dialect() == null ? "" : target.dialect().family().name()) {
            case "gpt2" -> gpt(target, hypers);
            case "llama" -> llama(target, hypers);
            default -> {
                // nothing is computed of other families
            }
        }
    }

    /** Binds any weights of a target's family: those of a plan, or the same with a hypothesis about some of them. */
    public static LanguageModel load(Weights weights, Architecture target, Hypers hypers, Kernels kernels)
            throws CheckpointException {
        var family = target.dialect() == null ? "" : target.dialect().family().name();
        return switch (family) {
            case "gpt2" -> GptModel.load(weights, gpt(target, hypers), kernels);
            case "llama" -> LlamaModel.load(weights, llama(target, hypers), kernels);
            default -> throw Problem.of(Code.NOT_A_FAMILY).field(target.name()).found(family).expected("gpt2, llama")
                    .asException();
        };
    }

    private static GptHypers gpt(Architecture target, Hypers hypers) throws CheckpointException {
        var heads = target.sizes().size("h");
        return new GptHypers(size(target, "i"),
                small("heads", heads.isPresent() ? heads.getAsLong() : hypers.whole("heads")), size(target, "c"),
                hypers.real("epsilon"), activation(hypers.word("activation")));
    }

    private static LlamaHypers llama(Architecture target, Hypers hypers) throws CheckpointException {
        int layers = size(target, "i");
        // Phi-4 mini turns three quarters of each head and leaves the rest alone: not computed here.
        if (hypers.has("ropePart") && !(hypers.real("ropePart") == 1)) {
            throw Problem.of(Code.BAD_CONFIG).field("partial_rotary_factor").found(hypers.real("ropePart")).expected(1)
                    .asException();
        }
        var context = target.size("c");
        return new LlamaHypers(layers, size(target, "h"), size(target, "g"),
                small("context", context.isPresent() ? context.getAsLong() : hypers.whole("context")),
                hypers.real("epsilon"), hypers.real("ropeBase"), scaling(hypers), windows(hypers, layers),
                activation(hypers.word("activation")));
    }

    /**
     * The kinds transformers knows ({@code modeling_rope_utils.py}). Its {@code dynamic} changes the base only beyond
     * the context, where nothing is computed here.
     */
    private static RopeScaling scaling(Hypers hypers) throws CheckpointException {
        var kind = hypers.word("ropeKind").toLowerCase(Locale.ROOT);
        return switch (kind) {
            case "default", "none", "dynamic" -> RopeScaling.NONE;
            case "linear" -> new RopeScaling.Linear(hypers.real("ropeFactor"));
            case "llama3" -> new RopeScaling.Llama3(hypers.real("ropeFactor"), hypers.real("ropeLow"),
                    hypers.real("ropeHigh"), small("ropeOriginal", hypers.whole("ropeOriginal")));
            case "yarn" -> {
                double factor = hypers.real("ropeFactor");
                yield new RopeScaling.Yarn(factor, hypers.has("ropeFast") ? hypers.real("ropeFast") : 32,
                        hypers.has("ropeSlow") ? hypers.real("ropeSlow") : 1,
                        small("ropeOriginal", hypers.whole("ropeOriginal")), hypers.has("ropeMagnitude")
                                ? hypers.real("ropeMagnitude")
                                : RopeScaling.Yarn.magnitude(factor));
            }
            default -> throw Problem.of(Code.BAD_CONFIG).field("rope_type").found(kind)
                    .expected("default, linear, dynamic, llama3, yarn").asException();
        };
    }

    /**
     * What each of {@code half} rotary frequencies is divided by, where a model was stretched as Llama 3.1 was: [k/2],
     * which GGUF keeps as a tensor ({@code rope_freqs}); else empty.
     *
     * @throws CheckpointException BAD_CONFIG, HYPER_UNKNOWN for numbers that are malformed or missing
     */
    public static Optional<float[]> rotaryDivisors(Hypers hypers, int half) throws CheckpointException {
        if (!hypers.has("ropeKind") || !hypers.word("ropeKind").equalsIgnoreCase("llama3")) { return Optional.empty(); }
        double base = hypers.real("ropeBase");
        var plain = IntStream.range(0, half).mapToDouble(j -> Math.pow(base, -(double) j / half)).toArray();
        var scaled = scaling(hypers).frequencies(plain, base);
        var divisors = new float[half];
        for (int j = 0; j < half; j++) {
            divisors[j] = (float) (plain[j] / scaled[j]);
        }
        return Optional.of(divisors);
    }

    /** A window for every layer, for those of a kind, for those from one on, or for none. */
    private static List<Integer> windows(Hypers hypers, int layers) throws CheckpointException {
        if (!hypers.has("window") || hypers.has("windowUsed") && hypers.word("windowUsed").equals("false")) {
            return List.of();
        }
        int window = small("window", hypers.whole("window"));
        var kinds = hypers.list("windowLayers");
        boolean byKind = kinds.size() == layers;
        long from = !byKind && hypers.has("windowUsed") && hypers.has("windowFrom") ? hypers.whole("windowFrom") : 0;
        return IntStream.range(0, layers)
                .mapToObj(i -> (byKind ? kinds.get(i).equals("sliding_attention") : i >= from) ? window : 0).toList();
    }

    private static int size(Architecture target, String axis) throws CheckpointException {
        return small(axis, target.size(axis)
                .orElseThrow(() -> Problem.of(Code.HYPER_UNKNOWN).field(target.dialect() == null
                        ? axis
                        : target.dialect().family().word(axis)).found(target.name()).asException()));
    }

    /** A size as a configuration says it, which may be anything. */
    private static int small(String name, long size) throws CheckpointException {
        if (size < 0 || size > Integer.MAX_VALUE) {
            throw Problem.of(Code.BAD_CONFIG).field(name).found(size).expected("0 … 2147483647").asException();
        }
        return (int) size;
    }

    /** The words configuration files use (transformers, {@code activations.py}). */
    private static Activation activation(String word) throws CheckpointException {
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "gelu_new", "gelu_tanh", "gelu_pytorch_tanh", "gelu_fast", "tanh" -> Activation.GELU_TANH;
            case "gelu", "gelu_erf", "gelu_python", "erf" -> Activation.GELU_ERF;
            case "silu", "swish" -> Activation.SILU;
            case "relu" -> Activation.RELU;
            default -> throw Problem.of(Code.BAD_CONFIG).field("activation").found(word)
                    .expected("gelu_new, gelu, silu, relu")
                    .asException();
        };
    }
}
