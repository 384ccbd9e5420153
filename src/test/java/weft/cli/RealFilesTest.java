package weft.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static weft.cli.Run.weft;

import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

import weft.format.Formats;
import weft.io.Progress;
import weft.tensor.TensorData;

/**
 * Every file of other people's making is opened, written in every format, and read again: the same names, types, shapes
 * and bits, or a code that says why not. Run with {@code -Dweft.real=FOLDER}; skipped without.
 */
class RealFilesTest {
    private static final Map<String, String> OUTPUTS = Map.of("safetensors", "out.safetensors", "torch", "out.pt",
            "numpy",
            "out.npz", "keras", "out.h5", "tensorflow", "bundle.ckpt", "mindspore", "out.ckpt", "gguf", "out.gguf");
    /** What can't be written, in any format or in one of them, and the code that says why. */
    private static final Map<String, String> REFUSED = Map.ofEntries(Map.entry("MANIFEST.tsv", "NOT_A_MODEL"),
            Map.entry("nanogpt-style/meta.pkl", "OPEN_SIBLING"),
            Map.entry("openai-gpt2-124M/encoder.json", "NOT_A_MODEL"),
            Map.entry("openai-gpt2-124M/hparams.json", "NOT_A_MODEL"),
            Map.entry("openai-gpt2-124M/vocab.bpe", "NOT_A_MODEL"),
            Map.entry("openai-gpt2-124M/model.ckpt.index", "DATA_MISSING"), // the values are 500 MB
            Map.entry("gguf/ggml-vocab-gpt-2.gguf", "NOT_COMPLETE"), // no tensors in it
            Map.entry("hdf5/utf8-fixed-length.hdf5", "NOT_COMPLETE"),
            Map.entry("torchscript/foo1.pt", "NOT_COMPLETE"), Map.entry("torchscript/foo7.pt", "NOT_COMPLETE"),
            Map.entry("hdf5/external_link.hdf5", "EXTERNAL"),
            Map.entry("hdf5/test_odd_datasets_latest.hdf5", "DATA_MISSING"),
            Map.entry("hdf5/tiny_huge_1d_over_maxint.hdf5", "LIMIT"),
            Map.entry("torch/bfloat16.pt numpy", "UNKNOWN_DTYPE"), Map.entry("torch/bool.pt gguf", "UNKNOWN_DTYPE"));

    @TempDir
    private Path folder;

    @TestFactory
    Stream<DynamicTest> writes_in_every_format_what_it_reads() throws Exception {
        var real = Path.of(System.getProperty("weft.real", "absent"));
        assumeTrue(Files.isDirectory(real), "-Dweft.real=FOLDER");
        try (var files = Files.walk(real)) {
            return files.filter(Files::isRegularFile).sorted().toList().stream().map(file -> {
                var name = real.relativize(file).toString().replace('\\', '/');
                return DynamicTest.dynamicTest(name, () -> converts(file, name));
            });
        }
    }

    private void converts(Path file, String name) throws Exception {
        for (var output : OUTPUTS.entrySet()) {
            var out = Files.createTempDirectory(folder, output.getKey()).resolve(output.getValue());
            var run = weft("convert", file, "--target", file, "--to", output.getKey(), "-o", out, "--json");
            var refused = REFUSED.getOrDefault(name + " " + output.getKey(), REFUSED.get(name));
            assertThat(run.status() == 0 ? null : run.json().get("error.code").text()).as(output.getKey() + run.out())
                    .isEqualTo(refused);
            if (run.status() == 0) {
                assertSame(file, output.getKey().equals("tensorflow") ? Path.of(out + ".index") : out);
            } else {
                try (var left = Files.list(out.getParent())) {
                    assertThat(left).isEmpty();
                }
            }
        }
    }

    private static void assertSame(Path source, Path written) throws Exception {
        var before = values(source);
        var after = values(written);
        for (var tensor : before.entrySet()) {
            var found = after.get(tensor.getKey());
            assertThat(found).as(tensor.getKey() + " in " + written).isNotNull();
            var expected = tensor.getValue();
            assertThat(found.dtype()).as(tensor.getKey()).isEqualTo(expected.dtype());
            assertThat(found.shape()).as(tensor.getKey()).isEqualTo(expected.shape());
            assertThat(MemorySegment.mismatch(found.contiguous().bytes(), 0, found.byteSize(),
                    expected.contiguous().bytes(), 0, expected.byteSize())).as(tensor.getKey()).isEqualTo(-1);
        }
    }

    private static Map<String, TensorData> values(Path file) throws Exception {
        var values = new LinkedHashMap<String, TensorData>();
        for (var tensor : Formats.open(file, Progress.NONE).tensors()) {
            values.put(tensor.name(), tensor.read());
        }
        return values;
    }
}
