package weft.work;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import weft.arch.ErrorLog;
import weft.arch.ErrorLog.What;
import weft.arch.LogSides;
import weft.io.CheckpointException;
import weft.name.Pattern;
import weft.plan.Kind;
import weft.plan.Plan;
import weft.plan.Planner;
import weft.plan.Row;
import weft.plan.Source;
import weft.plan.Status;
import weft.rule.Op;
import weft.rule.Rearrange;
import weft.rule.Rule;
import weft.rule.RuleSet;
import weft.tensor.Shape;
import weft.work.Explanation.Finding;

/**
 * Reads a framework's error log: what each line means, which lines are missing because no shape check could see them, and the
 * rules that would have prevented it.
 */
public final class Explain {
    private static final String BUFFER = ".*(\\.attn\\.(masked_)?bias|\\.mask|rotary_emb\\.inv_freq|position_ids|num_batches_tracked)$";
    /** What quantised weights are stored as: bitsandbytes, then GPTQ and AWQ, then fp8. */
    private static final String PACKED = ".*\\.(absmax|quant_map|nested_absmax|nested_quant_map|quant_state.*|SCB"
            + "|weight_format|qweight|qzeros|scales|g_idx|weight_scale|weight_scale_inv|input_scale)$";
    /** Words frameworks have for the same parameter of a layer. */
    private static final List<List<String>> SAME = List.of(
            List.of("weight", "gamma", "scale", "g", "kernel", "embedding_table", "w"),
            List.of("bias", "beta", "shift", "b"), List.of("running_mean", "moving_mean"),
            List.of("running_var", "moving_variance", "moving_var"));
    private final ErrorLog log;
    private final @Nullable LogSides sides;
    private final @Nullable Plan plan;
    private final Map<String, Row> byTarget = new HashMap<>();
    private final Map<String, Row> bySource = new HashMap<>();

    private Explain(ErrorLog log, @Nullable LogSides sides) {
        this.log = log;
        this.sides = sides;
        this.plan = sides == null
                ? null
                : Planner.plan(new Source("log", sides.checkpoint(), sides.read()), RuleSet.EMPTY, sides.model(),
                        Map.of());
        if (plan != null) {
            for (var row : plan.rows()) {
                byTarget.put(row.target().name(), row);
                row.sources().forEach(s -> bySource.putIfAbsent(s.name(), row));
            }
        }
    }

    /** Empty if nothing in the text was recognised. @throws CheckpointException {@code LIMIT} */
    public static Optional<Explanation> of(String text) throws CheckpointException {
        return of(ErrorLog.parse(text));
    }

    /** The same for a file. @throws CheckpointException {@code LIMIT}, {@code NOT_READABLE}, {@code BAD_DIALECT} */
    public static Optional<Explanation> of(Path file) throws CheckpointException {
        return of(ErrorLog.parse(Folders.bytes(file)));
    }

    /** A log file's text, for faces that show it. @throws CheckpointException {@code LIMIT}, {@code NOT_READABLE} */
    public static String text(Path file) throws CheckpointException {
        return Folders.text(file);
    }

    private static Optional<Explanation> of(Optional<ErrorLog> log) throws CheckpointException {
        var dialects = Dialects.all().dialects();
        return log.map(l -> new Explain(l, LogSides.of(l, dialects).orElse(null)).explanation());
    }

    private Explanation explanation() {
        var findings = new ArrayList<Finding>();
        var seen = new HashSet<String>();
        log.findings().stream().map(ErrorLog.Finding::parameter).filter(java.util.Objects::nonNull)
                .forEach(n -> seen.add(n.replace("{i}", "0")));
        var whole = Set.copyOf(seen);
        for (var finding : log.findings()) {
            var found = finding.cut() == null ? reported(finding) : cut(finding, finding.cut(), whole);
            findings.add(found);
            if (found.parameter() != null) {
                seen.add(found.parameter().replace("{i}", "0"));
            }
        }
        if (plan != null) {
            for (var row : plan.rows()) {
                if (row.hidden() && !seen.contains(row.target().name())) {
                    findings.add(unseen(row));
                }
            }
        }
        var rules = plan == null ? plainRules(findings) : suggested(plan);
        if (rules.rules().isEmpty()) {
            rules = plainRules(findings);
        }
        return new Explanation(sides == null ? null : sides.read().dialect().id(),
                sides == null ? null : sides.model().name(), sizes(), findings, rules, log.advice(), log.frameworks());
    }

