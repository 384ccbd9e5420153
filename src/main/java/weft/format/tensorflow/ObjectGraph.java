package weft.format.tensorflow;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Crc;
import weft.io.ProtoReader;
import weft.io.SourceFile;

/**
 * What object-based checkpoints add to the table: the objects, their variables' own names, and which variables are an
 * optimizer's (TrackableObjectGraph in {@code tensorflow/core/protobuf/trackable_object_graph.proto}).
 *
 * @param names a table key to the variable's own name
 * @param optimizer table keys of optimizers' variables: slots, iterations, learning rates
 */
record ObjectGraph(Map<Key, String> names, Set<Key> optimizer) {
    static final Key KEY = Key.of("_CHECKPOINTABLE_OBJECT_GRAPH");
    static final String VALUE = "/.ATTRIBUTES/VARIABLE_VALUE";
    static final ObjectGraph NONE = new ObjectGraph(Map.of(), Set.of());

    boolean isOptimizers(Key key) {
        return optimizer.contains(key);
    }

    /** One object: its parts by name, the keys of its values, whether it keeps slots for other variables. */
    private record Node(Map<String, Integer> children, List<Key> keys, boolean hasSlots) {
        /** As Keras has called the parts of its optimizers, before and since Keras 3. */
        boolean isOptimizer() {
            return hasSlots || (children.containsKey("learning_rate") || children.containsKey("_learning_rate"))
                    && (children.containsKey("iter") || children.containsKey("_iterations"));
        }
    }

    /**
     * Reads the graph out of the one string that holds it. A string tensor is stored as the lengths of its strings
     * (varints), the masked checksum of those lengths as 32-bit numbers, and the strings; its own checksum is of the
     * 32-bit lengths, the checksum and the strings ({@code tensor_bundle.cc}: WriteStringTensor).
     */
    static ObjectGraph read(SourceFile data, BundleEntry entry, boolean bigEndian) throws CheckpointException {
        return SourceFile.guarded(() -> {
            var stored = data.segment(entry.offset(), entry.size());
            var proto = ProtoReader.of(stored, data.name(), entry.offset());
            long length = proto.varint();
            long text = entry.size() - (proto.offset() - entry.offset()) - 4;
            if (length < 0 || length != text || length > Integer.MAX_VALUE || entry.shape().count() != 1) {
                throw data.problem(Code.BAD_HEADER, entry.offset()).field(KEY.text())
                        .found(Long.toUnsignedString(length))
                        .expected(text).asException();
            }
            // The checksums are of numbers as the writing machine kept them.
            var order = bigEndian ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
            var lengths = MemorySegment.ofArray(ByteBuffer.allocate(4).order(order).putInt((int) length).array());
            var checksum = stored.asSlice(entry.size() - length - 4, 4);
            var content = stored.asSlice(entry.size() - length);
            int ofLengths = Masked.of(lengths);
            int inFile = checksum.get(bigEndian ? SourceFile.I32.withOrder(order) : SourceFile.I32, 0);
            int ofAll = Masked.of(Crc.crc32c().update(lengths).update(checksum).update(content));
            check(data, entry, ofLengths, inFile);
            check(data, entry, ofAll, entry.crc32c());
            return parse(content, data.name(), entry.offset() + entry.size() - length);
        });
    }

    private static void check(SourceFile data, BundleEntry entry, int actual, int stored) throws CheckpointException {
        if (actual != stored) {
            throw data.problem(Code.CRC32C, entry.offset()).field(KEY.text()).found(Masked.text(actual))
                    .expected(Masked.text(stored)).asException();
        }
    }

    static ObjectGraph parse(MemorySegment bytes, String file, long base) throws CheckpointException {
        var names = new HashMap<Key, String>();
        var nodes = new ArrayList<Node>();
        var slots = new HashSet<Integer>();
        var proto = ProtoReader.of(bytes, file, base);
        while (proto.next()) {
            if (proto.field() == 1) {
                nodes.add(node(proto.message(), names, slots));
            } else {
                proto.skip();
            }
        }
        var optimizer = new HashSet<Key>();
        for (int i = 0; i < nodes.size(); i++) {
            var node = nodes.get(i);
            if (slots.contains(i)) {
                optimizer.addAll(node.keys);
            }
            if (node.isOptimizer()) {
                optimizer.addAll(node.keys);
                parts(nodes, node, optimizer);
            }
        }
        return new ObjectGraph(Map.copyOf(names), Set.copyOf(optimizer));
    }

    /** The variables an optimizer holds itself, and those in its list of variables. */
    private static void parts(List<Node> nodes, Node optimizer, Set<Key> keys) {
        optimizer.children.forEach((name, child) -> {
            if (child > 0 && child < nodes.size()) {
                keys.addAll(nodes.get(child).keys);
                if (name.equals("_variables")) {
                    for (int variable : nodes.get(child).children.values()) {
                        if (variable > 0 && variable < nodes.size()) {
                            keys.addAll(nodes.get(variable).keys);
                        }
                    }
                }
            }
        });
    }

    private static Node node(ProtoReader proto, Map<Key, String> names, Set<Integer> slots)
            throws CheckpointException {
        var children = new HashMap<String, Integer>();
        var keys = new ArrayList<Key>();
        boolean hasSlots = false;
        while (proto.next()) {
            switch (proto.field()) {
                case 1 -> child(proto.message(), children);
                case 2 -> attribute(proto.message(), names, keys);
                case 3 -> {
                    hasSlots = true;
                    var slot = proto.message();
                    while (slot.next()) {
                        if (slot.field() == 3) {
                            slots.add(slot.int32());
                        } else {
                            slot.skip();
                        }
                    }
                }
                default -> proto.skip();
            }
        }
        return new Node(children, keys, hasSlots);
    }

    private static void child(ProtoReader proto, Map<String, Integer> children) throws CheckpointException {
        int node = 0;
        var name = "";
        while (proto.next()) {
            switch (proto.field()) {
                case 1 -> node = proto.int32();
                case 2 -> name = proto.text();
                default -> proto.skip();
            }
        }
        children.put(name, node);
    }

    private static void attribute(ProtoReader proto, Map<Key, String> names, List<Key> keys)
            throws CheckpointException {
        var name = "";
        var key = "";
        while (proto.next()) {
            switch (proto.field()) {
                case 2 -> name = proto.text();
                case 3 -> key = proto.text();
                default -> proto.skip();
            }
        }
        if (!name.isEmpty() && key.endsWith(VALUE)) {
            names.put(Key.of(key), name);
        }
        keys.add(Key.of(key));
    }
}
