package weft.format.keras;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import weft.format.CheckpointWriter;
import weft.format.FileSink;
import weft.format.Written;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;
import weft.tensor.DType;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/**
 * Writes HDF5 from front to back: superblock, texts, the headers of groups and datasets, then the values, each dataset in one
 * piece. A name's slashes are groups ({@code layers/dense/vars/0}), so a file with Keras's own names is what Keras calls
 * {@code .weights.h5}. Written without jHDF, which keeps a whole file in the heap until its end and knows neither float16 nor
 * bfloat16.
 *
 * @see <a href="https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html">HDF5 File Format Specification 3.0</a>
 */
final class KerasWriter implements CheckpointWriter {
    private static final int SUPERBLOCK = 48;
    private static final int ALIGNMENT = 8;
    private static final int RANK = 32; // H5S_MAX_RANK
    private static final int DEPTH = 60; // below the reader's own limit
    private static final int LONGEST_PART = 60_000; // a message has two bytes for its length
    private static final int LEAST_HEAP = 4096; // H5HG_MINSIZE
    private static final int HEAP_ENTRIES = 4096;
    private static final String ARCHIVE = ".keras";

    /** A group; of its children each is a group or a dataset. */
    private static final class Group {
        final Map<String, Object> children = new LinkedHashMap<>();
        long address;
    }

    /** @param text of the attribute {@code dtype}, or null */
    private static final class Leaf {
        final TensorInfo info;
        final @Nullable Text text;
        long address;
        long place;

        Leaf(TensorInfo info, @Nullable Text text) {
            this.info = info;
            this.text = text;
        }
    }

    /** A text in the global heap. */
    private static final class Text {
        final byte[] bytes;
        long collection;
        int index;

        Text(String text) {
            this.bytes = text.getBytes(StandardCharsets.UTF_8);
        }

        int size() {
            return 16 + aligned(bytes.length);
        }
    }

    @Override
    public boolean holds(DType dtype) {
        return Hdf5Header.datatype(dtype) != null;
    }

    @Override
    public Written write(Path target, List<TensorSource> tensors, Map<String, ?> metadata, boolean hash,
            Progress progress) throws CheckpointException {
        var file = String.valueOf(target.getFileName());
        if (file.toLowerCase(Locale.ROOT).endsWith(ARCHIVE)) {
            throw Problem.of(Code.UNSUPPORTED_FORMAT).file(file).found("keras archive").expected(".h5, .weights.h5")
                    .asException();
        }
        check(target, tensors);
        var root = new Group();
        var texts = new ArrayList<Text>();
        var leaves = new ArrayList<Leaf>();
        for (var tensor : tensors) {
            leaves.add(add(root, check(file, tensor.info()), texts, file));
        }
        var heap = heap(texts);
        long at = place(root, SUPERBLOCK + heap.length);
        long headers = at;
        for (var leaf : leaves) {
            leaf.place = at;
            at += leaf.info.valueBytes();
            at += -at & ALIGNMENT - 1;
        }
        long total = tensors.stream().mapToLong(t -> t.info().valueBytes()).sum();
        try (var sink = FileSink.create(target, hash, hash, progress, total)) {
            sink.write(superblock(root.address, at));
            sink.write(heap);
            writeHeaders(root, sink);
            if (sink.position() != headers) { throw new IllegalStateException(sink.position() + " != " + headers); }
            for (var tensor : tensors) {
                sink.write(tensor);
                sink.align(ALIGNMENT);
            }
            return new Written(List.of(sink.finish()), sink.crc32c());
        }
    }

    private static TensorInfo check(String file, TensorInfo info) throws CheckpointException {
        var problem = Problem.of(Code.FORMAT_LIMIT).file(file).field(info.name());
        if (info.shape().rank() > RANK) {
            throw problem.found(info.shape().rank() + " dims").expected(RANK + " dims").asException();
        }
        return info;
    }

