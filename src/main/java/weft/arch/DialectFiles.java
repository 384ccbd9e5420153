package weft.arch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Json;
import weft.io.JsonFields;
import weft.io.JsonFields.Value;
import weft.io.Problem;
import weft.name.Pattern;
import weft.tensor.Layout;

/**
 * Families and dialects as data. Every {@code weft/arch/index.txt} on the class path lists JSON files; a new framework
 * is a new file and a line in such a list, or a file in a person's own folder ({@link #and}). An unknown field is an error that names it.
 */
public final class DialectFiles {
    private static final String INDEX = "weft/arch/index.txt";
    /** An option's value: on if the source has what it stands for. */
    private static final String SOURCE = "source";
    private final Map<String, Family> families = new LinkedHashMap<>();
    private final Map<String, Dialect> dialects = new LinkedHashMap<>();

    private DialectFiles() {
    }

    private static final class Shipped {
        static final DialectFiles ALL = load();

        private static DialectFiles load() {
            try {
                return fromClassPath(DialectFiles.class.getClassLoader());
            } catch (IOException | CheckpointException e) {
                throw new IllegalStateException("dialect files", e); // they ship with the app and are tested
            }
        }
    }

    /** What ships with the app and whatever else the class path holds; read once. */
    public static DialectFiles shipped() {
        return Shipped.ALL;
    }

    static DialectFiles fromClassPath(ClassLoader loader) throws IOException, CheckpointException {
        var files = new LinkedHashMap<String, byte[]>();
        var indexes = loader.getResources(INDEX);
        while (indexes.hasMoreElements()) {
            try (var in = indexes.nextElement().openStream()) {
                for (var line : new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().map(String::trim)
                        .filter(l -> !l.isEmpty() && !l.startsWith("#")).toList()) {
                    try (var file = loader.getResourceAsStream(line)) {
                        if (file == null) { throw new IOException(line); }
                        files.put(line, file.readAllBytes());
                    }
                }
            }
        }
        return new DialectFiles().and(files);
    }

    /**
     * These and others; of two with one name the new one counts.
     *
     * @param files JSON by file name
     * @throws CheckpointException {@code BAD_DIALECT} with file and field
     */
    public DialectFiles and(Map<String, byte[]> files) throws CheckpointException {
        var all = new DialectFiles();
        all.families.putAll(families);
        all.dialects.putAll(dialects);
        var read = new LinkedHashMap<String, JsonFields>();
        for (var file : files.entrySet()) {
            var plain = Json.plain(Json.parse(file.getValue(), file.getKey(), 0));
            read.put(file.getKey(), new Value(Code.BAD_DIALECT, file.getKey(), "", plain).fields());
        }
        // A dialect may come before its family: which is first on the class path or in a folder means nothing.
        for (boolean families : new boolean[]{true, false}) {
            for (var file : read.entrySet()) {
                if (file.getValue().has("dialect") != families) {
                    all.add(file.getValue(), file.getKey());
                }
            }
        }
        return all;
    }

    public List<Dialect> dialects() {
        return List.copyOf(dialects.values());
    }

    public Optional<Dialect> dialect(String id) {
        return Optional.ofNullable(dialects.get(id));
    }

    private void add(JsonFields fields, String file) throws CheckpointException {
        try {
            if (fields.has("dialect")) {
                var dialect = dialect(fields);
                dialects.put(dialect.id(), dialect);
            } else {
                var family = family(fields);
                families.put(family.name(), family);
            }
        } catch (IllegalArgumentException e) {
            throw Problem.of(Code.BAD_DIALECT).file(file).found(e.getMessage()).asException(e);
        }
        fields.done();
    }

    private static Family family(JsonFields fields) throws CheckpointException {
        var name = fields.get("family").text();
        var roles = new ArrayList<Family.Role>();
        for (var value : fields.get("roles").list()) {
            var role = value.fields();
            roles.add(new Family.Role(Pattern.parse(role.get("role").text()), Layout.parse(role.get("layout").text()),
                    role.has("default") ? standIn(role.get("default")) : null, flag(role, "buffer")));
            role.done();
        }
        var sizes = new LinkedHashMap<String, Map<String, Long>>();
        for (var size : members(fields, "sizes")) {
            var axes = new LinkedHashMap<String, Long>();
            for (var axis : size.getValue().fields().members()) {
                axes.put(axis.getKey(), axis.getValue().as("integer", n -> (Long) n));
            }
            sizes.put(size.getKey(), axes);
        }
        var finer = new LinkedHashMap<String, List<String>>();
        for (var axis : members(fields, "finer")) {
            finer.put(axis.getKey(), List.of(axis.getValue().text().split(" ")));
        }
        var hypers = new LinkedHashMap<String, Family.HyperName>();
        for (var hyper : members(fields, "hypers")) {
            hypers.put(hyper.getKey(), new Family.HyperName(hyper.getKey(), words(hyper.getValue())));
        }
        var names = new LinkedHashMap<String, List<String>>();
        for (var axis : members(fields, "names")) {
            names.put(axis.getKey(), words(axis.getValue()));
        }
        return new Family(name, text(fields, "title", name), fields.get("layers").text(),
                text(fields, "vocabulary", ""), text(fields, "context", ""), names, finer, texts(fields, "derived"),
                sizes, texts(fields, "called"), roles, hypers, alike(fields));
    }