    private Finding unseen(Row row) {
        boolean known = sides != null && sides.isKnown(row.target().bound());
        var source = row.sources().getFirst();
        return new Finding(row.target().name(), known ? source.shape() : null, known ? row.target().shape() : null,
                row.kind() == null ? Kind.SHAPE.id() : row.kind().id(), true, false,
                source.name().equals(row.target().name()) ? null : source.name());
    }

    /** A name the log was cut inside of: the only one it can be, or none. */
    private Finding cut(ErrorLog.Finding finding, ErrorLog.Cut cut, Set<String> seen) {
        var names = possible(finding, cut, seen);
        return names.size() == 1 && cut.isMostOf(names.getFirst())
                ? reported(
                        new ErrorLog.Finding(names.getFirst(), finding.checkpoint(), finding.model(), finding.what()))
                        .readFrom(cut.shown())
                : new Finding(null, finding.checkpoint(), finding.model(), "unreadable", false, true, null,
                        cut.shown());
    }

    /** Every name that can go on like this and that the log hasn't spoken of yet. */
    private List<String> possible(ErrorLog.Finding finding, ErrorLog.Cut cut, Set<String> seen) {
        // A side that the log hasn't named anything of yet is only guessed to be like the other.
        var own = finding.what() == What.SHAPE ? List.of(What.SHAPE) : List.of(finding.what(), What.SHAPE);
        if (sides == null || plan == null || !cut.known() || own.stream().allMatch(w -> log.of(w).isEmpty())) {
            return List.of();
        }
        var checkpoint = new HashMap<String, Shape>();
        sides.checkpoint().forEach(t -> checkpoint.put(t.name(), t.shape()));
        var model = new HashMap<String, Shape>();
        sides.model().parameters().forEach(p -> model.put(p.name(), p.shape()));
        // Not what the rebuilt sides would complain of: what the rest of the log says about them, nobody knows.
        var names = switch (finding.what()) {
            case MISSING -> sides.modelNames().stream();
            case UNEXPECTED -> sides.checkpointNames().stream();
            case SHAPE -> sides.modelNames().stream().filter(sides.checkpointNames()::contains);
            case COUNT -> java.util.stream.Stream.<String>empty();
        };
        var reported = log.of(finding.what()).stream().map(f -> String.valueOf(f.parameter())).toList();
        return names.filter(n -> cut.isOf(n) && !seen.contains(n) && !isPassed(n, reported)
                && (finding.checkpoint() == null || Objects.equals(finding.checkpoint(), checkpoint.get(n)))
                && (finding.model() == null || Objects.equals(finding.model(), model.get(n)))).sorted().toList();
    }

    private static final java.util.regex.Pattern NUMBER = java.util.regex.Pattern.compile("[0-9]+");

    /** Whether an earlier layer was reported without this kind of parameter: layers are alike. */
    private static boolean isPassed(String name, List<String> reported) {
        var number = NUMBER.matcher(name);
        if (!number.find()) { return false; }
        var form = name.replaceAll("[0-9]+", "#");
        boolean earlier = false;
        for (var other : reported) {
            if (other.replaceAll("[0-9]+", "#").equals(form)) { return false; }
            var theirs = NUMBER.matcher(other);
            earlier |= theirs.find() && other.startsWith(name.substring(0, number.start()))
                    && weft.name.NaturalOrder.INSTANCE.compare(theirs.group(), number.group()) < 0;
        }
        return earlier;
    }

    private Finding reported(ErrorLog.Finding finding) {
        var name = finding.parameter();
        if (finding.what() == What.COUNT || name == null) {
            return new Finding(name, finding.checkpoint(), finding.model(),
                    finding.what() == What.COUNT ? "layers" : byShapes("", finding.checkpoint(), finding.model()),
                    false,
                    true, null);
        }
        var numbered = name.replace("{i}", "0");
        var row = finding.what() == What.UNEXPECTED ? bySource.get(numbered) : byTarget.get(numbered);
        if (row != null && isBeyond(row)) {
            return new Finding(name, finding.checkpoint(), finding.model(), Kind.OTHER_MODEL_SIZE.id(), false, true,
                    null);
        }
        boolean told = row != null && (row.kind() != null || row.status() == Status.FITS)
                && !(row.kind() == Kind.INITIALISED && isOneDialect());
        if (row == null || !told) { return plain(finding, name); }
        var source = row.sources().isEmpty() ? null : row.sources().getFirst();
        var other = finding.what() == What.UNEXPECTED
                ? byTarget.values().stream().filter(r -> r.sources().stream().anyMatch(s -> s.name().equals(numbered)))
                        .map(r -> r.target().name()).sorted(weft.name.NaturalOrder.INSTANCE)
                        .collect(Collectors.joining(", "))
                : source == null ? null : row.sources().stream().map(s -> s.name()).collect(Collectors.joining(", "));
        boolean known = sides != null && sides.isKnown(row.target().bound());
        var from = finding.checkpoint() != null
                ? finding.checkpoint()
                : known && source != null ? source.shape() : null;
        var to = finding.model() != null ? finding.model() : known ? row.target().shape() : null;
        return new Finding(name, from, to, row.kind() == null ? Kind.RENAMED.id() : row.kind().id(), row.hidden(), true,
                name.equals(other) ? null : other);
    }

