package weft.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static weft.cli.Run.FIXTURES;
import static weft.cli.Run.weft;
import static weft.format.torch.TorchFile.archive;
import static weft.format.torch.TorchFile.dict;
import static weft.format.torch.TorchFile.string;
import static weft.format.torch.TorchFile.tensor;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Progress;
import weft.work.Workspace;

/**
 * The hazard table, row by row, through the command line: {@code weft inspect FILE --stats --json}. A verdict is
 * <b>R</b>efused (exit 3, the document is an error with code, place, hint), a <b>W</b>arning (exit 0, code and place among
 * the warnings), a broken <b>T</b>ensor (exit 0, a warning that names the tensor), or <b>A</b>ccepted (exit 0, no warning).
 *
 * <p>
 * What a single reader owes in detail, offset by offset, stands in its own tests: {@code CheckpointFormatSuite} and its
 * heirs (every format's hazards, mutated files, files that change while open), {@code TorchHazardsTest} (views, storages,
 * calls, bombs, roots), {@code BundleHazardsTest} (TensorFlow), {@code ZipDirectoryTest} (zip64, over 4 GiB, over 65,535
 * entries, two directories), {@code ShardedIndexTest}, {@code FormatsTest} (pipes, devices, links), {@code PickleTest},
 * {@code SnappyTest}, {@code PatternTest} (regular expressions that never end), {@code AtomicOutputTest} and
 * {@code KilledExportTest} (writing).
 */
class HazardTableTest {
    @TempDir
    private Path all;
    /** Of this row or test alone. */
    private Path folder;

    @BeforeEach
    void own() throws IOException {
        folder = Files.createTempDirectory(all, "row");
    }

    private enum Verdict {
        R, W, T, A
    }

    /** Builds what is opened. */
    private interface Maker {
        Path make() throws Exception;
    }

    /**
     * A row.
     *
     * @param tensor what a T names
     * @param offset expected, or null where the problem has none
     */
    private record Row(String hazard, Verdict verdict, @Nullable Code code, @Nullable Long offset,
            @Nullable String tensor, Maker maker) {
    }

    /** Some offset: where exactly, the reader's own test says. */
    private static final Long ANYWHERE = Long.MIN_VALUE;

    private final List<Row> rows = new ArrayList<>();

    private void refused(String hazard, Code code, @Nullable Long offset, Maker maker) {
        rows.add(new Row(hazard, Verdict.R, code, offset, null, maker));
    }

    private void warned(String hazard, Code code, @Nullable Long offset, Maker maker) {
        rows.add(new Row(hazard, Verdict.W, code, offset, null, maker));
    }

    private void broken(String hazard, Code code, @Nullable Long offset, String tensor, Maker maker) {
        rows.add(new Row(hazard, Verdict.T, code, offset, tensor, maker));
    }

    private void accepted(String hazard, Maker maker) {
        rows.add(new Row(hazard, Verdict.A, null, null, null, maker));
    }

    @TestFactory
    Stream<DynamicTest> every_row_has_its_verdict_code_and_place() {
        everydayFailures();
        sets();
        torch();
        zip();
        headers();
        otherFormats();
        return rows.stream().map(row -> DynamicTest.dynamicTest(row.verdict() + " " + row.hazard(), () -> {
            own();
            check(row);
        }));
    }

    private static void check(Row row) throws Exception {
        var path = row.maker().make();
        var run = weft("inspect", path, "--stats", "--json");
        assertThat(run.err()).doesNotContain("Exception", "\tat ");
        if (row.verdict() == Verdict.R) {
            assertThat(run.status()).as(run.out()).isEqualTo(Exit.REFUSED);
            var error = run.json().get("error");
            assertThat(error.get("code").text()).as(run.out()).isEqualTo(row.code().id());
            if (!ANYWHERE.equals(row.offset())) {
                assertThat(error.get("offset").value()).as(run.out()).isEqualTo(row.offset());
            }
            assertThat(error.get("message").text()).isNotBlank();
            assertThat(error.get("hint").text()).isNotBlank();
            assertThat(error.has("file")).isTrue();
            return;
        }
        assertThat(run.status()).as(run.out()).isEqualTo(Exit.FINE);
        var warnings = run.json().get("warnings").list();
        var said = warnings.toString();
        if (row.verdict() == Verdict.A) {
            assertThat(warnings).extracting(w -> w.get("code").text()).isEmpty();
            return;
        }
        assertThat(warnings).as(said).anySatisfy(w -> {
            assertThat(w.get("code").text()).isEqualTo(row.code().id());
            if (!ANYWHERE.equals(row.offset())) {
                assertThat(w.has("offset") ? w.get("offset").value() : null).isEqualTo(row.offset());
            }
            if (row.verdict() == Verdict.T) {
                assertThat(w.get("tensor").text()).isEqualTo(row.tensor());
            }
        });
        if (row.verdict() == Verdict.T) {
            // It is listed, and whatever isn't broken has its numbers.
            var tensors = run.json().get("tensors").list();
            assertThat(tensors).anySatisfy(t -> assertThat(t.get("name").text()).isEqualTo(row.tensor()));
            assertThat(tensors.stream().filter(t -> !t.get("name").text().equals(row.tensor()) && t.has("stats")))
                    .hasSize((int) tensors.stream().filter(t -> warnings.stream().noneMatch(
                            w -> w.has("tensor") && w.get("tensor").text().equals(t.get("name").text()))).count());
        }
    }

