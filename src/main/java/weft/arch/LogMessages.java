package weft.arch;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import weft.arch.ErrorLog.Advice;
import weft.arch.ErrorLog.Findings;
import weft.arch.ErrorLog.What;
import weft.io.CheckpointException;
import weft.tensor.Shape;

/**
 * The messages themselves. Those whose names stand between marks are looked for in the text without any white space, so that it
 * makes no difference where lines were broken or joined; a number between two words is a line number that was pasted in.
 */
final class LogMessages {
    private static final String NAME = "[^\\s\"'`,|=()\\[\\]{}<>]{1,1000}";
    private static final String SHAPE = "(" + ShapeText.PATTERN + ")";

    /** PyTorch's {@code load_state_dict}, new words and old; the end may be cut off. */
    private static final Pattern SIZE_MISMATCH = squeezed("size mismatch for ",
            "([^:\\s\"'()]{1,1000}):(?:", "copying a param ", "(?:with)?(?:", "shape ", "|of)?" + SHAPE + "(?:",
            "from checkpoint", ",(?:", "the shape in current model is ", "|", "where the shape is ",
            ")" + SHAPE + ")?)?");
    private static final Pattern WHILE_COPYING = squeezed("While copying the parameter named ", "\"([^\"]{1,1000})\",",
            "whose dimensions in the model are ", SHAPE, "and whose dimensions in the checkpoint are ", SHAPE);
    private static final String KEYS = "((?:[0-9]{0,6}[\"'][^\"']{1,1000}[\"'],?)+)";
    private static final Pattern MISSING = squeezed("(?:", "Missing key", "(?:\\(s\\))?", "in state_dict", ":|",
            "missing_keys", "[=:]\\[?)", KEYS);
    private static final Pattern UNEXPECTED = squeezed("(?:", "Unexpected key", "(?:\\(s\\))?", "in state_dict", ":|",
            "unexpected_keys", "[=:]\\[?)", KEYS);
    private static final Pattern QUOTED = Pattern.compile("[\"']([^\"']{1,1000})[\"']");
    private static final Pattern TENSOR_OF_SHAPE = squeezed("Trying to set a tensor of shape ", SHAPE, "in ",
            "\"([^\"]{1,1000})\"\\(", "which has shape ", SHAPE);

    /** transformers 4. */
    private static final Pattern NOT_USED = squeezed("were not used when initializing ", "[A-Za-z0-9_]{1,200}:[\\[{]?",
            KEYS);
    private static final Pattern NOT_INITIALISED = squeezed("and are newly initialized", ":[\\[{]?", KEYS);
    private static final Pattern FOUND_SHAPE = words("(" + NAME + "): found shape " + SHAPE
            + " in the checkpoint and " + SHAPE + " in the model");
    /** transformers 5: a table, layers that agree in one row. */
    private static final Pattern TABLE = Pattern.compile(
            "((?:[^\\s|{}]|\\{[0-9,.… ]{1,200}\\}){1,1000})[ \\t]*"
                    + "\\|[ \\t]*(MISMATCH|UNEXPECTED|MISSING)\\b[ \\t]*\\|?"
                    + "(?:\\s*Reinit\\s+due\\s+to\\s+size\\s+mismatch\\s*-?\\s*ckpt:\\s*"
                    + SHAPE + "(?:\\s*vs\\s*model:\\s*" + SHAPE + ")?)?");

    /** A textbook's {@code assign(left, right)}: left is the model's, right the checkpoint's. */
    private static final Pattern LEFT_RIGHT = squeezed("Shape mismatch", "\\.", "Left", ":" + SHAPE + "[,.;]?", "Right",
            ":" + SHAPE);
    private static final Pattern ASSIGNED = Pattern
            .compile("(?:\\b[A-Za-z_]\\w*)\\.([A-Za-z_][\\w.\\[\\]]{0,300})\\s*=\\s*assign\\s*\\(");

