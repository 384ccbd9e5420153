package weft.io;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

import org.jspecify.annotations.Nullable;

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

/**
 * JSON-like values of a pickle's plain parts: what a person would read as settings. A namespace or a dataclass gives
 * its attributes, an enumeration its value, a class its name, an integer key its digits; what has no such form
 * ({@code None}, bytes, what is outside the pickle) is left out.
 */
public final class PlainValues {
    private static final int DEPTH_LIMIT = 32;
    private final int limit;
    private int nodes;

    private PlainValues(int limit) {
        this.limit = limit;
    }

    /**
     * Maps, lists, strings, {@code Long}, {@code BigInteger}, {@code Double} and {@code Boolean}; or null if the value
     * has no plain form, or one of more than {@code limit} values (a list that holds lists that hold … is very large
     * in few bytes).
     */
    public static @Nullable Object of(PickleValue value, int limit) {
        var plain = new PlainValues(limit);
        var result = plain.plain(value, 0);
        return plain.nodes > limit ? null : result;
    }

    private @Nullable Object plain(@Nullable PickleValue value, int depth) {
        if (value == null || depth > DEPTH_LIMIT || ++nodes > limit) { return null; }
        return switch (value) {
            case Bool(var flag) -> flag;
            case Int(var number) -> number;
            case BigInt(var number) -> number;
            case Real(var number) -> number;
            case Text(var text) -> text;
            case Global type -> type.qualified();
            case Dict dict -> map(dict, depth);
            case Sequence list -> list(list.items(), depth);
            case Opaque made -> object(made, depth);
            case None _,Bytes _,Persistent _ -> null;
        };
    }

    private Object list(List<PickleValue> values, int depth) {
        var items = new ArrayList<>();
        for (var value : values) {
            var plain = plain(value, depth + 1);
            if (plain != null) {
                items.add(plain);
            }
        }
        return items;
    }

    private Object map(Dict dict, int depth) {
        var map = new LinkedHashMap<String, Object>();
        for (var entry : dict.entries().entrySet()) {
            var plain = plain(entry.getValue(), depth + 1);
            var key = switch (entry.getKey()) {
                case Text(var text) -> text;
                case Int(var number) -> Long.toString(number);
                case None _,Bool _,BigInt _,Real _,Bytes _,Sequence _,Dict _,Global _,Persistent _,Opaque _ ->
                    null;
            };
            if (key != null && plain != null) {
                map.put(key, plain);
            }
        }
        return map;
    }

    private @Nullable Object object(Opaque made, int depth) {
        if (made.state() instanceof Dict attributes) { return map(attributes, depth); }
        var entries = made.entries();
        if (entries != null) { return map(entries, depth); }
        if (!made.items().isEmpty()) { return list(made.items(), depth); }
        // Enumeration("value"), device("cpu")
        return made.arguments() instanceof Sequence one && one.items().size() == 1
                && !(one.items().getFirst() instanceof Sequence) ? plain(one.items().getFirst(), depth + 1) : null;
    }
}
