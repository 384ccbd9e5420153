package weft.format.torch;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import weft.format.Checkpoint.Ignored;
import weft.format.torch.TorchTensor.View;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.PickleValue;
import weft.io.PickleValue.BigInt;
import weft.io.PickleValue.Bool;
import weft.io.PickleValue.Bytes;
import weft.io.PickleValue.Dict;
import weft.io.PickleValue.Global;
import weft.io.PickleValue.Int;
import weft.io.PickleValue.None;
import weft.io.PickleValue.Opaque;
import weft.io.PickleValue.Persistent;
import weft.io.PickleValue.Real;
import weft.io.PickleValue.Sequence;
import weft.io.PickleValue.Text;
import weft.io.PlainValues;
import weft.io.Problem;
import weft.tensor.TensorSource;

/**
 * Finds the parameters in what a training script saved: a state dict, a dict that holds one beside optimizer and
 * settings, or a whole module. Names are what {@code load_state_dict} would want, relative to the dict chosen.
 */
final class StateDict {
    /** Where scripts put the state dict, the most specific word first: it breaks ties. */
    private static final List<String> WORDS = List.of("model_state_dict", "state_dict", "model", "model_state",
            "module", "net", "network", "weights", "params", "ema", "model_ema", "ema_model",
            "params_ema", "state_dict_ema");
    private static final int DEPTH_LIMIT = 100; // real files: under 20, modules included
    private static final int LIST_LIMIT = 1_000_000; // entries shown
    private static final int SETTING_LIMIT = 10_000; // values in one setting
    private static final int OPAQUE_LIMIT = 20; // kinds of objects named in warnings

    private final String file;
    private final Rebuild rebuild;
    private final Map<PickleValue, Integer> counts = new IdentityHashMap<>();
    /** What is being walked: a dict that holds itself is not walked again. */
    private final Set<PickleValue> open = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<String> opaque = new LinkedHashSet<>();
    private final Map<String, View> tensors = new LinkedHashMap<>();

    final List<TensorSource> sources = new ArrayList<>();
    final List<Ignored> ignored = new ArrayList<>();
    final List<Problem> warnings = new ArrayList<>();
    final Map<String, Object> settings = new LinkedHashMap<>();
    final Map<String, String> metadata = new LinkedHashMap<>();

    StateDict(String file, Rebuild rebuild) {
        this.file = file;
        this.rebuild = rebuild;
    }

    /**
     * Sorts everything under a pickle's value into tensors, settings and what is left aside.
     *
     * @throws CheckpointException {@code PICKLE_CALL} when tensors are arguments of a function that isn't known,
     *         {@code DUPLICATE_NAME} when two tensors would have one name, {@code LIMIT} when there is too much
     */
    void collect(PickleValue root) throws CheckpointException {
        count(root, 0);
        choose("", root, 0);
        var first = new HashMap<String, String>();
        for (var entry : tensors.entrySet()) {
            var tensor = TorchTensor.of(entry.getKey(), entry.getValue());
            var key = entry.getValue().key();
            var other = key == null ? null : first.putIfAbsent(key, entry.getKey());
            sources.add(other == null ? tensor : tensor.sharesWith(other));
            var note = entry.getValue().note();
            if (note != null) {
                metadata.put("quantised " + entry.getKey(), note);
            }
        }
    }

    // ---- which dict ----------------------------------------------------------------------------------------------

    /** Follows training dicts down to the state dict, and takes what it finds there. */
    private void choose(String path, PickleValue value, int depth) throws CheckpointException {
        var chosen = value instanceof Dict dict && depth < 8 ? stateDictOf(dict, depth > 0) : null;
        if (chosen == null) {
            if (value instanceof Dict dict) {
                takeDict(path, dict);
            } else {
                take(rebuild.tensor(value) != null ? "tensor" : "", value, 0);
            }
            if (!path.isEmpty()) {
                metadata.put("state_dict", path);
            }
            return;
        }
        for (var entry : ((Dict) value).entries().entrySet()) {
            if (entry.getValue() != chosen.getValue()) {
                setAside(join(path, key(entry.getKey())), entry.getValue());
            }
        }
        choose(join(path, key(chosen.getKey())), chosen.getValue(), depth + 1);
    }

