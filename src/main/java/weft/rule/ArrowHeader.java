package weft.rule;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Json;

/** Collects the header lines of an arrow text, {@code @key value}; each key once. */
final class ArrowHeader {
    private static final String KEYS = "@name | @source | @target | @dims | @others | @provenance";

    private final Set<String> seen = new LinkedHashSet<>();
    private @Nullable String name;
    private @Nullable String source;
    private @Nullable String target;
    private Map<String, Long> dims = Map.of();
    private RuleSet.Others others = RuleSet.Others.DROP;
    private Map<String, Object> provenance = Map.of();

    void read(LineCursor line) throws Mistake {
        int from = line.at();
        line.move(1);
        var key = line.identifier(KEYS);
        int to = line.at();
        if (!seen.add(key)) { throw new Mistake(from, to, "once"); }
        line.skip();
        switch (key) {
            case "name" -> name = text(line);
            case "source" -> source = text(line);
            case "target" -> target = text(line);
            case "dims" -> dims = dims(line);
            case "others" -> others = others(line);
            case "provenance" -> provenance = provenance(line);
            default -> throw new Mistake(from, to, KEYS);
        }
        line.skip();
        if (!line.atEnd()) { throw line.mistake("end of line"); }
    }

    private static String text(LineCursor line) throws Mistake {
        if (line.peek() == '"') { return line.quoted(); }
        int from = line.at();
        while (!line.atEnd() && line.peek() != ' ' && line.peek() != '\t') {
            line.move(1);
        }
        if (line.at() == from) { throw line.mistake("word | \"text\""); }
        return line.since(from);
    }

    private static Map<String, Long> dims(LineCursor line) throws Mistake {
        var dims = new LinkedHashMap<String, Long>();
        while (!line.atEnd()) {
            int from = line.at();
            var word = text(line).split("=", -1);
            if (word.length != 2 || !isDim(word[0]) || !word[1].matches("[0-9]{1,18}")
                    || dims.put(word[0], Long.parseLong(word[1])) != null) {
                throw new Mistake(from, line.at(), "name=size");
            }
            line.skip();
        }
        return dims;
    }

    /** Whether a size may have this name. */
    static boolean isDim(String name) {
        return name.matches("[A-Za-z_][A-Za-z0-9_]{0,63}");
    }

    private static RuleSet.Others others(LineCursor line) throws Mistake {
        int from = line.at();
        var word = text(line);
        return switch (word) {
            case "copy" -> RuleSet.Others.COPY;
            case "drop" -> RuleSet.Others.DROP;
            default -> throw new Mistake(from, line.at(), "copy | drop");
        };
    }

    @SuppressWarnings("unchecked") // JSON objects have text keys
    private static Map<String, Object> provenance(LineCursor line) throws Mistake {
        int from = line.at();
        var json = line.rest().toString();
        line.move(json.length());
        try {
            if (Json.read(json, "") instanceof Map<?, ?> map) { return (Map<String, Object>) map; }
        } catch (CheckpointException e) {
            // said below
        }
        throw new Mistake(from, line.at(), "{JSON}");
    }

    RuleSet set(List<Rule> rules) {
        return new RuleSet(name, source, target, dims, others, rules, provenance);
    }
}
