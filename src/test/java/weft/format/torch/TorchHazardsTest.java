package weft.format.torch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static weft.format.torch.TorchFile.program;
import static weft.format.torch.TorchFile.storage;
import static weft.format.torch.TorchFile.string;
import static weft.format.torch.TorchFile.tensor;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import weft.format.Checkpoint;
import weft.format.Formats;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;
import weft.tensor.DType;
import weft.tensor.TensorInfo;

/** Files nobody's torch.save wrote: lies about sizes, calls, cuts, and bytes changed at random. */
class TorchHazardsTest {
    @TempDir
    private Path folder;

    /** An archive with this pickle and storages {@code 0}, {@code 1} … of so many bytes. */
    private Path file(String pickle, int... storages) throws IOException {
        var entries = new TreeMap<String, byte[]>();
        entries.put("m/data.pkl", pickle.getBytes(ISO_8859_1));
        for (int i = 0; i < storages.length; i++) {
            entries.put("m/data/" + i, new byte[storages[i]]);
        }
        return file(entries);
    }

    private Path file(Map<String, byte[]> entries) throws IOException {
        return Files.write(folder.resolve("m.pt"), TorchFile.archive(entries));
    }

    private static Checkpoint open(Path path) throws CheckpointException {
        return Formats.open(path, Progress.NONE);
    }

    private static Problem refused(Path path) {
        var thrown = catchThrowableOfType(CheckpointException.class, () -> open(path));
        assertThat(thrown).isNotNull();
        return thrown.problem();
    }

    private static TensorInfo info(Checkpoint checkpoint, String name) {
        return Expected.tensor(checkpoint, name).info();
    }