    // ---- the four everyday failures, and what isn't a file at all ---------------------------------------------------

    private void everydayFailures() {
        refused("Git LFS pointer", Code.LFS_POINTER, 0L, () -> file("model.safetensors",
                "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0".repeat(64) + "\nsize 218078957\n"));
        refused("symbolic link checked out as text", Code.TEXT_LINK, 0L,
                () -> file("model.safetensors", "../../blobs/248dfc3911869ec493c76e65bf2fcf7f615828b0"));
        refused("web page", Code.NOT_A_MODEL, 0L,
                () -> file("pytorch_model.bin", "\n<!DOCTYPE html><html><body>Sign in</body></html>"));
        refused("XML error", Code.NOT_A_MODEL, 0L,
                () -> file("model.gguf", "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>"));
        refused("JSON error", Code.NOT_A_MODEL, 0L,
                () -> file("model.safetensors", "{\"error\":\"Repository not found\"}"));
        refused("empty file", Code.TRUNCATED, 0L, () -> file("model.pt", ""));
        broken("safetensors cut short", Code.TRUNCATED, 8L + header().length() + 8, "b",
                () -> file("m.safetensors", Arrays.copyOf(safetensors(header(), 12), 8 + header().length() + 10)));
        warned("safetensors cut short: how much is there", Code.TRUNCATED, 8L + header().length() + 10,
                () -> file("m.safetensors", Arrays.copyOf(safetensors(header(), 12), 8 + header().length() + 10)));
        broken("GGUF cut short", Code.TRUNCATED, ANYWHERE, lastOf("gguf-misc/plain.gguf"), () -> file("m.gguf",
                shorter("gguf-misc/plain.gguf", 40)));
        broken("PyTorch's legacy form cut short", Code.TRUNCATED, 1201L, "whole",
                () -> file("m.pt", shorter("torch-misc/views-legacy.pt", 4)));
        refused("ZIP cut short", Code.ZIP_INCOMPLETE, 100L,
                () -> file("m.pt", Arrays.copyOf(fixture("torch-misc/tied.pt"), 100)));
        broken("TensorFlow's data cut short", Code.TRUNCATED, 59904L, "model/wte",
                () -> cutBundle(".data-00000-of-00001", 16));
        refused("TensorFlow's index cut short", Code.TRUNCATED, ANYWHERE, () -> cutBundle(".index", 60));
        refused("no such file", Code.NOT_READABLE, null, () -> folder.resolve("absent.safetensors"));
        refused("a folder of nothing", Code.NOT_A_MODEL, null, () -> Files.createDirectory(folder.resolve("empty")));
        refused("a link to itself", Code.NOT_READABLE, null,
                () -> Files.createSymbolicLink(folder.resolve("loop"), folder.resolve("loop")));
        refused("a device", Code.NOT_READABLE, null, () -> {
            assumeTrue(Files.exists(Path.of("/dev/zero")));
            return Path.of("/dev/zero");
        });
        refused("a pipe", Code.NOT_READABLE, null, () -> {
            assumeTrue(Files.isExecutable(Path.of("/usr/bin/mkfifo")));
            var pipe = folder.resolve("pipe");
            assertThat(new ProcessBuilder("/usr/bin/mkfifo", pipe.toString()).start().waitFor()).isZero();
            return pipe;
        });
    }

    // ---- sets of files, and names in files --------------------------------------------------------------------------

