package weft.format.onnx;

import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import weft.format.Checkpoint;
import weft.format.Checkpoint.Ignored;
import weft.format.MappedTensor;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;
import weft.io.ProtoReader;
import weft.io.SourceFile;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/**
 * Walks one model. Names are those of the graph; what stands in a graph inside a node has that node's name and the branch's
 * before it ({@code if_1/then_branch/w}), for two branches may use one name.
 */
final class OnnxReader {
    private static final int DEPTH = 32;
    private static final int LONGEST_NAME = 1 << 20;
    /** Longer texts of the model are shown as their length. */
    private static final int SHOWN = 1 << 16;

    private final SourceFile file;
    private final Progress progress;
    private final ExternalFiles files;
    private final List<TensorSource> tensors = new ArrayList<>();
    private final List<Ignored> ignored = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final Map<String, String> inputs = new LinkedHashMap<>();
    private final Set<String> names = new HashSet<>();
    private final Map<String, String> sharing = new HashMap<>();
    private boolean cut;

    OnnxReader(SourceFile file, Progress progress) {
        this.file = file;
        this.progress = progress;
        this.files = new ExternalFiles(file);
    }

    Checkpoint read() throws CheckpointException {
        var model = ProtoReader.of(file.segment(0, file.size()), file.name(), 0);
        var operators = new ArrayList<String>();
        while (!cut && model.next()) {
            switch (model.field()) {
                case 1 -> metadata.put("ir_version", Long.toUnsignedString(model.int64()));
                case 2 -> tell("producer_name", model);
                case 3 -> tell("producer_version", model);
                case 4 -> tell("domain", model);
                case 5 -> metadata.put("model_version", Long.toString(model.int64()));
                case 6 -> tell("doc_string", model);
                case 7 -> whole(model.rest());
                case 8 -> operators.add(operators(model.message()));
                case 14 -> property(model.message());
                case 20 -> training(model.message());
                case 25 -> function(model.message());
                default -> model.skip();
            }
        }
        if (!operators.isEmpty()) {
            metadata.put("opset", String.join(", ", operators));
        }
        // Before version 4 of the representation every initializer is named among the inputs, too.
        inputs.keySet().removeAll(names);
        inputs.forEach((name, type) -> metadata.put("input " + name, type));
        if (tensors.isEmpty()) {
            warnings.add(file.problem(Code.NOT_A_MODEL, 0).found("0 tensors"));
        }
        warnings.addAll(files.problems());
        var paths = new ArrayList<Path>(List.of(file.path()));
        paths.addAll(files.paths());
        return new Checkpoint(OnnxFormat.ID, List.copyOf(paths), List.copyOf(tensors), metadata, Map.of(),
                List.copyOf(ignored), List.copyOf(warnings));
    }

    /** The model's graph; of a file cut short what is left of it. */
    private void whole(ProtoReader graph) throws CheckpointException {
        cut = graph.missing() > 0;
        if (!cut) {
            graph(graph, "", 0, null);
            return;
        }
        warnings.add(file.problem(Code.TRUNCATED, file.size()).found(file.size())
                .expected(file.size() + graph.missing()));
        try {
            graph(graph, "", 0, null);
        } catch (CheckpointException e) {
            // Where the file ends something is cut in two; everything before it is listed.
            if (e.code() != Code.BAD_HEADER) { throw e; }
        }
    }

    /** @param reason why nothing in it is a parameter, or null */
    private void graph(ProtoReader graph, String prefix, int depth, @Nullable String reason)
            throws CheckpointException {
        if (depth == DEPTH) { throw graph.problem(Code.LIMIT).field(prefix).found("depth > " + DEPTH).asException(); }
        boolean outermost = depth == 0 && reason == null;
        while (graph.next()) {
            progress.check();
            switch (graph.field()) {
                case 1 -> node(graph.message(), prefix, depth, reason);
                case 2 -> {
                    if (outermost) {
                        tell("graph", graph);
                    } else {
                        graph.skip();
                    }
                }
                case 5 -> {
                    var message = graph.rest();
                    if (message.missing() > 0 && !cut) { throw beyond(graph, message).asException(); }
                    initializer(OnnxTensor.parse(message, cut), prefix, reason);
                }
                case 11 -> {
                    if (outermost) {
                        value(graph.message());
                    } else {
                        graph.skip();
                    }
                }
                case 15 -> sparse(graph.message(), prefix, reason);
                default -> graph.skip();
            }
        }
    }

    private void initializer(OnnxTensor tensor, String prefix, @Nullable String reason) throws CheckpointException {
        if (cut && tensor.missing() > 0 && tensor.name().isEmpty()) { return; }
        add(tensor, prefix + tensor.name(), reason);
    }