    private static final String GOOD = tensor(storage("FloatStorage", "0", 6), 0, "2 3", "3 1");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            6 | 0  | 2 3                 | 3 1       |
            6 | 0  | 0 4611686018427387904 4611686018427387904 | 4611686018427387904 1 9 |
            6 | 9223372036854775807 | 0 3 | 3 1      |
            6 | 0  | 1000 1000           | 0 0       |
            6 | 0  | ''                  | ''        |
            7 | 0  | 2 3                 | 3 1       | STORAGE_SIZE
            5 | 0  | 1                   | 1         | STORAGE_SIZE
            -6 | 0 | 2 3                 | 3 1       | STORAGE_SIZE
            4611686018427387905 | 0 | 1  | 1         | STORAGE_SIZE
            6 | 1  | 2 3                 | 3 1       | VIEW_RANGE
            6 | -1 | 2 3                 | 3 1       | VIEW_RANGE
            6 | 0  | 2 3                 | 4 1       | VIEW_RANGE
            6 | 0  | 2 3                 | -3 1      | VIEW_RANGE
            6 | 0  | -2 3                | 3 1       | VIEW_RANGE
            6 | 0  | 2 3                 | 1         | VIEW_RANGE
            6 | 9223372036854775807 | 2 3 | 3 1      | VIEW_RANGE
            6 | 0  | 4611686018427387904 4611686018427387904 | 1 1 | VIEW_RANGE
            6 | 0  | 4611686018427387904 | 4611686018427387904 | VIEW_RANGE
            6 | 0  | 4611686018427387904 | 0         | SHAPE_BOMB
            6 | 0  | 4611686018427387904 4611686018427387904 | 0 0 | VIEW_RANGE
            """)
    void a_view_that_lies_breaks_only_its_tensor(long count, long offset, String sizes, String strides, Code code)
            throws Exception {
        var lie = tensor(storage("FloatStorage", "0", count), offset, sizes, strides);
        var checkpoint = open(
                file(program("lie", lie, "good", tensor(storage("FloatStorage", "1", 6), 0, "2 3", "3 1")),
                        24, 24));
        assertThat(info(checkpoint, "good").broken()).isNull();
        var broken = info(checkpoint, "lie").broken();
        if (code == null) {
            assertThat(broken).isNull();
            var data = Expected.tensor(checkpoint, "lie").read();
            assertThat(data.shape()).isEqualTo(info(checkpoint, "lie").shape());
            assertThat(data.contiguous().bytes().byteSize()).isEqualTo(data.byteSize());
            return;
        }
        assertThat(broken.code()).isEqualTo(code);
        assertThat(broken.field()).isEqualTo("lie");
        assertThat(broken.offset()).isPositive();
        assertThat(catchThrowableOfType(CheckpointException.class, () -> Expected.tensor(checkpoint, "lie").read())
                .code()).isEqualTo(code);
    }

    @Test
    void a_storage_that_is_not_there_breaks_its_tensors() throws Exception {
        var checkpoint = open(file(program("a", tensor(storage("FloatStorage", "9", 1), 0, "1", "1"), "b", GOOD), 24));
        assertThat(info(checkpoint, "a").broken().code()).isEqualTo(Code.DATA_MISSING);
        assertThat(info(checkpoint, "b").broken()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../etc/passwd", "..", "a/b", "a\\b", ""})
    void a_storage_key_is_no_path(String key) throws Exception {
        var checkpoint = open(file(program("a", tensor(storage("FloatStorage", key, 1), 0, "1", "1")), 4));
        assertThat(info(checkpoint, "a").broken().code()).isEqualTo(Code.PATH_OUTSIDE);
    }

    @Test
    void an_unknown_dtype_breaks_its_tensor_and_is_named() throws Exception {
        var checkpoint = open(file(program("a", tensor(storage("Float6Storage", "0", 1), 0, "2 3", "3 1")), 4));
        assertThat(info(checkpoint, "a").dtype()).isEqualTo(DType.UNKNOWN);
        assertThat(info(checkpoint, "a").shape()).hasToString("[2, 3]");
        assertThat(info(checkpoint, "a").broken().code()).isEqualTo(Code.UNKNOWN_DTYPE);
        assertThat(info(checkpoint, "a").broken().found()).isEqualTo("Float6Storage");
    }

    @Test
    void a_strange_function_on_the_way_to_a_tensor_is_refused() throws Exception {
        var program = program("a", "cmylib.layers\nwrap\n" + GOOD + "\u0085R");
        var problem = refused(file(program, 24));
        assertThat(problem.code()).isEqualTo(Code.PICKLE_CALL);
        assertThat(problem.found()).isEqualTo("mylib.layers.wrap");
        assertThat(problem.offset()).isEqualTo(30 + "m/data.pkl".length() + program.length() - 3);
    }

    @Test
    void a_strange_object_beside_the_tensors_is_a_warning() throws Exception {
        var checkpoint = open(file(program("w", GOOD, "x", "cmylib\nmake\n)R"), 24));
        assertThat(checkpoint.warnings()).extracting(Problem::code).containsExactly(Code.OPAQUE_OBJECT);
        assertThat(checkpoint.warnings().getFirst().found()).isEqualTo("mylib.make");
        assertThat(checkpoint.ignored()).containsExactly(new Checkpoint.Ignored("x", "object"));
    }

    @Test
    void a_call_hidden_in_a_deflated_pickle_is_found_within_it() throws Exception {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("m/data.pkl"));
            zip.write("Ncos\nsystem\n.".getBytes(ISO_8859_1));
        }
        var problem = refused(Files.write(folder.resolve("m.pt"), bytes.toByteArray()));
        assertThat(problem.code()).isEqualTo(Code.PICKLE_CALL);
        assertThat(problem.file()).isEqualTo("m.pt!m/data.pkl");
        assertThat(problem.offset()).isEqualTo(1);
    }

    @Test
    void a_deflated_bomb_breaks_only_its_tensor() throws Exception {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("m/data.pkl"));
            zip.write(program("bomb", tensor(storage("ByteStorage", "1", 70 << 20), 0, "5", "1"), "w", GOOD)
                    .getBytes(ISO_8859_1));
            zip.putNextEntry(new ZipEntry("m/data/0"));
            zip.write(new byte[24]);
            zip.putNextEntry(new ZipEntry("m/data/1"));
            zip.write(new byte[70 << 20]);
        }
        var checkpoint = open(Files.write(folder.resolve("m.pt"), bytes.toByteArray()));
        assertThat(info(checkpoint, "w").broken()).isNull();
        assertThat(info(checkpoint, "bomb").broken().code()).isEqualTo(Code.BOMB);
    }

    @Test
    void a_wrong_checksum_is_a_warning_that_names_the_tensors() throws Exception {
        var pickle = program("w", GOOD, "v", tensor(storage("FloatStorage", "0", 6), 0, "6", "1"));
        var path = file(pickle, 24);
        var bytes = Files.readAllBytes(path);
        bytes[30 + "m/data.pkl".length() + pickle.length() + 30 + "m/data/0".length() + 3] = 0x40;
        var checkpoint = open(Files.write(path, bytes));
        assertThat(checkpoint.warnings()).extracting(Problem::code).containsExactly(Code.CRC, Code.CRC);
        assertThat(checkpoint.warnings()).extracting(Problem::field).containsExactly("w", "v");
        assertThat(Expected.tensor(checkpoint, "w").read().at(0, 0)).isEqualTo(2.0);
    }

    @Test
    void two_roots_are_refused_and_a_stray_entry_is_not_used() throws Exception {
        var pickle = program("w", GOOD).getBytes(ISO_8859_1);
        var two = Map.of("a/data.pkl", pickle, "b/data.pkl", pickle, "a/data/0", new byte[24], "b/data/0",
                new byte[24]);
        assertThat(refused(file(two)).code()).isEqualTo(Code.ZIP_AMBIGUOUS);
        var stray = open(file(Map.of("a/data.pkl", pickle, "b/data/0", new byte[24], "a/data/0", new byte[24])));
        assertThat(stray.warnings()).extracting(Problem::code).containsExactly(Code.PATH_OUTSIDE);
        assertThat(stray.tensors()).hasSize(1);
    }

    @Test
    void two_tensors_of_one_name_are_refused() throws Exception {
        var problem = refused(file(program("a.b", GOOD, "a", "}" + string("b") + GOOD + "s"), 24));
        assertThat(problem.code()).isEqualTo(Code.DUPLICATE_NAME);
        assertThat(problem.field()).isEqualTo("a.b");
    }

    @Test
    void a_dict_that_holds_itself_and_lists_that_multiply_end() throws Exception {
        var itself = open(file("\u0080\u0002}q\0(" + string("w") + GOOD + string("again") + "h\0u.", 24));
        assertThat(Expected.names(itself)).containsExactly("w");
        // Each list holds the one before ten times: 10^30 tensors in 1000 bytes.
        assertThat(refused(file("\u0080\u0002" + multiplied(GOOD) + "}" + string("x") + "h\u001es.", 24)).code())
                .isEqualTo(Code.LIMIT);
        // The same without tensors is a setting too large to show.
        var settings = open(
                file("\u0080\u0002" + multiplied("K\1") + "}" + string("x") + "h\u001es" + string("w") + GOOD
                        + "s.", 24));
        assertThat(settings.settings()).doesNotContainKey("x");
        assertThat(Expected.names(settings)).containsExactly("w");
    }

    private static String multiplied(String value) {
        var program = new StringBuilder(value + "q\0000");
        for (int i = 0; i < 30; i++) {
            program.append("](").append(("h" + (char) i).repeat(10)).append("eq").append((char) (i + 1)).append('0');
        }
        return program.toString();
    }

    @Test
    void nesting_too_deep_is_refused() throws Exception {
        var depth = 5000;
        var problem = refused(file("\u0080\u0002" + "]".repeat(depth) + GOOD + "a".repeat(depth) + ".", 24));
        assertThat(problem.code()).isEqualTo(Code.LIMIT);
    }

    @Test
    void a_file_without_tensors_says_so() throws Exception {
        assertThat(refused(file(program("epoch", "K\1"))).code()).isEqualTo(Code.NOT_A_MODEL);
    }

    @Test
    void a_legacy_file_cut_in_its_storages_keeps_all_names() throws Exception {
        var bytes = Files.readAllBytes(Expected.FIXTURES.resolve("torch-misc/dtypes-legacy.pt"));
        var whole = open(Expected.FIXTURES.resolve("torch-misc/dtypes-legacy.pt"));
        var cut = open(Files.write(folder.resolve("cut.pt"), Arrays.copyOf(bytes, bytes.length - 60)));
        assertThat(Expected.names(cut)).isEqualTo(Expected.names(whole));
        var broken = cut.tensors().stream().map(t -> t.info().broken()).filter(b -> b != null).toList();
        assertThat(broken).isNotEmpty().hasSizeLessThan(cut.tensors().size()).extracting(Problem::code)
                .containsOnly(Code.TRUNCATED);
        var longer = open(Files.write(folder.resolve("long.pt"), Arrays.copyOf(bytes, bytes.length + 5)));
        assertThat(longer.warnings()).extracting(Problem::code).containsExactly(Code.TRAILING_BYTES);
        assertThat(longer.warnings().getFirst().offset()).isEqualTo(bytes.length);
    }

    @Test
    void a_file_changed_while_open_is_not_read() throws Exception {
        var path = file(program("w", GOOD), 24);
        var checkpoint = open(path);
        Files.write(path, "other".getBytes(UTF_8));
        assertThat(catchThrowableOfType(CheckpointException.class, () -> checkpoint.tensors().getFirst().read())
                .code()).isEqualTo(Code.CHANGED);
    }

    @Test
    void a_tar_that_contradicts_itself_is_refused() throws Exception {
        var bytes = Files.readAllBytes(Expected.FIXTURES.resolve("torch-containers/old.tar"));
        bytes[125] ^= 1; // a digit of the first member's size
        assertThat(refused(Files.write(folder.resolve("x.tar"), bytes)).code()).isEqualTo(Code.TORCH_TAR);
    }

    /** Every fixture with bits flipped, cut, spliced and numbers moved by one; only our own exception may escape. */
    @TestFactory
    Stream<DynamicTest> a_mutated_file_is_read_or_refused() throws IOException {
        var files = Stream.of("torch-misc", "torch-containers").map(Expected.FIXTURES::resolve).flatMap(f -> {
            try (var list = Files.list(f)) {
                return list.filter(p -> !p.toString().endsWith(".json")).sorted().toList().stream();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }).toList();
        return files.stream().map(f -> DynamicTest.dynamicTest(f.getFileName().toString(), () -> {
            var good = Files.readAllBytes(f);
            for (int seed = 0; seed < 40; seed++) {
                mutate(good, new Random(seed * 31L + good.length), f, seed);
            }
        }));
    }

    private void mutate(byte[] good, Random random, Path original, int seed) throws IOException {
        var bytes = good.clone();
        int at = random.nextInt(bytes.length);
        switch (seed % 5) {
            case 0 -> bytes = Arrays.copyOf(bytes, at);
            case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 2 -> bytes[at] += random.nextBoolean() ? 1 : -1;
            case 3 ->
                System.arraycopy(good, random.nextInt(bytes.length - 8), bytes, random.nextInt(bytes.length - 8), 8);
            default -> {
                for (int i = 0; i < 6; i++) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                }
            }
        }
        var path = Files.write(folder.resolve("fuzz-" + original.getFileName()), bytes);
        try {
            var checkpoint = new TorchFormat().open(path, Progress.NONE);
            for (var tensor : checkpoint.tensors()) {
                if (tensor.info().broken() == null && tensor.info().shape().count() < 1_000_000) {
                    tensor.read().contiguous();
                }
            }
        } catch (CheckpointException expected) {
            // Refused: fine.
        } catch (RuntimeException | Error e) {
            throw new AssertionError(original + " seed " + seed, e);
        }
    }

    @Test
    void probing_looks_at_content() throws Exception {
        var format = new TorchFormat();
        var zip = file(Map.of("m/data.pkl", new byte[]{'N', '.'}));
        assertThat(format.probe(Path.of("x.zip"), Files.readAllBytes(zip))).isEqualTo(TorchFormat.Match.CONTENT);
        assertThat(format.probe(Path.of("x.pt"), "PK\3\4 something else".getBytes(UTF_8)))
                .isEqualTo(TorchFormat.Match.NAME);
        assertThat(format.probe(Path.of("x.npz"), "PK\3\4 something else".getBytes(UTF_8)))
                .isEqualTo(TorchFormat.Match.NO);
        assertThat(format.probe(Path.of("x.pt"), "{}".getBytes(UTF_8))).isEqualTo(TorchFormat.Match.NO);
        assertThat(List.of("torch-misc/dtypes-legacy.pt", "torch-containers/old.tar")).allSatisfy(f -> assertThat(
                format.probe(Path.of("any"), Files.readAllBytes(Expected.FIXTURES.resolve(f))))
                .isEqualTo(TorchFormat.Match.CONTENT));
    }
}
