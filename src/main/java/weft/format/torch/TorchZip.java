package weft.format.torch;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

import weft.format.Checkpoint.Ignored;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.EntryCheck;
import weft.io.Pickle;
import weft.io.PickleValue;
import weft.io.Problem;
import weft.io.Progress;
import weft.io.SourceFile;
import weft.io.ZipDirectory;
import weft.io.ZipDirectory.Entry;
import weft.io.ZipDirectory.Method;

/**
 * The file format of torch.save since 1.6 ({@code torch/serialization.py},
 * {@code caffe2/serialize/inline_container.h}): a ZIP whose entries all stand under one root, {@code root/data.pkl} and
 * a storage in each {@code root/data/KEY}. TorchScript archives add {@code code/} and {@code constants.pkl}.
 */
final class TorchZip implements Storages {
    private static final String PICKLE = "/data.pkl";
    /** Bytes whose checksums are compared on opening, in all: under 1 % of a file worth waiting for. */
    private static final long CHECKED = 2 << 20;
    private static final long PAGE = 4096; // looking at a byte costs as much

    private final SourceFile file;
    private final ZipDirectory zip;
    private final String root;
    private final boolean bigEndian;
    private final Map<Entry, EntryCheck> checks = new HashMap<>();

    private TorchZip(SourceFile file, ZipDirectory zip, String root, boolean bigEndian) {
        this.file = file;
        this.zip = zip;
        this.root = root;
        this.bigEndian = bigEndian;
    }

    /** @throws CheckpointException {@code ZIP_AMBIGUOUS} for two roots, {@code BAD_HEADER} without a pickle */
    static TorchZip open(SourceFile file) throws CheckpointException {
        var zip = ZipDirectory.read(file);
        String root = null;
        for (var entry : zip.entries()) {
            var name = entry.name();
            if (name.endsWith(PICKLE) && name.indexOf('/') == name.length() - PICKLE.length()) {
                if (root != null) {
                    throw file.problem(Code.ZIP_AMBIGUOUS, entry.header()).field(name).found("2")
                            .expected(root + PICKLE).asException();
                }
                root = name.substring(0, name.length() - PICKLE.length());
            }
        }
        if (root == null) {
            throw file.problem(Code.BAD_HEADER, -1).field("data.pkl").found(zip.entries().size()).asException();
        }
        var order = zip.entry(root + "/byteorder");
        return new TorchZip(file, zip, root, order != null && text(zip, order).equals("big"));
    }

    private static String text(ZipDirectory zip, Entry entry) throws CheckpointException {
        if (entry.size() > 100) {
            throw zip.file().problem(Code.LIMIT, entry.offset()).field(entry.name()).found(entry.size())
                    .expected("<= 100").asException();
        }
        var bytes = zip.segment(entry);
        return SourceFile.guarded(
                () -> new String(bytes.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8).strip());
    }

    PickleValue pickle() throws CheckpointException {
        var entry = zip.entry(root + PICKLE);
        if (entry == null) { throw new IllegalStateException("no pickle"); }
        if (entry.size() > Pickle.BYTES_LIMIT) {
            throw file.problem(Code.LIMIT, entry.offset()).field(entry.name()).found(entry.size())
                    .expected("<= " + Pickle.BYTES_LIMIT).asException();
        }
        // A place in a deflated pickle is no place in the file: then count within the entry, and say so.
        boolean stored = entry.method() == Method.STORED;
        return Pickle.read(stored ? file.name() : file.name() + "!" + entry.name(), zip.segment(entry),
                stored ? entry.offset() : 0).value();
    }

    @Override
    public boolean bigEndian() {
        return bigEndian;
    }

