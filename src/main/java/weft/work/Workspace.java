package weft.work;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import weft.arch.Architecture;
import weft.arch.Dialect;
import weft.arch.DialectFiles;
import weft.arch.Hypers;
import weft.arch.Recognition;
import weft.arch.Settings;
import weft.convert.AtomicOutput;
import weft.infer.Kernels;
import weft.infer.Models;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;
import weft.name.Pattern;
import weft.plan.Evidence;
import weft.plan.Execution;
import weft.plan.Outcome;
import weft.plan.Plan;
import weft.plan.Planner;
import weft.plan.Source;
import weft.plan.TiedHeads;
import weft.prove.Orientation;
import weft.prove.Verification;
import weft.prove.Verifier;
import weft.rule.ArrowText;
import weft.rule.Rule;
import weft.rule.RuleFile;
import weft.rule.RuleSet;
import weft.tensor.Statistics;
import weft.tensor.TensorData;
import weft.tensor.TensorSource;

/**
 * Everything a person has on the table: a source model, a target, rules. Immutable: each use case returns a new one,
 * so undo is keeping the old. Both faces work through this and nothing else.
 */
public final class Workspace {
    private final DialectFiles dialects;
    private final Model source;
    private final @Nullable Target target;
    private final RuleSet rules;
    private final Map<String, Evidence> evidence;
    private final @Nullable Plan plan;

    private Workspace(DialectFiles dialects, Model source, @Nullable Target target, RuleSet rules,
            Map<String, Evidence> evidence) {
        this.dialects = dialects;
        this.source = source;
        this.target = target;
        this.rules = rules;
        this.evidence = evidence;
        this.plan = target == null ? null : Planner.plan(planSource(), rules, target.architecture(), evidence());
    }

    /** Opens a file, a bundle's prefix or a folder. @param user what a person set ({@code n_head → 12}) */
    public static Workspace open(Path path, Map<String, Object> user, Progress progress) throws CheckpointException {
        var dialects = Dialects.all();
        return new Workspace(dialects, Folders.open(path, dialects, user, progress), null, RuleSet.EMPTY, Map.of());
    }

    public static Workspace open(Path path, Progress progress) throws CheckpointException {
        return open(path, Map.of(), progress);
    }

    /**
     * The same, for a person who was told what is wrong and wants to look all the same: values that fail their checksum
     * are read, entries that unpack to far more than the file holds are unpacked. Nothing doubtful is ever exported.
     */
    public Workspace anyway() {
        return new Workspace(dialects, source.anyway(), target, rules, evidence);
    }

    public Model source() {
        return source;
    }

    public RuleSet rules() {
        return rules;
    }

    /** The plan, once there is a target. */
    public Optional<Plan> plan() {
        return Optional.ofNullable(plan);
    }

    /** As the person wrote it, or null. */
    public @Nullable String targetText() {
        return target == null ? null : target.text();
    }

    /** Whether the target is the source's own names and shapes, and not a file that happens to be the source. */
    boolean isItsOwnTarget() {
        return target != null && target.itself() && target.model() == null;
    }

    /** What the target leaves open. */
    public List<Problem> targetWarnings() {
        return target == null ? List.of() : target.warnings();
    }

    private Source planSource() {
        return source.asSource();
    }

    /**
     * Merges a LoRA adapter on the way to whatever target: its merge is part of the rules that are suggested.
     *
     * @param path PEFT's folder, or the file with the weights in it
     * @throws CheckpointException {@code ADAPTER_MISFIT}, {@code ADAPTER_ROWS}, {@code ADAPTER_KIND}, or what opening a
     *         file throws
     */
    public Workspace withAdapter(Path path, Progress progress) throws CheckpointException {
        var adapter = Adapter.open(path, source.tensors(), source.recognition(), progress);
        var merged = new Workspace(dialects, source.with(adapter, dialects), null, rules, evidence);
        return aimed(merged, progress);
    }

    /** The source's own names, layouts and shapes as the target, an adapter's additions with them. */
    public Workspace withItselfAsTarget() {
        var recognition = source.recognition();
        var name = recognition == null ? source.path().toString() : recognition.dialect().id();
        return new Workspace(dialects, source,
                new Target(name, Architecture.of(name, source.merged(), recognition), List.of(), null, List.of(), true),
                rules, evidence);
    }

    /** The dialects a target can name. */
    public List<Dialect> dialects() {
        return dialects.dialects();
    }

