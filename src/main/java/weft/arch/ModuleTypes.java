package weft.arch;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Json;
import weft.io.JsonFields.Value;
import weft.tensor.Shape;

/**
 * Which parameters a module has that PyTorch prints with its arguments ({@code Linear(in_features=3, …)}). The table is data:
 * {@code modules.json}.
 */
final class ModuleTypes {
    private final Map<String, Type> types = new HashMap<>();
    private final Set<String> silent;
    private final List<String> silentEndings;

    /**
     * A kind of module.
     *
     * @param arguments names of the arguments that are printed without a name
     * @param recurrent gates of a recurrent layer, 0 for any other module
     * @param child the submodule whose arguments count, or {@code null}
     */
    private record Type(List<String> arguments, Map<String, String> defaults, List<Recipe> parameters, int recurrent,
            @Nullable String child) {
    }

    /** @param when arguments that must not be False, joined by {@code &}, or {@code null} */
    private record Recipe(String name, List<String> shape, @Nullable String when, boolean buffer) {
    }

    /** A parameter of one module. */
    record Made(String name, Shape shape, boolean buffer) {
    }

    private static final class Shipped {
        static final ModuleTypes ALL = load();

        private static ModuleTypes load() {
            try (var in = ModuleTypes.class.getResourceAsStream("modules.json")) {
                if (in == null) { throw new IllegalStateException("modules.json"); }
                return new ModuleTypes(in.readAllBytes());
            } catch (IOException | CheckpointException e) {
                throw new IllegalStateException("modules.json", e);
            }
        }
    }

    static ModuleTypes shipped() {
        return Shipped.ALL;
    }

    private ModuleTypes(byte[] json) throws CheckpointException {
        var file = "modules.json";
        var fields = new Value(Code.BAD_TARGET, file, "", Json.plain(Json.parse(json, file, 0))).fields();
        for (var value : fields.get("modules").list()) {
            var module = value.fields();
            var names = texts(module.get("types"));
            var defaults = new LinkedHashMap<String, String>();
            if (module.has("defaults")) {
                for (var given : module.get("defaults").fields().members()) {
                    defaults.put(given.getKey(), given.getValue().text());
                }
            }
            var recipes = new ArrayList<Recipe>();
            if (module.has("parameters")) {
                for (var parameter : module.get("parameters").list()) {
                    var recipe = parameter.fields();
                    recipes.add(new Recipe(recipe.get("name").text(), texts(recipe.get("shape")),
                            recipe.has("when") ? recipe.get("when").text() : null, recipe.has("buffer")
                                    && recipe.get("buffer").as("true | false", b -> (Boolean) b)));
                    recipe.done();
                }
            }
            int gates = module.has("recurrent")
                    ? module.get("recurrent").as("integer", n -> Math.toIntExact((Long) n))
                    : 0;
            var type = new Type(texts(module.get("arguments")), defaults, recipes, gates,
                    module.has("child") ? module.get("child").text() : null);
            module.done();
            names.forEach(n -> types.put(n, type));
        }
        silent = Set.copyOf(texts(fields.get("silent")));
        silentEndings = texts(fields.get("silentEndings"));
        fields.done();
    }

    private static List<String> texts(Value value) throws CheckpointException {
        var texts = new ArrayList<String>();
        for (var text : value.list()) {
            texts.add(text.text());
        }
        return List.copyOf(texts);
    }

    /** Whether a module of this type is known to have no parameters of its own, with these arguments. */
    boolean isEmpty(String type, String arguments) {
        return silent.contains(type) || silentEndings.stream().anyMatch(type::endsWith)
                || types.containsKey(type) && !arguments.isEmpty() && parameters(type, arguments).isEmpty();
    }

    /** The submodule whose printed arguments tell this type's sizes, or null. */
    @Nullable
    String child(String type) {
        var known = types.get(type);
        return known == null ? null : known.child();
    }

