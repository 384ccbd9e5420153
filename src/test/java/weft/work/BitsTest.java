package weft.work;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

import weft.format.CheckpointFormat;
import weft.format.Formats;
import weft.io.Progress;
import weft.rule.RuleSet;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorData;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/** What a conversion without rules and casts owes: every bit, from every format into every other; and the same bytes twice. */
class BitsTest {
    /** Quiet and signalling NaNs with payloads, both zeros, denormals, infinities, the largest and the smallest. */
    private static final int[] F32 = {0x7fc00000, 0x7fc12345, 0xffc00001, 0x7f800001, 0xff812345, 0x80000000, 0, 1,
        0x80000001, 0x007fffff, 0x7f800000, 0xff800000, 0x7f7fffff, 0x00800000, 0x3f800000};
    private static final short[] HALF = {0x7e00, 0x7e55, (short) 0xfe01, 0x7c01, (short) 0xfc22, (short) 0x8000, 0, 1,
        (short) 0x8001, 0x03ff, 0x7c00, (short) 0xfc00, 0x7bff, 0x0400, 0x3c00};
    private static final long[] F64 = {0x7ff8000000000000L, 0x7ff8dead00000001L, 0xfff0000000000001L,
        0x7ff0000000000001L, Long.MIN_VALUE, 0, 1, 0x800fffffffffffffL, 0x7ff0000000000000L, 0x3ff0000000000000L};

    @TempDir
    private Path folder;

    private static List<TensorSource> tensors(CheckpointFormat format) {
        var tensors = new ArrayList<TensorSource>();
        var f32 = ByteBuffer.allocate(4 * F32.length).order(ByteOrder.LITTLE_ENDIAN);
        f32.asIntBuffer().put(F32);
        var half = ByteBuffer.allocate(2 * HALF.length).order(ByteOrder.LITTLE_ENDIAN);
        half.asShortBuffer().put(HALF);
        var f64 = ByteBuffer.allocate(8 * F64.length).order(ByteOrder.LITTLE_ENDIAN);
        f64.asLongBuffer().put(F64);
        var every = new byte[256];
        for (int i = 0; i < 256; i++) {
            every[i] = (byte) i;
        }
        add(tensors, format, "a.f32", DType.F32, f32.array());
        add(tensors, format, "b.f16", DType.F16, half.array());
        add(tensors, format, "c.bf16", DType.BF16, half.array());
        add(tensors, format, "d.f64", DType.F64, f64.array());
        add(tensors, format, "e.f8", DType.F8_E4M3, every);
        add(tensors, format, "f.f8", DType.F8_E5M2, every);
        add(tensors, format, "g.i8", DType.I8, every);
        add(tensors, format, "h.c64", DType.C64,
                f32.array().length % 8 == 0
                        ? f32.array()
                        : new byte[]{0, 0, (byte) 0xc1,
                            0x7f, 0, 0, 0, (byte) 0x80});
        return tensors;
    }

    private static void add(List<TensorSource> tensors, CheckpointFormat format, String name, DType dtype,
            byte[] bytes) {
        if (!format.writer().orElseThrow().holds(dtype)) { return; }
        var segment = Arena.ofAuto().allocate(bytes.length, 64);
        segment.asByteBuffer().put(bytes);
        var data = TensorData.of(segment, dtype, Shape.of(bytes.length / dtype.bytes()));
        var info = new TensorInfo(name, dtype, data.shape(), bytes.length);
        tensors.add(new TensorSource() {
            @Override
            public TensorInfo info() {
                return info;
            }

            @Override
            public TensorData read() {
                return data;
            }
        });
    }

    private static List<CheckpointFormat> writable() {
        return Formats.all().stream().filter(f -> f.writer().isPresent()).toList();
    }

    private static String file(CheckpointFormat format) {
        return format.id().equals("tensorflow") ? "model.ckpt" : "model" + format.endings().getFirst();
    }

    @TestFactory
    Stream<DynamicTest> every_bit_survives_from_every_format_into_every_other() {
        return writable().stream().flatMap(from -> writable().stream().map(to -> DynamicTest
                .dynamicTest(from.id() + " to " + to.id(), () -> check(from, to))));
    }

