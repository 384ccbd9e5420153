package weft.format.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipFile;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import weft.convert.WrittenCheck;
import weft.format.Formats;
import weft.format.ShardWriter;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Progress;
import weft.io.SourceFile;
import weft.io.ZipDirectory;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorData;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/**
 * Held against files of torch.save itself. That torch.load reads what is written here, {@code check_torch_written.py}
 * shows.
 */
class TorchWriterTest {
    @TempDir
    Path folder;

    private record Values(TensorInfo info, TensorData read) implements TensorSource {
        static Values of(String name, TensorData data) {
            return new Values(new TensorInfo(name, data.dtype(), data.shape(), data.byteSize()), data);
        }
    }

    private static TensorSource tensor(String name, DType dtype, byte[] bytes, long... shape) {
        var memory = Arena.ofAuto().allocate(Math.max(1, bytes.length), 16);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, memory, 0, bytes.length);
        return Values.of(name, TensorData.of(memory, dtype, Shape.of(shape)));
    }

    private static TensorSource floats(String name, float... values) {
        return Values.of(name, TensorData.ofFloats(values, values.length));
    }

    private Path write(String file, List<TensorSource> tensors) throws CheckpointException {
        var path = folder.resolve(file);
        var written = new TorchWriter().write(path, tensors, Map.of("left", "out"), true, Progress.NONE);
        assertThat(written.parts()).singleElement().satisfies(p -> assertThat(p.bytes()).isEqualTo(path.toFile().length()));
        WrittenCheck.check(path, tensors.stream().map(TensorSource::info).toList(), written.crc32c(), Progress.NONE);
        return path;
    }

    /** Where the half of the hash over names stands that only PyTorch's own hash table knows, and its checksums. */
    private static Set<Integer> ownHash(Path file) throws Exception {
        var zip = ZipDirectory.read(SourceFile.open(file));
        var entry = zip.entries().getLast();
        assertThat(entry.name()).endsWith("/.data/serialization_id");
        assertThat(entry.size()).isEqualTo(40);
        int central = zip.entries().stream().mapToInt(e -> 46 + e.name().length()).sum() - 46 - entry.name().length();
        int directory = (int) entry.offset() + 40 + 16;
        var places = new HashSet<Integer>();
        for (int i = 0; i < 20; i++) {
            places.add((int) entry.offset() + i);
        }
        for (int i = 0; i < 4; i++) {
            places.add((int) entry.offset() + 40 + 4 + i); // data descriptor
            places.add(directory + central + 16 + i);
        }
        return places;
    }

    @ParameterizedTest
    @ValueSource(strings = {"torch-misc/dtypes.pt", "gpt2-tiny/hf-sharded-bin/pytorch_model-00001-of-00003.bin",
            "gpt2-tiny/hf-sharded-bin/pytorch_model-00002-of-00003.bin",
            "gpt2-tiny/hf-sharded-bin/pytorch_model-00003-of-00003.bin"})
    void writes_the_very_bytes_of_torch_save(String file) throws Exception {
        var theirs = Expected.FIXTURES.resolve(file);
        var ours = Files.readAllBytes(write(theirs.getFileName().toString(), Formats.open(theirs, Progress.NONE).tensors()));
        var bytes = Files.readAllBytes(theirs);
        assertThat(ours).hasSameSizeAs(bytes);
        var differ = new ArrayList<Integer>();
        for (int i = 0; i < bytes.length; i++) {
            if (ours[i] != bytes[i]) {
                differ.add(i);
            }
        }
        assertThat(ownHash(theirs)).containsAll(differ);
    }

    @Test
    void keeps_every_bit_and_every_name() throws Exception {
        var tensors = new ArrayList<TensorSource>();
        tensors.add(tensor("NaN with a payload, -0.0, the smallest", DType.F32,
                new byte[]{1, 2, (byte) 0xa0, 0x7f, 0, 0, 0, (byte) 0x80, 1, 0, 0, 0}, 3));
        for (var name : List.of("", "層.重み", "naïve", "nai\u0308ve", "\ud83e\udde0", "a\nb\0c", "../x", "x".repeat(70_000))) {
            tensors.add(floats(name, tensors.size()));
        }
        tensors.add(tensor("scalar", DType.I64, new byte[]{1, 2, 3, 4, 5, 6, 7, 8}));
        tensors.add(tensor("empty", DType.BF16, new byte[0], 0, 5, 0));
        tensors.add(tensor("deep", DType.U8, new byte[]{1, 2, 3, 4, 5, 6}, 1, 1, 2, 1, 3));
        tensors.add(tensor("long", DType.BOOL, new byte[70_000], 70_000, 1));
        tensors.add(Values.of("turned", TensorData.ofFloats(new float[]{1, 2, 3, 4, 5, 6}, 2, 3).permute(1, 0)));
        for (int i = 0; i < 1001; i++) { // more than the memo's short numbers and the pickler's batch
            tensors.add(floats("many." + i, i));
        }
        // Left for check_torch_written.py.
        var path = Files.createDirectories(Path.of("target", "torch-written")).resolve("many.pt").toAbsolutePath();
        Files.deleteIfExists(path);
        write(path.toString(), tensors);
        var read = Formats.open(path, Progress.NONE);
        assertThat(read.warnings()).isEmpty();
        assertThat(read.tensors().stream().map(TensorSource::name)).isEqualTo(tensors.stream().map(TensorSource::name).toList());
        for (int i = 0; i < tensors.size(); i++) {
            assertThat(read.tensors().get(i).read().bytes().mismatch(tensors.get(i).read().contiguous().bytes()))
                    .as(read.tensors().get(i).name()).isEqualTo(-1);
        }
        assertThat(Expected.tensor(read, "turned").read().toFloats()).containsExactly(1, 4, 2, 5, 3, 6);
    }

    @Test
    void the_same_tensors_make_the_same_bytes() throws Exception {
        var tensors = List.of(floats("a", 1, 2), floats("b", 3));
        var first = Files.readAllBytes(write("m.pt", tensors));
        Files.delete(folder.resolve("m.pt"));
        assertThat(Files.readAllBytes(write("m.pt", tensors))).isEqualTo(first);
    }

    @Test
    void storages_begin_at_multiples_of_64_bytes_uncompressed_with_true_checksums() throws Exception {
        var path = write("m.pt", List.of(floats("a", 1), tensor("b", DType.U8, new byte[]{7}, 1), floats("c", 2, 3)));
        var zip = ZipDirectory.read(SourceFile.open(path));
        assertThat(zip.entries()).allSatisfy(e -> {
            assertThat(e.method()).isEqualTo(ZipDirectory.Method.STORED);
            assertThat(e.offset() % 64).isZero();
            assertThat(zip.checksum(e)).isNull();
        });
        // Another reader, which compares checksums itself.
        try (var other = new ZipFile(path.toFile())) {
            assertThat(other.getInputStream(other.getEntry("m/data/2")).readAllBytes())
                    .containsExactly(0, 0, 0, 0x40, 0, 0, 0x40, 0x40);
        }
    }

    @ParameterizedTest
    @CsvSource({"model.pt,model", "a.b.bin,a.b", "model,model", ".pt,archive", "....pt,archive", "größe.pt,archive",
            "a:b.pt,archive"})
    void everything_stands_under_the_file_s_own_name(String file, String root) {
        assertThat(TorchWriter.root(file)).isEqualTo(root);
    }

    @Test
    void refuses_what_a_state_dict_cannot_hold_before_a_byte_is_written() {
        assertRefused(Code.DUPLICATE_NAME, floats("a", 1), floats("a", 2));
        assertRefused(Code.BAD_HEADER, floats("half \ud83e", 1));
        assertRefused(Code.UNKNOWN_DTYPE, tensor("text", DType.STRING, new byte[0], 0));
    }

    private void assertRefused(Code code, TensorSource... tensors) {
        var path = folder.resolve("refused.pt");
        assertThatThrownBy(() -> new TorchWriter().write(path, List.of(tensors), Map.of(), true, Progress.NONE))
                .isInstanceOfSatisfying(CheckpointException.class, e -> assertThat(e.code()).isEqualTo(code));
        assertThat(path).doesNotExist();
    }

    @Test
    void shards_have_an_index_and_open_as_one() throws Exception {
        var tensors = List.of(floats("b", 1, 2), floats("a", 3, 4), floats("c", 5));
        var written = new ShardWriter(new TorchWriter(), folder::resolve, "pytorch_model.bin").write(tensors, Map.of(), 8,
                true, Progress.NONE);
        assertThat(written.parts()).extracting(p -> p.path().getFileName().toString()).containsExactly(
                "pytorch_model-00001-of-00003.bin", "pytorch_model-00002-of-00003.bin",
                "pytorch_model-00003-of-00003.bin", "pytorch_model.bin.index.json");
        WrittenCheck.check(written.parts().getLast().path(), tensors.stream().map(TensorSource::info).toList(),
                written.crc32c(), Progress.NONE);
        assertThat(Expected.tensor(Formats.open(folder, Progress.NONE), "a").read().toFloats()).containsExactly(3, 4);
    }

    /** Writes 4 GiB: {@code -Dweft.large=true}. */
    @Test
    @EnabledIfSystemProperty(named = "weft.large", matches = "true")
    void entries_and_archives_beyond_4_GiB_use_zip64() throws Exception {
        long count = (1L << 30) + 1;
        try (var sparse = new RandomAccessFile(folder.resolve("source").toFile(), "rw"); var arena = Arena.ofShared()) {
            sparse.setLength(4 * count);
            try (var channel = FileChannel.open(folder.resolve("source"), StandardOpenOption.READ)) {
                var zeros = channel.map(FileChannel.MapMode.READ_ONLY, 0, 4 * count, arena);
                var path = write("large.pt", List.of(tensor("a", DType.F32, new byte[12], 3),
                        Values.of("big", TensorData.of(zeros, DType.F32, Shape.of(count))),
                        floats("b", 1, 1, 1, 1, 1)));
                var zip = ZipDirectory.read(SourceFile.open(path));
                assertThat(zip.entry("large/data/1").size()).isEqualTo(4 * count);
                assertThat(zip.entry("large/data/2").header()).isGreaterThan(1L << 32);
                assertThat(zip.checksum(zip.entry("large/data/2"))).isNull();
            }
        }
    }
}