    /** Keras 3 and 2. */
    private static final Pattern VARIABLE_ASSIGN = squeezed("variable.shape=", SHAPE + ",", "Received", ":",
            "value.shape=", SHAPE + "(?:\\.?", "Target variable", ":<", "Variable ", "path=([^,>]{1,1000}))?");
    private static final Pattern NAMED_LAYER = squeezed("Shape mismatch in layer ", "#?[0-9]*\\(", "named ",
            "[^)]{0,200}\\)",
            "for weight ", "(" + NAME + "?)\\.", "Weight expects shape ", SHAPE + "\\.",
            "Received saved weight with shape ",
            SHAPE);
    private static final Pattern LAYER_WEIGHT = squeezed("Layer ", "#?[0-9]*\\(?", "named ",
            "\"?([^\")]{1,200})\"?\\),",
            "weight ", "[^\\[]{0,400}?", "has shape ", SHAPE + ",?", "but the saved weight has shape ", SHAPE);
    private static final Pattern PROVIDED_WEIGHT = words("Layer (" + NAME + ") weight shape " + SHAPE
            + " is not compatible with provided weight shape " + SHAPE);
    private static final Pattern EXPECTED_VARIABLES = squeezed("Layer ", "['\"]([^'\"]{1,300})['\"]", "expected ",
            "[0-9]+", "variables,", "but received ", "[0-9]+", "variables during loading", "\\.", "Expected",
            ":\\[([^\\]]{0,2000})\\]");
    private static final Pattern LAYER_COUNT = words(
            "(?:Model expected ([0-9]+) layers, found ([0-9]+) saved layers|containing ([0-9]+) layers into a model with ([0-9]+) layers)");
    private static final Pattern KERAS_OBJECTS = squeezed("List of objects that could not be loaded",
            ":[0-9]{0,6}\\[([^\\]]{0,20000})");
    private static final Pattern KERAS_OBJECT = Pattern.compile("<[A-Za-z0-9_]+?name=([^,>]{1,300}),");

    /** TensorFlow. */
    private static final Pattern INCOMPATIBLE = words("Received incompatible tensor with shape " + SHAPE
            + " when attempting to restore variable with shape " + SHAPE + " and name (" + NAME + ")");
    private static final Pattern NOT_IN_CHECKPOINT = words("Key (" + NAME + ") not found in checkpoint");
    private static final Pattern CANNOT_ASSIGN = words(
            "Cannot assign value to variable '\\s*([^'\\n]{1,1000})': ?Shape mismatch\\. ?The variable shape "
                    + SHAPE + ", and the assigned value shape " + SHAPE);
    private static final Pattern BOTH_TENSORS = words(
            "Assign requires shapes of both tensors to match\\. lhs shape= ?" + SHAPE
                    + " rhs shape= ?" + SHAPE);
    private static final Pattern SLICE_SPEC = words(
            "tensor_name = ?(" + NAME + ")[;,] shape in shape_and_slice spec " + SHAPE
                    + " does not match the shape stored in checkpoint: ?" + SHAPE);
    private static final Pattern NOT_RESTORED = words(
            "(?:Value in checkpoint could not be found in the restored object|Unresolved object in checkpoint)"
                    + "[^:]{0,60}: ?(?:\\(root\\)\\.)?("
                    + NAME + ")");
    private static final Pattern NOT_BOUND = words("<tf\\.Variable '([^'\\n]{1,500})' shape=" + SHAPE);

    /** MindSpore's {@code load_param_into_net}. */
    private static final Pattern PARAM_INTO_NET = squeezed("(" + NAME + "?)",
            "in the argument 'net' should have the same shape as ",
            NAME + "?", "in the argument 'parameter_dict'", "\\.", "But got its shape ", SHAPE,
            "in the argument 'net' and shape ", SHAPE);
    private static final Pattern NOT_LOADED = words("(?:^|\\s|\\])(" + NAME + ") is not loaded\\.");
    private static final Pattern PARAM_NOT_LOAD = squeezed("param_not_load", "['\"]?[:=]?\\[", KEYS);
    private static final Pattern CKPT_NOT_LOAD = squeezed("ckpt_not_load", "['\"]?[:=]?\\[", KEYS);