    private void sets() {
        refused("file of the training script, beside a model", Code.OPEN_SIBLING, null, () -> {
            Files.copy(FIXTURES.resolve("safetensors-misc/plain.safetensors"), folder.resolve("model.safetensors"));
            return file("training_args.bin", "\u0080\u0002.");
        });
        warned("a shard opened alone", Code.OPEN_SIBLING, null,
                () -> FIXTURES.resolve("gpt2-tiny/hf-sharded/model-00001-of-00004.safetensors"));
        accepted("TensorFlow's data file opens its index",
                () -> FIXTURES.resolve("gpt2-tiny/openai-tf/model.ckpt.data-00000-of-00001"));
        warned("an index without its shards", Code.DATA_MISSING, null, () -> Files.copy(
                FIXTURES.resolve("gpt2-tiny/hf-sharded/model.safetensors.index.json"),
                folder.resolve("model.safetensors.index.json")));
        broken("TensorFlow's index without its data", Code.DATA_MISSING, null, "model/h0/attn/c_attn/b",
                () -> Files.copy(FIXTURES.resolve("gpt2-tiny/openai-tf/model.ckpt.index"),
                        folder.resolve("model.ckpt.index")));
        for (var name : List.of("../x", "/etc/passwd", "a/../../x", "..\\x", "C:\\x", "C:x", "\\\\server\\share\\x",
                "a/b", "nul", "x.", ".", "..", "")) {
            refused("weight_map names " + name, Code.PATH_OUTSIDE, 19L,
                    () -> file("model.safetensors.index.json",
                            "{\"weight_map\":{\"a\":\"" + name.replace("\\", "\\\\") + "\"}}"));
        }
        for (var name : List.of("../model.ckpt", "/elsewhere/model.ckpt", "C:\\\\x\\\\model.ckpt",
                "\\\\\\\\server\\\\model.ckpt")) {
            refused("TensorFlow's checkpoint file names " + name, Code.PATH_OUTSIDE, null, () -> state(name));
            warned("TensorFlow's folder whose checkpoint file names " + name, Code.PATH_OUTSIDE, null,
                    () -> state(name).getParent());
        }
        for (var key : List.of("../../etc/passwd", "..", "a/b", "a\\b", "C:\\x", "\\\\server\\x")) {
            broken("storage key " + key, Code.PATH_OUTSIDE, null, "a", () -> file("m.pt", archive(Map.of("m/data.pkl",
                    dict("a", tensor("FloatStorage", key, 1, 0, "1", "1"))))));
        }
        for (var name : List.of("../evil", "/etc/passwd", "..\\x", "C:\\x")) {
            warned("ZIP entry called " + name, Code.PATH_OUTSIDE, 291L, () -> {
                var entries = new LinkedHashMap<>(good());
                entries.put(name, new byte[1]);
                return file("m.pt", archive(entries));
            });
        }
    }

    // ---- PyTorch ----------------------------------------------------------------------------------------------------

    private void torch() {
        refused("malicious pickle", Code.PICKLE_CALL, 55L, () -> FIXTURES.resolve("torch-misc/evil-by-hand.pt"));
        refused("malicious pickle by INST", Code.PICKLE_CALL, callIn("evil-inst.pt"),
                () -> FIXTURES.resolve("torch-misc/evil-inst.pt"));
        warned("unknown but harmless type", Code.OPAQUE_OBJECT, 257L, () -> {
            var entries = new LinkedHashMap<>(good());
            entries.put("m/data.pkl", dict("w", GOOD, "args", "cargparse\nNamespace\n)R"));
            return file("m.pt", archive(entries));
        });
        warned("TorchScript", Code.OPAQUE_OBJECT, null, () -> FIXTURES.resolve("torch-containers/script.pt"));
        accepted("the old tar form", () -> FIXTURES.resolve("torch-containers/old.tar"));
        refused("a malformed tar", Code.TORCH_TAR, 0L, () -> {
            var bytes = fixture("torch-containers/old.tar");
            bytes[125] ^= 1;
            return file("m.tar", bytes);
        });
        view("a storage with other bytes than elements", Code.STORAGE_SIZE, 7, 0, "2 3", "3 1");
        view("a view outside its storage", Code.VIEW_RANGE, 6, 1, "2 3", "3 1");
        view("a negative stride", Code.VIEW_RANGE, 6, 0, "2 3", "-3 1");
        view("a stride beyond everything", Code.VIEW_RANGE, 6, 0, "4611686018427387904", "4611686018427387904");
        view("an expanded axis of 2^62", Code.SHAPE_BOMB, 6, 0, "4611686018427387904", "0");
        accepted("an expanded axis", () -> file("m.pt",
                archive(entries(dict("e", tensor("FloatStorage", "0", 6, 0, "1000 6", "0 1")), 24))));
        accepted("storages shared by two tensors", () -> FIXTURES.resolve("torch-misc/tied.pt"));
        var strange = tensor("Float6Storage", "0", 1, 0, "2 3", "3 1");
        broken("an unknown element type", Code.UNKNOWN_DTYPE, reduce("a", strange), "a", () -> file("m.pt",
                archive(entries(dict("a", strange), 4))));
    }

    private void view(String hazard, Code code, long count, long offset, String sizes, String strides) {
        var lie = tensor("FloatStorage", "0", count, offset, sizes, strides);
        broken(hazard, code, reduce("lie", lie), "lie", () -> {
            var entries = new LinkedHashMap<String, byte[]>();
            entries.put("m/data.pkl", dict("lie", lie, "good",
                    tensor("FloatStorage", "1", 6, 0, "2 3", "3 1")));
            entries.put("m/data/0", new byte[24]);
            entries.put("m/data/1", new byte[24]);
            return file("m.pt", archive(entries));
        });
    }

    /** Where the first tensor of the archive's pickle is made: the last instruction of its program. */
    private static long reduce(String name, String program) {
        return 30 + "m/data.pkl".length() + "\u0080\u0002}(".length() + string(name).length() + program.length() - 1;
    }

    // ---- ZIP --------------------------------------------------------------------------------------------------------