    /**
     * Chooses what the source should load into: a dialect with options, a configuration file, another checkpoint, a listing of
     * parameters, a framework's error log.
     *
     * @throws CheckpointException {@code UNKNOWN_TARGET}, {@code BAD_TARGET}, {@code HYPER_UNKNOWN}, or what opening a
     *         file throws
     */
    public Workspace withTarget(String text, Progress progress) throws CheckpointException {
        return new Workspace(dialects, source, Target.of(text, source, dialects, progress), rules, evidence);
    }

    /** What is known of the source's tensors: held against itself, each lies the way it lies. */
    private Map<String, Evidence> evidence() {
        if (target == null || !target.itself()) { return evidence; }
        var itself = new LinkedHashMap<String, Evidence>();
        source.tensors().forEach(t -> itself.put(t.name(), Evidence.VALUES));
        return itself;
    }

    /** The source with numbers a person set, in a configuration's words, before all that lies beside it. */
    Workspace withNumbers(Map<String, Object> user, Progress progress) throws CheckpointException {
        var told = new Workspace(dialects, source.with(user), null, rules, evidence);
        return aimed(told, progress);
    }

    /** Another state of the source, held against what this one is held against. */
    private Workspace aimed(Workspace other, Progress progress) throws CheckpointException {
        if (target == null) { return other; }
        return isItsOwnTarget() ? other.withItselfAsTarget() : other.withTarget(target.text(), progress);
    }

    /** Uses these rules and no others. */
    public Workspace withRules(RuleSet other) {
        return new Workspace(dialects, source, target, other, evidence);
    }

    /** Reads a rule file, JSON or arrow text; its own target is taken where none is chosen. */
    public Workspace withRuleFile(Path file, Progress progress) throws CheckpointException {
        var read = RuleFile.read(Folders.bytes(file), file.getFileName().toString());
        var named = target == null && read.target() != null ? withTarget(read.target(), progress) : this;
        return named.withRules(read);
    }

    public Workspace withEvidence(Map<String, Evidence> proved) {
        var all = new LinkedHashMap<>(evidence);
        all.putAll(proved);
        return new Workspace(dialects, source, target, rules, all);
    }

    /**
     * Finds out what no shape shows of the source, which way round its square matrices are and who of its alike is who:
     * by the values of the target, if it is another checkpoint, and by computing with every reading. What is proved
     * carries that evidence from now on; what is disproved needs a rule that mends it; the rest stays as it is, and a
     * warning says why. Where the two disagree, computing is believed: the other checkpoint may be the wrong one.
     *
     * @throws CheckpointException {@code CANCELLED}, or a file that can no longer be read
     */
    public Proved prove(FixedText text, @Nullable Path tokenizer, Progress progress) throws CheckpointException {
        return new Proving(this, progress).prove(text, tokenizer);
    }

    /**
     * The plan, with what becomes of an output matrix of the source's own: lost where the target shares the embedding's
     * ({@code HEAD_NOT_TIED}), or not needed because the embedding holds the same. Reads both matrices; where they
     * can't be read the plan says no more than names and shapes do.
     */
    public Plan planWithHeads() throws CheckpointException {
        var ready = needPlan();
        try {
            return TiedHeads.of(ready, source.checkpoint().tensors(), _ -> true).in(ready);
        } catch (CheckpointException e) {
            return ready; // whoever needs the values is told what is wrong with them
        }
    }

    /** The same, with what was found out about the source's tensors. */
    Workspace knowing(Orientation found, Evidence how) throws CheckpointException {
        var known = new LinkedHashMap<>(evidence);
        found.verdicts().stream().filter(v -> v.answer() != Orientation.Answer.TOO_CLOSE)
                .forEach(v -> known.put(v.tensor(), how));
        // What was read otherwise by one kind of evidence isn't turned again by the other.
        var otherwise = new LinkedHashMap<>(found.readings());
        otherwise.keySet().removeIf(evidence::containsKey);
        if (otherwise.isEmpty() || target == null) {
            return new Workspace(dialects, otherwise.isEmpty() ? source : source.read(otherwise), target, rules,
                    known);
        }
        // Rules that Weft itself suggested while it assumed what the dialect says fall with the assumption; what a
        // person wrote stays.
        var seen = new Workspace(dialects, source.read(otherwise), target, rules, known);
        var assumed = suggestions(false).rules();
        var proved = seen.suggestions(false).rules();
        return seen.withRules(rules.with(rules.rules().stream()
                .filter(r -> !assumed.contains(r) || proved.contains(r)).toList()));
    }

