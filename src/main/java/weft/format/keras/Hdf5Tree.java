package weft.format.keras;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

import io.jhdf.HdfFile;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Link;
import io.jhdf.api.Node;
import io.jhdf.api.dataset.ContiguousDataset;
import io.jhdf.exceptions.HdfFilterException;
import io.jhdf.exceptions.UnsupportedHdfException;
import io.jhdf.filter.PipelineFilterWithData;
import io.jhdf.links.ExternalLink;
import io.jhdf.object.datatype.DataType;
import io.jhdf.object.datatype.EnumDataType;
import io.jhdf.object.datatype.FixedPoint;
import io.jhdf.object.datatype.FloatingPoint;
import io.jhdf.object.datatype.OpaqueDataType;
import io.jhdf.object.datatype.OrderedDataType;
import io.jhdf.object.datatype.StringData;
import io.jhdf.object.datatype.VariableLength;
import io.jhdf.object.message.DataLayout;
import org.jspecify.annotations.Nullable;

import weft.format.Checkpoint.Ignored;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;
import weft.name.NaturalOrder;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/**
 * The datasets of one HDF5 file. Keras 1 and 2 keep their order in attributes: {@code layer_names} of the root,
 * {@code weight_names} of each layer; otherwise names are walked in natural order ({@code vars/2} before {@code vars/10}).
 */
final class Hdf5Tree {
    private static final String OPTIMIZER = "optimizer";
    private static final int DEPTH = 64;
    private static final int NODES = 1_000_000;
    /** Deflate's best ratio; a chunked dataset that claims more than this of what is stored holds nothing but zeros. */
    private static final long DEFLATE_BEST = 1032;
    private static final long FREE_SIZE = 64L << 20;
    /** Deflate, shuffle, Fletcher-32; LZF and bitshuffle's and lz4's registered numbers: what jHDF undoes. */
    private static final Set<Integer> FILTERS = Set.of(1, 2, 3, 32000, 32004, 32008);

    /** jHDF tells an unknown filter's number in its message only. */
    private static final Pattern NOT_DIGITS = Pattern.compile("\\D+");

    private final Hdf5 hdf5;
    private final Progress progress;
    private final Set<Long> ancestors = new HashSet<>();
    private final Set<String> listed = new HashSet<>();
    private int nodes;
    private long userBlock;
    final List<TensorSource> tensors = new ArrayList<>();
    final List<Ignored> ignored = new ArrayList<>();

    Hdf5Tree(Hdf5 hdf5, Progress progress) {
        this.hdf5 = hdf5;
        this.progress = progress;
    }

    /** @return the root's plain attributes, as text */
    Map<String, String> read() throws CheckpointException {
        return hdf5.with(null, file -> {
            userBlock = file.getUserBlockSize();
            order(file);
            walk(file, file, "", 0);
            return attributes(file);
        });
    }

    private static Map<String, String> attributes(HdfFile file) {
        var texts = new TreeMap<String, String>();
        for (var attribute : file.getAttributes().entrySet()) {
            if (attribute.getValue().getData() instanceof String text) {
                texts.put(attribute.getKey(), text);
            }
        }
        return texts;
    }

    private void order(HdfFile file) throws CheckpointException {
        int before = tensors.size();
        try {
            var weights = file.getChildren().get("model_weights") instanceof Group group ? group : file;
            inKerasOrder(weights, weights == file ? "" : "model_weights/");
        } catch (RuntimeException e) {
            // No order, then: the walk finds what can be listed and says what can't.
            tensors.subList(before, tensors.size()).clear();
            listed.clear();
        }
    }

    private void inKerasOrder(Group weights, String prefix) throws CheckpointException {
        for (var layer : names(weights, "layer_names")) {
            if (weights.getChildren().get(layer) instanceof Group group) {
                for (var weight : names(group, "weight_names")) {
                    progress.check();
                    var node = find(group, weight);
                    if (node instanceof Dataset dataset) {
                        add(dataset, prefix + layer + "/" + weight);
                    }
                }
            }
        }
    }

    /** A node below a group by its path; links are not followed. */
    private static @Nullable Node find(Group group, String path) {
        Node node = group;
        for (var part : path.split("/")) {
            node = node instanceof Group inner ? inner.getChildren().get(part) : null;
        }
        return node;
    }