    private void zip() {
        accepted("deflated storages", () -> FIXTURES.resolve("torch-containers/deflated.pt"));
        broken("a bomb", Code.BOMB, 323L, "bomb", () -> file("m.pt", bomb()));
        warned("a wrong checksum in a small file", Code.CRC, 267L, () -> {
            var bytes = archive(good());
            bytes[indexOf(bytes, "m/data/0") + 8] ^= 1;
            return file("m.pt", bytes);
        });
        broken("a wrong checksum in the fifth megabyte", Code.CRC, 437L, "large", this::largeWithWrongChecksum);
        accepted("no checksums at all (set_crc32_options(False)), beyond what opening looks at", () -> {
            var path = largeWithWrongChecksum();
            var bytes = Files.readAllBytes(path);
            for (int at = 0; at < bytes.length - 30; at++) {
                int signature = ByteBuffer.wrap(bytes, at, 4).order(ByteOrder.LITTLE_ENDIAN).getInt();
                boolean storage = signature == 0x04034b50
                        && new String(bytes, at + 30, 8, ISO_8859_1).equals("m/data/0")
                        || signature == 0x02014b50 && new String(bytes, at + 46, 8, ISO_8859_1).equals("m/data/0");
                if (storage) {
                    Arrays.fill(bytes, at + (signature == 0x02014b50 ? 16 : 14),
                            at + (signature == 0x02014b50 ? 20 : 18), (byte) 0);
                }
            }
            return file("n.pt", bytes);
        });
        refused("two entries of one name", Code.ZIP_AMBIGUOUS, ANYWHERE, () -> {
            var entries = new LinkedHashMap<>(good());
            entries.put("m/data/1", new byte[24]);
            var bytes = archive(entries);
            for (int at; (at = indexOf(bytes, "m/data/1")) >= 0;) {
                bytes[at + 7] = '0';
            }
            return file("m.pt", bytes);
        });
        refused("two roots", Code.ZIP_AMBIGUOUS, ANYWHERE, () -> {
            var entries = new LinkedHashMap<>(good());
            entries.put("n/data.pkl", dict("w", GOOD));
            return file("m.pt", archive(entries));
        });
        refused("a local name that isn't the directory's", Code.ZIP_AMBIGUOUS, ANYWHERE, () -> {
            var bytes = archive(good());
            bytes[indexOf(bytes, "m/data/0") + 7] = '7';
            return file("m.pt", bytes);
        });
        warned("bytes before the archive", Code.TRAILING_BYTES, 0L, () -> {
            var bytes = archive(good());
            var moved = new byte[bytes.length + 7];
            System.arraycopy(bytes, 0, moved, 7, bytes.length);
            moved[0] = 'P';
            moved[1] = 'K';
            moved[2] = 3;
            moved[3] = 4;
            return file("m.pt", moved);
        });
    }

    // ---- safetensors and what is the same everywhere ------------------------------------------------------------------

    private void headers() {
        warned("bytes after the end", Code.TRAILING_BYTES, 8L + header().length() + 12,
                () -> file("m.safetensors", safetensors(header(), 20)));
        refused("an overlap", Code.OVERLAP, ANYWHERE, () -> file("m.safetensors",
                safetensors(header().replace("[8,12]", "[4,8]"), 12)));
        refused("a hole", Code.OVERLAP, ANYWHERE, () -> file("m.safetensors",
                safetensors(header().replace("[8,12]", "[12,16]"), 16)));
        refused("a tensor twice", Code.DUPLICATE_NAME, ANYWHERE, () -> file("m.safetensors",
                safetensors(header().replace("\"b\"", "\"a\""), 12)));
        refused("a header of 2^63 bytes", Code.LIMIT, 0L, () -> {
            var bytes = safetensors(header(), 12);
            bytes[7] = (byte) 0x80;
            return file("m.safetensors", bytes);
        });
        refused("a shape of 2^64 elements", Code.BAD_HEADER, ANYWHERE, () -> file("m.safetensors",
                safetensors(header().replace("[2]", "[4294967296,4294967296]"), 12)));
        broken("an unknown element type in a header", Code.UNKNOWN_DTYPE, 8L + header().length(),
                "a", () -> file("m.safetensors", safetensors(header().replaceFirst("F32", "X99"), 12)));
        accepted("NaN and infinities", () -> file("m.safetensors", notFinite()));
        accepted("names that differ in case, in Unicode's form, one empty, one of 70,000 characters, one that runs "
                + "backwards", () -> file("m.safetensors", oddNames()));
        refused("an arithmetic bomb of brackets", Code.BAD_HEADER, ANYWHERE, () -> file("m.safetensors",
                safetensors("{\"a\":" + "[".repeat(50_000) + "]".repeat(50_000) + "}", 0)));
    }

    // ---- the other formats --------------------------------------------------------------------------------------------

