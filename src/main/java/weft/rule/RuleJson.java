package weft.rule;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Json;
import weft.io.JsonFields;
import weft.io.Problem;
import weft.name.Pattern;

/**
 * Rule files as JSON ({@code "weft": 1}). Reading is strict: an unknown field is an error that names it. Printing is
 * a function of the rules alone: the same rules give the same bytes.
 */
public final class RuleJson {
    /** The version this class reads and writes. */
    public static final long VERSION = 1;
    private static final int WIDTH = 110;
    private static final String KINDS = "from | tie | init | keep | drop | assert";

    private RuleJson() {
    }

    // Reading

    /** @throws CheckpointException {@code BAD_RULES} with the place ({@code rules[2].ops[0]}), found and expected */
    @SuppressWarnings("unchecked") // JSON objects have text keys
    public static RuleSet read(String document, @Nullable String file) throws CheckpointException {
        var fields = new JsonFields.Value(Code.BAD_RULES, file, "", json(document, file)).fields();
        var version = fields.get("weft");
        if (!Long.valueOf(VERSION).equals(version.value())) {
            throw Problem.of(Code.UNSUPPORTED_VERSION).file(file).field("weft").found(version.value())
                    .expected(VERSION).asException();
        }
        String source = null;
        if (fields.has("source")) {
            var side = fields.get("source").fields();
            source = side.get("dialect").text();
            side.done();
        }
        String target = null;
        Map<String, Long> dims = Map.of();
        if (fields.has("target")) {
            var side = fields.get("target").fields();
            target = side.has("dialect") ? side.get("dialect").text() : null;
            dims = side.has("dims") ? dims(side.get("dims").fields()) : Map.of();
            side.done();
        }
        var rules = new ArrayList<Rule>();
        for (var rule : fields.get("rules").list()) {
            rules.addAll(rule.isText() ? arrow(rule) : List.of(rule(rule.fields())));
        }
        var name = fields.has("name") ? fields.get("name").text() : null;
        var others = fields.has("others") ? fields.get("others").choice(RuleSet.Others.values()) : RuleSet.Others.DROP;
        Map<String, Object> provenance = fields.has("provenance")
                ? fields.get("provenance").as("{…}", v -> (Map<String, Object>) v)
                : Map.of();
        fields.done();
        return new RuleSet(name, source, target, dims, others, rules, provenance);
    }

    /** What isn't JSON is a bad rule file; the place is said as an editor says it. */
    private static @Nullable Object json(String document, @Nullable String file) throws CheckpointException {
        try {
            return Json.read(document, "");
        } catch (CheckpointException e) {
            var bytes = document.getBytes(StandardCharsets.UTF_8);
            int offset = Math.clamp(e.problem().offset(), 0, bytes.length);
            var before = new String(bytes, 0, offset, StandardCharsets.UTF_8);
            int line = (int) before.chars().filter(c -> c == '\n').count() + 1;
            int column = before.length() - before.lastIndexOf('\n');
            throw Problem.of(Code.BAD_RULES).file(file).at(offset).field(line + ":" + column)
                    .found(e.problem().found()).expected("JSON").asException(e);
        }
    }

    private static Map<String, Long> dims(JsonFields fields) throws CheckpointException {
        var dims = new LinkedHashMap<String, Long>();
        for (var name : fields.left()) {
            var size = fields.get(name);
            if (!ArrowHeader.isDim(name) || !(size.value() instanceof Long value) || value < 0) {
                throw size.bad("name: size");
            }
            dims.put(name, value);
        }
        return dims;
    }

    private static List<Rule> arrow(JsonFields.Value value) throws CheckpointException {
        try {
            return ArrowText.read(value.text(), null).rules();
        } catch (CheckpointException e) {
            throw value.bad(e.problem().expected());
        }
    }