    /** An attribute that is a list of names; a list too long for one attribute goes on under {@code name0}, {@code name1} … */
    private static List<String> names(Group group, String attribute) {
        var found = new ArrayList<String>();
        var attributes = group.getAttributes();
        var whole = attributes.get(attribute);
        if (whole != null) {
            append(found, whole.getData());
        } else {
            int i = 0;
            for (var part = attributes.get(attribute + i); part != null; part = attributes.get(attribute + ++i)) {
                append(found, part.getData());
            }
        }
        return found;
    }

    private static void append(List<String> names, @Nullable Object data) {
        if (data instanceof String[] several) {
            names.addAll(Arrays.asList(several));
        } else if (data instanceof String one) {
            names.add(one);
        }
    }

    private void walk(HdfFile file, Group group, String prefix, int depth) throws CheckpointException {
        progress.check();
        // A hard link may lead back to a group it stands in.
        if (depth > DEPTH || !ancestors.add(group.getAddress())) {
            ignored.add(new Ignored(prefix, "object"));
            return;
        }
        var children = new ArrayList<Map.Entry<String, Node>>();
        RuntimeException why = null;
        try {
            children.addAll(group.getChildren().entrySet());
        } catch (RuntimeException e) {
            why = e;
        }
        if (why == null) {
            children.sort(Comparator.comparing(Map.Entry::getKey, NaturalOrder.INSTANCE));
            for (var child : children) {
                count(prefix + child.getKey());
                node(file, child.getValue(), prefix + child.getKey(), depth);
            }
        } else {
            // jHDF lists all of a group or nothing; the group's own table still says where each child is.
            oneByOne(file, group, prefix, depth, why);
        }
        ancestors.remove(group.getAddress());
    }

    private void count(String path) throws CheckpointException {
        if (++nodes > NODES) {
            throw hdf5.file().problem(Code.LIMIT, hdf5.place()).field(path).expected("<= " + NODES).asException();
        }
    }

    private void node(HdfFile file, @Nullable Node node, String path, int depth) throws CheckpointException {
        switch (node) {
            case ExternalLink link ->
                tensors.add(broken(path, problem(Code.EXTERNAL, path).found(link.getTargetPath())));
            case Link ignoredLink -> ignored.add(new Ignored(path, "object"));
            case Dataset dataset -> add(dataset, path);
            case Group inner -> walk(file, inner, path + "/", depth + 1);
            case null, default -> ignored.add(new Ignored(path, "object"));
        }
    }

    private void oneByOne(HdfFile file, Group group, String prefix, int depth, RuntimeException why)
            throws CheckpointException {
        List<Hdf5Links> links;
        try {
            links = new ArrayList<>(Hdf5Links.of(file, group.getAddress()));
        } catch (RuntimeException e) {
            tensors.add(broken(prefix.isEmpty() ? "/" : prefix, unlisted(prefix.isEmpty() ? "/" : prefix, why)));
            return;
        }
        links.sort(Comparator.comparing(Hdf5Links::name, NaturalOrder.INSTANCE));
        for (var link : links) {
            progress.check();
            var path = prefix + link.name();
            count(path);
            if (link.address() < 0) {
                ignored.add(new Ignored(path, "object"));
                continue;
            }
            Node node;
            try {
                node = file.getNodeByAddress(link.address());
            } catch (RuntimeException e) {
                if (listed.add(path)) {
                    byHand(file, link.address(), path, e);
                }
                continue;
            }
            node(file, node, path, depth);
        }
    }

    /** A dataset that jHDF can't describe. */
    private void byHand(HdfFile file, long header, String path, RuntimeException why) throws CheckpointException {
        if (isOptimizer(path)) {
            ignored.add(new Ignored(path, OPTIMIZER));
            return;
        }
        var storage = file.getHdfBackingStorage();
        if (storage.getSizeOfOffsets() != 8 || storage.getSizeOfLengths() != 8) {
            tensors.add(broken(path, unlisted(path, why)));
            return;
        }
        try {
            var all = hdf5.bytes();
            tensors.add(described(Hdf5Object.read(all.asSlice(userBlock), header), header, path, why));
        } catch (RuntimeException e) {
            tensors.add(broken(path, unlisted(path, why)));
        }
    }