    private void otherFormats() {
        accepted("MindSpore's dimensions [0] with one element, slices in a row",
                () -> FIXTURES.resolve("mindspore-misc/slices.ckpt"));
        refused("MindSpore's slices that aren't in a row", Code.DUPLICATE_NAME, 56L, () -> file("m.ckpt",
                joined(mindspore("a"), mindspore("b"), mindspore("a"))));
        warned("MindSpore's crc_check, wrong", Code.CRC, 56L, () -> file("m.ckpt",
                joined(mindspore("a"), mindspore("b"), "crc_num".getBytes(UTF_8), new byte[10])));
        accepted("MindSpore's crc_check, right", () -> {
            var values = joined(mindspore("a"), mindspore("b"));
            var crc = new CRC32();
            crc.update(values);
            return file("m.ckpt", joined(values, "crc_num".getBytes(UTF_8),
                    ByteBuffer.allocate(10).putLong(2, crc.getValue()).array()));
        });
        refused("an encrypted MindSpore checkpoint", Code.UNSUPPORTED_FORMAT, 0L, () -> file("m.ckpt",
                joined(new byte[]{(byte) 0xd8, 0x5e, 0x3a, 0x7f}, new byte[]{64, 0, 0, 0, 16, 0, 0, 0, -7, 9, 3})));
        accepted("TensorFlow's snappy index", () -> FIXTURES.resolve("tf-serving/half_plus_two_mkl/variables.index"));
        broken("TensorFlow's checksum of a tensor", Code.CRC32C, 0L, firstOfBundle(), this::flippedBundle);
        accepted("TensorFlow's slices", () -> FIXTURES.resolve("tf-misc/partitioned/model.ckpt.index"));
        accepted("TensorFlow's first version", () -> FIXTURES.resolve("tf-more/v1/model.ckpt"));
        accepted("TensorFlow's strings and object graph", () -> FIXTURES.resolve("tf-misc/object-graph"));
        broken("HDF5 link to another file", Code.EXTERNAL, 0L, "link",
                () -> FIXTURES.resolve("keras-hazards/links.h5"));
        broken("HDF5 dataset in another file", Code.EXTERNAL, 0L, "ext",
                () -> FIXTURES.resolve("keras-hazards/external.h5"));
        broken("HDF5 dataset made of other files", Code.EXTERNAL, 0L, "virtual",
                () -> FIXTURES.resolve("keras-hazards/virtual.h5"));
        broken("HDF5 shape bomb", Code.SHAPE_BOMB, 0L, "bomb", () -> FIXTURES.resolve("keras-hazards/bomb.h5"));
        broken("HDF5 unknown filter", Code.UNSUPPORTED_FILTER, 0L, "so",
                () -> FIXTURES.resolve("keras-hazards/scale.h5"));
        warned("Keras's Lambda layer", Code.OPAQUE_OBJECT, null, () -> {
            var config = "{\"class_name\":\"Sequential\",\"config\":{\"layers\":[{\"class_name\":\"Lambda\","
                    + "\"module\":\"keras.layers\",\"config\":{\"name\":\"evil\",\"function\":\"4wEAAA\"}}]}}";
            var entries = new LinkedHashMap<String, byte[]>();
            entries.put("metadata.json", "{}".getBytes(UTF_8));
            entries.put("config.json", config.getBytes(UTF_8));
            entries.put("model.weights.h5", fixture("keras-misc/model.weights.h5"));
            return file("m.keras", archive(entries));
        });
        warned("GGUF that holds only a vocabulary", Code.NOT_A_MODEL, 96L, () -> file("m.gguf", vocabulary()));
    }

    // ---- what isn't one line ------------------------------------------------------------------------------------------

    @Test
    void a_refused_pickles_instructions_are_shown_as_text() {
        var text = weft("inspect", FIXTURES.resolve("torch-misc/evil-by-hand.pt"), "--instructions");
        assertThat(text.status()).isEqualTo(Exit.FINE);
        assertThat(text.out().lines().map(String::strip)).contains("evil-by-hand.pt!evil/data.pkl",
                "43  PROTO            2", "55  GLOBAL           os.system").anyMatch(l -> l.contains("REDUCE"))
                .last().satisfies(l -> assertThat(l).endsWith("STOP"));
        var list = weft("inspect", FIXTURES.resolve("torch-misc/evil-by-hand.pt"), "--instructions", "--json").json()
                .get("pickles.0.instructions").list();
        assertThat(list).anySatisfy(i -> {
            assertThat(i.get("name").text()).isEqualTo("GLOBAL");
            assertThat(i.get("argument").text()).isEqualTo("os.system");
            assertThat(i.get("offset").whole()).isEqualTo(55);
        });
        for (var other : List.of("torch-misc/views-legacy.pt", "torch-containers/old.tar",
                "torch-containers/deflated.pt",
                "torch-misc/evil-inst.pt", "torch-misc/evil-stack-global.pt")) {
            var run = weft("inspect", FIXTURES.resolve(other), "--instructions");
            assertThat(run.status()).as(other + run.err()).isEqualTo(Exit.FINE);
            assertThat(run.out()).contains("STOP");
        }
        assertThat(weft("inspect", FIXTURES.resolve("safetensors-misc/plain.safetensors"), "--instructions").out())
                .contains("no pickle");
    }

