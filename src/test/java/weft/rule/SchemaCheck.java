package weft.rule;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import weft.io.CheckpointException;
import weft.io.Json;

/** The part of JSON Schema 2020-12 that the rule file's schema uses; a keyword it doesn't know is an error. */
final class SchemaCheck {
    static final SchemaCheck RULES = load("/weft/rule/weft-rules.schema.json");

    private static final Set<String> NOTES = Set.of("$schema", "$id", "$defs", "title", "description");
    private final Map<?, ?> root;

    private SchemaCheck(Map<?, ?> root) {
        this.root = root;
    }

    private static SchemaCheck load(String resource) {
        try (var in = Objects.requireNonNull(SchemaCheck.class.getResourceAsStream(resource))) {
            return new SchemaCheck((Map<?, ?>) Json.read(new String(in.readAllBytes(), StandardCharsets.UTF_8), ""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (CheckpointException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What is wrong with a document; empty if nothing is. */
    List<String> problems(Object document) {
        var problems = new ArrayList<String>();
        check(root, document, "", problems);
        return problems;
    }

    private boolean passes(Object schema, Object value) {
        var problems = new ArrayList<String>();
        check((Map<?, ?>) schema, value, "", problems);
        return problems.isEmpty();
    }

    private void check(Map<?, ?> schema, Object value, String path, List<String> problems) {
        schema.forEach((key, argument) -> {
            if (!NOTES.contains((String) key) && !keyword((String) key, argument, schema, value, path, problems)) {
                problems.add(path + ": " + key + " " + argument + " of " + value);
            }
        });
    }

    private boolean keyword(String key, Object argument, Map<?, ?> schema, Object value, String path,
            List<String> problems) {
        switch (key) {
            case "$ref" -> {
                var name = ((String) argument).substring("#/$defs/".length());
                check((Map<?, ?>) Objects.requireNonNull(((Map<?, ?>) root.get("$defs")).get(name)), value, path,
                        problems);
                return true;
            }
            case "anyOf" -> {
                return ((List<?>) argument).stream().anyMatch(s -> passes(s, value));
            }
            case "type" -> {
                return switch ((String) argument) {
                    case "object" -> value instanceof Map;
                    case "array" -> value instanceof List;
                    case "string" -> value instanceof String;
                    case "boolean" -> value instanceof Boolean;
                    case "integer" -> value instanceof Long
                            || value instanceof Double d && d == Math.rint(d) && !Double.isInfinite(d);
                    case "number" -> value instanceof Number;
                    default -> throw new IllegalArgumentException(argument.toString());
                };
            }
            case "const" -> {
                return argument.equals(value);
            }
            case "enum" -> {
                return ((List<?>) argument).contains(value);
            }
            case "required" -> {
                return !(value instanceof Map<?, ?> map) || map.keySet().containsAll((List<?>) argument);
            }
            case "properties" -> {
                if (value instanceof Map<?, ?> map) {
                    ((Map<?, ?>) argument).forEach((name, inner) -> {
                        if (map.containsKey(name)) {
                            check((Map<?, ?>) inner, map.get(name), path + "/" + name, problems);
                        }
                    });
                }
                return true;
            }
            case "additionalProperties" -> {
                if (!(value instanceof Map<?, ?> map)) { return true; }
                var known = schema.get("properties") instanceof Map<?, ?> properties ? properties.keySet() : Set.of();
                return map.entrySet().stream().filter(e -> !known.contains(e.getKey()))
                        .allMatch(e -> argument instanceof Map && passes(argument, e.getValue()));
            }
            case "propertyNames" -> {
                return !(value instanceof Map<?, ?> map) || map.keySet().stream().allMatch(n -> passes(argument, n));
            }
            case "items" -> {
                if (value instanceof List<?> list) {
                    for (int i = 0; i < list.size(); i++) {
                        check((Map<?, ?>) argument, list.get(i), path + "/" + i, problems);
                    }
                }
                return true;
            }
            case "minItems" -> {
                return !(value instanceof List<?> list) || list.size() >= (Long) argument;
            }
            case "minimum" -> {
                return !(value instanceof Number n) || n.doubleValue() >= (Long) argument;
            }
            case "maximum" -> {
                return !(value instanceof Number n) || n.doubleValue() <= (Long) argument;
            }
            case "minLength" -> {
                return !(value instanceof String s) || s.length() >= (Long) argument;
            }
            case "maxLength" -> {
                return !(value instanceof String s) || s.length() <= (Long) argument;
            }
            case "pattern" -> {
                return !(value instanceof String s)
                        || java.util.regex.Pattern.compile((String) argument).matcher(s).find();
            }
            default -> throw new IllegalArgumentException("keyword " + key);
        }
    }
}
