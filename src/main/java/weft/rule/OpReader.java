package weft.rule;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import weft.tensor.DType;

/** Makes ops of words. A macro opens into the ops it stands for, here and visibly. */
final class OpReader {
    private static final String NAMES = "rearrange | split | concat | stack | unstack | slice | pad | take | affine | cast"
            + " | combine | T | conv1dToLinear | tfConv1d | rope | qkv | resizeVocab";

    static final String FILLINGS = "zero | mean | row k | normal(seed, deviation)";

    private OpReader() {
    }

    /** The op, or the ops of the macro, that begins here. */
    static List<Op> read(LineCursor line) throws Mistake {
        var words = OpWords.read(line);
        var ops = ops(words);
        words.done();
        return ops;
    }

    private static List<Op> ops(OpWords words) throws Mistake {
        return switch (words.name()) {
            case "rearrange" -> {
                var given = words.sizes();
                Op op = words.next("\"a b -> b a\"", pattern -> Rearrange.parse(pattern, given));
                yield List.of(op);
            }
            case "split" -> {
                int axis = words.axis();
                var split = words.nextIs("[")
                        ? Split.sized(words.next("[sizes]", OpReader::sizes), axis)
                        : Split.equal(words.next("parts", OpReader::parts), axis);
                Op op = words.nextIs("[") ? words.next("[order]", list -> split.ordered(order(list))) : split;
                yield List.of(op);
            }
            case "concat" -> {
                int axis = words.axis();
                yield List.of(words.nextIs("[")
                        ? new Concat(axis, words.next("[order]", OpReader::order))
                        : new Concat(axis));
            }
            case "stack" -> List.of(new Stack(words.axis()));
            case "unstack" -> List.of(new Unstack(words.axis()));
            case "slice" -> {
                int axis = words.axis();
                Op op = words.next("start:stop:step", range -> Slice.parse(axis, range));
                yield List.of(op);
            }
            case "pad" -> {
                int axis = words.axis();
                boolean multiple = words.take("multiple");
                if (!multiple && !words.take("to")) { throw words.unknown("pad @axis to | multiple"); }
                yield List.of(new Pad(axis, words.size("size"), multiple, filling(words)));
            }
            case "take" -> {
                int axis = words.axis();
                boolean map = words.take("tokenMap");
                Op op = words.next(map ? "[new:old]" : "[ids]", list -> new Take(axis, map
                        ? Take.tokenMap(entries(list).toList())
                        : Take.read(entries(list).toList())));
                yield List.of(op);
            }
            case "affine" -> List.of(new Affine(words.named("mul", "number", ArrowReader::number).orElse(1.0),
                    words.named("add", "number", ArrowReader::number).orElse(0.0)));
            case "cast" -> List.of(new Cast(words.dtype()));
            case "combine" -> List.of(new Combine(recipe(words)));
            default -> macro(words);
        };
    }

    private static Pad.Filling filling(OpWords words) throws Mistake {
        if (words.take("row")) { return new Pad.Row(words.size("index")); }
        return words.next(FILLINGS, OpReader::filling);
    }

    /** A filling that is one word. */
    static Pad.Filling filling(String word) {
        if (word.startsWith("normal(") && word.endsWith(")")) {
            var arguments = LineCursor.entries(word.substring("normal".length()));
            if (arguments.isEmpty() || arguments.size() > 2) { throw new IllegalArgumentException(word); }
            return new Pad.Normal(Long.parseLong(arguments.getFirst()),
                    arguments.size() > 1 ? ArrowReader.number(arguments.get(1)) : ArrowText.DEVIATION);
        }
        return switch (word) {
            case "zero" -> new Pad.Zero();
            case "mean" -> new Pad.Mean();
            default -> throw new IllegalArgumentException(word);
        };
    }

