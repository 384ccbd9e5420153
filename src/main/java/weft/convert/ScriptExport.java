package weft.convert;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Json;
import weft.io.Problem;
import weft.name.Pattern;
import weft.plan.Plan;
import weft.plan.Producer;
import weft.plan.Row;
import weft.rule.Affine;
import weft.rule.ArrowText;
import weft.rule.Chain;
import weft.rule.Combine;
import weft.rule.Op;
import weft.rule.Pad;
import weft.rule.Rule;
import weft.tensor.DType;
import weft.tensor.Shape;

/**
 * A plan as a Python script that somebody reads and runs without Weft. Every op is spelt with the shapes of this model; layers that
 * are alike share a loop.
 */
public final class ScriptExport {
    private static final String INDENT = "    ";
    private final Plan plan;
    private final Framework framework;
    private final StringBuilder out = new StringBuilder();
    private final Map<String, Row> rows = new HashMap<>();

    private ScriptExport(Plan plan, Framework framework) {
        this.plan = plan;
        this.framework = framework;
        plan.rows().forEach(r -> rows.put(r.target().name(), r));
    }

    /** What a rule does once: from these tensors to these parameters. */
    private record Instance(List<String> sources, List<Shape> shapes, List<String> targets) {
    }

    /**
     * A script for PyTorch: reads safetensors, {@code torch.save} files, {@code .npz} or a TensorFlow checkpoint, writes safetensors
     * byte for byte as Weft does, but for the provenance Weft puts among the metadata.
     *
     * @throws CheckpointException {@code NOT_COMPLETE} if a required parameter has no producer, {@code BAD_ARGUMENT} for an op that
     *         plain operations can't say
     */
    public static String torch(Plan plan) throws CheckpointException {
        var script = new ScriptExport(plan, Framework.TORCH);
        script.head("PyTorch", "torch safetensors");
        script.out.append(PythonParts.text("torch.py"));
        int body = script.out.length();
        script.body();
        script.insertHelpers(body);
        script.out.append("\n\nif __name__ == \"__main__\":\n");
        var others = List.copyOf(plan.source().others().keySet());
        if (others.isEmpty()) {
            script.line(1, "save(convert(load(sys.argv[1])), sys.argv[2])");
        } else {
            // What a rule calls adapter:NAME is NAME in the third file.
            script.line(1, "source = load(sys.argv[1])");
            for (int i = 0; i < others.size(); i++) {
                script.line(1, "source.update({" + quoted(others.get(i) + ":") + " + k: v for k, v in load(sys.argv["
                        + (i + 3) + "]).items()})");
            }
            script.line(1, "save(convert(source), sys.argv[2])");
        }
        return script.out.toString();
    }

    /** Makes a module known, in its place among the others. @return by how much the text grew */
    private int imported(String module) {
        var line = "import " + module + "\n";
        if (out.indexOf("\n" + line) >= 0) { return 0; }
        int at = out.indexOf("\nimport ") + 1;
        while (out.indexOf("import ", at) == at && out.substring(at).compareTo(line) < 0) {
            at = out.indexOf("\n", at) + 1;
        }
        out.insert(at, line);
        return line.length();
    }

    /** Functions the rules' ops need: only those a script calls, in front of what calls them. */
    private void insertHelpers(int at) {
        var body = out.substring(at);
        var helpers = new StringBuilder();
        boolean combines = body.matches("(?s).*[( ](lora|added|dequant_[a-z0-9]+)\\(.*");
        if (combines || body.contains("rounded(") || body.contains("mean(")) {
            helpers.append(PythonParts.text("torch-exact.py"));
        }
        if (body.contains("mean(")) {
            helpers.append(PythonParts.text("torch-mean.py"));
        }
        if (combines) {
            helpers.append(PythonParts.text("torch-combine.py"));
        }
        if (body.contains("normal(")) {
            helpers.append(PythonParts.text("torch-normal.py"));
            at += imported("math") + imported("struct");
        }
        if (!helpers.isEmpty()) {
            out.insert(at, helpers.substring(2) + "\n\n"); // the parts begin with the two lines that part functions
        }
    }

    /** The same for MindSpore: reads {@code .ckpt} and safetensors, writes {@code .ckpt}. */
    public static String mindspore(Plan plan) throws CheckpointException {
        var script = new ScriptExport(plan, Framework.MINDSPORE);
        script.head("MindSpore", "mindspore");
        script.out.append(PythonParts.text("mindspore.py"));
        script.body();
        script.out.append("\n\nif __name__ == \"__main__\":\n    save(convert(load(sys.argv[1])), sys.argv[2])\n");
        return script.out.toString();
    }