    long vocabulary() {
        var mine = source.recognition();
        return mine == null ? 0 : mine.sizes().size(mine.dialect().family().vocabulary()).orElse(0);
    }

    /** Ids that a model is compared on where no tokenizer gives any. */
    private static final int RANDOM_IDS = 64;

    /**
     * Compares the source with another one as models, each in its own dialect.
     *
     * @param text both are run on it, if there is a tokenizer; else on random ids that are always the same
     * @throws CheckpointException {@code CANCELLED}, or bytes that can't be read
     */
    public Verification verify(Workspace other, FixedText text, @Nullable Path tokenizer, Progress progress)
            throws CheckpointException {
        long rows = Math.max(1, Math.min(vocabulary(), other.vocabulary()));
        return Verifier.verify(side(), other.side(), ids(text, tokenizer, rows), progress);
    }

    /** What models are compared on: a text's first tokens, or random ids that are always the same. */
    int[] ids(FixedText text, @Nullable Path tokenizer, long rows) throws CheckpointException {
        var words = Folders.tokenizer(source, tokenizer, vocabulary());
        return words != null
                ? Arrays.stream(words.encode(text.text())).limit(RANDOM_IDS).toArray()
                : new SplittableRandom(1).longs(RANDOM_IDS, 0, rows).mapToInt(Math::toIntExact).toArray();
    }

    /** The source as its own dialect reads it: no rules, no target. */
    Verifier.Side side() throws CheckpointException {
        var alone = new Workspace(dialects, source, null, RuleSet.EMPTY, evidence);
        return new Verifier.Side(source.recognition() == null ? null : alone.asItself().needPlan(),
                source.checkpoint().tensors(), alone.hypers().orElse(null));
    }

    /** What the rules make of it. */
    Verifier.Side targetSide() throws CheckpointException {
        return new Verifier.Side(needPlan(), source.checkpoint().tensors(), hypers().orElse(null));
    }

    /** What comes out when the bytes are read in the target's shapes. */
    Verifier.Side forcedSide() throws CheckpointException {
        var accepted = withRules(RuleSet.EMPTY).acceptAll();
        var architecture = accepted.needTarget().architecture();
        var dialect = architecture.dialect();
        if (dialect == null) { throw Problem.of(Code.NOT_A_FAMILY).field(architecture.name()).asException(); }
        var tensors = Before.forced(accepted.needPlan(), source.checkpoint().tensors());
        var infos = tensors.stream().map(TensorSource::info).toList();
        var forced = new Source(source.path().toString(), infos,
                Recognition.read(dialect, Dialect.Spelling.WRITTEN, infos));
        return new Verifier.Side(Planner.plan(forced, RuleSet.EMPTY, architecture, Map.of()), tensors,
                hypers().orElseThrow(() -> Problem.of(Code.NOT_A_FAMILY).field(source.path()).asException()));
    }

    /** Without a target: the rules say what comes out, and everything else is copied or dropped as they say. */
    public Workspace withTargetFromRules() throws CheckpointException {
        var made = Outcome.of(planSource(), rules);
        var architecture = new Architecture("", null, made, Target.sizes(source), Map.of());
        return new Workspace(dialects, source, new Target("", architecture, List.of()), rules, evidence);
    }

    /** What Weft would suggest for whatever the given rules leave open. */
    public RuleSet suggestions(boolean buffers) throws CheckpointException {
        return Planner.suggest(planSource(), needTarget().architecture(), buffers);
    }

    /** Takes over the suggested rules that make parameters no given rule makes. */
    public Workspace acceptAll() throws CheckpointException {
        return Accepting.all(this);
    }

    /**
     * The same, with rules for optional buffers too if wanted: those a causal mask is made by, where no given rule
     * makes it.
     */
    public Workspace acceptAll(boolean buffers) throws CheckpointException {
        return buffers ? Accepting.allWithBuffers(this) : Accepting.all(this);
    }

    /** Takes over one rule; rules that make nothing but what this one makes give way to it. */
    public Workspace accept(Rule rule) throws CheckpointException {
        return Accepting.some(this, List.of(rule));
    }

    /** Takes over what is suggested for these parameters, and for no others the same rule would make. */
    public Workspace acceptOnly(List<weft.plan.Row> rows) throws CheckpointException {
        return Accepting.only(this, rows);
    }