    @Test
    void what_fails_its_checksum_can_be_looked_at_and_is_never_exported() throws Exception {
        var bundle = flippedBundle();
        var name = firstOfBundle();
        var shown = weft("inspect", bundle, "--stats", "--anyway", "--json");
        assertThat(shown.status()).isEqualTo(Exit.FINE);
        assertThat(shown.json().get("tensors").list().stream().filter(t -> t.get("name").text().equals(name))
                .findFirst().orElseThrow().has("stats")).isTrue();
        assertThat(shown.json().get("warnings").list()).anySatisfy(w -> {
            assertThat(w.get("code").text()).isEqualTo("CRC32C");
            assertThat(w.get("tensor").text()).isEqualTo(name);
        });
        for (var option : List.of("--strict", "--anyway")) {
            var out = folder.resolve("out.safetensors");
            var run = weft("convert", bundle, "--target", "gpt2/openai-tf", "-o", out, option, "--json");
            assertThat(run.status()).as(run.out()).isEqualTo(Exit.REFUSED);
            assertThat(run.json().get("error.code").text()).isEqualTo("CRC32C");
            assertThat(run.json().get("error.field").text()).isEqualTo(name);
            assertThat(out).doesNotExist();
        }
        var torch = largeWithWrongChecksum();
        var run = weft("convert", torch, "--rules", file("all.json", "{\"weft\":1,\"others\":\"copy\",\"rules\":[]}"),
                "-o", folder.resolve("large.safetensors"), "--json");
        assertThat(run.status()).as(run.out()).isEqualTo(Exit.REFUSED);
        assertThat(run.json().get("error.code").text()).isEqualTo("CRC");
        assertThat(run.json().get("error.field").text()).isEqualTo("large");
        assertThat(folder.resolve("large.safetensors")).doesNotExist();
    }

    @Test
    void a_bomb_is_unpacked_when_a_person_says_so_and_a_lie_is_not() throws Exception {
        var bomb = file("m.pt", bomb());
        var asked = weft("inspect", bomb, "--stats", "--anyway", "--json");
        assertThat(asked.json().get("warnings").list()).isEmpty();
        assertThat(asked.json().get("tensors").list()).anySatisfy(t -> {
            assertThat(t.get("name").text()).isEqualTo("bomb");
            assertThat(t.get("stats.zeros").whole()).isEqualTo(70L << 20);
        });
        // A claim that deflate can't keep stays refused.
        var bytes = bomb();
        int central = indexOf(bytes, "PK\1\2");
        for (int at = central; at >= 0 && at < bytes.length - 46; at++) {
            if (new String(bytes, at, 4, ISO_8859_1).equals("PK\1\2")
                    && new String(bytes, at + 46, 8, ISO_8859_1).equals("m/data/1")) {
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(at + 24, Integer.MAX_VALUE);
            }
        }
        var lie = weft("inspect", file("lie.pt", bytes), "--stats", "--anyway", "--json");
        assertThat(lie.json().get("warnings").list()).extracting(w -> w.get("code").text()).contains("BOMB");
    }

    @Test
    void extra_bytes_are_never_copied() throws Exception {
        var plain = file("a.safetensors", safetensors(header(), 12));
        var longer = file("b.safetensors", safetensors(header(), 4000));
        var rules = file("all.json", "{\"weft\":1,\"others\":\"copy\",\"rules\":[]}");
        assertThat(
                weft("convert", plain, "--rules", rules, "-o", folder.resolve("x.safetensors"), "--no-hash").status())
                .isZero();
        assertThat(
                weft("convert", longer, "--rules", rules, "-o", folder.resolve("y.safetensors"), "--no-hash").status())
                .isZero();
        assertThat(Files.size(folder.resolve("y.safetensors"))).isEqualTo(Files.size(folder.resolve("x.safetensors")));
    }

    @Test
    void nan_is_counted_and_never_verifies() throws Exception {
        var path = file("m.safetensors", notFinite());
        var stats = weft("inspect", path, "--stats", "--json").json().get("tensors.0.stats");
        assertThat(stats.get("nan").whole()).isEqualTo(3);
        assertThat(stats.get("inf").whole()).isEqualTo(2);
        assertThat(weft("inspect", path, "--stats").out()).contains("NaN", "Inf");
        assertThat(weft("verify", path, path, "--json").json().get("passed").truth()).isFalse();
    }

    @Test
    void odd_names_are_kept_apart_and_shown_so_that_nothing_hides() throws Exception {
        var path = file("m.safetensors", oddNames());
        var names = weft("inspect", path, "--json").json().get("tensors").list().stream()
                .map(t -> t.get("name").text()).toList();
        assertThat(names).hasSize(7).doesNotHaveDuplicates().contains("W", "w", "", "\u00e9", "e\u0301",
                "a\u202eb\u0000c", "n".repeat(70_000));
        var text = weft("inspect", path).out();
        assertThat(text).doesNotContain("\u202e", "\u0000").contains("…");
        assertThat(text.lines().mapToInt(String::length).max().orElse(0)).isLessThan(1000);
    }

    @Test
    void a_file_that_changes_while_it_is_open_is_told() throws Exception {
        var path = file("m.safetensors", safetensors(header(), 12));
        var workspace = Workspace.open(path, Progress.NONE);
        Files.write(path, safetensors(header(), 20));
        assertThat(org.assertj.core.api.Assertions.catchThrowableOfType(CheckpointException.class,
                () -> workspace.statistics("a", Progress.NONE)).code()).isEqualTo(Code.CHANGED);
    }