    private static final String COUNTED = "[0-9]{1,15}(?:\\s{0,9},\\s{0,9}[0-9]{1,15}){0,7}";
    /** llama.cpp, whose shapes stand innermost first, filled up with ones. */
    private static final Pattern WRONG_SHAPE = words(
            "tensor '([^'\\n]{1,500})' has wrong shape; expected (" + COUNTED + "),? got (" + COUNTED + ")");
    private static final Pattern NO_TENSOR = words(
            "(?:missing tensor '([^'\\n]{1,500})'|tensor '([^'\\n]{1,500})' not found)");
    private static final Pattern CAN_NOT_MAP = words("Can not map tensor ['\"]([^'\"\\n]{1,500})['\"]");
    private static final Pattern TENSOR_COUNT = words("wrong number of tensors; expected ([0-9]+), got\\s+([0-9]+)");

    private LogMessages() {
    }

    /**
     * Words that stand in a text without white space: the pieces in turn, each piece that ends in a space (or is all words) with a
     * line number allowed behind its words.
     */
    private static Pattern squeezed(String... pieces) {
        var pattern = new StringBuilder();
        for (var piece : pieces) {
            boolean areWords = piece.matches("[A-Za-z_.,'= ]*[A-Za-z][A-Za-z_.,'= ]*") && !piece.equals("(?:");
            pattern.append(areWords ? literal(piece) : piece);
        }
        return Pattern.compile(pattern.toString());
    }

    private static String literal(String words) {
        var pattern = new StringBuilder();
        for (var word : words.strip().split(" ")) {
            pattern.append(pattern.isEmpty() ? "" : "[0-9]{0,6}").append(Pattern.quote(word));
        }
        return pattern.toString();
    }

    /** Words with any white space between them, and a line number if one was pasted in. */
    private static Pattern words(String text) {
        return Pattern.compile(text.replace(" ?", "\\s*").replace(" ", "\\s+(?:[0-9]{1,6}[.:)|]?\\s+)?"),
                Pattern.MULTILINE);
    }

    private interface Taker {
        void take(Matcher found) throws CheckpointException;
    }

    /** Every match; {@code needle} is part of each, and a text without it isn't searched. */
    private static void each(String needle, Pattern pattern, String text, Taker taker) throws CheckpointException {
        if (text.contains(needle)) {
            each(pattern, text, taker);
        }
    }

    private static void each(Pattern pattern, String text, Taker taker) throws CheckpointException {
        var matcher = pattern.matcher(text);
        while (matcher.find()) {
            taker.take(matcher);
        }
    }

    static void read(String text, Findings findings) throws CheckpointException {
        var tight = text.replaceAll("\\s+", "");
        torch(text, tight, findings);
        transformers(text, tight, findings);
        book(text, tight, findings);
        keras(text, tight, findings);
        tensorflow(text, findings);
        mindspore(text, tight, findings);
        llamaCpp(text, findings);
        CutNames.in(text, tight).forEach(findings::cut);
        advice(tight, findings);
    }

    private static @Nullable Shape shape(@Nullable String text) {
        return ShapeText.parse(text);
    }

    private static void torch(String text, String tight, Findings findings) throws CheckpointException {
        each(SIZE_MISMATCH, tight, m -> findings.add("pytorch", m.group(1), shape(m.group(2)), shape(m.group(3)),
                What.SHAPE));
        each(WHILE_COPYING, tight, m -> findings.add("pytorch", m.group(1), shape(m.group(3)), shape(m.group(2)),
                What.SHAPE));
        each(TENSOR_OF_SHAPE, tight, m -> findings.add("transformers", m.group(2), shape(m.group(1)), shape(m.group(3)),
                What.SHAPE));
        keys(MISSING, tight, "pytorch", What.MISSING, findings);
        keys(UNEXPECTED, tight, "pytorch", What.UNEXPECTED, findings);
    }

    private static void keys(Pattern pattern, String tight, String framework, What what, Findings findings)
            throws CheckpointException {
        each(pattern, tight, m -> each(QUOTED, m.group(1), k -> findings.add(framework, k.group(1), null, null, what)));
    }