    private static Combine.Recipe recipe(OpWords words) throws Mistake {
        if (words.take("add")) { return new Combine.Add(); }
        if (words.take("lora")) {
            return new Combine.Lora(required(words.named("alpha", "number", ArrowReader::number), words, "alpha="),
                    required(words.named("r", "rank", OpReader::positive), words, "r="),
                    words.named("fanInFanOut", "true | false", OpReader::truth).orElse(false),
                    words.named("rsLora", "true | false", OpReader::truth).orElse(false));
        }
        if (!words.take("dequant")) { throw words.unknown("combine add | lora | dequant"); }
        var to = words.named("dtype", "dtype", OpWords::dtype).orElse(DType.F32);
        if (words.take("int8")) { return new Combine.Int8(to); }
        if (words.take("fp8")) {
            return new Combine.Fp8(words.named("block", "size", OpReader::positive).orElse(Combine.SQUARE), to);
        }
        if (words.take("nf4")) {
            return new Combine.Nf4(required(words.named("shape", "[sizes]", OpReader::sizes), words, "shape="),
                    words.named("block", "size", OpReader::positive).orElse(Combine.BLOCK),
                    words.named("nested", "size", OpReader::positive).orElse(Combine.NESTED),
                    words.named("offset", "number", ArrowReader::number).orElse(0.0), to);
        }
        throw words.unknown("dequant int8 | fp8 | nf4");
    }

    private static <T> T required(Optional<T> value, OpWords words, String what) throws Mistake {
        if (value.isEmpty()) { throw words.unknown(words.name() + " " + what); }
        return value.get();
    }

    static long positive(String digits) {
        if (!digits.matches("[1-9][0-9]{0,8}")) { throw new IllegalArgumentException(digits); }
        return Long.parseLong(digits);
    }

    /** A token's id. */
    static int id(String digits) {
        if (!digits.matches("[0-9]{1,9}")) { throw new IllegalArgumentException(digits); }
        return Integer.parseInt(digits);
    }