    /**
     * Weight conversions as transformers 5 takes them: renamings, and converters whose operations are spelt here. Names are whole, so
     * that a pattern can't match inside of another name.
     */
    public static String transformers(Plan plan) throws CheckpointException {
        var script = new ScriptExport(plan, Framework.TORCH);
        script.head("transformers 5", "torch transformers");
        if (!plan.source().others().isEmpty()) {
            throw Framework.unspoken(String.join(", ", plan.source().others().keySet()));
        }
        script.out.append(PythonParts.text("transformers.py"));
        int body = script.out.length();
        script.conversions();
        if (plan.rows().stream().anyMatch(r -> r.ops().stream()
                .anyMatch(op -> op instanceof Combine || op instanceof Affine || op instanceof Pad))) {
            script.insertHelpers(body);
        }
        return script.out.toString();
    }

    private void head(String framework, String packages) throws CheckpointException {
        var open = plan.open();
        if (!open.isEmpty()) {
            throw Problem.of(Code.NOT_COMPLETE).field(open.getFirst().target().name()).found(open.size()).asException();
        }
        var dialect = plan.source().recognition();
        line(0, "\"\"\"" + (dialect == null ? "A checkpoint" : dialect.dialect().id()) + " to "
                + comment(plan.target().name()).replaceAll("[\"\\\\]", "?")
                + ", for " + framework + ". Exported by Weft; needs " + packages + ".");
    }

    /** A text that can't end a comment. */
    private static String comment(String text) {
        return text.replaceAll("[\\p{Cntrl}\u2028\u2029]", "?");
    }

    private void line(int depth, String text) {
        out.append(INDENT.repeat(depth)).append(text).append('\n');
    }

    private void body() throws CheckpointException {
        line(0, "def convert(source):");
        line(1, "target = {}");
        var done = new LinkedHashMap<Rule, List<Row>>();
        var plain = new ArrayList<Row>();
        for (var row : plan.rows()) {
            if (row.producer() == null || !row.status().isReady()) {
                continue;
            }
            if (row.rule() == null) {
                plain.add(row);
            } else {
                done.computeIfAbsent(row.rule(), _ -> new ArrayList<>()).add(row);
            }
        }
        if (!plain.isEmpty()) {
            line(1, "for name in [");
            for (var row : plain) {
                line(3, quoted(row.target().name()) + ",");
            }
            line(1, "]:");
            line(2, "target[name] = source[name]");
        }
        for (var rule : done.entrySet()) {
            if (rule.getKey() instanceof Rule.Map map) {
                line(0, "");
                line(1, "# " + comment(ArrowText.print(map)));
                for (var group : grouped(rule.getValue())) {
                    loop(map, group);
                }
            }
        }
        // What is made of other parameters comes last.
        for (var rule : done.entrySet()) {
            if (!(rule.getKey() instanceof Rule.Map)) {
                line(0, "");
                line(1, "# " + comment(ArrowText.print(rule.getKey())));
                for (var row : rule.getValue()) {
                    made(row);
                }
            }
        }
        line(0, "");
        line(1, "order = [");
        for (var row : plan.rows()) {
            if (row.producer() != null && row.status().isReady() && !(row.producer() instanceof Producer.Kept)
                    && !(row.producer() instanceof Producer.SameAs same && same.write() == Rule.Write.OMIT)) {
                line(2, quoted(row.target().name()) + ",");
            }
        }
        line(1, "]");
        line(1, "return {name: target[name] for name in order}");
    }

    private void made(Row row) throws CheckpointException {
        var name = quoted(row.target().name());
        var shape = row.target().shape();
        switch (row.producer()) {
            case Producer.SameAs same -> {
                for (var source : row.sources()) {
                    line(1, "same(source[" + quoted(source.name()) + "], target[" + quoted(same.parameter()) + "])");
                }
                if (same.write() != Rule.Write.OMIT) {
                    line(1, "target[" + name + "] = target[" + quoted(same.parameter()) + "]");
                }
            }
            case Producer.Made made -> line(1, "target[" + name + "] = " + switch (made.fill()) {
                case ZEROS -> framework.filled("zeros", shape);
                case ONES -> framework.filled("ones", shape);
                case CONST -> framework.filled(Double.toString(made.value()), shape);
                case CAUSAL_MASK -> framework.filled("mask", shape);
                case NORMAL -> framework.normal(shape, made.seed(), made.value());
            });
            case Producer.Kept _ -> line(1, "# " + comment(row.target().name()) + " keeps the model's own value");
            case Producer.FromSources _ -> throw new IllegalArgumentException(row.target().name());
            case null -> throw new IllegalArgumentException(row.target().name());
        }
    }