    /**
     * The entry of a training dict that holds the parameters, or null if the dict itself is the state dict.
     *
     * @param inside whether the dict was chosen already: then a part of it that has siblings is not the whole
     */
    private Map.@Nullable Entry<PickleValue, PickleValue> stateDictOf(Dict dict, boolean inside) {
        Map.Entry<PickleValue, PickleValue> best = null;
        int bestRank = 0;
        int most = 0;
        Map.Entry<PickleValue, PickleValue> only = null;
        int candidates = 0;
        int direct = 0;
        for (var entry : dict.entries().entrySet()) {
            var value = entry.getValue();
            int count = count(value);
            direct += rebuild.tensor(value) != null ? 1 : 0;
            if (count == 0 || rebuild.tensor(value) != null || isOptimizer(key(entry.getKey()), value)
                    || value instanceof Sequence) {
                continue;
            }
            candidates++;
            only = entry;
            int rank = WORDS.indexOf(key(entry.getKey()).toLowerCase(Locale.ROOT));
            if (rank >= 0 && (count > most || count == most && rank < bestRank)) {
                best = entry;
                bestRank = rank;
                most = count;
            }
        }
        if (best != null) {
            // A module of that very name in a nested state dict has siblings that hold parameters directly.
            return direct > most || inside && candidates + direct > 1 ? null : best;
        }
        return candidates == 1 && direct == 0 && isStateDict(only) ? only : null;
    }

    /** Under a word we don't know: a module, or a dict of names like {@code h.0.attn.weight}. */
    private boolean isStateDict(Map.@Nullable Entry<PickleValue, PickleValue> entry) {
        return entry != null && (isModule(entry.getValue()) || entry.getValue() instanceof Dict dict
                && (dict.state() != null || dict.entries().keySet().stream().anyMatch(k -> key(k).contains("."))));
    }

    /** {@code {"state": …, "param_groups": …}}, whatever it is called, and what is called so. */
    private static boolean isOptimizer(String key, PickleValue value) {
        return key.toLowerCase(Locale.ROOT).contains("optim")
                || value instanceof Dict dict && dict.get("state") != null && dict.get("param_groups") != null;
    }

    /** How many tensors are in a value, each counted where it stands. */
    private int count(PickleValue value) {
        return counts.getOrDefault(value, 0);
    }

    /** Counts, and looks at every call on the way: a tensor that a strange function would have made is refused. */
    private int count(PickleValue value, int depth) throws CheckpointException {
        if (rebuild.tensor(value) != null || Rebuild.storage(value) != null) {
            counts.put(value, 1);
            return 1;
        }
        var known = counts.get(value);
        if (known != null) { return known; }
        if (depth > DEPTH_LIMIT) {
            throw Problem.of(Code.LIMIT).file(file).field("nesting").expected("<= " + DEPTH_LIMIT).asException();
        }
        int sum = 0;
        switch (value) {
            case Dict dict -> {
                counts.put(value, 0); // a dict that holds itself
                for (var child : dict.entries().values()) {
                    sum = add(sum, count(child, depth + 1));
                }
            }
            case Sequence list -> {
                counts.put(value, 0);
                for (var child : list.items()) {
                    sum = add(sum, count(child, depth + 1));
                }
            }
            case Opaque made -> {
                counts.put(value, 0);
                int arguments = count(made.arguments(), depth + 1);
                if (arguments > 0 && made.called() && !Rebuild.isKnown(made.type())) {
                    throw Problem.of(Code.PICKLE_CALL).file(file).at(made.offset()).found(made.type().qualified())
                            .asException();
                }
                sum = arguments;
                for (var child : made.items()) {
                    sum = add(sum, count(child, depth + 1));
                }
                var entries = made.entries();
                var state = made.state();
                sum = add(sum, entries == null ? 0 : count(entries, depth + 1));
                sum = add(sum, state == null ? 0 : count(state, depth + 1));
            }
            case None _,Bool _,Int _,BigInt _,Real _,Text _,Bytes _,Global _,Persistent _ -> {
                return 0;
            }
        }
        counts.put(value, sum);
        return sum;
    }