    private static void transformers(String text, String tight, Findings findings) throws CheckpointException {
        keys(NOT_USED, tight, "transformers", What.UNEXPECTED, findings);
        keys(NOT_INITIALISED, tight, "transformers", What.MISSING, findings);
        each("found", FOUND_SHAPE, text,
                m -> findings.add("transformers", m.group(1), shape(m.group(2)), shape(m.group(3)),
                        What.SHAPE));
        // Where the line breaks are gone, the rule under a table's head runs into its first row.
        each("|", TABLE, text, m -> {
            var what = switch (m.group(2)) {
                case "MISMATCH" -> What.SHAPE;
                case "MISSING" -> What.MISSING;
                default -> What.UNEXPECTED;
            };
            for (var name : spelledOut(m.group(1).replaceFirst("^[-+|=]{3,}", ""))) {
                findings.add("transformers", name, shape(m.group(3)), shape(m.group(4)), what);
            }
        });
    }

    /** {@code h.{0, 1}.w} and {@code h.{0...11}.w}: the report writes layers that agree in one row. */
    private static List<String> spelledOut(String key) throws CheckpointException {
        int open = key.indexOf('{');
        int close = key.indexOf('}', open);
        if (open < 0 || close < 0) { return List.of(key); }
        var names = new ArrayList<String>();
        for (var part : key.substring(open + 1, close).split(",")) {
            var ends = part.strip().split("\\.\\.\\.|…");
            if (!ends[0].matches("[0-9]{1,7}") || !ends[ends.length - 1].matches("[0-9]{1,7}")) { return List.of(key); }
            for (long i = Long.parseLong(ends[0]); i <= Long.parseLong(ends[ends.length - 1]); i++) {
                Listing.checkSize(names.size());
                names.addAll(spelledOut(key.substring(0, open) + i + key.substring(close + 1)));
            }
        }
        return names;
    }

    private static void book(String text, String tight, Findings findings) throws CheckpointException {
        // The message names no parameter; the traceback shows the line that assigned it.
        String assigned = null;
        var lines = ASSIGNED.matcher(text);
        while (lines.find()) {
            assigned = lines.group(1);
        }
        var name = assigned == null
                ? null
                : assigned.replaceAll("\\[[A-Za-z_]\\w*\\]", ".{i}").replaceAll("\\[([0-9]+)\\]", ".$1");
        each(LEFT_RIGHT, tight, m -> findings.add("pytorch", name, shape(m.group(2)), shape(m.group(1)), What.SHAPE));
    }

    private static void keras(String text, String tight, Findings findings) throws CheckpointException {
        each(VARIABLE_ASSIGN, tight, m -> findings.add("keras", m.group(3), shape(m.group(2)), shape(m.group(1)),
                What.SHAPE));
        each("forweight", NAMED_LAYER, tight,
                m -> findings.add("keras", m.group(1), shape(m.group(3)), shape(m.group(2)), What.SHAPE));
        each("butthesavedweight", LAYER_WEIGHT, tight,
                m -> findings.add("keras", m.group(1), shape(m.group(3)), shape(m.group(2)), What.SHAPE));
        each(PROVIDED_WEIGHT, text, m -> findings.add("keras", m.group(1), shape(m.group(3)), shape(m.group(2)),
                What.SHAPE));
        each(EXPECTED_VARIABLES, tight, m -> each(QUOTED, m.group(2),
                v -> findings.add("keras", m.group(1) + "/" + v.group(1), null, null, What.MISSING)));
        each(LAYER_COUNT, text,
                m -> findings.add("keras", null, count(m.group(2), m.group(3)), count(m.group(1), m.group(4)),
                        What.COUNT));
        each(KERAS_OBJECTS, tight, m -> each(KERAS_OBJECT, m.group(1), o -> {
            boolean known = findings.all().stream().anyMatch(f -> f.parameter() != null && ("/" + f.parameter())
                    .contains("/" + o.group(1) + "/"));
            if (!known) {
                findings.add("keras", o.group(1), null, null, What.SHAPE);
            }
        }));
    }

    /** A count of layers or tensors, as a shape of one dimension. */
    private static @Nullable Shape count(@Nullable String one, @Nullable String other) {
        return shape(one != null ? one : other);
    }

