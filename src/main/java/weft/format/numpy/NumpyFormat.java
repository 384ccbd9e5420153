package weft.format.numpy;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import weft.format.Checkpoint;
import weft.format.Checkpoint.Ignored;
import weft.format.CheckpointFormat;
import weft.format.CheckpointWriter;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.EntryCheck;
import weft.io.Problem;
import weft.io.Progress;
import weft.io.SourceFile;
import weft.io.ZipDirectory;
import weft.io.ZipDirectory.Entry;
import weft.io.ZipDirectory.Method;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/**
 * NumPy: one array in a {@code .npy}, or a ZIP of them, an {@code .npz}, stored ({@code savez}) or deflated
 * ({@code savez_compressed}). Arrays of objects are pickles; they are listed and never loaded.
 *
 * @see <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">numpy.lib.format</a>
 */
public final class NumpyFormat implements CheckpointFormat {
    static final String ARRAY = ".npy";
    static final String ARCHIVE = ".npz";
    private static final String ZIP = "PK\3\4";
    private static final String EMPTY_ZIP = "PK\5\6";
    private static final int LOCAL_SIZE = 30;
    /** Entries whose checksums are compared on opening, bytes in all. */
    private static final long CHECKED = 2 << 20;

    @Override
    public String id() {
        return "numpy";
    }

    @Override
    public List<String> endings() {
        return List.of(ARCHIVE, ARRAY);
    }

    @Override
    public Match probe(Path path, byte[] head) {
        if (NpyHeader.isMagic(head)) { return Match.CONTENT; }
        var text = new String(head, StandardCharsets.ISO_8859_1);
        boolean zip = text.startsWith(ZIP);
        if (zip && firstEntry(text).endsWith(ARRAY)) { return Match.CONTENT; }
        if (zip || text.startsWith(EMPTY_ZIP)) {
            return path.toString().toLowerCase(Locale.ROOT).endsWith(ARCHIVE) ? Match.NAME : Match.NO;
        }
        return hasEnding(path) ? Match.NAME : Match.NO;
    }

    /** The name in the first local header, as far as it is in the head. */
    private static String firstEntry(String head) {
        if (head.length() < LOCAL_SIZE) { return ""; }
        int end = LOCAL_SIZE + (head.charAt(26) | head.charAt(27) << 8);
        return head.substring(LOCAL_SIZE, Math.min(end, head.length()));
    }

    @Override
    public Checkpoint open(Path path, Progress progress) throws CheckpointException {
        var file = SourceFile.open(path);
        var start = new String(file.bytes(0, Math.min(2, file.size()), 2), StandardCharsets.ISO_8859_1);
        return start.equals("PK") ? archive(file, progress) : array(file);
    }

    private Checkpoint array(SourceFile file) throws CheckpointException {
        var name = file.name().endsWith(ARRAY)
                ? file.name().substring(0, file.name().length() - ARRAY.length())
                : file.name();
        var problem = Problem.of(Code.BAD_HEADER).file(file.name());
        var header = NpyHeader.read(file.bytes(0, Math.min(NpyHeader.LONGEST, file.size()), NpyHeader.LONGEST),
                file.size(), problem, 0);
        var found = new Found();
        found.add(name, header, file.size(), problem, 0, null, () -> file.segment(0, file.size()));
        return found.checkpoint(id(), file);
    }

    private Checkpoint archive(SourceFile file, Progress progress) throws CheckpointException {
        var zip = ZipDirectory.read(file);
        var found = new Found();
        found.warnings.addAll(zip.warnings());
        long left = CHECKED;
        try (var pieces = file.pieces()) {
            for (var entry : zip.entries()) {
                progress.check();
                if (!entry.name().endsWith(ARRAY)) {
                    found.ignored.add(new Ignored(entry.name(), "aux"));
                    continue;
                }
                addEntry(found, zip, entry, pieces);
                if (entry.size() <= left && zip.refusal(entry) == null) {
                    left -= entry.size();
                    try {
                        var wrong = zip.checksum(entry, pieces);
                        if (wrong != null) {
                            found.warnings.add(wrong.field(name(entry))); // the tensor it concerns
                        }
                    } catch (CheckpointException e) {
                        // Bytes that don't inflate: reading the tensor says so.
                        found.warnings.add(e.problem());
                    }
                }
            }
        }
        return found.checkpoint(id(), file);
    }