    static boolean truth(String word) {
        return switch (word) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(word);
        };
    }

    /** A number as short as it can be written: {@code 2}, {@code 0.5}, {@code -0.0}. */
    static String number(double value) {
        boolean whole = value == Math.rint(value) && Math.abs(value) < 1e15;
        boolean negativeZero = value == 0 && 1 / value < 0;
        return whole && !negativeZero ? Long.toString((long) value) : Double.toString(value);
    }

    private static List<Op> macro(OpWords words) throws Mistake {
        return switch (words.name()) {
            case "T" -> List.of(rearrange("a b -> b a"));
            // A convolution of width 1 keeps its kernel [in, out]; a linear layer keeps [out, in].
            case "conv1dToLinear" -> List.of(rearrange("i o -> o i"));
            // The first GPT-2 wrote that kernel with the width still there: [1, in, out].
            case "tfConv1d" -> List.of(rearrange("1 i o -> o i"));
            case "rope" -> rope(words);
            case "qkv" -> qkv(words);
            case "resizeVocab" -> resizeVocab(words);
            default -> throw words.unknown(NAMES);
        };
    }

    private static Rearrange rearrange(String pattern) {
        return Rearrange.parse(pattern, Map.of());
    }

    /** Rotary embedding: a head of 2p rows as two halves (Hugging Face) or as p pairs (Meta, GGUF). */
    private static List<Op> rope(OpWords words) throws Mistake {
        var heads = words.named("heads", "size", SizeExpr::parse).orElse(SizeExpr.parse("h"));
        int rank = words.named("rank", "1 | 2", v -> List.of("1", "2").indexOf(v) + 1).orElse(2);
        var direction = words.text("half->interleaved");
        if (direction.equals("half") || direction.equals("interleaved")) {
            direction += words.text("->") + words.text("interleaved");
        }
        var rest = rank == 1 ? "" : " d";
        var halves = "(h two p)" + rest;
        var pairs = "(h p two)" + rest;
        var given = new LinkedHashMap<String, SizeExpr>();
        given.put("h", heads);
        given.put("two", SizeExpr.of(2));
        return switch (direction) {
            case "half->interleaved" -> List.of(Rearrange.parse(halves + " -> " + pairs, given));
            case "interleaved->half" -> List.of(Rearrange.parse(pairs + " -> " + halves, given));
            default -> throw words.unknown("rope half->interleaved | interleaved->half");
        };
    }

    /**
     * Takes a fused {@code [rows, d]} projection apart into q, k and v, each {@code [heads·k, d]}: q, k and v one
     * after the other ({@code blocked}), per head ({@code perHead}), or per group of heads that share one k and one v
     * ({@code grouped}).
     */
    private static List<Op> qkv(OpWords words) throws Mistake {
        var layout = words.named("layout", "blocked | perHead | grouped", v -> v).orElse("blocked");
        var heads = words.named("heads", "size", SizeExpr::parse).orElse(SizeExpr.parse("h"));
        var kvHeads = words.named("kvHeads", "size", SizeExpr::parse).orElse(heads);
        return switch (layout) {
            case "blocked" -> {
                if (heads.equals(kvHeads)) {
                    yield List.of(Split.equal(3, 0));
                }
                // One dimension of rows counts heads first: (heads + 2·kvHeads) · k.
                var all = SizeExpr.parse(heads + "+2*(" + kvHeads + ")");
                yield List.of(Rearrange.parse("(n k) d -> n k d", Map.of("n", all)),
                        Split.sized(List.of(heads, kvHeads, kvHeads), 0), rearrange("n k d -> (n k) d"));
            }
            case "perHead" -> List.of(
                    Rearrange.parse("(h three k) d -> (three h k) d",
                            ordered("h", heads, "three", SizeExpr.of(3))),
                    Split.equal(3, 0));
            case "grouped" -> {
                var queries = SizeExpr.parse("(" + heads + ")/(" + kvHeads + ")");
                yield List.of(
                        Rearrange.parse("(g n k) d -> g n k d",
                                ordered("g", kvHeads, "n", SizeExpr.parse(queries + "+2"))),
                        Split.sized(List.of(queries, SizeExpr.of(1), SizeExpr.of(1)), 1),
                        rearrange("g n k d -> (g n k) d"));
            }
            default -> throw words.unknown("layout=blocked | perHead | grouped");
        };
    }

    /** Rows of an embedding from one size to another: cut off at the end, or added there. */
    private static List<Op> resizeVocab(OpWords words) throws Mistake {
        long from = required(words.named("from", "rows", OpReader::positive), words, "from=");
        long to = required(words.named("to", "rows", OpReader::positive), words, "to=");
        var filling = words.named("fill", FILLINGS, OpReader::filling).orElse(new Pad.Mean());
        return to == from
                ? List.of()
                : to < from
                        ? List.of(Slice.first(0, SizeExpr.of(to)))
                        : List.of(new Pad(0, SizeExpr.of(to), false, filling));
    }

    private static Map<String, SizeExpr> ordered(String a, SizeExpr sizeA, String b, SizeExpr sizeB) {
        var map = new LinkedHashMap<String, SizeExpr>();
        map.put(a, sizeA);
        map.put(b, sizeB);
        return map;
    }

    static List<SizeExpr> sizes(String list) {
        var sizes = entries(list).map(SizeExpr::parse).toList();
        if (sizes.isEmpty()) { throw new IllegalArgumentException(list); }
        return sizes;
    }

    static List<Integer> order(String list) {
        var order = entries(list).map(OpWords::axis).toList();
        Concat.checkOrder(order, order.size());
        return order;
    }

    static int parts(String digits) {
        if (!digits.matches("[1-9][0-9]{0,5}")) { throw new IllegalArgumentException(digits); }
        return Integer.parseInt(digits);
    }

    private static Stream<String> entries(String list) {
        if (!list.startsWith("[") || !list.endsWith("]")) { throw new IllegalArgumentException(list); }
        return LineCursor.entries(list).stream();
    }
}
