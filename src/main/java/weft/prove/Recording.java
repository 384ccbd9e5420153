package weft.prove;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import org.ejml.data.FMatrixRMaj;
import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.SourceFile;
import weft.tensor.TensorSource;

/**
 * Activations recorded in a model's own framework; the file's layout is described in the site's page <em>Reference
 * activations</em>.
 *
 * @param ids what the model was run on, [n]
 * @param outputs what each module gave, [n, out], {@code head} for the logits
 * @param inputs what some modules got, [n, in]
 */
public record Recording(int[] ids, Map<String, FMatrixRMaj> outputs, Map<String, FMatrixRMaj> inputs) {
    private static final String IDS = "ids";
    private static final String LOGITS = "logits";
    private static final String HEAD = "head";
    private static final String INPUT = ".input";
    private static final Pattern BLOCK = Pattern.compile("block\\.(\\d+)(?:\\.(.+))?");

    /**
     * Reads the tensors of a file.
     *
     * @throws CheckpointException BAD_REFERENCE where {@code ids} or {@code logits} is missing or a shape isn't one of
     *         the layout; what reading throws
     */
    public static Recording read(List<TensorSource> tensors, String file) throws CheckpointException {
        return SourceFile.guarded(() -> {
            var ids = ids(tensors, file);
            var outputs = new LinkedHashMap<String, FMatrixRMaj>();
            var inputs = new LinkedHashMap<String, FMatrixRMaj>();
            for (var tensor : tensors) {
                var name = tensor.name();
                if (name.equals(IDS)) {
                    continue;
                }
                boolean input = name.endsWith(INPUT);
                var module = input ? name.substring(0, name.length() - INPUT.length()) : name;
                (input ? inputs : outputs).put(module.equals(LOGITS) ? HEAD : module,
                        matrix(tensor, ids.length, file));
            }
            if (!outputs.containsKey(HEAD)) { throw bad(file, LOGITS).asException(); }
            return new Recording(ids, outputs, inputs);
        });
    }

    private static int[] ids(List<TensorSource> tensors, String file) throws CheckpointException {
        var tensor = tensors.stream().filter(t -> t.name().equals(IDS)).findFirst()
                .orElseThrow(() -> bad(file, IDS).asException());
        var shape = tensor.info().shape();
        boolean flat = shape.rank() == 1 || shape.rank() == 2 && shape.dim(0) == 1;
        if (!flat || shape.count() < 1 || shape.count() > 1 << 24) {
            throw bad(file, IDS).found(shape).expected("[n]").asException();
        }
        var values = tensor.read().toFloats(); // exact below 2^24, and no vocabulary is larger
        var ids = new int[values.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = (int) values[i];
            if (ids[i] != values[i] || ids[i] >= 1 << 24) {
                throw bad(file, IDS + "[" + i + "]").found(values[i]).asException();
            }
        }
        return ids;
    }

    /** [n, out], or [1, n, out] without its first axis. */
    private static FMatrixRMaj matrix(TensorSource tensor, int n, String file) throws CheckpointException {
        var shape = tensor.info().shape();
        boolean batch = shape.rank() == 3 && shape.dim(0) == 1;
        if (shape.rank() != (batch ? 3 : 2) || shape.dim(batch ? 1 : 0) != n || shape.count() > 1 << 30) {
            throw bad(file, tensor.name()).found(shape).expected("[" + n + ", out]").asException();
        }
        int out = Math.toIntExact(shape.dim(shape.rank() - 1));
        var matrix = new FMatrixRMaj(n, out);
        tensor.read().toFloats(matrix.data, 0);
        return matrix;
    }

    /**
     * What a module got, where it was recorded or is what another module gave; else {@code null}.
     *
     * @param layers of the model
     */
    @Nullable
    FMatrixRMaj input(String module, int layers) {
        var own = inputs.get(module);
        if (own != null) { return own; }
        if (module.equals("norm")) { return outputs.get("block." + (layers - 1)); }
        if (module.equals(HEAD)) { return outputs.get("norm"); }
        var block = BLOCK.matcher(module);
        if (!block.matches()) { return null; }
        var before = block.group(1).equals("0") ? "embed" : "block." + (Integer.parseInt(block.group(1)) - 1);
        var inside = "block." + block.group(1);
        return switch (block.group(2)) {
            case null -> outputs.get(before);
            case "norm1" -> outputs.get(before);
            case "attn", "attn.q", "attn.k", "attn.v" -> outputs.get(inside + ".norm1");
            case "norm2" -> sum(outputs.get(before), outputs.get(inside + ".attn"));
            case "mlp", "mlp.up", "mlp.gate" -> outputs.get(inside + ".norm2");
            default -> null;
        };
    }

    private static @Nullable FMatrixRMaj sum(@Nullable FMatrixRMaj a, @Nullable FMatrixRMaj b) {
        if (a == null || b == null || a.numCols != b.numCols) { return null; }
        var sum = a.copy();
        for (int i = 0; i < sum.getNumElements(); i++) {
            sum.data[i] += b.data[i];
        }
        return sum;
    }

    private static Problem bad(String file, String field) {
        return Problem.of(Code.BAD_REFERENCE).file(file).field(field);
    }
}