    @Override
    public Stored find(String key) {
        var problem = file.problem(Code.DATA_MISSING, -1).found(key);
        if (key.isEmpty() || key.equals("..") || key.indexOf('/') >= 0 || key.indexOf('\\') >= 0) {
            return Stored.broken(Problem.of(Code.PATH_OUTSIDE).file(file.name()).found(key));
        }
        var entry = zip.entry(root + "/data/" + key);
        if (entry == null) { return Stored.broken(problem.expected(root + "/data/" + key)); }
        var refusal = zip.refusal(entry);
        if (refusal != null && !zip.mayBeReadAnyway(entry)) { return Stored.broken(refusal); }
        var check = checks.computeIfAbsent(entry, e -> new EntryCheck(zip, e));
        if (entry.method() == Method.STORED) {
            return new Stored(entry.size(), null, () -> zip.segment(entry), check::run);
        }
        // Views of one storage share what was inflated for the first, as long as anybody holds it.
        return new Stored(entry.size(), refusal, new Loader() {
            private WeakReference<MemorySegment> last = new WeakReference<>(null);

            @Override
            public synchronized MemorySegment load() throws CheckpointException {
                var segment = last.get();
                if (segment == null) {
                    segment = zip.segmentAnyway(entry);
                    last = new WeakReference<>(segment);
                }
                return segment;
            }
        }, check::run);
    }

    boolean isScript() {
        return zip.entry(root + "/constants.pkl") != null;
    }

    Map<String, String> metadata() throws CheckpointException {
        var metadata = new TreeMap<String, String>();
        metadata.put("container", isScript() ? "torchscript" : "zip");
        for (var name : List.of("version", "byteorder", ".format_version")) {
            var entry = zip.entry(root + "/" + name);
            if (entry != null) {
                metadata.put(name.replace(".", ""), text(zip, entry));
            }
        }
        return metadata;
    }

    /** Entries that are neither the pickle, nor storages, nor torch's own housekeeping. */
    List<Ignored> ignored() {
        var ignored = new ArrayList<Ignored>();
        for (var entry : zip.entries()) {
            if (!entry.name().startsWith(root + "/") || entry.name().endsWith("/")) {
                continue;
            }
            var name = entry.name().substring(root.length() + 1);
            if (name.startsWith("code/")) {
                ignored.add(new Ignored(name, "code"));
            } else
                if (name.startsWith("constants/") || name.startsWith("extra/") || name.equals("constants.pkl")
                        || name.endsWith(".json")) {
                            ignored.add(new Ignored(name, "object"));
                        }
        }
        return ignored;
    }

    /** The key of the storage in an entry of this name, or null. */
    @Nullable
    String key(@Nullable String entry) {
        var data = root + "/data/";
        return entry != null && entry.startsWith(data) ? entry.substring(data.length()) : null;
    }

    /** What the directory says, entries outside the root, and checksums that don't fit. */
    List<Problem> warnings(Progress progress) throws CheckpointException {
        var warnings = new ArrayList<>(zip.warnings());
        if (isScript()) {
            warnings.add(file.problem(Code.OPAQUE_OBJECT, -1).field("code").found("TorchScript"));
        }
        for (var entry : zip.entries()) {
            if (!entry.name().startsWith(root + "/")) {
                warnings.add(file.problem(Code.PATH_OUTSIDE, entry.header()).field(entry.name()).expected(root + "/"));
            }
        }
        long left = CHECKED;
        boolean none = false;
        try (var pieces = file.pieces()) {
            for (var entry : zip.entries()) {
                progress.check();
                boolean pickle = entry.name().equals(root + PICKLE);
                if (entry.size() > left && !pickle || none && entry.crc() == 0
                        || !entry.name().startsWith(root + "/")) {
                    continue;
                }
                left -= pickle ? 0 : Math.max(PAGE, entry.size());
                var wrong = wrong(entry, pieces);
                if (wrong != null) {
                    warnings.add(wrong);
                    // torch.serialization.set_crc32_options(False) writes 0 everywhere: once is enough.
                    none |= entry.crc() == 0;
                }
            }
        }
        return warnings;
    }

    private @Nullable Problem wrong(Entry entry, SourceFile.Pieces pieces) {
        try {
            return zip.refusal(entry) != null ? null : zip.checksum(entry, pieces);
        } catch (CheckpointException e) {
            return e.problem();
        }
    }
}