    private void add(OnnxTensor tensor, String name, @Nullable String reason) throws CheckpointException {
        if (reason != null) {
            ignored.add(new Ignored(name, reason));
        } else if (tensor.type() == OnnxType.STRING) {
            ignored.add(new Ignored(name, "string"));
        } else if (!names.add(name)) {
            throw tensor.message().problem(Code.DUPLICATE_NAME).field(name).asException();
        } else {
            tensors.add(shared(tensor, tensor.source(name, file, files)));
        }
    }

    /** Two tensors of one place in a file outside share it. */
    private TensorSource shared(OnnxTensor tensor, TensorSource source) {
        var external = tensor.external();
        if (external == null || !(source instanceof MappedTensor mapped)
                || source.info().broken() != null || source.info().bytes() == 0) {
            return source;
        }
        var first = sharing.putIfAbsent(external.get("location") + " " + mapped.offset() + " " + source.info().bytes(),
                source.name());
        return first == null
                ? source
                : new MappedTensor(mapped.file(), mapped.offset(), source.info().sharesWith(first));
    }

    /** Constants with a shape are listed; a number, an axis, a list of sizes is part of the computation. */
    private void node(ProtoReader node, String prefix, int depth, @Nullable String reason) throws CheckpointException {
        var name = "";
        var output = "";
        var operator = "";
        while (node.next()) {
            switch (node.field()) {
                case 2 -> output = output.isEmpty() ? text(node, LONGEST_NAME) : skipped(node, output);
                case 3 -> name = text(node, LONGEST_NAME);
                case 4 -> operator = text(node, LONGEST_NAME);
                default -> node.skip();
            }
        }
        var called = prefix + (output.isEmpty() ? name : output);
        boolean constant = operator.equals("Constant");
        for (var again = node.again(); again.next();) {
            if (again.field() != 5) {
                again.skip();
            } else if (constant) {
                constant(again.message(), called, reason);
            } else {
                inside(again.message(), prefix + (name.isEmpty() ? output : name), depth, reason);
            }
        }
    }

    private static String skipped(ProtoReader reader, String value) throws CheckpointException {
        reader.skip();
        return value;
    }

    private void constant(ProtoReader attribute, String called, @Nullable String reason) throws CheckpointException {
        OnnxTensor tensor = null;
        boolean sparse = false;
        while (attribute.next()) {
            switch (attribute.field()) {
                case 5 -> tensor = OnnxTensor.parse(attribute.message(), false);
                case 22 -> {
                    sparse(attribute.message(), called, reason);
                    sparse = true;
                }
                default -> attribute.skip();
            }
        }
        var type = tensor == null ? null : tensor.type();
        if (tensor != null && type != OnnxType.STRING
                && (tensor.rank() > 1 || tensor.rank() == 1 && type != null && type.dtype().isFloating())) {
            add(tensor, called, reason);
        } else if (!sparse) {
            ignored.add(new Ignored(called, type == OnnxType.STRING ? "string" : "constant"));
        }
    }

    /** The graphs of an attribute: a loop's body, the branches of an if. */
    private void inside(ProtoReader attribute, String node, int depth, @Nullable String reason)
            throws CheckpointException {
        var name = "";
        while (attribute.next()) {
            if (attribute.field() == 1) {
                name = text(attribute, LONGEST_NAME);
            } else {
                attribute.skip();
            }
        }
        for (var again = attribute.again(); again.next();) {
            if (again.field() == 6 || again.field() == 11) {
                graph(again.message(), node + "/" + name + "/", depth + 1, reason);
            } else {
                again.skip();
            }
        }
    }

    /** Values with their places ({@code SparseTensorProto}): listed with the whole's shape. */
    private void sparse(ProtoReader message, String prefix, @Nullable String reason) throws CheckpointException {
        OnnxTensor values = null;
        var dims = new ArrayList<Long>();
        while (message.next()) {
            switch (message.field()) {
                case 1 -> values = OnnxTensor.parse(message.message(), false);
                case 3 -> OnnxTensor.dims(message, dims);
                default -> message.skip();
            }
        }
        if (values == null) { throw message.problem(Code.BAD_HEADER).expected("values").asException(); }
        var name = prefix + values.name();
        if (reason != null) {
            ignored.add(new Ignored(name, reason));
            return;
        }
        if (!names.add(name)) { throw message.problem(Code.DUPLICATE_NAME).field(name).asException(); }
        var place = values.raw();
        var shape = Shape.of(dims.stream().mapToLong(Long::longValue).toArray());
        if (!shape.isCountable()) {
            shape = Shape.SCALAR; // so many that nobody could count them; it isn't read anyway
        }
        var info = new TensorInfo(name, DType.UNKNOWN, shape, place == null ? 0 : place.length()).fileType("sparse");
        tensors.add(new MappedTensor(file, 0,
                info.broken(message.problem(Code.UNKNOWN_DTYPE).field(name).found("sparse"))));
    }