    private static void tensorflow(String text, Findings findings) throws CheckpointException {
        each(INCOMPATIBLE, text,
                m -> findings.add("tensorflow", variable(m.group(3)), shape(m.group(1)), shape(m.group(2)),
                        What.SHAPE));
        each(NOT_IN_CHECKPOINT, text, m -> findings.add("tensorflow", m.group(1), null, null, What.MISSING));
        each(CANNOT_ASSIGN, text,
                m -> findings.add("tensorflow", variable(m.group(1)), shape(m.group(3)), shape(m.group(2)),
                        What.SHAPE));
        each(BOTH_TENSORS, text,
                m -> findings.add("tensorflow", null, shape(m.group(2)), shape(m.group(1)), What.SHAPE));
        each(SLICE_SPEC, text, m -> findings.add("tensorflow", m.group(1), shape(m.group(3)), shape(m.group(2)),
                What.SHAPE));
        each(NOT_RESTORED, text, m -> findings.add("tensorflow", m.group(1), null, null, What.UNEXPECTED));
        each(NOT_BOUND, text,
                m -> findings.add("tensorflow", variable(m.group(1)), null, shape(m.group(2)), What.MISSING));
    }

    /** {@code dense/kernel:0.} at the end of a sentence is {@code dense/kernel}. */
    private static String variable(String name) {
        return name.strip().replaceFirst("\\.$", "").replaceFirst(":[0-9]+(?:\\.[A-Z].*)?$", "");
    }

    private static void mindspore(String text, String tight, Findings findings) throws CheckpointException {
        each("parameter_dict", PARAM_INTO_NET, tight, m -> findings.add("mindspore",
                m.group(1), shape(m.group(3)), shape(m.group(2)), What.SHAPE));
        each(NOT_LOADED, text, m -> findings.add("mindspore", m.group(1), null, null, What.MISSING));
        keys(PARAM_NOT_LOAD, tight, "mindspore", What.MISSING, findings);
        keys(CKPT_NOT_LOAD, tight, "mindspore", What.UNEXPECTED, findings);
    }

    private static void llamaCpp(String text, Findings findings) throws CheckpointException {
        each(WRONG_SHAPE, text, m -> {
            var expected = shape(m.group(2));
            var got = shape(m.group(3));
            findings.add("llama.cpp", m.group(1), reversed(got, expected == null ? 0 : expected.rank()),
                    reversed(expected, 0), What.SHAPE);
        });
        each(NO_TENSOR, text, m -> findings.add("llama.cpp", m.group(1) != null ? m.group(1) : m.group(2), null, null,
                What.MISSING));
        each(CAN_NOT_MAP, text, m -> findings.add("llama.cpp", m.group(1), null, null, What.UNEXPECTED));
        each(TENSOR_COUNT, text, m -> findings.add("llama.cpp", null, count(m.group(2), null), count(m.group(1), null),
                What.COUNT));
    }

    /** Outermost first, without the ones that only fill up. */
    private static @Nullable Shape reversed(@Nullable Shape shape, int rank) {
        if (shape == null) { return null; }
        int length = shape.rank();
        while (length > Math.max(1, rank) && shape.dim(length - 1) == 1) {
            length--;
        }
        var dims = new long[length];
        for (int i = 0; i < length; i++) {
            dims[i] = shape.dim(length - 1 - i);
        }
        return Shape.of(dims);
    }

    private static void advice(String tight, Findings findings) {
        if (tight.contains("ignore_mismatched_sizes") || tight.contains("skip_mismatch")) {
            findings.advise(Advice.IGNORE_MISMATCHED);
        }
        if (tight.contains("strict=False")) {
            findings.advise(Advice.NOT_STRICT);
        }
        if (tight.contains("weights_only=False")) {
            findings.advise(Advice.RUN_CODE);
        }
        if (tight.contains("expect_partial()")) {
            findings.advise(Advice.EXPECT_PARTIAL);
        }
        if (tight.contains("Considertraining") || tight.contains("shouldprobablyTRAIN")) {
            findings.advise(Advice.TRAIN);
        }
    }
}