    private TensorSource described(Hdf5Object object, long header, String path, RuntimeException why) {
        var shape = object.shape();
        if (object.isExternal() || object.layout() == Hdf5Object.VIRTUAL) {
            return broken(path,
                    problem(Code.EXTERNAL, path).found(object.isExternal() ? "external" : "virtual"));
        }
        if (shape == null || object.type() != Hdf5Object.OPAQUE) { return broken(path, unlisted(path, why)); }
        long bytes = bytes(shape, object.size());
        if (bytes < 0) { return broken(path, problem(Code.SHAPE_BOMB, path).found(shape)); }
        // Keras 3 keeps bfloat16 as two opaque bytes and says so beside them.
        boolean bfloat16 = object.size() == 2 && "bfloat16".equals(object.dtype());
        var info = new TensorInfo(name(path), bfloat16 ? DType.BF16 : DType.UNKNOWN, shape, bytes);
        if (!bfloat16 || object.layout() != Hdf5Object.CONTIGUOUS) {
            return new Hdf5Tensor(hdf5, header, -1, ByteOrder.LITTLE_ENDIAN, info.broken(problem(Code.UNKNOWN_DTYPE,
                    path).found(bfloat16 ? "bfloat16 (layout " + object.layout() + ")" : "opaque " + object.size())));
        }
        Problem broken = null;
        long size = hdf5Size() - userBlock;
        if (bytes > 0 && object.address() < 0) {
            broken = neverWritten(path);
        } else if (bytes > 0 && (object.address() > size || bytes > size - object.address())) {
            broken = problem(Code.TRUNCATED, path).found(Math.max(0, size - object.address())).expected(bytes);
        }
        return new Hdf5Tensor(hdf5, header, bytes == 0 ? 0 : object.address() + userBlock, ByteOrder.LITTLE_ENDIAN,
                info.broken(broken));
    }

    private Problem problem(Code code, String path) {
        return hdf5.file().problem(code, hdf5.place()).field(name(path));
    }

    /** Without the folder in which a whole model keeps its weights. */
    private static String name(String path) {
        return path.startsWith("model_weights/") ? path.substring("model_weights/".length()) : path;
    }