    /** Whether it belongs to a layer the checkpoint hasn't. */
    private boolean isBeyond(Row row) {
        if (sides == null || row.target().bound() == null || row.status() != Status.MISSING) { return false; }
        var family = sides.read().dialect().family();
        var layer = row.target().bound().captures().get(family.layers());
        var layers = sides.read().sizes().size(family.layers());
        return layer != null && layers.isPresent() && Long.parseLong(layer) >= layers.getAsLong();
    }

    private boolean isOneDialect() {
        return sides != null && sides.read().dialect().id().equals(sides.model().name());
    }

    /** A line no dialect explains: what its name and its shapes say by themselves. */
    private Finding plain(ErrorLog.Finding finding, String name) {
        var kind = switch (finding.what()) {
            case SHAPE -> byShapes(name, finding.checkpoint(), finding.model());
            case MISSING -> name.matches(BUFFER)
                    ? "buffer"
                    : renamedTo(name, What.UNEXPECTED) != null ? Kind.RENAMED.id() : "missing";
            case UNEXPECTED -> name.matches(".*(lora_[AB]|lora_embedding|base_model\\.model\\.).*")
                    ? "adapter"
                    : name.matches(PACKED)
                            ? Kind.QUANTISED.id()
                            : name.matches(BUFFER)
                                    ? "buffer"
                                    : renamedTo(name, What.MISSING) != null ? Kind.RENAMED.id() : "unexpected";
            case COUNT -> "layers";
        };
        return new Finding(name, finding.checkpoint(), finding.model(), kind, false, true,
                finding.what() == What.MISSING
                        ? renamedTo(name, What.UNEXPECTED)
                        : finding.what() == What.UNEXPECTED ? renamedTo(name, What.MISSING) : null);
    }

    /** The name on the other side that differs by what stands before it only. */
    private @Nullable String renamedTo(String name, What other) {
        var others = log.of(other).stream().map(ErrorLog.Finding::parameter).filter(java.util.Objects::nonNull)
                .toList();
        return others.stream()
                .filter(o -> o.endsWith("." + name) || name.endsWith("." + o) || plain(o).equals(plain(name)))
                .findFirst().orElse(null);
    }

    /** A name with the first of the words that mean its last segment. */
    private static String plain(String name) {
        int cut = Math.max(name.lastIndexOf('.'), name.lastIndexOf('/')) + 1;
        var last = name.substring(cut);
        return SAME.stream().filter(words -> words.contains(last))
                .map(words -> name.substring(0, cut) + words.getFirst())
                .findFirst().orElse(name);
    }

    private static String byShapes(String name, @Nullable Shape from, @Nullable Shape to) {
        if (from == null || to == null) { return Kind.SHAPE.id(); }
        if (isTurned(from.squeezed(), to.squeezed())) { return Kind.TRANSPOSED.id(); }
        if (from.squeezed().equals(to.squeezed())) { return Kind.SQUEEZED.id(); }
        boolean rows = from.rank() == to.rank() && from.rank() > 0 && from.dim(0) != to.dim(0)
                && from.with(0, to.dim(0)).equals(to);
        if (rows && name.matches(".*(wpe|pos_emb|position_embedding|embed_positions|embeddings\\.position).*")) {
            return Kind.CONTEXT.id();
        }
        if (rows && name.matches(
                ".*(wte|tok_emb|embed_tokens|token_embd|word_embedding|embedding_table|lm_head|out_head|output|head).*")) {
            return Kind.VOCABULARY.id();
        }
        boolean packed = from.rank() == 2 && from.dim(1) == 1 && to.rank() == 2 && 2 * from.dim(0) == to.count();
        return packed ? Kind.QUANTISED.id() : Kind.SHAPE.id();
    }