    @Test
    void names_and_shapes_without_values_still_compare() throws Exception {
        Files.copy(FIXTURES.resolve("gpt2-tiny/openai-tf/model.ckpt.index"), folder.resolve("model.ckpt.index"));
        Files.copy(FIXTURES.resolve("gpt2-tiny/openai-tf/hparams.json"), folder.resolve("hparams.json"));
        var index = folder.resolve("model.ckpt.index");
        var diff = weft("diff", index, "--target", "gpt2/scratch-split", "--json");
        assertThat(diff.json().get("summary.needsRule").whole()).isPositive();
        var convert = weft("convert", index, "--target", "gpt2/hf", "-o", folder.resolve("o.safetensors"), "--json");
        assertThat(convert.status()).isEqualTo(Exit.REFUSED);
        assertThat(convert.json().get("error.code").text()).isEqualTo("DATA_MISSING");
    }

    @Test
    void rules_from_a_stranger_are_data() throws Exception {
        var source = FIXTURES.resolve("gpt2-tiny/openai-tf");
        var unknown = file("u.json", "{\"weft\":1,\"rules\":[],\"exec\":\"rm\"}");
        var run = weft("diff", source, "--target", "gpt2/hf", "--rules", unknown, "--json");
        assertThat(run.status()).isEqualTo(Exit.REFUSED);
        assertThat(run.json().get("error.code").text()).isEqualTo("BAD_RULES");
        var large = file("l.json", "{\"weft\":1,\"rules\":[],\"name\":\"" + "x".repeat(70_000_000) + "\"}");
        assertThat(weft("diff", source, "--target", "gpt2/hf", "--rules", large, "--json").json().get("error.code")
                .text()).isEqualTo("LIMIT");
        // Exponential for a matcher that steps back: answered, whatever the answer.
        var evil = file("e.weft", "\"re:(([a-z0-9/_]+)*)+x!\" => y\n");
        assertThat(weft("diff", source, "--target", "gpt2/hf", "--rules", evil, "--json").status()).isBetween(0, 3);
    }

    @Test
    void a_rule_that_makes_more_than_the_disk_holds_is_refused_before_a_byte_is_written() throws Exception {
        var source = file("m.safetensors", safetensors(header(), 12));
        var rules = file("r.weft", "a : pad @0 to 1000000000000000 zero => a\n");
        var run = weft("convert", source, "--rules", rules, "-o", folder.resolve("o.safetensors"), "--json");
        assertThat(run.status()).as(run.out()).isEqualTo(Exit.NOT_WRITTEN);
        assertThat(run.json().get("error.code").text()).isEqualTo("NO_SPACE");
        try (var left = Files.list(folder)) {
            assertThat(left.map(f -> f.getFileName().toString())).containsExactlyInAnyOrder("m.safetensors", "r.weft");
        }
    }

    @Test
    void the_source_is_never_written_onto_by_any_name() throws Exception {
        var source = file("m.safetensors", safetensors(header(), 12));
        var rules = file("all.json", "{\"weft\":1,\"others\":\"copy\",\"rules\":[]}");
        Files.createLink(folder.resolve("hard.safetensors"), source);
        Files.createSymbolicLink(folder.resolve("soft.safetensors"), source);
        for (var name : List.of("m.safetensors", "hard.safetensors", "soft.safetensors", "M.SAFETENSORS",
                "./x/../m.safetensors")) {
            var run = weft("convert", source, "--rules", rules, "-o", folder + "/" + name, "--force", "--json");
            assertThat(run.status()).as(name).isEqualTo(Exit.REFUSED);
            assertThat(run.json().get("error.code").text()).as(name).isEqualTo("SAME_FILE");
        }
        assertThat(Files.readAllBytes(source)).isEqualTo(safetensors(header(), 12));
    }

    // ---- building -----------------------------------------------------------------------------------------------------

    private static final String GOOD = tensor("FloatStorage", "0", 6, 0, "2 3", "3 1");

    private static Map<String, byte[]> good() {
        return entries(dict("w", GOOD), 24);
    }

    private static Map<String, byte[]> entries(byte[] pickle, int storage) {
        var entries = new LinkedHashMap<String, byte[]>();
        entries.put("m/data.pkl", pickle);
        entries.put("m/data/0", new byte[storage]);
        return entries;
    }

    private Path file(String name, String text) throws IOException {
        return file(name, text.getBytes(UTF_8));
    }