    /** Its parameters, or empty for a type nobody knows, one without parameters, or arguments that don't say enough. */
    List<Made> parameters(String type, String arguments) {
        var known = types.get(type);
        if (known == null) { return List.of(); }
        var values = new HashMap<>(known.defaults());
        int place = 0;
        for (var argument : split(arguments)) {
            int is = argument.indexOf('=');
            if (is > 0 && argument.substring(0, is).trim().matches("[A-Za-z_][A-Za-z0-9_]*")) {
                values.put(argument.substring(0, is).trim(), argument.substring(is + 1).trim());
            } else if (place < known.arguments().size()) {
                values.put(known.arguments().get(place++), argument.trim());
            }
        }
        if (known.recurrent() > 0) { return recurrent(known.recurrent(), values); }
        var made = new ArrayList<Made>();
        for (var recipe : known.parameters()) {
            if (!holds(recipe.when(), values)) {
                continue;
            }
            var shape = shape(recipe.shape(), values);
            if (shape != null) {
                made.add(new Made(recipe.name(), shape, recipe.buffer()));
            }
        }
        return made;
    }

    private static boolean holds(@Nullable String when, Map<String, String> values) {
        if (when == null) { return true; }
        for (var word : when.split("&")) {
            if ("False".equals(values.get(word))) { return false; }
        }
        return true;
    }

    private static @Nullable Shape shape(List<String> recipe, Map<String, String> values) {
        var dims = new ArrayList<Long>();
        for (var term : recipe) {
            if (term.endsWith("*")) { // all numbers of a tuple
                var tuple = ShapeText.parse(values.get(term.substring(0, term.length() - 1)));
                if (tuple == null) { return null; }
                for (var dim : tuple.dims()) {
                    dims.add(dim);
                }
                continue;
            }
            int cut = Math.max(term.indexOf('*'), term.indexOf('/'));
            long left = number(cut < 0 ? term : term.substring(0, cut), values);
            long right = cut < 0 ? 1 : number(term.substring(cut + 1), values);
            if (left < 0 || right < 1 || left > Integer.MAX_VALUE || right > Integer.MAX_VALUE) { return null; }
            dims.add(cut >= 0 && term.charAt(cut) == '/' ? left / right : left * right);
        }
        var shape = Shape.of(dims.stream().mapToLong(Long::longValue).toArray());
        return shape.isCountable() ? shape : null;
    }

    private static long number(String term, Map<String, String> values) {
        var text = values.getOrDefault(term, term);
        return text.matches("[0-9]{1,15}") ? Long.parseLong(text) : -1;
    }

    /** {@code weight_ih_l0 [gates·h, in]}, {@code weight_hh_l0 [gates·h, h]} and their biases, layer by layer. */
    private static List<Made> recurrent(int gates, Map<String, String> values) {
        long in = number("input", values);
        long hidden = number("hidden", values);
        long layers = number("num_layers", values);
        if (in < 0 || hidden < 0 || layers < 1 || layers > Family.MOST_LAYERS || hidden > Integer.MAX_VALUE
                || !Shape.of(gates * hidden, Math.max(in, 2 * hidden)).isCountable()
                || values.containsKey("proj_size")) {
            return List.of();
        }
        boolean both = "True".equals(values.get("bidirectional"));
        boolean bias = !"False".equals(values.get("bias"));
        var made = new ArrayList<Made>();
        for (int layer = 0; layer < layers; layer++) {
            for (var suffix : both ? List.of("", "_reverse") : List.of("")) {
                var end = "_l" + layer + suffix;
                long width = layer == 0 ? in : both ? 2 * hidden : hidden;
                made.add(new Made("weight_ih" + end, Shape.of(gates * hidden, width), false));
                made.add(new Made("weight_hh" + end, Shape.of(gates * hidden, hidden), false));
                if (bias) {
                    made.add(new Made("bias_ih" + end, Shape.of(gates * hidden), false));
                    made.add(new Made("bias_hh" + end, Shape.of(gates * hidden), false));
                }
            }
        }
        return made;
    }

    /** Arguments at commas outside of brackets and quotes. */
    static List<String> split(String arguments) {
        var parts = new ArrayList<String>();
        int depth = 0;
        int from = 0;
        char quote = 0;
        for (int i = 0; i < arguments.length(); i++) {
            char c = arguments.charAt(i);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '\'' || c == '"') {
                quote = c;
            } else if (c == '(' || c == '[' || c == '{') {
                depth++;
            } else if (c == ')' || c == ']' || c == '}') {
                depth--;
            } else if (c == ',' && depth == 0) {
                parts.add(arguments.substring(from, i));
                from = i + 1;
            }
        }
        if (!arguments.substring(from).isBlank()) {
            parts.add(arguments.substring(from));
        }
        return parts;
    }
}