    /** A rule's instances, those of the same shapes together. */
    private static List<List<Instance>> grouped(List<Row> rows) {
        var instances = new LinkedHashMap<List<String>, Map<Integer, Row>>();
        for (var row : rows) {
            if (row.producer() instanceof Producer.FromSources from) {
                instances.computeIfAbsent(from.sources(), _ -> new TreeMap<>()).put(from.target(), row);
            }
        }
        var groups = new LinkedHashMap<List<Shape>, List<Instance>>();
        instances.forEach((sources, made) -> {
            var byName = new HashMap<String, Shape>();
            made.values().forEach(r -> r.sources().forEach(s -> byName.put(s.name(), s.shape())));
            var shapes = sources.stream().map(byName::get).toList();
            var key = new ArrayList<>(shapes);
            made.keySet().forEach(t -> key.add(Shape.of(t))); // which of the rule's targets this model has
            groups.computeIfAbsent(key, _ -> new ArrayList<>()).add(new Instance(sources, shapes,
                    made.values().stream().map(r -> r.target().name()).toList()));
        });
        return List.copyOf(groups.values());
    }

    private void loop(Rule.Map map, List<Instance> group) throws CheckpointException {
        var first = group.getFirst();
        var chain = producer(first.targets().getFirst()).chain();
        if (chain.steps(0).stream().anyMatch(op -> op instanceof Combine c && c.recipe() instanceof Combine.Lora)
                && Objects.requireNonNull(rows.get(first.targets().getFirst())).sources().stream()
                        .anyMatch(t -> t.dtype() == DType.F64)) {
            throw Framework.unspoken("combine lora float64");
        }
        var names = names(map, group);
        int depth = 1;
        if (names.header() != null) {
            line(1, names.header());
            depth = 2;
        }
        var variables = variables(first);
        for (int i = 0; i < variables.size(); i++) {
            line(depth, variables.get(i) + " = source[" + names.sources().get(i) + "]");
        }
        var common = common(chain, variables, first.shapes(), depth);
        for (int t = 0; t < first.targets().size(); t++) {
            var value = result(chain, common, producer(first.targets().get(t)).target(), depth);
            line(depth, "target[" + names.targets().get(t) + "] = " + value.names().getFirst());
        }
    }

    /** What a rule's sources are called: {@code x}, or {@code x0}, {@code x1}, … */
    private static List<String> variables(Instance instance) {
        return instance.sources().size() == 1
                ? List.of("x")
                : IntStream.range(0, instance.sources().size()).mapToObj(i -> "x" + i).toList();
    }

    /** What makes a target of a rule. */
    private Producer.FromSources producer(String target) {
        return (Producer.FromSources) Objects.requireNonNull(Objects.requireNonNull(rows.get(target)).producer());
    }

    private record Values(List<String> names, List<Shape> shapes) {
    }

    /** Branches first, each on its own; then the common ops on all of them. */
    private Values common(Chain chain, List<String> variables, List<Shape> shapes, int depth)
            throws CheckpointException {
        var names = new ArrayList<String>();
        var made = new ArrayList<Shape>();
        for (int i = 0; i < variables.size(); i++) {
            var value = run(chain.in().get(i), List.of(variables.get(i)), List.of(shapes.get(i)), depth);
            names.addAll(value.names());
            made.addAll(value.shapes());
        }
        return run(chain.ops(), names, made, depth);
    }

    /** One of the chain's targets, from what the common ops left. */
    private Values result(Chain chain, Values common, int place, int depth) throws CheckpointException {
        return run(chain.out().get(place), List.of(common.names().get(place)), List.of(common.shapes().get(place)),
                depth);
    }

    private Values run(List<Op> ops, List<String> names, List<Shape> shapes, int depth) throws CheckpointException {
        var now = new Values(names, shapes);
        for (var op : ops) {
            var results = op.shapes(now.shapes(), plan.sizes());
            var stem = now.names().getFirst().replaceFirst("[0-9_]*$", "");
            var to = results.size() == now.names().size()
                    ? now.names()
                    : results.size() == 1
                            ? List.of(stem)
                            : IntStream.range(0, results.size()).mapToObj(i -> stem + i).toList();
            for (var statement : framework.statements(op, now.names(), now.shapes(), to, plan.sizes())) {
                line(depth, statement);
            }
            now = new Values(to, results);
        }
        return now;
    }

