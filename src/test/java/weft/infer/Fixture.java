package weft.infer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

import tools.jackson.databind.JsonNode;

import weft.io.CheckpointException;
import weft.io.Json;
import weft.io.SourceFile;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorData;

/**
 * Files that PyTorch wrote, read with the few lines a test needs: the real reader and the dialects stand in rooms this
 * one may not use, and the forward pass is proved here without them.
 */
final class Fixture {
    static final Path ROOT = Path.of("src/test/resources/fixtures");

    private Fixture() {
    }

    static JsonNode json(String path) throws CheckpointException, IOException {
        return Json.parse(Files.readString(ROOT.resolve(path)), path);
    }

    /** Every tensor of a safetensors file, mapped. */
    static Map<String, TensorData> safetensors(Path path) throws CheckpointException {
        var file = SourceFile.open(path);
        int length = Math.toIntExact(file.segment(0, 8).get(SourceFile.I64, 0));
        var header = Json.parse(file.bytes(8, length, 1 << 24), path.toString(), 8);
        var tensors = new TreeMap<String, TensorData>();
        for (var entry : header.properties()) {
            if (entry.getKey().equals("__metadata__")) {
                continue;
            }
            var dims = entry.getValue().get("shape").valueStream().mapToLong(JsonNode::asLong).toArray();
            long from = entry.getValue().get("data_offsets").get(0).asLong();
            long to = entry.getValue().get("data_offsets").get(1).asLong();
            tensors.put(entry.getKey(), TensorData.of(file.segment(8 + length + from, to - from),
                    DType.parse(entry.getValue().get("dtype").asString()), Shape.of(dims)));
        }
        return tensors;
    }

    /** Roles in a map that a test may change. */
    record Roles(Map<String, TensorData> map) implements Weights {
        @Override
        public TensorData role(String role) {
            return map.get(role);
        }

        @Override
        public boolean has(String role) {
            return map.containsKey(role);
        }

        Roles with(String role, TensorData tensor) {
            var copy = new HashMap<>(map);
            copy.put(role, tensor);
            return new Roles(copy);
        }

        Roles without(String role) {
            var copy = new HashMap<>(map);
            copy.remove(role);
            return new Roles(copy);
        }
    }

    /** GPT-2's roles from Hugging Face names; {@code conv1d} where matrices are stored [in, out]. */
    static Roles gpt2(Map<String, TensorData> tensors, boolean conv1d) {
        var roles = new LinkedHashMap<String, TensorData>();
        for (var entry : tensors.entrySet()) {
            var name = entry.getKey().replaceFirst("^transformer\\.", "");
            var tensor = entry.getValue();
            boolean matrix = name.startsWith("h.") && tensor.shape().rank() == 2;
            var t = matrix && conv1d ? tensor.permute(1, 0) : tensor; // [out, in]
            var role = name.replaceFirst("^wte\\.weight$", "embed.tokens")
                    .replaceFirst("^wpe\\.weight$", "embed.positions").replaceFirst("^lm_head", "head")
                    .replaceFirst("^ln_f", "norm").replaceFirst("^h\\.(\\d+)\\.", "block.$1.")
                    .replaceFirst("\\.ln_", ".norm").replaceFirst("mlp\\.c_fc", "mlp.up")
                    .replaceFirst("mlp\\.c_proj", "mlp.down").replaceFirst("attn\\.c_proj", "attn.out");
            if (role.contains("c_attn")) {
                long d = t.shape().dim(0) / 3;
                for (int part = 0; part < 3; part++) {
                    roles.put(role.replace("c_attn", "qkv".substring(part, part + 1)),
                            t.slice(0, part * d, (part + 1) * d, 1));
                }
            } else {
                roles.put(role, t);
            }
        }
        return new Roles(roles);
    }

    static GptHypers gpt2Hypers(JsonNode config) {
        return new GptHypers(config.get("n_layer").asInt(), config.get("n_head").asInt(),
                config.get("n_positions").asInt(), config.get("layer_norm_epsilon").asDouble(),
                config.get("activation_function").asString().equals("gelu")
                        ? Activation.GELU_ERF
                        : Activation.GELU_TANH);
    }

    static int[] ids(JsonNode array) {
        return array.valueStream().mapToInt(JsonNode::asInt).toArray();
    }

    static double[] numbers(JsonNode array) {
        return array.valueStream().mapToDouble(JsonNode::asDouble).toArray();
    }

    /** A float64 .npy file in C order, flat. */
    static double[] npy(Path path) {
        try {
            var bytes = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
            int start = 10 + bytes.getShort(8);
            var header = new String(bytes.array(), 10, start - 10, StandardCharsets.ISO_8859_1);
            if (!header.contains("'<f8'") || !header.contains("'fortran_order': False")) {
                throw new IllegalArgumentException(header);
            }
            var values = new double[(bytes.limit() - start) / 8];
            bytes.position(start).slice().order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().get(values);
            return values;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