    public Workspace replace(Rule old, @Nullable Rule by) {
        var all = new ArrayList<>(rules.rules());
        int at = all.indexOf(old);
        if (at >= 0) {
            if (by == null) {
                all.remove(at);
            } else {
                all.set(at, by);
            }
        }
        return withRules(rules.with(all));
    }

    private Target needTarget() throws CheckpointException {
        if (target == null) { throw Problem.of(Code.UNKNOWN_TARGET).asException(); }
        return target;
    }

    Plan needPlan() throws CheckpointException {
        if (plan == null) { throw Problem.of(Code.UNKNOWN_TARGET).asException(); }
        return plan;
    }

    /** A source tensor's values. */
    public TensorData values(String tensor) throws CheckpointException {
        return source.tensor(tensor).orElseThrow(() -> Problem.of(Code.E_SOURCE).found(tensor).asException()).read();
    }

    /** What the plan makes of a parameter. */
    public TensorData targetValues(String parameter) throws CheckpointException {
        return new Execution(needPlan(), source.sources()).value(parameter);
    }

    /** What the target framework would do with the source as it is, without any rule. */
    public Before before() throws CheckpointException {
        return Before.of(needPlan());
    }

    /**
     * The model that comes out when the bytes are read in the target's shapes, whatever they mean there: wrong on
     * purpose, to be seen beside what the rules make.
     *
     * @throws CheckpointException {@code NOT_COMPLETE} if a required parameter has no suggested source of its size
     */
    public Running runForced(@Nullable Path tokenizer) throws CheckpointException {
        var forced = forcedSide();
        var model = Models.load(new Execution(Objects.requireNonNull(forced.plan()), forced.tensors()),
                Objects.requireNonNull(forced.hypers()), Kernels.best());
        return Running.of(model, source, tokenizer);
    }

    /** The target, where that is another checkpoint. */
    Optional<Model> targetModel() {
        return Optional.ofNullable(target).map(Target::model);
    }

    /** What lies beside the target, in order of trust. */
    List<Settings> targetSettings() {
        return target == null ? List.of() : target.settings();
    }

    /** Minimum, maximum, mean and so on of a source tensor. */
    public Statistics statistics(String tensor, Progress progress) throws CheckpointException {
        return Statistics.of(values(tensor), progress);
    }

    /** How a source tensor's values are spread, in {@code bins} stretches from its minimum to its maximum. */
    public Histogram histogram(String tensor, Statistics statistics, int bins, Progress progress)
            throws CheckpointException {
        return Histogram.of(values(tensor), statistics, bins, progress);
    }

    /** The sizes and numbers of the source as its dialect's configuration would say them, without a dialect empty. */
    public Map<String, Object> config() {
        var config = new LinkedHashMap<String, Object>();
        source.settings().forEach(s -> s.values().forEach(config::putIfAbsent));
        var mine = source.recognition();
        if (mine != null) {
            mine.dialect().configWords().forEach((what, word) -> {
                var size = mine.sizes().size(what);
                if (size.isPresent()) {
                    config.putIfAbsent(word, size.getAsLong());
                }
            });
        }
        return config;
    }

    /** One rule as a line of arrow text. */
    public static String text(Rule rule) {
        return ArrowText.print(rule);
    }

    /** What arrow text says as far as it can be read, and what can't be read with its place. */
    public static ArrowText.Reading read(String arrowText) {
        return ArrowText.parse(arrowText);
    }

    /** A rule file's content: arrow text for a name that ends in {@code .weft}, else JSON. */
    public static String text(RuleSet rules, String fileName) {
        return RuleFile.print(rules, fileName);
    }