    /** @param header the loop's first line, or {@code null} for no loop */
    private record Names(@Nullable String header, List<String> sources, List<String> targets) {
    }

    /** Names as f-strings over the rule's captures where those tell every name, else as lists. */
    private static Names names(Rule.Map map, List<Instance> group) {
        var first = group.getFirst();
        if (group.size() == 1) {
            return new Names(null, first.sources().stream().map(ScriptExport::quoted).toList(),
                    first.targets().stream().map(ScriptExport::quoted).toList());
        }
        var branches = map.to().stream().filter(b -> b.name().match(first.targets().getFirst()).isPresent())
                .findFirst();
        if (branches.isPresent() && map.to().size() == first.targets().size()
                && map.from().size() == first.sources().size()) {
            var captures = branches.get().name().captureNames();
            var values = new ArrayList<Map<String, String>>();
            boolean exact = isPlain(map.from()) && isPlain(map.to())
                    && captures.stream().allMatch(c -> c.matches("[a-z][a-z0-9]*")) && !captures.isEmpty();
            for (var instance : group) {
                var match = branches.get().name().match(instance.targets().getFirst()).orElse(Map.of());
                exact &= match.size() == captures.size() && rendered(map.from(), match).equals(instance.sources())
                        && rendered(map.to(), match).equals(instance.targets())
                        && match.values().stream().allMatch(v -> v.matches("0|[1-9][0-9]{0,8}"));
                values.add(match);
            }
            if (exact) {
                return new Names(header(List.copyOf(captures), values), fStrings(map.from(), captures),
                        fStrings(map.to(), captures));
            }
        }
        var text = group.stream()
                .map(i -> "([" + i.sources().stream().map(ScriptExport::quoted).collect(Collectors.joining(", "))
                        + "], [" + i.targets().stream().map(ScriptExport::quoted).collect(Collectors.joining(", "))
                        + "])")
                .collect(Collectors.joining(",\n" + INDENT.repeat(3), "for sources, targets in [\n" + INDENT.repeat(3),
                        ",\n" + INDENT + "]:"));
        return new Names(text, IntStream.range(0, first.sources().size()).mapToObj(i -> "sources[" + i + "]").toList(),
                IntStream.range(0, first.targets().size()).mapToObj(i -> "targets[" + i + "]").toList());
    }

    /** Nothing in the names but text and captures. */
    private static boolean isPlain(List<Rule.Branch> branches) {
        return branches.stream().map(b -> b.name().toString()).allMatch(n -> !n.startsWith("re:")
                && n.replaceAll("\\{[A-Za-z][A-Za-z0-9]*(:[0-9|]+|:int)?\\}", "").matches("[^{}\\\\\"\\p{Cntrl}]*"));
    }

    private static List<String> rendered(List<Rule.Branch> branches, Map<String, String> captures) {
        try {
            return branches.stream().map(b -> b.name().render(captures)).toList();
        } catch (IllegalArgumentException e) {
            return List.of();
        }
    }

    private static String header(List<String> captures, List<Map<String, String>> values) {
        if (captures.size() == 1) {
            var numbers = values.stream().map(v -> v.get(captures.getFirst())).toList();
            boolean all = numbers.equals(IntStream.range(0, numbers.size()).mapToObj(Integer::toString).toList());
            return "for " + captures.getFirst() + " in " + (all
                    ? "range(" + numbers.size() + ")"
                    : "[" + String.join(", ", numbers) + "]") + ":";
        }
        return "for " + String.join(", ", captures) + " in [" + values.stream()
                .map(v -> "(" + captures.stream().map(v::get).collect(Collectors.joining(", ")) + ")")
                .collect(Collectors.joining(", ")) + "]:";
    }

    private static List<String> fStrings(List<Rule.Branch> branches, Collection<String> captures) {
        // A mark no name holds stands for each capture until the rest is escaped.
        var marks = captures.stream().collect(Collectors.toMap(c -> c, c -> "\u0001" + c + "\u0002"));
        return branches.stream().map(b -> {
            var quoted = quoted(literal(b.name(), marks)).replace("{", "{{").replace("}", "}}");
            return "f" + quoted.replace("\\u0001", "{").replace("\\u0002", "}");
        }).toList();
    }