    private static void addEntry(Found found, ZipDirectory zip, Entry entry, SourceFile.Pieces pieces) {
        var file = zip.file();
        boolean stored = entry.method() == Method.STORED;
        // A place in a deflated array is no place in the file; the entry's name says where it is.
        var problem = Problem.of(Code.BAD_HEADER).file(stored ? file.name() : file.name() + "!" + entry.name());
        var name = name(entry);
        long base = stored ? entry.offset() : -1;
        try {
            var refusal = zip.refusal(entry);
            if (refusal != null && !zip.mayBeReadAnyway(entry)) { throw refusal.asException(); }
            var head = zip.head(entry, NpyHeader.USUAL, pieces);
            if (NpyHeader.isLonger(head)) {
                head = zip.head(entry, NpyHeader.LONGEST, pieces);
            }
            var header = NpyHeader.read(head, entry.size(), problem, base);
            found.add(name, header, entry.size(), problem, base, refusal,
                    new EntryBytes(zip, entry, new EntryCheck(zip, entry)));
        } catch (CheckpointException e) {
            // Nothing is known of this one; the others stand for themselves.
            found.broken(name, e.problem(), entry.size());
        }
    }

    private static String name(Entry entry) {
        return entry.name().substring(0, entry.name().length() - ARRAY.length());
    }

    /** An entry of the archive, and whether it is what its checksum says. */
    private record EntryBytes(ZipDirectory zip, Entry entry, EntryCheck checksum) implements NpyTensor.Bytes {
        @Override
        public MemorySegment read() throws CheckpointException {
            return zip.segmentAnyway(entry);
        }

        @Override
        public Optional<Problem> check() throws CheckpointException {
            return checksum.run();
        }
    }

    /** What was found in a file so far. */
    private static final class Found {
        final List<TensorSource> tensors = new ArrayList<>();
        final List<Ignored> ignored = new ArrayList<>();
        final List<Problem> warnings = new ArrayList<>();

        void add(String name, NpyHeader header, long size, Problem bad, long base, @Nullable Problem refusal,
                NpyTensor.Bytes bytes) {
            if (header.isObject() || header.isText()) {
                ignored.add(new Ignored(name, header.isObject() ? "object" : "string"));
                return;
            }
            long present = size - header.values();
            Problem broken = null;
            if (header.dtype() == DType.UNKNOWN) {
                broken = Problem.of(Code.UNKNOWN_DTYPE).found(header.word());
            } else
                if (header.bytes() > present) {
                    broken = Problem.of(Code.TRUNCATED).found(present).expected(header.bytes());
                } else if (header.bytes() < present) {
                    warnings.add(Problem.of(Code.TRAILING_BYTES).file(bad.file())
                            .at(base < 0 ? -1 : base + header.values() + header.bytes())
                            .found(present - header.bytes()));
                }
            if (broken == null && refusal != null) {
                broken = refusal.field(name);
            } else if (broken != null) {
                broken = broken.file(bad.file()).at(base < 0 ? -1 : base + header.values()).field(name);
            }
            var info = new TensorInfo(name, header.dtype(), header.shape(),
                    header.dtype() == DType.UNKNOWN ? present : header.bytes()).broken(broken);
            tensors.add(new NpyTensor(info, header, bytes));
        }

        void broken(String name, Problem problem, long size) {
            var why = problem.field(name);
            var header = new NpyHeader(DType.UNKNOWN, "", false, false, false, Shape.SCALAR, 0);
            tensors.add(new NpyTensor(new TensorInfo(name, DType.UNKNOWN, Shape.SCALAR, size).broken(why), header,
                    () -> {
                        throw why.asException();
                    }));
        }

        Checkpoint checkpoint(String format, SourceFile file) {
            return new Checkpoint(format, List.of(file.path()), List.copyOf(tensors), Map.of(), Map.of(),
                    List.copyOf(ignored), List.copyOf(warnings));
        }
    }

    @Override
    public Optional<CheckpointWriter> writer() {
        return Optional.of(new NpzWriter());
    }
}
