package weft.format.tensorflow;

import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import weft.format.Checkpoint;
import weft.format.Checkpoint.Ignored;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Progress;
import weft.io.ProtoReader;
import weft.io.SourceFile;
import weft.tensor.DType;
import weft.tensor.TensorData;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/**
 * Reads the constants of a frozen graph: a GraphDef whose variables became nodes {@code Const}
 * ({@code tensorflow/core/framework/graph.proto}, {@code node_def.proto}, {@code attr_value.proto}). A SavedModel
 * without variables holds such a graph, too.
 */
final class FrozenGraph {
    private final SourceFile file;
    private final List<TensorSource> tensors = new ArrayList<>();
    private final List<Ignored> ignored = new ArrayList<>();
    private final HashSet<String> names = new HashSet<>();
    private boolean hasVariables;

    private FrozenGraph(SourceFile file) {
        this.file = file;
    }

    /** Whether the first bytes are a GraphDef's: a node, its name, its operation. */
    static boolean beginsAsGraph(byte[] head) {
        int at = 0;
        for (int field = 0; field < 2; field++) {
            if (at >= head.length || head[at++] != 0x0a) { return false; }
            int length = 0;
            int shift = 0;
            while (at < head.length && shift < 28) {
                byte b = head[at++];
                length |= (b & 0x7f) << shift;
                shift += 7;
                if (b >= 0) {
                    break;
                }
            }
            if (field == 1) {
                at += length;
            }
        }
        // Field 2, some letters of which the first is a capital: Const, Placeholder, NoOp.
        return at > 0 && at + 2 < head.length && head[at] == 0x12 && head[at + 1] > 1 && head[at + 2] >= 'A'
                && head[at + 2] <= 'Z';
    }

    /** @param savedModel whether the file is a SavedModel around its graphs */
    static Checkpoint open(SourceFile file, boolean savedModel, Progress progress) throws CheckpointException {
        return SourceFile.guarded(() -> {
            var graph = new FrozenGraph(file);
            var message = ProtoReader.of(file.segment(0, file.size()), file.name(), 0);
            if (savedModel) {
                graph.readSavedModel(message, progress);
            } else {
                graph.readGraph(message, progress);
            }
            return new Checkpoint(TensorFlowFormat.ID, List.of(file.path()), List.copyOf(graph.tensors),
                    Map.of("version", savedModel ? "SavedModel" : "GraphDef"), Map.of(), List.copyOf(graph.ignored),
                    graph.hasVariables
                            ? List.of(file.problem(Code.INCOMPLETE_SET, -1).expected("variables"))
                            : List.of());
        });
    }

    private void readSavedModel(ProtoReader model, Progress progress) throws CheckpointException {
        while (model.next()) {
            if (model.field() != 2) {
                model.skip();
                continue;
            }
            var metaGraph = model.message();
            while (metaGraph.next()) {
                if (metaGraph.field() == 2) {
                    readGraph(metaGraph.message(), progress);
                } else {
                    metaGraph.skip();
                }
            }
        }
    }

    private void readGraph(ProtoReader graph, Progress progress) throws CheckpointException {
        while (graph.next()) {
            if (graph.field() == 1) {
                progress.check();
                readNode(graph.message());
            } else {
                graph.skip();
            }
        }
    }

    private void readNode(ProtoReader node) throws CheckpointException {
        var name = "";
        var op = "";
        TensorProto value = null;
        while (node.next()) {
            switch (node.field()) {
                case 1 -> name = node.text();
                case 2 -> op = node.text();
                case 5 -> {
                    var found = value(node.message());
                    value = found == null ? value : found;
                }
                default -> node.skip();
            }
        }
        hasVariables |= op.equals("VarHandleOp") || op.equals("VariableV2") || op.equals("Variable");
        if (!op.equals("Const") || value == null) { return; }
        var dtype = value.dtype();
        int rank = value.shape().rank();
        if (dtype == DType.STRING) {
            ignored.add(new Ignored(name, "string"));
        } else if (rank == 0 || rank == 1 && !dtype.isFloating()) {
            ignored.add(new Ignored(name, "constant")); // an axis, a shape, a rate
        } else {
            long bytes = ShapeProto.bytes(dtype, value.shape());
            if (bytes < 0) { throw node.problem(Code.SHAPE_BOMB).field(name).found(value.shape()).asException(); }
            if (!names.add(name)) { throw node.problem(Code.DUPLICATE_NAME).field(name).asException(); }
            var info = new TensorInfo(name, dtype, value.shape(), bytes);
            tensors.add(dtype == DType.UNKNOWN
                    ? new BrokenTensor(info.broken(
                            node.problem(Code.UNKNOWN_DTYPE).field(name).found("DT_" + value.type())))
                    : new Constant(info, file, value));
        }
    }

    /** The tensor of the attribute called {@code value}; null of any other. */
    private static @Nullable TensorProto value(ProtoReader attribute) throws CheckpointException {
        boolean named = false;
        TensorProto tensor = null;
        while (attribute.next()) {
            switch (attribute.field()) {
                case 1 -> named = new String(attribute.bytes().toArray(ValueLayout.JAVA_BYTE),
                        StandardCharsets.ISO_8859_1).equals("value");
                case 2 -> {
                    if (!named) {
                        attribute.skip();
                        continue;
                    }
                    var value = attribute.message();
                    while (value.next()) {
                        if (value.field() == 8) {
                            tensor = TensorProto.parse(value.message());
                        } else {
                            value.skip();
                        }
                    }
                }
                default -> attribute.skip();
            }
        }
        return named ? tensor : null;
    }

    private record Constant(TensorInfo info, SourceFile file, TensorProto value) implements TensorSource {
        @Override
        public TensorData read() throws CheckpointException {
            file.checkUnchanged();
            return SourceFile.guarded(() -> value.read(info.shape(), true));
        }
    }
}