    /** Writes the rules to a file with where they come from, over an older one, never onto a source. */
    public void save(RuleSet rules, Path file) throws CheckpointException {
        var name = file.getFileName().toString();
        var known = name.endsWith(".weft") ? rules : Provenance.of(rules, source, Progress.NONE);
        write(file, text(known, name).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    /** Writes a small file whole or not at all, over an older one, never onto a source. */
    public void write(Path file, byte[] content) throws CheckpointException {
        var sources = new ArrayList<>(source.files());
        sources.addAll(source.tokenizer());
        try (var output = AtomicOutput.file(file, sources, true)) {
            var staged = output.stage(file.getFileName().toString());
            try {
                Files.write(staged, content);
            } catch (java.io.IOException e) {
                throw Problem.of(Code.WRITE_FAILED).file(file).found(e.getClass().getSimpleName()).asException(e);
            }
            output.publish(List.of(staged), () -> {
            });
        }
    }

    /** Logits [v] as a NumPy file (format version 1.0, little-endian float32). */
    public void saveLogits(float[] logits, Path file) throws CheckpointException {
        write(file, NpyVector.of(logits));
    }

    /**
     * Which names a person means: a pattern with captures ({@code h.{i}.ln_1.weight}) or with {@code *} is a whole
     * name; anything else is a part of one.
     *
     * @throws CheckpointException {@code BAD_ARGUMENT} with the pattern
     */
    public static Predicate<String> names(String pattern) throws CheckpointException {
        if (pattern.indexOf('*') >= 0 && pattern.indexOf('{') < 0) { return name -> NameGlob.matches(pattern, name); }
        if (pattern.indexOf('{') < 0) { return name -> name.contains(pattern); }
        try {
            var whole = weft.name.Pattern.parse(pattern);
            return name -> whole.match(name).isPresent();
        } catch (weft.name.Pattern.SyntaxException e) {
            throw Problem.of(Code.BAD_ARGUMENT).at(e.position()).found(pattern).asException(e);
        }
    }

    /** The numbers no shape shows, each with its origin. */
    public Optional<Hypers> hypers() {
        var mine = source.recognition();
        var dialect = target != null && target.architecture().dialect() != null
                ? target.architecture().dialect()
                : mine == null ? null : mine.dialect();
        if (dialect == null) { return Optional.empty(); }
        var all = new Hypers(dialect.family(), target == null ? Map.of() : target.architecture().hypers());
        var own = mine != null && mine.dialect().family().name().equals(dialect.family().name())
                ? mine.dialect()
                : dialect;
        // The source's own numbers hold before anything the target says: they are what its weights were trained with.
        all = all.or(Hypers.gather(own, source.settings(), Map.of()));
        return Optional.of(target == null ? all : all.or(Hypers.gather(dialect, target.settings(), Map.of())));
    }

    /**
     * The model on the target side, rules applied; without a target, the source as its own dialect reads it.
     *
     * @throws CheckpointException {@code NOT_COMPLETE}, {@code NOT_A_FAMILY}, {@code HYPER_UNKNOWN},
     *         {@code DATA_MISSING} …
     */
    public Running run(@Nullable Path tokenizer) throws CheckpointException {
        var ready = plan == null ? asItself() : this;
        var execution = new Execution(ready.needPlan(), source.sources());
        var hypers = ready.hypers().orElseThrow(() -> Problem.of(Code.NOT_A_FAMILY).field(source.path()).asException());
        var model = Models.load(execution, hypers, Kernels.best());
        return Running.of(model, source, tokenizer);
    }

    /** The source as a target of its own, and no rules: one for a target with the same names would change it. */
    Workspace alone() throws CheckpointException {
        return withRules(RuleSet.EMPTY).asItself();
    }

    /** Another model as a target of its own. */
    Workspace beside(Model other) throws CheckpointException {
        return new Workspace(dialects, other, null, RuleSet.EMPTY, Map.of()).asItself();
    }

    /** The source as a target of its own: every tensor fits itself. */
    private Workspace asItself() throws CheckpointException {
        var recognition = source.recognition();
        if (recognition == null) { throw Problem.of(Code.NOT_A_FAMILY).field(source.path()).asException(); }
        var architecture = Architecture.of(recognition.dialect().id(), source.tensors(), recognition);
        return new Workspace(dialects, source, new Target(recognition.dialect().id(), architecture, List.of()), rules,
                evidence);
    }

    /**
     * Writes the target side.
     *
     * @param request what to write and where
     * @param only which parameters; the others are left to the model
     */
    public Converted convert(ConvertRequest request, Predicate<String> only, Progress progress)
            throws CheckpointException {
        return Conversions.convert(this, request, only, progress);
    }

    /** The fixed text for losses: a given file, the one beside the checkpoint, else a built-in paragraph. */
    public FixedText fixedText(@Nullable Path given) throws CheckpointException {
        var file = given != null ? given : source.fixedText();
        return file == null
                ? FixedText.builtIn()
                : new FixedText(file.getFileName().toString(), Folders.text(file));
    }

    /** Where the built-in samples lie, or empty if they weren't shipped. */
    public static Optional<Path> samples() {
        return Optional.ofNullable(Folders.samples());
    }

    /** What recognising found, or null. */
    public @Nullable Recognition recognition() {
        return source.recognition();
    }
}
