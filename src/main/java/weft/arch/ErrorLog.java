package weft.arch;

import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.tensor.Shape;

/**
 * What a framework said when a checkpoint didn't fit, read from a pasted log: each parameter it complained of once, with the
 * shapes of both sides as far as the log names them, and the advice it gave.
 *
 * @param frameworks whose messages were recognised: {@code pytorch}, {@code transformers}, {@code keras}, {@code tensorflow},
 *        {@code mindspore}, {@code llama.cpp}
 */
public record ErrorLog(List<Finding> findings, Set<Advice> advice, Set<String> frameworks) {

    /** What a message complains of. */
    public enum What {
        /** Both have it, in different shapes. */
        SHAPE,
        /** The model wants it, the checkpoint doesn't have it. */
        MISSING,
        /** The checkpoint has it, the model doesn't know it. */
        UNEXPECTED,
        /** Both have different numbers of layers or tensors. */
        COUNT
    }

    /** Advice that stands in a log, or that its reader is likely to have followed. */
    public enum Advice {
        /** {@code ignore_mismatched_sizes=True}, Keras's {@code skip_mismatch}: leaves random numbers where the weights were. */
        IGNORE_MISMATCHED,
        /** {@code strict=False}: leaves out what has another name, without a word. */
        NOT_STRICT,
        /** {@code weights_only=False}: runs whatever code the file holds. */
        RUN_CODE,
        /** {@code expect_partial()}: silences the report and changes nothing. */
        EXPECT_PARTIAL,
        /** "Consider training": what was newly initialised is random. */
        TRAIN
    }

    /**
     * One complaint.
     *
     * @param parameter its name, or {@code null} where the log has none
     * @param checkpoint the checkpoint's shape, or {@code null} where the log doesn't say
     * @param model the model's shape, likewise
     * @param cut what the log has of the name it was cut inside of, or {@code null} for a whole one; then there is no
     *        {@code parameter}
     */
    public record Finding(@Nullable String parameter, @Nullable Shape checkpoint, @Nullable Shape model, What what,
            @Nullable Cut cut) {
        public Finding(@Nullable String parameter, @Nullable Shape checkpoint, @Nullable Shape model, What what) {
            this(parameter, checkpoint, model, what, null);
        }

        /** The parameter's name, of the first layer where the log numbers none. @throws NullPointerException without a name */
        String inFirstLayer() {
            return Objects.requireNonNull(parameter).replace("{i}", "0");
        }
    }

    /**
     * A piece of a name.
     *
     * @param atStart whether the log begins in the name, so that this is its end; else it is its beginning
     * @param known whether the log says what it complains of
     */
    public record Cut(String piece, boolean atStart, boolean known) {
        /** Whether this can be a piece of that name. */
        public boolean isOf(String name) {
            return name.length() > piece.length() && (atStart ? name.endsWith(piece) : name.startsWith(piece))
                    || name.equals(piece);
        }

        /** Whether so much of that name is left that no more than its last two segments are cut. */
        public boolean isMostOf(String name) {
            int last = Math.max(name.lastIndexOf('.'), name.lastIndexOf('/'));
            int before = Math.max(name.lastIndexOf('.', last - 1), name.lastIndexOf('/', last - 1)) + 1;
            return atStart || piece.length() > before;
        }

        /** The piece with a sign of the cut. */
        public String shown() {
            return atStart ? "…" + piece : piece + "…";
        }
    }

    /** Reads a file's bytes; empty if nothing in it was recognised. @throws CheckpointException {@code LIMIT} */
    public static Optional<ErrorLog> parse(byte[] bytes) throws CheckpointException {
        var text = PastedText.decode(bytes);
        return text.isEmpty() ? Optional.empty() : parse(text.get());
    }

    /** Reads a text; empty if nothing in it was recognised. @throws CheckpointException {@code LIMIT} */
    public static Optional<ErrorLog> parse(String text) throws CheckpointException {
        var plain = PastedText.plain(text);
        var findings = read(plain);
        var unwrapped = PastedText.unwrapped(plain);
        if (unwrapped.isPresent()) {
            var other = read(unwrapped.get());
            if (other.isBetterThan(findings, PastedText.isWrapped(plain))) {
                findings = other;
            }
        }
        return findings.all().isEmpty()
                ? Optional.empty()
                : Optional.of(new ErrorLog(List.copyOf(findings.all()), findings.advice, findings.frameworks));
    }

    private static Findings read(String plain) throws CheckpointException {
        var findings = new Findings();
        LogMessages.read(PastedText.undecorated(plain), findings);
        return findings;
    }

    /** The findings of one kind that name a parameter. */
    public List<Finding> of(What what) {
        return findings.stream().filter(f -> f.what() == what && f.parameter() != null).toList();
    }

    /** Gathers findings; what is said twice is kept once, with all that is known of it. */
    static final class Findings {
        private final Map<String, Finding> byName = new LinkedHashMap<>();
        private final Set<Advice> advice = EnumSet.noneOf(Advice.class);
        private final Set<String> frameworks = new LinkedHashSet<>();

        void add(String framework, @Nullable String parameter, @Nullable Shape checkpoint, @Nullable Shape model,
                What what) throws CheckpointException {
            Listing.checkSize(byName.size());
            frameworks.add(framework);
            var key = what + " " + (parameter == null ? checkpoint + "|" + model : parameter);
            var old = byName.get(key);
            byName.put(key, old == null
                    ? new Finding(parameter, checkpoint, model, what)
                    : new Finding(parameter, old.checkpoint() == null ? checkpoint : old.checkpoint(),
                            old.model() == null ? model : old.model(), what));
        }

        /** A piece of a name; a message that was taken for whole because nothing stands behind its name is one, too. */
        void cut(CutNames.Cut cut) {
            byName.values().removeIf(f -> cut.piece().equals(f.parameter()) && !cut.atStart());
            frameworks.add(cut.framework());
            byName.put("cut " + cut.atStart(), new Finding(null, cut.checkpoint(), cut.model(),
                    cut.what() == null ? What.SHAPE : cut.what(),
                    new Cut(cut.piece(), cut.atStart(), cut.what() != null)));
        }

        void advise(Advice given) {
            advice.add(given);
        }

        /**
         * Whether these say more: more shapes, or more parameters, or, where the text looks as if its lines were broken
         * in the middle of words, longer names.
         */
        boolean isBetterThan(Findings other, boolean broken) {
            if (shapes() != other.shapes()) { return shapes() > other.shapes(); }
            if (byName.size() != other.byName.size()) { return byName.size() > other.byName.size(); }
            return broken && letters() > other.letters();
        }

        private long shapes() {
            return byName.values().stream().mapToLong(
                    f -> f.cut() != null
                            ? 0
                            : (f.parameter() != null && f.checkpoint() != null ? 1 : 0) + (f.model() != null ? 1 : 0))
                    .sum();
        }

        private long letters() {
            return byName.values().stream().mapToLong(f -> f.parameter() == null ? 0 : f.parameter().length()).sum();
        }

        Collection<Finding> all() {
            return byName.values();
        }
    }
}