    private void training(ProtoReader training) throws CheckpointException {
        while (training.next()) {
            if (training.field() == 1 || training.field() == 2) {
                graph(training.message(), "training/", 0, "optimizer");
            } else {
                training.skip();
            }
        }
    }

    private void function(ProtoReader function) throws CheckpointException {
        var name = "";
        while (function.next()) {
            if (function.field() == 1) {
                name = text(function, LONGEST_NAME);
            } else {
                function.skip();
            }
        }
        for (var again = function.again(); again.next();) {
            if (again.field() == 7) {
                node(again.message(), name + "/", 0, null);
            } else {
                again.skip();
            }
        }
    }

    private static String operators(ProtoReader set) throws CheckpointException {
        var domain = "";
        long version = 0;
        while (set.next()) {
            switch (set.field()) {
                case 1 -> domain = text(set, LONGEST_NAME);
                case 2 -> version = set.int64();
                default -> set.skip();
            }
        }
        return (domain.isEmpty() ? "ai.onnx" : domain) + " " + version;
    }

    private void property(ProtoReader entry) throws CheckpointException {
        var key = "";
        var value = "";
        while (entry.next()) {
            switch (entry.field()) {
                case 1 -> key = text(entry, LONGEST_NAME);
                case 2 -> value = shown(entry);
                default -> entry.skip();
            }
        }
        metadata.putIfAbsent(key, value);
    }

    /** An input of the graph: {@code float32 [batch, 3, 224, 224]}. */
    private void value(ProtoReader info) throws CheckpointException {
        var name = "";
        var type = "";
        while (info.next()) {
            switch (info.field()) {
                case 1 -> name = text(info, LONGEST_NAME);
                case 2 -> type = type(info.message());
                default -> info.skip();
            }
        }
        inputs.put(name, type);
    }

    private static String type(ProtoReader type) throws CheckpointException {
        var element = "";
        var dims = new ArrayList<String>();
        while (type.next()) {
            if (type.field() != 1) { // a sequence, a map, an optional value
                type.skip();
                continue;
            }
            var tensor = type.message();
            while (tensor.next()) {
                switch (tensor.field()) {
                    case 1 -> {
                        int number = tensor.int32();
                        var known = OnnxType.of(number);
                        element = known == null ? "type " + number : known.dtype().title();
                    }
                    case 2 -> dims(tensor.message(), dims);
                    default -> tensor.skip();
                }
            }
        }
        return element + " " + dims;
    }

    private static void dims(ProtoReader shape, List<String> dims) throws CheckpointException {
        while (shape.next()) {
            if (shape.field() != 1) {
                shape.skip();
                continue;
            }
            var text = "?";
            var dim = shape.message();
            while (dim.next()) {
                switch (dim.field()) {
                    case 1 -> text = Long.toString(dim.int64());
                    case 2 -> text = text(dim, LONGEST_NAME);
                    default -> dim.skip();
                }
            }
            dims.add(text);
        }
    }

    private void tell(String key, ProtoReader reader) throws CheckpointException {
        var text = shown(reader);
        if (!text.isEmpty()) {
            metadata.put(key, text);
        }
    }

    private static String shown(ProtoReader reader) throws CheckpointException {
        var bytes = reader.bytes();
        return bytes.byteSize() > SHOWN
                ? bytes.byteSize() + " B"
                : new String(bytes.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }

    /** UTF-8 text of at most so many bytes. */
    static String text(ProtoReader reader, int longest) throws CheckpointException {
        var bytes = reader.bytes();
        if (bytes.byteSize() > longest) {
            throw reader.problem(Code.LIMIT).field("name").found(bytes.byteSize()).expected("<= " + longest)
                    .asException();
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.toArray(ValueLayout.JAVA_BYTE)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw reader.problem(Code.BAD_HEADER).field("name").expected("UTF-8").asException(e);
        }
    }

    /** A length that goes beyond the message around it. */
    static Problem beyond(ProtoReader around, ProtoReader inner) {
        return around.problem(Code.BAD_HEADER).field("field " + around.field())
                .found(inner.size() + inner.missing()).expected("<= " + inner.size());
    }
}