    /** Lists that share lists can hold more than 2³¹ tensors in a few bytes. */
    private static int add(int a, int b) {
        return (int) Math.min(Integer.MAX_VALUE, (long) a + b);
    }

    // ---- taking --------------------------------------------------------------------------------------------------

    private void takeDict(String path, Dict dict) throws CheckpointException {
        open.add(dict);
        for (var entry : dict.entries().entrySet()) {
            var name = key(entry.getKey());
            if (isOptimizer(name, entry.getValue()) && rebuild.tensor(entry.getValue()) == null
                    || count(entry.getValue()) == 0) {
                setAside(join(path, name), entry.getValue());
            } else {
                take(name, entry.getValue(), 0);
            }
        }
    }

    /** All tensors of a value, under names that begin with {@code name}. */
    private void take(String name, PickleValue value, int depth) throws CheckpointException {
        var view = rebuild.tensor(value);
        if (view != null) {
            if (tensors.size() + ignored.size() >= LIST_LIMIT) {
                throw Problem.of(Code.LIMIT).file(file).field("tensors").expected("<= " + LIST_LIMIT).asException();
            }
            if (tensors.putIfAbsent(name, view) != null) {
                throw Problem.of(Code.DUPLICATE_NAME).file(file).field(name).asException();
            }
            return;
        }
        if (count(value) == 0 || depth > DEPTH_LIMIT || !open.add(value)) { return; }
        switch (value) {
            case Dict dict -> takeAll(name, dict.entries(), depth);
            case Sequence list -> takeList(name, list.items(), depth);
            case Opaque made -> takeObject(name, made, depth);
            case None _,Bool _,Int _,BigInt _,Real _,Text _,Bytes _,Global _,Persistent _ -> {
                // A bare storage: bytes without a shape.
                aside(name, "object");
            }
        }
        open.remove(value);
    }

    private void takeAll(String name, Map<PickleValue, PickleValue> entries, int depth) throws CheckpointException {
        for (var entry : entries.entrySet()) {
            take(join(name, key(entry.getKey())), entry.getValue(), depth + 1);
        }
    }

    private void takeList(String name, List<PickleValue> items, int depth) throws CheckpointException {
        for (int i = 0; i < items.size(); i++) {
            take(join(name, Integer.toString(i)), items.get(i), depth + 1);
        }
    }

    /** A module's own parameters, its buffers, then its children: the order of {@code Module.state_dict}. */
    private void takeObject(String name, Opaque made, int depth) throws CheckpointException {
        note(name, made);
        var attributes = attributes(made);
        if (attributes == null || !isModule(made)) {
            take(name, made.arguments(), depth + 1);
            takeList(name, made.items(), depth);
            if (made.entries() != null) {
                takeAll(name, made.entries().entries(), depth);
            }
            if (attributes != null) {
                takeAll(name, attributes.entries(), depth);
            }
            return;
        }
        var transients = names(attributes.get("_non_persistent_buffers_set"));
        for (var part : List.of("_parameters", "_buffers", "_modules")) {
            if (!(attributes.get(part) instanceof Dict entries)) {
                continue;
            }
            for (var entry : entries.entries().entrySet()) {
                var key = key(entry.getKey());
                if (part.equals("_buffers") && transients.contains(key)) {
                    aside(join(name, key), "buffer");
                } else {
                    take(join(name, key), entry.getValue(), depth + 1);
                }
            }
        }
    }