    private static Rule rule(JsonFields fields) throws CheckpointException {
        var kind = List.of("tie", "assert", "from", "init", "keep", "drop").stream().filter(fields::has).findFirst();
        Rule rule = switch (kind.orElse("")) {
            case "from" -> new Rule.Map(branches(fields.get("from"), true),
                    fields.has("ops") ? OpJson.readAll(fields.get("ops")) : List.of(),
                    branches(fields.get("to"), false));
            case "tie" -> new Rule.Tie(target(fields.get("tie")), target(fields.get("to")),
                    fields.has("write") ? fields.get("write").choice(Rule.Write.values()) : Rule.Write.COPY,
                    fields.has("assert") && fields.get("assert").as("equal", v -> {
                        if (!"equal".equals(v)) { throw new IllegalArgumentException(); }
                        return true;
                    }));
            case "assert" -> assertion(fields);
            case "init" -> init(fields);
            case "keep" -> new Rule.Keep(target(fields.get("keep")));
            case "drop" -> new Rule.Drop(pattern(fields.get("drop")), fields.get("reason").text());
            default -> {
                var found = fields.first(KINDS);
                throw fields.unknown(found, KINDS);
            }
        };
        fields.done();
        return rule;
    }

    private static Rule assertion(JsonFields fields) throws CheckpointException {
        var value = fields.get("assert");
        var asked = value.fields();
        Rule.Check check;
        if (asked.has("shape")) {
            check = new Rule.HasShape(asked.get("shape").as("[sizes]", OpJson::readShape));
        } else if (asked.has("dim")) {
            check = new Rule.HasDim(asked.get("dim").as("axis", v -> OpWords.axis(((Long) v).toString())),
                    asked.get("size").as("size", OpJson::size));
        } else {
            check = new Rule.Next(asked.get("ids").as("[ids]", OpJson::ids),
                    asked.get("next").as("id", v -> OpReader.id(((Long) v).toString())));
        }
        asked.done();
        var from = fields.has("from") ? pattern(fields.get("from")) : null;
        var to = fields.has("to") ? target(fields.get("to")) : null;
        try {
            return new Rule.Assert(check, from, to);
        } catch (IllegalArgumentException e) {
            throw value.bad(check instanceof Rule.Next ? "ids, next" : "from | to");
        }
    }

    private static Rule init(JsonFields fields) throws CheckpointException {
        var fill = fields.get("init").choice(Rule.Fill.values());
        var to = target(fields.get("to"));
        return switch (fill) {
            case ZEROS, ONES, CAUSAL_MASK -> new Rule.Init(fill, 0, 0, to);
            case CONST -> new Rule.Init(fill, OpJson.number(fields.get("value")), 0, to);
            case NORMAL -> new Rule.Init(fill,
                    fields.has("deviation")
                            ? OpJson.number(fields.get("deviation"))
                            : ArrowText.DEVIATION,
                    fields.get("seed").as("integer", v -> (Long) v), to);
        };
    }

    private static List<Rule.Branch> branches(JsonFields.Value value, boolean source) throws CheckpointException {
        var branches = new ArrayList<Rule.Branch>();
        for (var entry : value.isList() ? value.list() : List.of(value)) {
            branches.add(branch(entry, source));
        }
        if (branches.isEmpty()) { throw value.bad("name"); }
        return branches;
    }

    private static Rule.Branch branch(JsonFields.Value value, boolean source) throws CheckpointException {
        Rule.Branch branch;
        if (value.isText()) {
            var name = ArrowReader.Name.of(value.text());
            branch = new Rule.Branch(name.source(),
                    pattern(new JsonFields.Value(value.code(), value.file(), value.path(), name.text())), List.of());
        } else {
            var fields = value.fields();
            var alias = fields.has("source") ? fields.get("source") : null;
            if (alias != null && !ArrowReader.isAlias(alias.text())) { throw alias.bad("letters and digits"); }
            branch = new Rule.Branch(alias == null || alias.text().equals(ArrowReader.FIRST) ? null : alias.text(),
                    pattern(fields.get("name")), fields.has("ops") ? OpJson.readAll(fields.get("ops")) : List.of());
            fields.done();
        }
        if (!source && (branch.source() != null || branch.name().isRegex())) { throw value.bad("name"); }
        return branch;
    }

    private static Pattern pattern(JsonFields.Value value) throws CheckpointException {
        return value.as("{i} | {n:1|2} | {x} | {rest**}", v -> Pattern.parse((String) v));
    }

    private static Pattern target(JsonFields.Value value) throws CheckpointException {
        var pattern = pattern(value);
        if (pattern.isRegex()) { throw value.bad("name"); }
        return pattern;
    }

    // Printing