    /** Values in other files (external and virtual datasets) are what jHDF names as unsupported. */
    private Problem unlisted(String path, RuntimeException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnsupportedHdfException) {
                var message = String.valueOf(cause.getMessage());
                return message.contains("External") || message.contains("Virtual")
                        ? problem(Code.EXTERNAL, path).found(message.contains("Virtual") ? "virtual" : "external")
                        : problem(Code.UNSUPPORTED_VERSION, path);
            }
        }
        return problem(Code.BAD_HEADER, path).found(e.getClass().getSimpleName());
    }

    private static boolean isOptimizer(String path) {
        return path.startsWith(OPTIMIZER + "/") || path.startsWith(OPTIMIZER + "_weights/");
    }

    private TensorSource broken(String path, Problem why) {
        return new Hdf5Tensor(hdf5, -1, -1, ByteOrder.LITTLE_ENDIAN,
                new TensorInfo(name(path), DType.UNKNOWN, Shape.SCALAR, 0).broken(why));
    }

    private void add(Dataset dataset, String path) throws CheckpointException {
        if (!listed.add(path)) { return; }
        if (isOptimizer(path)) {
            ignored.add(new Ignored(path, OPTIMIZER));
            return;
        }
        try {
            var type = dataset.getDataType();
            if (type instanceof StringData || type instanceof VariableLength) {
                ignored.add(new Ignored(name(path), "string"));
                return;
            }
            tensors.add(tensor(dataset, type, path));
        } catch (RuntimeException e) {
            // Nothing can be said of this one; the others stand for themselves.
            tensors.add(broken(path, problem(Code.BAD_HEADER, path).found(e.getClass().getSimpleName())));
        }
    }

    /** −1 where they can't be counted: an element of HDF5's may be of any size. */
    private static long bytes(Shape shape, int size) {
        if (!shape.isCountable()) { return -1; }
        long count = shape.count();
        return size > 0 && count > Long.MAX_VALUE / size ? -1 : count * size;
    }

    private TensorSource tensor(Dataset dataset, DataType type, String path) {
        var dtype = dtype(type, dataset);
        var shape = Shape.of(dataset.getDimensionsAsLong());
        var layout = dataset.getDataLayout();
        long bytes = bytes(shape, type.getSize());
        if (bytes < 0) { return broken(path, problem(Code.SHAPE_BOMB, path).found(shape)); }
        var info = new TensorInfo(name(path), dtype, shape, bytes);
        var order = type instanceof OrderedDataType ordered ? ordered.getByteOrder() : ByteOrder.LITTLE_ENDIAN;
        var why = refusal(dataset, type, dtype, bytes, path);
        long address = -1;
        if (why == null && layout == DataLayout.CONTIGUOUS && bytes > 0) {
            address = ((ContiguousDataset) dataset).getDataAddress() + userBlock;
        }
        return new Hdf5Tensor(hdf5, dataset.getAddress(), address, order, info.broken(why));
    }

    /** Why a dataset's values can't be read, or null. */
    private @Nullable Problem refusal(Dataset dataset, DataType type, DType dtype, long bytes, String path) {
        List<PipelineFilterWithData> filters;
        try {
            filters = dataset.getFilters();
        } catch (HdfFilterException e) {
            return problem(Code.UNSUPPORTED_FILTER, path)
                    .found(NOT_DIGITS.matcher(String.valueOf(e.getMessage())).replaceAll(" ").strip());
        }
        var filter = filters.stream().filter(f -> !FILTERS.contains(f.getId())).findFirst();
        if (filter.isPresent()) {
            return problem(Code.UNSUPPORTED_FILTER, path).found(filter.get().getName() + " " + filter.get().getId());
        }
        if (bytes > 0 && dataset instanceof ContiguousDataset contiguous) {
            long address = contiguous.getDataAddress();
            if (address < 0) { // no place in the file: never written
                return bytes > FREE_SIZE
                        ? problem(Code.SHAPE_BOMB, path).found(0).expected(bytes)
                        : neverWritten(path);
            }
            long size = hdf5Size();
            if (address > size - userBlock || bytes > size - userBlock - address) {
                return problem(Code.TRUNCATED, path).found(Math.max(0, size - userBlock - address)).expected(bytes);
            }
        } else if (bytes > 0 && dataset.getDataLayout() == DataLayout.CHUNKED) {
            long stored = dataset.getStorageInBytes();
            if (bytes > FREE_SIZE && bytes / DEFLATE_BEST > stored) {
                return problem(Code.SHAPE_BOMB, path).found(stored).expected(bytes);
            }
            if (stored == 0) { return neverWritten(path); }
            if (bytes > Integer.MAX_VALUE - 8) {
                return problem(Code.LIMIT, path).found(bytes).expected("<= " + (Integer.MAX_VALUE - 8));
            }
        }
        return dtype == DType.UNKNOWN
                ? problem(Code.UNKNOWN_DTYPE, path).found(type.getClass().getSimpleName() + " " + type.getSize())
                : null;
    }

    private Problem neverWritten(String path) {
        return problem(Code.DATA_MISSING, path).found("never written");
    }

    private long hdf5Size() {
        try {
            return hdf5.bytes().byteSize();
        } catch (CheckpointException e) {
            return 0; // then every dataset is cut short; reading says why
        }
    }

    private static DType dtype(DataType type, Dataset dataset) {
        return switch (type) {
            case FloatingPoint number -> switch (number.getSize() * 100 + number.getExponentSize()) {
                case 205 -> DType.F16;
                case 208 -> DType.BF16;
                case 408 -> DType.F32;
                case 811 -> DType.F64;
                default -> DType.UNKNOWN;
            };
            case FixedPoint number when number.getBitPrecision() != number.getSize() * 8 -> DType.UNKNOWN;
            case FixedPoint number -> switch (number.getSize()) {
                case 1 -> number.isSigned() ? DType.I8 : DType.U8;
                case 2 -> number.isSigned() ? DType.I16 : DType.U16;
                case 4 -> number.isSigned() ? DType.I32 : DType.U32;
                case 8 -> number.isSigned() ? DType.I64 : DType.U64;
                default -> DType.UNKNOWN;
            };
            // h5py's bool: an enumeration of FALSE and TRUE over a byte.
            case EnumDataType named when named.getSize() == 1
                    && Map.of(0, "FALSE", 1, "TRUE").equals(named.getEnumMapping()) ->
                DType.BOOL;
            // Keras 3 keeps bfloat16 as two opaque bytes and says so beside them.
            case OpaqueDataType opaque when opaque.getSize() == 2 && dataset.getAttribute("dtype") != null
                    && "bfloat16"
                            .equals(String.valueOf(dataset.getAttribute("dtype").getData()).toLowerCase(Locale.ROOT)) ->
                DType.BF16;
            default -> DType.UNKNOWN;
        };
    }
}
