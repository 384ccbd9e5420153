package weft.arch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Json;
import weft.io.Problem;
import weft.name.Pattern;
import weft.tensor.Layout;

/**
 * Families and dialects as data. Every {@code weft/arch/index.txt} on the class path lists JSON files; a new framework
 * is a new file and a line in such a list. An unknown field is an error that names it.
 */
public final class DialectFiles {
    private static final String INDEX = "weft/arch/index.txt";
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
        var all = new DialectFiles();
        var indexes = loader.getResources(INDEX);
        while (indexes.hasMoreElements()) {
            try (var in = indexes.nextElement().openStream()) {
                for (var line : new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
                    if (line.isBlank() || line.startsWith("#")) {
                        continue;
                    }
                    try (var file = loader.getResourceAsStream(line.trim())) {
                        if (file == null) {
                            throw new IOException(line);
                        }
                        all.add(file.readAllBytes(), line.trim());
                    }
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

    /** Reads one file, a family or a dialect. */
    public void add(byte[] json, String file) throws CheckpointException {
        try {
            var node = Json.parse(json, file, 0);
            if (node.has("family") && !node.has("dialect")) {
                var family = family(node, file);
                families.put(family.name(), family);
            } else {
                var dialect = dialect(node, file);
                dialects.put(dialect.id(), dialect);
            }
        } catch (IllegalArgumentException e) {
            throw Problem.of(Code.BAD_TARGET).file(file).found(e.getMessage()).asException(e);
        }
    }

    private static Family family(JsonNode node, String file) throws CheckpointException {
        only(node, file, Set.of("family", "layers", "vocabulary", "context", "names", "finer", "derived", "sizes", "hypers", "roles"));
        var roles = new ArrayList<Family.Role>();
        for (var role : node.path("roles")) {
            only(role, file, Set.of("role", "layout", "default", "buffer"));
            roles.add(new Family.Role(Pattern.parse(text(role, "role", file)), Layout.parse(text(role, "layout", file)),
                    standIn(role.path("default").stringValue(""), file), role.path("buffer").booleanValue(false)));
        }
        var sizes = new LinkedHashMap<String, Map<String, Long>>();
        for (var size : node.path("sizes").properties()) {
            var axes = new LinkedHashMap<String, Long>();
            size.getValue().properties().forEach(e -> axes.put(e.getKey(), e.getValue().longValue()));
            sizes.put(size.getKey(), axes);
        }
        var finer = new LinkedHashMap<String, List<String>>();
        node.path("finer").properties()
                .forEach(e -> finer.put(e.getKey(), List.of(e.getValue().stringValue().split(" "))));
        var hypers = new LinkedHashMap<String, Family.HyperName>();
        node.path("hypers").properties()
                .forEach(e -> hypers.put(e.getKey(), new Family.HyperName(e.getKey(), words(e.getValue()))));
        var names = new LinkedHashMap<String, List<String>>();
        node.path("names").properties().forEach(e -> names.put(e.getKey(), words(e.getValue())));
        var derived = new LinkedHashMap<String, String>();
        node.path("derived").properties().forEach(e -> derived.put(e.getKey(), e.getValue().stringValue()));
        return new Family(text(node, "family", file), text(node, "layers", file),
                text(node, "vocabulary", file), node.path("context").stringValue(""), names, finer, derived, sizes, roles,
                hypers);
    }

    private static Family.@Nullable StandIn standIn(String text, String file) throws CheckpointException {
        if (text.isEmpty()) {
            return null;
        }
        if (text.startsWith("tie ")) {
            return new Family.StandIn.Tie(text.substring(4));
        }
        return switch (text) {
            case "zeros" -> new Family.StandIn.Zeros();
            case "causal-mask" -> new Family.StandIn.CausalMask();
            default -> throw Problem.of(Code.BAD_TARGET).file(file).field("default").found(text)
                    .expected("tie …, zeros, causal-mask").asException();
        };
    }

    private Dialect dialect(JsonNode node, String file) throws CheckpointException {
        only(node, file, Set.of("dialect", "family", "title", "home", "prefix", "computes", "options", "hypers",
                "config", "configFile", "configFixed", "tensors"));
        var family = families.get(text(node, "family", file));
        if (family == null) {
            throw Problem.of(Code.BAD_TARGET).file(file).field("family").found(text(node, "family", file))
                    .expected(families.keySet()).asException();
        }
        var entries = new ArrayList<Dialect.Entry>();
        for (var tensor : node.path("tensors")) {
            entries.add(entry(tensor, family, file));
        }
        var options = new LinkedHashMap<String, Boolean>();
        node.path("options").properties().forEach(e -> options.put(e.getKey(), e.getValue().booleanValue()));
        var hypers = values(node.path("hypers"));
        var config = new LinkedHashMap<String, String>();
        node.path("config").properties().forEach(e -> config.put(e.getKey(), e.getValue().stringValue()));
        var id = text(node, "dialect", file);
        return new Dialect(id, family, node.path("title").stringValue(id), node.path("home").stringValue("safetensors"),
                node.path("prefix").stringValue(""), List.copyOf(entries), options, hypers,
                node.path("computes").stringValue(null), config, node.path("configFile").stringValue("config.json"),
                values(node.path("configFixed")));
    }

    private static Map<String, Object> values(JsonNode node) {
        var values = new LinkedHashMap<String, Object>();
        node.properties().forEach(e -> {
            var value = Json.plain(e.getValue());
            if (value != null) {
                values.put(e.getKey(), value);
            }
        });
        return values;
    }

    private static Dialect.Entry entry(JsonNode tensor, Family family, String file) throws CheckpointException {
        only(tensor, file, Set.of("name", "also", "role", "roles", "layout", "optional", "buffer", "when"));
        var names = new ArrayList<Pattern>();
        names.add(Pattern.parse(text(tensor, "name", file)));
        words(tensor.path("also")).forEach(n -> names.add(Pattern.parse(n)));
        var roles = new LinkedHashMap<String, String>();
        if (tensor.has("role")) {
            roles.put("", text(tensor, "role", file));
        }
        tensor.path("roles").properties().forEach(e -> roles.put(e.getKey(), e.getValue().stringValue()));
        var layouts = new LinkedHashMap<String, Layout>();
        for (var role : roles.entrySet()) {
            var known = family.role(Pattern.parse(role.getValue()));
            if (known.isEmpty()) {
                throw Problem.of(Code.BAD_TARGET).file(file).field(names.getFirst()).found(role.getValue())
                        .expected("role").asException();
            }
            layouts.put(role.getKey(), known.get().layout());
        }
        var layout = Layout.parse(text(tensor, "layout", file)).resolve(layouts, family.finer());
        var sum = layout.sum();
        var patterns = (sum == null ? List.of("") : sum.parts().stream().map(Layout.Part::label).toList()).stream()
                .map(l -> Pattern.parse(roles.getOrDefault(l, ""))).toList();
        if (sum != null) {
            // From here on a part is called by its role, so that two dialects' parts can be compared.
            var parts = sum.parts().stream()
                    .map(p -> new Layout.Part(roles.getOrDefault(p.label(), ""), List.of(), p.axes())).toList();
            layout = new Layout(layout.dims().stream().map(d -> d.stream()
                    .map(f -> f instanceof Layout.Sum ? (Layout.Factor) new Layout.Sum(parts) : f).toList()).toList());
        }
        var presence = tensor.path("buffer").booleanValue(false) ? Dialect.Presence.BUFFER
                : tensor.path("optional").booleanValue(false) ? Dialect.Presence.OPTIONAL : Dialect.Presence.REQUIRED;
        return new Dialect.Entry(List.copyOf(names), layout, patterns, presence, tensor.path("when").stringValue(null));
    }

    private static List<String> words(JsonNode node) {
        var words = new ArrayList<String>();
        node.forEach(w -> words.add(w.stringValue()));
        return List.copyOf(words);
    }

    private static String text(JsonNode node, String field, String file) throws CheckpointException {
        var value = node.get(field);
        if (value == null || !value.isString()) {
            throw Problem.of(Code.BAD_TARGET).file(file).field(field).found(value).expected("text").asException();
        }
        return value.stringValue();
    }

    private static void only(JsonNode node, String file, Set<String> fields) throws CheckpointException {
        for (var field : node.properties()) {
            if (!fields.contains(field.getKey())) {
                throw Problem.of(Code.BAD_TARGET).file(file).field(field.getKey()).expected(String.join(", ",
                        fields.stream().sorted().toList())).asException();
            }
        }
    }
}