    /** A document with one rule a line where it fits. */
    public static String print(RuleSet rules) {
        var parts = new ArrayList<String>();
        parts.add("{\"weft\": " + VERSION + (rules.name() == null ? "" : ", \"name\": " + Json.quote(rules.name())));
        if (rules.source() != null) {
            parts.add(" \"source\": " + Json.line(Map.of("dialect", rules.source())));
        }
        var target = new LinkedHashMap<String, Object>();
        if (rules.target() != null) {
            target.put("dialect", rules.target());
        }
        if (!rules.dims().isEmpty()) {
            target.put("dims", rules.dims());
        }
        if (!target.isEmpty()) {
            parts.add(" \"target\": " + Json.line(target));
        }
        parts.add(" \"others\": " + Json.quote(ArrowReader.word(rules.others())));
        parts.add(rules.rules().isEmpty()
                ? " \"rules\": []"
                : rules.rules().stream().map(RuleJson::print)
                        .collect(Collectors.joining(",\n  ", " \"rules\": [\n  ", "]")));
        if (!rules.provenance().isEmpty()) {
            parts.add(" \"provenance\": " + Json.line(rules.provenance()));
        }
        return String.join(",\n", parts) + "}\n";
    }

    /** One rule as it stands in a document: on one line, or one line for each of {@code from}, {@code ops}, {@code to}. */
    static String print(Rule rule) {
        var fields = fields(rule);
        var line = Json.line(fields);
        if (line.length() <= WIDTH) { return line; }
        return fields.entrySet().stream().map(e -> Json.quote(e.getKey()) + ": " + Json.line(e.getValue()))
                .collect(Collectors.joining(",\n   ", "{", "}"));
    }

    private static Map<String, Object> fields(Rule rule) {
        var json = new LinkedHashMap<String, Object>();
        switch (rule) {
            case Rule.Map(var from, var ops, var to) -> {
                json.put("from", side(from));
                if (!ops.isEmpty()) {
                    json.put("ops", ops.stream().map(OpJson::write).toList());
                }
                json.put("to", side(to));
            }
            case Rule.Tie(var same, var to, var write, var equal) -> {
                json.put("tie", same.toString());
                json.put("to", to.toString());
                json.put("write", ArrowReader.word(write));
                if (equal) {
                    json.put("assert", "equal");
                }
            }
            case Rule.Assert(var check, var from, var to) -> {
                var asked = new LinkedHashMap<String, Object>();
                switch (check) {
                    case Rule.HasShape(var dims) -> asked.put("shape", OpJson.sizes(dims));
                    case Rule.HasDim(var axis, var size) -> {
                        asked.put("dim", (long) axis);
                        asked.put("size", OpJson.size(size));
                    }
                    case Rule.Next(var ids, var next) -> {
                        asked.put("ids", ids.stream().map(Integer::longValue).toList());
                        asked.put("next", (long) next);
                    }
                }
                json.put("assert", asked);
                if (from != null) {
                    json.put("from", from.toString());
                }
                if (to != null) {
                    json.put("to", to.toString());
                }
            }
            case Rule.Init(var fill, var value, var seed, var to) -> {
                json.put("init", ArrowReader.word(fill));
                switch (fill) {
                    case ZEROS, ONES, CAUSAL_MASK -> {
                    }
                    case CONST -> json.put("value", OpJson.number(value));
                    case NORMAL -> {
                        json.put("seed", seed);
                        if (value != ArrowText.DEVIATION) {
                            json.put("deviation", OpJson.number(value));
                        }
                    }
                }
                json.put("to", to.toString());
            }
            case Rule.Keep(var to) -> json.put("keep", to.toString());
            case Rule.Drop(var from, var reason) -> {
                json.put("drop", from.toString());
                json.put("reason", reason);
            }
        }
        return json;
    }

    private static Object side(List<Rule.Branch> branches) {
        var list = branches.stream().map(RuleJson::side).toList();
        return list.size() == 1 ? list.getFirst() : list;
    }

    private static Object side(Rule.Branch branch) {
        var name = branch.name().toString();
        if (branch.source() == null && branch.ops().isEmpty() && ArrowReader.Name.of(name).text().equals(name)) {
            return name;
        }
        var json = new LinkedHashMap<String, Object>();
        json.put("name", name);
        if (!branch.ops().isEmpty()) {
            json.put("ops", branch.ops().stream().map(OpJson::write).toList());
        }
        if (branch.source() != null) {
            json.put("source", branch.source());
        }
        return json;
    }
}