    private static Set<String> names(@Nullable PickleValue set) {
        if (!(set instanceof Sequence list)) { return Set.of(); }
        var names = new LinkedHashSet<String>();
        list.items().forEach(item -> names.add(key(item)));
        return names;
    }

    private static boolean isModule(PickleValue value) {
        var attributes = value instanceof Opaque made ? attributes(made) : null;
        return attributes != null && attributes.get("_parameters") instanceof Dict
                && attributes.get("_modules") instanceof Dict;
    }

    /** What {@code BUILD} sets: a dict, or a pair of a dict and one for slots. */
    private static @Nullable Dict attributes(Opaque made) {
        return switch (made.state()) {
            case Dict dict -> dict;
            case Sequence pair when !pair.items().isEmpty() && pair.items().getFirst() instanceof Dict dict -> dict;
            case null, default -> null;
        };
    }

    // ---- leaving aside -------------------------------------------------------------------------------------------

    /** An entry beside the state dict: tensors are listed with the reason, plain values become settings. */
    private void setAside(String path, PickleValue value) throws CheckpointException {
        if (count(value) > 0) {
            listAside(path, value, isOptimizer(path, value) ? "optimizer" : "aux", 0);
            return;
        }
        if (isOptimizer(path, value)) {
            aside(path, "optimizer");
            return;
        }
        var plain = PlainValues.of(value, SETTING_LIMIT);
        if (plain != null) {
            settings.put(path, plain);
        }
        if (value instanceof Opaque made) {
            note(path, made);
            if (plain == null) {
                aside(path, "object");
            }
        }
    }

    private void listAside(String path, PickleValue value, String reason, int depth) throws CheckpointException {
        if (rebuild.tensor(value) != null || Rebuild.storage(value) != null) {
            aside(path, reason);
            return;
        }
        if (count(value) == 0 || depth > DEPTH_LIMIT || !open.add(value)) { return; }
        switch (value) {
            case Dict dict -> {
                for (var entry : dict.entries().entrySet()) {
                    listAside(join(path, key(entry.getKey())), entry.getValue(), reason, depth + 1);
                }
            }
            case Sequence list -> {
                for (int i = 0; i < list.items().size(); i++) {
                    listAside(join(path, Integer.toString(i)), list.items().get(i), reason, depth + 1);
                }
            }
            case Opaque made -> {
                note(path, made);
                aside(path, "object");
            }
            case None _,Bool _,Int _,BigInt _,Real _,Text _,Bytes _,Global _,Persistent _ -> {
                // Holds no tensor.
            }
        }
        open.remove(value);
    }

    private void aside(String name, String reason) throws CheckpointException {
        if (tensors.size() + ignored.size() >= LIST_LIMIT) {
            throw Problem.of(Code.LIMIT).file(file).field("tensors").expected("<= " + LIST_LIMIT).asException();
        }
        ignored.add(new Ignored(name, reason));
    }

    /** One warning a kind of object; torch's own modules and TorchScript's classes need none. */
    private void note(String path, Opaque made) {
        var type = made.type().qualified();
        if (!type.startsWith("torch.") && !type.startsWith("__torch__") && opaque.size() < OPAQUE_LIMIT
                && opaque.add(type)) {
            warnings.add(Problem.of(Code.OPAQUE_OBJECT).file(file).at(made.offset()).field(path.isEmpty() ? null : path)
                    .found(type));
        }
    }

    private static String join(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    private static String key(PickleValue key) {
        return switch (key) {
            case Text(var text) -> text;
            case Int(var number) -> Long.toString(number);
            case Bool(var flag) -> Boolean.toString(flag);
            case Real(var number) -> Double.toString(number);
            case BigInt(var number) -> number.toString();
            case Global type -> type.qualified();
            case None _ -> "None";
            case Sequence _,Dict _,Bytes _,Opaque _,Persistent _ -> "?";
        };
    }
}