    private static List<Family.Alike> alike(JsonFields fields) throws CheckpointException {
        var all = new ArrayList<Family.Alike>();
        if (!fields.has("alike")) { return all; }
        for (var value : fields.get("alike").list()) {
            var alike = value.fields();
            var rotary = alike.has("rotary");
            var roles = words(alike.get(rotary ? "rotary" : "order")).stream().map(Pattern::parse).toList();
            all.add(rotary
                    ? new Family.Alike.Rotary(roles, alike.get("axis").text())
                    : new Family.Alike.Order(roles, alike.has("axis") ? alike.get("axis").text() : null));
            alike.done();
        }
        return List.copyOf(all);
    }

    private static Family.StandIn standIn(Value value) throws CheckpointException {
        var text = value.text();
        if (text.startsWith("tie ")) { return new Family.StandIn.Tie(text.substring(4)); }
        return switch (text) {
            case "zeros" -> new Family.StandIn.Zeros();
            case "causal-mask" -> new Family.StandIn.CausalMask();
            default -> throw value.bad("tie … | zeros | causal-mask");
        };
    }

    private Dialect dialect(JsonFields fields) throws CheckpointException {
        var id = fields.get("dialect").text();
        var family = families.get(fields.get("family").text());
        if (family == null) { throw fields.get("family").bad(String.join(" | ", families.keySet())); }
        var entries = new ArrayList<Dialect.Entry>();
        for (var tensor : fields.get("tensors").list()) {
            entries.add(entry(tensor, family));
        }
        var options = new LinkedHashMap<String, Boolean>();
        var inferred = new LinkedHashSet<String>();
        for (var option : members(fields, "options")) {
            if (SOURCE.equals(option.getValue().value())) {
                inferred.add(option.getKey());
                options.put(option.getKey(), false);
            } else {
                options.put(option.getKey(), option.getValue().as("true | false | \"source\"", b -> (Boolean) b));
            }
        }
        var marks = new LinkedHashMap<String, List<Object>>();
        for (var mark : members(fields, "marks")) {
            var values = new ArrayList<Object>();
            for (var value : mark.getValue().list()) {
                values.add(value.as("value", v -> v));
            }
            marks.put(mark.getKey(), List.copyOf(values));
        }
        var variants = new ArrayList<Dialect.Variant>();
        if (fields.has("variants")) {
            for (var value : fields.get("variants").list()) {
                var variant = value.fields();
                var when = new LinkedHashMap<String, Boolean>();
                for (var flag : members(variant, "when")) {
                    when.put(flag.getKey(), flag.getValue().as("true | false", b -> (Boolean) b));
                }
                variants.add(new Dialect.Variant(when, values(variant, "config"), values(variant, "hypers")));
                variant.done();
            }
        }
        return new Dialect(id, family, text(fields, "title", id), text(fields, "home", "safetensors"),
                fields.has("file") ? fields.get("file").text() : null, text(fields, "prefix", ""), List.copyOf(entries),
                options, values(fields, "hypers"),
                fields.has("computes") ? fields.get("computes").text() : null, texts(fields, "config"),
                text(fields, "configFile", "config.json"), values(fields, "configFixed"),
                values(fields, "configDefaults"), inferred, marks, List.copyOf(variants));
    }