    private Path file(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes);
    }

    private static byte[] shorter(String fixture, int by) throws IOException {
        var bytes = fixture(fixture);
        return Arrays.copyOf(bytes, bytes.length - by);
    }

    /** The tensor whose values end the file. */
    private static String lastOf(String fixture) {
        return weft("inspect", FIXTURES.resolve(fixture), "--json").json().get("tensors").list().getLast().get("name")
                .text();
    }

    private static byte[] fixture(String name) throws IOException {
        return Files.readAllBytes(FIXTURES.resolve(name));
    }

    private static String header() {
        return "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}}";
    }

    private static byte[] safetensors(String header, int data) {
        var utf8 = header.getBytes(UTF_8);
        return ByteBuffer.allocate(8 + utf8.length + data).order(ByteOrder.LITTLE_ENDIAN).putLong(utf8.length).put(utf8)
                .array();
    }

    private static byte[] notFinite() {
        var header = "{\"x\":{\"dtype\":\"F32\",\"shape\":[6],\"data_offsets\":[0,24]}}";
        var bytes = ByteBuffer.wrap(safetensors(header, 24)).order(ByteOrder.LITTLE_ENDIAN);
        bytes.position(8 + header.length());
        bytes.putInt(0x7fc00000).putInt(0x7f800001).putInt(0xffc12345).putFloat(Float.POSITIVE_INFINITY)
                .putFloat(Float.NEGATIVE_INFINITY).putFloat(1);
        return bytes.array();
    }

    private static byte[] oddNames() {
        var header = new StringBuilder("{");
        int at = 0;
        for (var name : List.of("W", "w", "", "\u00e9", "e\u0301", "a\\u202eb\\u0000c", "n".repeat(70_000))) {
            header.append(at == 0 ? "" : ",").append("\"").append(name)
                    .append("\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[").append(at).append(',')
                    .append(++at).append("]}");
        }
        return safetensors(header + "}", at);
    }

    private static byte[] bomb() throws IOException {
        var entries = new LinkedHashMap<String, byte[]>();
        entries.put("m/data.pkl", dict("bomb", tensor("ByteStorage", "1", 70 << 20, 0, "73400320", "1"), "w", GOOD));
        entries.put("m/data/0", new byte[24]);
        entries.put("m/data/1", new byte[70 << 20]);
        return archive(entries, ZipEntry.DEFLATED);
    }

    /** A storage of 5 MiB, in which one byte isn't the one the checksum was taken of. */
    private Path largeWithWrongChecksum() throws IOException {
        int size = 5 << 20;
        var entries = new LinkedHashMap<String, byte[]>();
        entries.put("m/data.pkl", dict("large", tensor("ByteStorage", "0", size, 0, Integer.toString(size), "1"),
                "small", tensor("FloatStorage", "1", 6, 0, "2 3", "3 1")));
        entries.put("m/data/0", new byte[size]);
        entries.put("m/data/1", new byte[24]);
        var path = file("large.pt", archive(entries));
        try (var file = new RandomAccessFile(path.toFile(), "rw")) {
            file.seek(3 << 20);
            file.write(9);
        }
        return path;
    }

    private static int indexOf(byte[] bytes, String text) {
        return new String(bytes, ISO_8859_1).indexOf(text);
    }

    private static Long callIn(String fixture) {
        try {
            return (long) indexOf(fixture("torch-misc/" + fixture), "ios\n");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private Path bundle() throws IOException {
        for (var name : List.of("model.ckpt.index", "model.ckpt.data-00000-of-00001", "hparams.json")) {
            Files.copy(FIXTURES.resolve("gpt2-tiny/openai-tf").resolve(name), folder.resolve(name));
        }
        return folder.resolve("model.ckpt.index");
    }

    private Path cutBundle(String ending, int bytes) throws IOException {
        var index = bundle();
        try (var channel = FileChannel.open(folder.resolve("model.ckpt" + ending), StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() - bytes);
        }
        return index;
    }

    private Path flippedBundle() throws IOException {
        var index = bundle();
        try (var file = new RandomAccessFile(folder.resolve("model.ckpt.data-00000-of-00001").toFile(), "rw")) {
            file.write(file.read() ^ 1);
        }
        return index;
    }

    /** The tensor at the data file's first byte: TensorFlow writes them by name. */
    private static String firstOfBundle() {
        return "model/h0/attn/c_attn/b";
    }

    private Path state(String named) throws IOException {
        bundle();
        return file("checkpoint", "model_checkpoint_path: \"" + named + "\"\n");
    }

    /** A value of two floats under a tag of one letter: 28 bytes. */
    private static byte[] mindspore(String tag) {
        return joined(new byte[]{0x0a, 26, 0x0a, 1}, tag.getBytes(UTF_8), new byte[]{0x12, 21, 0x08, 2, 0x12, 7},
                "Float32".getBytes(UTF_8), new byte[]{0x1a, 8}, new byte[8]);
    }

    private static byte[] vocabulary() {
        var out = ByteBuffer.allocate(96).order(ByteOrder.LITTLE_ENDIAN);
        out.put("GGUF".getBytes(UTF_8)).putInt(3).putLong(0).putLong(1);
        out.putLong(21).put("tokenizer.ggml.tokens".getBytes(UTF_8)).putInt(9).putInt(8).putLong(1).putLong(1)
                .put((byte) 'a');
        return out.array();
    }

    private static byte[] joined(byte[]... parts) {
        var out = new byte[Arrays.stream(parts).mapToInt(p -> p.length).sum()];
        int at = 0;
        for (var part : parts) {
            System.arraycopy(part, 0, out, at, part.length);
            at += part.length;
        }
        return out;
    }
}