    private static Leaf add(Group root, TensorInfo info, List<Text> texts, String file) throws CheckpointException {
        var parts = info.name().split("/", -1);
        if (parts.length > DEPTH) {
            throw Problem.of(Code.FORMAT_LIMIT).file(file).field(info.name()).found(parts.length + " parts")
                    .expected(DEPTH + " parts").asException();
        }
        var group = root;
        for (int i = 0; i < parts.length; i++) {
            var part = parts[i];
            if (part.isEmpty() || part.equals(".") || part.indexOf(0) >= 0
                    || !StandardCharsets.UTF_8.newEncoder().canEncode(part)) {
                throw Problem.of(Code.BAD_HEADER).file(file).field(info.name()).found("\"" + part + "\"")
                        .expected("a/b").asException();
            }
            if (part.getBytes(StandardCharsets.UTF_8).length > LONGEST_PART) {
                throw Problem.of(Code.FORMAT_LIMIT).file(file).field(info.name())
                        .found(part.getBytes(StandardCharsets.UTF_8).length + " bytes")
                        .expected(LONGEST_PART + " bytes").asException();
            }
            if (i == parts.length - 1) {
                break;
            }
            // One tensor's name may not be the group of another's.
            if (!(group.children.computeIfAbsent(part, p -> new Group()) instanceof Group inner)) {
                throw Problem.of(Code.DUPLICATE_NAME).file(file).field(info.name()).asException();
            }
            group = inner;
        }
        var text = info.dtype() == DType.BF16 ? new Text("bfloat16") : null;
        var leaf = new Leaf(info, text);
        if (group.children.putIfAbsent(parts[parts.length - 1], leaf) != null) {
            throw Problem.of(Code.DUPLICATE_NAME).file(file).field(info.name()).asException();
        }
        if (text != null) {
            texts.add(text);
        }
        return leaf;
    }

    /** Gives every header its address; returns where the last one ends. */
    private static long place(Group group, long at) {
        group.address = at;
        at += header(group).length;
        for (var child : group.children.values()) {
            if (child instanceof Group inner) {
                at = place(inner, at);
            } else if (child instanceof Leaf leaf) {
                leaf.address = at;
                at += header(leaf).length;
            }
        }
        return at;
    }

    private static void writeHeaders(Group group, FileSink sink) throws CheckpointException {
        sink.write(header(group));
        for (var child : group.children.values()) {
            if (child instanceof Group inner) {
                writeHeaders(inner, sink);
            } else if (child instanceof Leaf leaf) {
                sink.write(header(leaf));
            }
        }
    }

    private static byte[] header(Group group) {
        var header = new Hdf5Header();
        header.group();
        group.children.forEach((name, child) -> header.link(name, switch (child) {
            case Group inner -> inner.address;
            case Leaf leaf -> leaf.address;
            default -> throw new IllegalStateException(name);
        }));
        return padded(header.bytes());
    }

    private static byte[] header(Leaf leaf) {
        var header = new Hdf5Header();
        header.dataset(leaf.info.dtype(), leaf.info.shape(), leaf.place, leaf.info.valueBytes());
        var text = leaf.text;
        if (text != null) {
            header.attribute("dtype", text.bytes.length, text.collection, text.index);
        }
        return padded(header.bytes());
    }

    /** The texts in collections of the global heap (III.E); each learns where it stands. */
    private static byte[] heap(List<Text> texts) {
        var out = new ByteArrayOutputStream();
        for (int from = 0; from < texts.size(); from += HEAP_ENTRIES) {
            var some = texts.subList(from, Math.min(texts.size(), from + HEAP_ENTRIES));
            int used = 16 + some.stream().mapToInt(Text::size).sum();
            int size = Math.max(LEAST_HEAP, used);
            var collection = Hdf5Header.buffer(size).put("GCOL".getBytes(StandardCharsets.US_ASCII)).putInt(1)
                    .putLong(size);
            int index = 0;
            for (var text : some) {
                text.collection = SUPERBLOCK + out.size();
                text.index = ++index;
                collection.putShort((short) text.index).putShort((short) 1).putInt(0).putLong(text.bytes.length)
                        .put(text.bytes).position(collection.position() + aligned(text.bytes.length)
                                - text.bytes.length);
            }
            if (size - used >= 16) { // what is free, with its own header
                collection.putLong(0).putLong(size - used);
            }
            out.writeBytes(collection.array());
        }
        return out.toByteArray();
    }

    /** Version 2: addresses and lengths of 8 bytes, no user block, the file's end, the root's header. */
    private static byte[] superblock(long root, long end) {
        var out = Hdf5Header.buffer(SUPERBLOCK).put((byte) 0x89).put("HDF\r\n\u001a\n".getBytes(
                StandardCharsets.US_ASCII)).put((byte) 2).put((byte) 8).put((byte) 8).put((byte) 0).putLong(0)
                .putLong(Hdf5Header.NOWHERE).putLong(end).putLong(root);
        return out.putInt(Lookup3.hash(out.array(), out.position())).array();
    }

    private static byte[] padded(byte[] bytes) {
        return Arrays.copyOf(bytes, aligned(bytes.length));
    }

    private static int aligned(int length) {
        return length + (-length & ALIGNMENT - 1);
    }
}