    private static Dialect.Entry entry(Value value, Family family) throws CheckpointException {
        var tensor = value.fields();
        var names = new ArrayList<Pattern>();
        names.add(Pattern.parse(tensor.get("name").text()));
        if (tensor.has("also")) {
            words(tensor.get("also")).forEach(n -> names.add(Pattern.parse(n)));
        }
        var mistaken = new ArrayList<Pattern>();
        if (tensor.has("mistaken")) {
            words(tensor.get("mistaken")).forEach(n -> mistaken.add(Pattern.parse(n)));
            names.addAll(mistaken);
        }
        var roles = new LinkedHashMap<String, String>();
        if (tensor.has("role")) {
            roles.put("", tensor.get("role").text());
        }
        roles.putAll(texts(tensor, "roles"));
        var layouts = new LinkedHashMap<String, Layout>();
        for (var role : roles.entrySet()) {
            var said = role.getKey().isEmpty() ? tensor.get("role") : tensor.get("roles").fields().get(role.getKey());
            layouts.put(role.getKey(), family.role(Pattern.parse(role.getValue()))
                    .orElseThrow(() -> said.bad(like(role.getValue(), family))).layout());
        }
        var layout = Layout.parse(tensor.get("layout").text()).resolve(layouts, family.finer());
        for (var role : layouts.values()) {
            if (!isOf(layout, role, family)) { throw tensor.get("layout").bad(String.join(", ", role.axes())); }
        }
        var sum = layout.sum();
        var labels = sum == null ? List.of("") : sum.parts().stream().map(Layout.Part::label).toList();
        var patterns = labels.stream().map(l -> Pattern.parse(roles.getOrDefault(l, ""))).toList();
        // From here on a part is called by its role, so that two dialects' parts can be compared.
        var named = layout.withParts(p -> new Layout.Part(roles.getOrDefault(p.label(), ""), List.of(), p.axes()));
        var presence = flag(tensor, "buffer")
                ? Dialect.Presence.BUFFER
                : flag(tensor, "optional") ? Dialect.Presence.OPTIONAL : Dialect.Presence.REQUIRED;
        var option = tensor.has("when") ? tensor.get("when").text() : null;
        tensor.done();
        var entry = new Dialect.Entry(List.copyOf(names), named, patterns, presence, option, List.copyOf(mistaken));
        var layer = family.layers();
        if (entry.isStacked(layer) && !layout.dims().contains(List.<Layout.Factor>of(new Layout.Axis(layer)))) {
            throw tensor.get("layout").bad(layer + " …"); // a name without a layer holds all of them
        }
        return entry;
    }

    /** A few roles that begin as a word nobody knows does. */
    private static String like(String role, Family family) {
        return family.roles().stream().map(r -> r.name().toString())
                .sorted(Comparator.comparingInt(name -> -common(name, role))).limit(4)
                .collect(Collectors.joining(" | "));
    }

    private static int common(String one, String other) {
        int length = 0;
        while (length < Math.min(one.length(), other.length()) && one.charAt(length) == other.charAt(length)) {
            length++;
        }
        return length;
    }

    /** Whether a layout has the axes of its role, all of them and no other; of a sum only what stands outside is looked at. */
    private static boolean isOf(Layout layout, Layout role, Family family) {
        var mine = new LinkedHashSet<>(layout.axes());
        mine.remove(family.layers());
        var theirs = new LinkedHashSet<>(Layout.refine(role, mine, family.finer()).axes());
        if (layout.sum() != null) { return theirs.containsAll(mine); }
        return theirs.equals(new LinkedHashSet<>(Layout.refine(Layout.ofAxes(List.of(List.copyOf(mine))), theirs,
                family.finer()).axes()));
    }

    private static boolean flag(JsonFields fields, String name) throws CheckpointException {
        return fields.has(name) && fields.get(name).as("true | false", b -> (Boolean) b);
    }

    private static String text(JsonFields fields, String name, String otherwise) throws CheckpointException {
        return fields.has(name) ? fields.get(name).text() : otherwise;
    }

    private static List<Map.Entry<String, Value>> members(JsonFields fields, String name) throws CheckpointException {
        return fields.has(name) ? fields.get(name).fields().members() : List.of();
    }

    private static Map<String, String> texts(JsonFields fields, String name) throws CheckpointException {
        var texts = new LinkedHashMap<String, String>();
        for (var member : members(fields, name)) {
            texts.put(member.getKey(), member.getValue().text());
        }
        return texts;
    }

    private static Map<String, Object> values(JsonFields fields, String name) throws CheckpointException {
        var values = new LinkedHashMap<String, Object>();
        for (var member : members(fields, name)) {
            values.put(member.getKey(), member.getValue().as("value", v -> v));
        }
        return values;
    }

    private static List<String> words(Value value) throws CheckpointException {
        var words = new ArrayList<String>();
        for (var word : value.list()) {
            words.add(word.text());
        }
        return List.copyOf(words);
    }
}
