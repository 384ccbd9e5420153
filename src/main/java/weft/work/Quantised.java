package weft.work;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import weft.arch.Settings;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.plan.Merge;
import weft.plan.Packed;
import weft.rule.Combine;
import weft.rule.SizeExpr;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/**
 * Finds what bitsandbytes, GPTQ, AWQ and FP8 exporters leave in a checkpoint: weights in packed bytes and the tensors
 * that say what the bytes mean. NF4, int8 and FP8 open into {@code combine dequant}; the others are named and shown in
 * their logical shape.
 *
 * @param merges how the weights that can be opened are opened, by name
 * @param logical the shape and type every quantised weight stands for, by name
 * @param schemes for people; by the same names, and those of weights whose shape nothing tells
 */
record Quantised(Map<String, Merge> merges, Map<String, TensorInfo> logical, Map<String, String> schemes,
        Packed packed) {
    private static final String STATE = ".quant_state.bitsandbytes__";
    private static final long SMALL = 1 << 16;

    /** Looks at names, types and shapes, and reads the few bytes in which bitsandbytes keeps a shape. */
    static Quantised of(List<TensorSource> tensors, List<Settings> settings) {
        return new Search(tensors, settings).run();
    }

    boolean isEmpty() {
        return schemes.isEmpty();
    }

    /** The tensors as they are meant: quantised ones in their logical shape, their companions gone. */
    List<TensorInfo> meant(List<TensorInfo> tensors) {
        if (isEmpty()) { return tensors; }
        var all = new ArrayList<TensorInfo>();
        var closed = new HashSet<String>();
        packed.closed().values().forEach(c -> closed.addAll(c.tensors()));
        for (var tensor : tensors) {
            var meant = logical.get(tensor.name());
            if (meant != null) {
                all.add(meant);
            } else if (!packed.aux().contains(tensor.name()) && !closed.contains(tensor.name())) {
                all.add(tensor);
            }
        }
        packed.closed().keySet().stream().filter(n -> tensors.stream().noneMatch(t -> t.name().equals(n)))
                .forEach(n -> all.add(java.util.Objects.requireNonNull(logical.get(n))));
        return all;
    }

    /** A warning where no configuration says that the weights are quantised: the framework would load bytes. */
    List<Problem> warnings(List<Settings> settings) {
        if (isEmpty() || settings.stream().anyMatch(s -> s.values().containsKey("quantization_config")
                || s.values().containsKey("quant_method"))) {
            return List.of();
        }
        var kinds = new LinkedHashSet<>(schemes.values());
        return List.of(Problem.of(Code.NO_QUANT_CONFIG).field(schemes.keySet().iterator().next())
                .found(String.join(", ", kinds)).expected("quantization_config"));
    }

    private static final class Search {
        private final Map<String, TensorSource> tensors = new LinkedHashMap<>();
        private final List<Settings> settings;
        private final Map<String, Merge> merges = new LinkedHashMap<>();
        private final Map<String, TensorInfo> logical = new LinkedHashMap<>();
        private final Map<String, String> schemes = new LinkedHashMap<>();
        private final Map<String, Packed.Closed> closed = new LinkedHashMap<>();
        private final Set<String> aux = new LinkedHashSet<>();

        Search(List<TensorSource> tensors, List<Settings> settings) {
            tensors.forEach(t -> this.tensors.put(t.name(), t));
            this.settings = settings;
        }

        Quantised run() {
            for (var tensor : List.copyOf(tensors.values())) {
                var info = tensor.info();
                var name = info.name();
                if (name.contains(STATE)) {
                    fourBits(tensor, name.substring(0, name.indexOf(STATE)));
                } else if (name.endsWith(".SCB")) {
                    int8(name, name.substring(0, name.length() - "SCB".length()));
                } else if (name.endsWith(".weight_scale_inv") || name.endsWith(".weight_scale")) {
                    fp8(info, name.substring(0, name.lastIndexOf('_') - (name.endsWith("_inv") ? 6 : 0)));
                } else if (name.endsWith(".qweight") && info.dtype() == DType.I32 && info.shape().rank() == 2) {
                    packedIntegers(info, name.substring(0, name.length() - "qweight".length()));
                } else if (name.endsWith(".weight_packed")) {
                    compressed(info, name.substring(0, name.length() - "weight_packed".length()));
                } else if (name.endsWith("_blocks") && info.dtype() == DType.U8) {
                    mxfp4(info, name.substring(0, name.length() - "_blocks".length()));
                }
            }
            tensors.keySet().stream().filter(n -> n.endsWith(".absmax")).forEach(this::withoutState);
            return new Quantised(merges, logical, schemes, new Packed(closed, aux));
        }

        private @Nullable TensorInfo info(String name) {
            var tensor = tensors.get(name);
            return tensor == null ? null : tensor.info();
        }

        private void put(String name, DType type, Shape shape, String scheme) {
            logical.put(name, new TensorInfo(name, type, shape, shape.count() * type.bytes()).fileType(scheme));
            schemes.put(name, scheme);
        }

        /** bitsandbytes' 4 bit: the state is JSON in a tensor of bytes. */
        private void fourBits(TensorSource state, String weight) {
            var packed = info(weight);
            var kind = state.name().substring(state.name().indexOf(STATE) + STATE.length());
            if (packed == null || packed.dtype() != DType.U8 || state.info().bytes() > SMALL) { return; }
            try {
                var bytes = state.read().contiguous().bytes().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
                var json = Settings.read(new String(bytes, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8),
                        state.name()).values();
                if (!(json.get("shape") instanceof List<?> dims) || !(json.get("blocksize") instanceof Long block)) {
                    return;
                }
                var shape = Shape.of(dims.stream().mapToLong(d -> (Long) d).toArray());
                var type = DType.parse(String.valueOf(json.get("dtype")));
                type = type == null || !type.isFloating() ? DType.F32 : type;
                put(weight, type, shape, "bitsandbytes " + kind);
                tensors.keySet().stream().filter(n -> n.startsWith(weight + ".")).forEach(aux::add);
                var companions = new ArrayList<>(List.of(weight + ".absmax"));
                boolean nested = tensors.containsKey(weight + ".nested_absmax");
                if (nested) {
                    companions.addAll(List.of(weight + ".nested_absmax", weight + ".nested_quant_map"));
                }
                if (!kind.equals("nf4") || !tensors.keySet().containsAll(companions)) {
                    closed.put(weight, new Packed.Closed("bitsandbytes " + kind, List.of(weight), shape));
                    return;
                }
                long blocks = json.get("nested_blocksize") instanceof Long n ? n : 256;
                double offset = json.get("nested_offset") instanceof Number n ? n.doubleValue() : 0;
                merges.put(weight, new Merge(null, companions, new Combine(new Combine.Nf4(
                        java.util.Arrays.stream(shape.dims()).mapToObj(SizeExpr::of).toList(), block, blocks,
                        nested ? offset : 0, type)), shape));
            } catch (CheckpointException | ClassCastException | IllegalArgumentException | ArithmeticException e) {
                // What can't be read as a state is none; the bytes stay what they are.
            }
        }

        private void int8(String scale, String module) {
            var weight = info(module + "weight");
            var rows = info(scale);
            if (weight == null || rows == null || weight.dtype() != DType.I8 || weight.shape().rank() != 2
                    || !rows.shape().equals(Shape.of(weight.shape().dim(0)))) {
                return;
            }
            var name = module + "weight";
            put(name, DType.F32, weight.shape(), "bitsandbytes int8");
            aux.add(scale);
            if (tensors.containsKey(module + "weight_format")) {
                aux.add(module + "weight_format");
            }
            merges.put(name, new Merge(null, List.of(scale), new Combine(new Combine.Int8(DType.F32)),
                    weight.shape()));
        }

        private void fp8(TensorInfo scale, String name) {
            var weight = info(name);
            if (weight == null || weight.dtype() != DType.F8_E4M3 && weight.dtype() != DType.F8_E5M2) { return; }
            put(name, DType.F32, weight.shape(), "FP8");
            aux.add(scale.name());
            for (var more : List.of("input_scale", "activation_scale")) {
                var other = name.substring(0, name.length() - "weight".length()) + more;
                if (tensors.containsKey(other)) {
                    aux.add(other);
                }
            }
            long block = block(weight.shape(), scale.shape());
            if (block > 0) {
                merges.put(name, new Merge(null, List.of(scale.name()), new Combine(new Combine.Fp8(block, DType.F32)),
                        weight.shape()));
            } else {
                closed.put(name, new Packed.Closed("FP8", List.of(name), weight.shape()));
            }
        }

        /** The side of a scale's block: as the configuration says, 128, or what the shapes allow; 0 if nothing does. */
        private long block(Shape weight, Shape scale) {
            if (scale.rank() != 2 || weight.rank() != 2 || scale.count() == 1 || scale.dim(1) == 1) { return 128; }
            var sides = new LinkedHashSet<Long>();
            for (var from : settings) {
                if (from.values().get("quantization_config") instanceof Map<?, ?> map
                        && map.get("weight_block_size") instanceof List<?> list && !list.isEmpty()
                        && list.getFirst() instanceof Long side && side > 0) {
                    sides.add(side);
                }
            }
            for (long side = 128; side >= 2; side /= 2) {
                sides.add(side);
            }
            return sides.stream().filter(s -> Math.ceilDiv(weight.dim(0), s) == scale.dim(0)
                    && Math.ceilDiv(weight.dim(1), s) == scale.dim(1)).findFirst().orElse(0L);
        }

        /** GPTQ packs along the inputs and may list their groups; AWQ packs along the outputs. */
        private void packedIntegers(TensorInfo packed, String module) {
            var scales = info(module + "scales");
            var zeros = info(module + "qzeros");
            if (scales == null || zeros == null || scales.shape().rank() != 2) { return; }
            var groups = info(module + "g_idx");
            long out = scales.shape().dim(1);
            boolean gptq = packed.shape().dim(1) == out;
            long in = groups != null
                    ? groups.shape().count()
                    : gptq ? packed.shape().dim(0) * 8 : packed.shape().dim(0);
            long bits = bits();
            if (gptq && groups == null && bits > 0 && 32 % bits == 0) {
                in = packed.shape().dim(0) * (32 / bits); // nothing but the configuration tells
            }
            long words = gptq ? packed.shape().dim(0) : packed.shape().dim(1);
            long across = gptq ? in : out;
            if (out == 0 || in == 0 || across == 0 || words * 32 % across != 0) { return; }
            var scheme = (gptq ? "GPTQ " : "AWQ ") + words * 32 / across + " bit";
            var name = module + "weight";
            put(name, scales.dtype(), Shape.of(out, in), scheme);
            var stored = new ArrayList<>(List.of(module + "qweight", module + "qzeros", module + "scales"));
            if (groups != null) {
                stored.add(module + "g_idx");
            }
            closed.put(name, new Packed.Closed(scheme, stored, Shape.of(out, in)));
        }

        /** How many bits the configuration says a weight has; 0 if it doesn't. */
        private long bits() {
            return settings.stream()
                    .map(s -> s.values().get("quantization_config") instanceof Map<?, ?> map
                            ? map.get("bits")
                            : s.values().get("bits"))
                    .filter(Long.class::isInstance).mapToLong(b -> (Long) b).findFirst().orElse(0);
        }

        /** compressed-tensors: 32 bit words along the inputs, the real shape in a tensor of two numbers. */
        private void compressed(TensorInfo packed, String module) {
            var stated = tensors.get(module + "weight_shape");
            var scale = info(module + "weight_scale");
            if (stated == null || scale == null || packed.dtype() != DType.I32 || packed.shape().rank() != 2
                    || !stated.info().shape().equals(Shape.of(2)) || stated.info().bytes() > SMALL) {
                return;
            }
            try {
                var dims = stated.read();
                long out = (long) dims.at(0);
                long in = (long) dims.at(1);
                long words = packed.shape().dim(1);
                if (out != packed.shape().dim(0) || in <= 0 || words == 0) { return; }
                long bits = Math.min(16, 32 / Math.max(1, Math.ceilDiv(in, words)));
                var scheme = "compressed-tensors " + bits + " bit";
                var name = module + "weight";
                put(name, scale.dtype(), Shape.of(out, in), scheme);
                var stored = tensors.keySet().stream().filter(n -> n.startsWith(module + "weight_")).toList();
                closed.put(name, new Packed.Closed(scheme, stored, Shape.of(out, in)));
            } catch (CheckpointException | IllegalArgumentException | ArithmeticException e) {
                // No readable shape: the words stay what they are.
            }
        }

        /** MXFP4, as gpt-oss has it: blocks of 16 bytes for 32 values, one exponent each. */
        private void mxfp4(TensorInfo blocks, String name) {
            var scales = info(name + "_scales");
            int rank = blocks.shape().rank();
            if (scales == null || scales.dtype() != DType.U8 || rank < 3 || scales.shape().rank() != rank - 1
                    || blocks.shape().dim(rank - 1) != 16) {
                return;
            }
            var dims = java.util.Arrays.copyOf(blocks.shape().dims(), rank - 1);
            dims[rank - 2] = blocks.shape().dim(rank - 2) * 32;
            put(name, DType.BF16, Shape.of(dims), "MXFP4");
            closed.put(name, new Packed.Closed("MXFP4", List.of(name + "_blocks", name + "_scales"), Shape.of(dims)));
        }

        /** bitsandbytes' bytes whose state was lost on the way: nothing says the shape any more. */
        private void withoutState(String absmax) {
            var weight = absmax.substring(0, absmax.length() - ".absmax".length());
            var packed = info(weight);
            if (packed == null || packed.dtype() != DType.U8 || logical.containsKey(weight)) { return; }
            tensors.keySet().stream().filter(n -> n.startsWith(weight + ".")).forEach(aux::add);
            schemes.put(weight, "bitsandbytes 4 bit");
            closed.put(weight, new Packed.Closed("bitsandbytes 4 bit", List.of(weight), packed.shape()));
        }
    }
}