    private static boolean isTurned(Shape from, Shape to) {
        return from.rank() == 2 && to.rank() == 2 && from.dim(0) == to.dim(1) && from.dim(1) == to.dim(0);
    }

    /** Turns a matrix, and leaves out or adds the dimensions of 1 that one side has. */
    private static Rearrange turn(Finding finding) {
        return new Rearrange(dims(finding.checkpoint(), List.of("a", "b")),
                dims(finding.model(), List.of("b", "a")), Map.of());
    }

    private static List<List<String>> dims(@Nullable Shape shape, List<String> axes) {
        if (shape == null || shape.rank() == 2) { return axes.stream().map(List::of).toList(); }
        var left = axes.iterator();
        var dims = new ArrayList<List<String>>();
        for (int at = 0; at < shape.rank(); at++) {
            dims.add(shape.dim(at) == 1 || !left.hasNext() ? List.of() : List.of(left.next()));
        }
        return dims;
    }

    private List<Explanation.Difference> sizes() {
        if (sides == null) { return List.of(); }
        var family = sides.read().dialect().family();
        var differences = new ArrayList<Explanation.Difference>();
        for (var axis : family.names().keySet()) {
            var from = sides.read().sizes().size(axis);
            var to = sides.model().sizes().size(axis);
            if (from.isPresent() && to.isPresent() && from.getAsLong() != to.getAsLong()
                    && sides.told().size(axis).isPresent()) {
                differences.add(new Explanation.Difference(family.word(axis), from.getAsLong(), to.getAsLong()));
            }
        }
        return differences;
    }

    private static RuleSet suggested(Plan plan) {
        var rules = plan.rows().stream().filter(r -> r.status() == Status.NEEDS_RULE).map(Row::rule)
                .filter(java.util.Objects::nonNull).distinct().toList();
        var all = plan.suggestions();
        // Sizes are looked up where the rules are used: the log may not have told all of them.
        return new RuleSet(all.name(), all.source(), all.target(), Map.of(), all.others(), rules, Map.of());
    }

    /** Transposes and renamed prefixes need no dialect. Layers that are alike share a rule. */
    private RuleSet plainRules(List<Finding> findings) {
        var rules = new LinkedHashMap<String, Rule>();
        Set<String> prefixes = new HashSet<>();
        for (var finding : findings) {
            var name = finding.parameter();
            if (name == null) {
                continue;
            }
            if (finding.kind().equals(Kind.TRANSPOSED.id())) {
                var pattern = general(name);
                rules.putIfAbsent(pattern.toString(),
                        new Rule.Map(List.of(Rule.Branch.of(pattern)), List.<Op>of(turn(finding)),
                                List.of(Rule.Branch.of(pattern))));
            } else if (finding.kind().equals(Kind.RENAMED.id()) && finding.other() != null && isUnexpected(name)) {
                var other = finding.other();
                if (!name.endsWith("." + other) && !other.endsWith("." + name)) {
                    rules.put(general(name).toString(), new Rule.Map(List.of(Rule.Branch.of(general(name))), List.of(),
                            List.of(Rule.Branch.of(general(other)))));
                    continue;
                }
                boolean longer = name.length() > other.length();
                var prefix = longer
                        ? name.substring(0, name.length() - other.length())
                        : other.substring(0, other.length() - name.length());
                if (prefixes.add(prefix)) {
                    var rest = Pattern.parse("{rest**}");
                    var with = Pattern.parse(Pattern.escape(prefix) + "{rest**}");
                    rules.put(prefix, new Rule.Map(List.of(Rule.Branch.of(longer ? with : rest)), List.of(),
                            List.of(Rule.Branch.of(longer ? rest : with))));
                }
            }
        }
        return RuleSet.of(List.copyOf(rules.values()));
    }

    private boolean isUnexpected(String name) {
        return log.of(What.UNEXPECTED).stream().anyMatch(f -> name.equals(f.parameter()));
    }

    /** {@code h.3.w} → {@code h.{i}.w}: the numbers between dots, as captures. */
    private static Pattern general(String name) {
        if (name.contains("{i}")) { return Pattern.parse(name); }
        var letters = List.of("i", "j", "k", "l", "m", "n").iterator();
        var text = new StringBuilder();
        for (var part : name.split("(?<=\\.)|(?=\\.)")) {
            text.append(part.matches("0|[1-9][0-9]*") && letters.hasNext()
                    ? "{" + letters.next() + "}"
                    : Pattern.escape(part));
        }
        return Pattern.parse(text.toString());
    }
}