    private static String literal(Pattern name, Map<String, String> marks) {
        // Captures are filled with a number first, because a pattern renders what it would match.
        var text = new StringBuilder();
        int at = 0;
        var pattern = name.toString();
        while (at < pattern.length()) {
            int open = pattern.indexOf('{', at);
            int close = pattern.indexOf('}', open);
            if (open < 0 || close < 0) {
                text.append(pattern, at, pattern.length());
                break;
            }
            text.append(pattern, at, open);
            var capture = pattern.substring(open + 1, close).replaceFirst("[:*].*$", "");
            text.append(marks.getOrDefault(capture, "{" + capture + "}"));
            at = close + 1;
        }
        return text.toString();
    }

    /** A Python string literal; JSON's escapes are Python's. */
    static String quoted(String text) {
        return Json.quote(text);
    }

    private void conversions() throws CheckpointException {
        line(0, "CONVERSIONS = [");
        int functions = 0;
        var bodies = new StringBuilder();
        for (var row : plan.rows()) {
            if (row.producer() instanceof Producer.FromSources from && from.chain().isIdentity()
                    && row.status().isReady()
                    && !from.sources().getFirst().equals(row.target().name())) {
                line(1, "WeightRenaming(" + anchored(from.sources().getFirst()) + ", " + quoted(row.target().name())
                        + "),");
            }
        }
        var functionsByText = new LinkedHashMap<String, String>();
        for (var entry : byRule().entrySet()) {
            for (var group : grouped(entry.getValue())) {
                for (var instance : group) {
                    var text = function(instance);
                    if (text == null) {
                        continue;
                    }
                    var name = functionsByText.get(text);
                    if (name == null) {
                        name = "steps_" + functions++;
                        functionsByText.put(text, name);
                        bodies.append("\n\ndef ").append(name).append("(").append(parameters(instance)).append("):\n")
                                .append(text);
                    }
                    line(1, "WeightConverter([" + instance.sources().stream().distinct().map(ScriptExport::anchored)
                            .collect(Collectors.joining(", ")) + "], ["
                            + instance.targets().stream().map(ScriptExport::quoted)
                                    .collect(Collectors.joining(", "))
                            + "], operations=[Steps(" + name + ")]),");
                }
            }
        }
        line(0, "]");
        for (var row : plan.rows()) {
            if (row.producer() instanceof Producer.SameAs || row.producer() instanceof Producer.Made) {
                line(0, "# " + comment(row.target().name()) + ": "
                        + comment(row.rule() == null ? "" : ArrowText.print(row.rule()))
                        + " (the model's own initialisation or tying does this)");
            }
        }
        // Functions come before the list that names them.
        int list = out.indexOf("CONVERSIONS = [");
        out.insert(list, bodies.isEmpty() ? "" : bodies.substring(2) + "\n\n");
    }

    private Map<Rule, List<Row>> byRule() {
        var all = new LinkedHashMap<Rule, List<Row>>();
        for (var row : plan.rows()) {
            if (row.rule() instanceof Rule.Map && row.status().isReady()
                    && row.producer() instanceof Producer.FromSources from
                    && !from.chain().isIdentity()) {
                all.computeIfAbsent(row.rule(), _ -> new ArrayList<>()).add(row);
            }
        }
        return all;
    }

    private static String parameters(Instance instance) {
        return instance.sources().size() == 1
                ? "x"
                : IntStream.range(0, instance.sources().size()).filter(i -> first(instance, i) == i)
                        .mapToObj(i -> "x" + i).collect(Collectors.joining(", "));
    }

    /** The first of the sources that is the same tensor. */
    private static int first(Instance instance, int source) {
        return instance.sources().indexOf(instance.sources().get(source));
    }

    /** The body of a function of the sources that returns the targets in order. */
    private @Nullable String function(Instance instance) throws CheckpointException {
        var producer = Objects.requireNonNull(rows.get(instance.targets().getFirst())).producer();
        if (!(producer instanceof Producer.FromSources from) || from.chain().isIdentity()) { return null; }
        var before = out.length();
        for (int i = 0; i < instance.sources().size(); i++) {
            if (first(instance, i) != i) {
                line(1, "x" + i + " = x" + first(instance, i));
            }
        }
        var common = common(from.chain(), variables(instance), instance.shapes(), 1);
        var results = new ArrayList<String>();
        for (var target : instance.targets()) {
            results.addAll(result(from.chain(), common, producer(target).target(), 1).names());
        }
        line(1, "return [" + String.join(", ", results) + "]");
        var text = out.substring(before);
        out.setLength(before);
        return text;
    }

    private static String anchored(String name) {
        return "r" + quoted("^" + name.replaceAll("([.\\[\\](){}+*?^$|\\\\])", "\\\\$1") + "$").replace("\\\\", "\\");
    }

}