    private void check(CheckpointFormat from, CheckpointFormat to) throws Exception {
        // What both have room for; refusing the rest is tested with each writer.
        var both = tensors(from).stream().filter(t -> to.writer().orElseThrow().holds(t.info().dtype())).toList();
        assertThat(both).isNotEmpty();
        var place = Files.createTempDirectory(folder, "pair");
        var source = place.resolve(file(from));
        from.writer().orElseThrow().write(source, both, Map.of(), true, Progress.NONE);
        var target = Files.createDirectory(place.resolve("out")).resolve(file(to));
        copyAll(source).convert(new ConvertRequest(target, false, to.id(), null, 0, true, false), _ -> true,
                Progress.NONE);
        var written = Formats.open(target, Progress.NONE);
        assertThat(written.format()).isEqualTo(to.id());
        assertThat(written.tensors()).hasSameSizeAs(both);
        for (var tensor : both) {
            var found = written.tensors().stream().filter(t -> t.name().equals(tensor.name())).findFirst()
                    .orElseThrow();
            assertThat(found.info().dtype()).isEqualTo(tensor.info().dtype());
            assertThat(found.read().contiguous().bytes().mismatch(tensor.read().bytes())).as(tensor.name())
                    .isEqualTo(-1);
        }
    }

    private static Workspace copyAll(Path source) throws Exception {
        var copy = new RuleSet(null, null, null, Map.of(), RuleSet.Others.COPY, List.of(), Map.of());
        return Workspace.open(source, Progress.NONE).withRules(copy).withTargetFromRules();
    }

    @Test
    void where_it_comes_from_is_written_where_there_is_room_and_twice_the_same() throws Exception {
        var source = Path.of("src/test/resources/fixtures/gpt2-tiny/openai-tf");
        for (var format : writable()) {
            var all = new ArrayList<List<byte[]>>();
            for (var place : List.of("first", "second")) {
                var target = Files.createDirectories(folder.resolve(place + format.id())).resolve(file(format));
                var open = Workspace.open(source, Progress.NONE).withTarget("gpt2/hf", Progress.NONE).acceptAll();
                open.convert(new ConvertRequest(target, false, format.id(), null, 0, true, false), _ -> true,
                        Progress.NONE);
                all.add(contents(target.getParent()));
            }
            assertThat(all.get(1)).as(format.id()).hasSameSizeAs(all.get(0));
            for (int i = 0; i < all.get(0).size(); i++) {
                assertThat(all.get(1).get(i)).as(format.id()).isEqualTo(all.get(0).get(i));
            }
            if (format.writer().orElseThrow().keepsMetadata()) {
                var metadata = Formats.open(folder.resolve("first" + format.id()).resolve(file(format)), Progress.NONE)
                        .metadata();
                assertThat(metadata.get("weft.source"))
                        .contains("model.ckpt.index sha256:", "data-00000-of-00001 sha256:")
                        .doesNotContain("/");
                assertThat(metadata.get("weft.rules")).startsWith("sha256:");
                assertThat(metadata.get("weft.version")).isNotBlank();
            }
        }
        var rules = folder.resolve("rules.json");
        var open = Workspace.open(source, Progress.NONE).withTarget("gpt2/hf", Progress.NONE).acceptAll();
        open.save(open.rules(), rules);
        assertThat(Files.readString(rules, StandardCharsets.UTF_8)).contains("\"provenance\"", "sourceSha256",
                "model.ckpt.index");
        assertThat(open.withRuleFile(rules, Progress.NONE).rules().rules()).isEqualTo(open.rules().rules());
    }

    private static List<byte[]> contents(Path folder) throws IOException {
        var all = new ArrayList<byte[]>();
        try (var files = Files.list(folder)) {
            for (var file : files.sorted().toList()) {
                all.add(Files.readAllBytes(file));
            }
        }
        return all;
    }

    @Test
    void a_bundle_of_several_shards_reads_back() throws Exception {
        var source = Path.of("src/test/resources/fixtures/gpt2-tiny/hf");
        var open = Workspace.open(source, Progress.NONE).withTarget("gpt2/openai-tf", Progress.NONE).acceptAll();
        var target = folder.resolve("model.ckpt");
        var made = open.convert(new ConvertRequest(target, false, "tensorflow", null, 16_000, true, false),
                _ -> true, Progress.NONE);
        assertThat(made.files().stream().filter(f -> f.toString().contains(".data-"))).hasSizeGreaterThan(2);
        var there = Formats.open(target, Progress.NONE);
        assertThat(there.warnings()).isEmpty();
        var original = Formats.open(Path.of("src/test/resources/fixtures/gpt2-tiny/openai-tf"), Progress.NONE);
        assertThat(there.tensors()).hasSameSizeAs(original.tensors());
        for (var tensor : original.tensors()) {
            var found = there.tensors().stream().filter(t -> t.name().equals(tensor.name())).findFirst().orElseThrow();
            assertThat(found.read().bytes().mismatch(tensor.read().bytes())).as(tensor.name()).isEqualTo(-1);
        }
    }
}
