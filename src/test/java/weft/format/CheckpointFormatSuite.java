package weft.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Json;
import weft.io.Problem;
import weft.io.Progress;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorData;
import weft.tensor.TensorSource;

/**
 * What every format must do, whatever it is: open what its framework wrote, list it in file order, read it bit for bit,
 * answer each hazard with its verdict, code and place, survive mutated files, notice a file that changes, and read back
 * what it writes. A format's test hands in samples and hazards.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
public abstract class CheckpointFormatSuite {
    /** How many mutations of each sample; each has its seed in its name. */
    private static final int SEEDS = Integer.getInteger("weft.fuzz", 40);

    /**
     * A checkpoint written by the framework itself.
     *
     * @param path what to open
     * @param tensors what must come out, in file order
     */
    public record Sample(Path path, List<Expected> tensors) {
        @Override
        public String toString() {
            return path.getParent().getFileName() + "/" + path.getFileName();
        }
    }

    /**
     * @param dtype {@link DType#UNKNOWN} for a type that is listed and not read
     * @param sha256 of the values, row-major and little-endian, or {@code null} if {@code values} say it
     * @param values as numbers, NaN and infinities as text, or {@code null}
     */
    public record Expected(String name, DType dtype, Shape shape, @Nullable String sha256, @Nullable List<?> values) {
    }

    /** What becomes of bad input (HAZARDS): refused, opened with a warning, one tensor marked, accepted. */
    public enum Verdict {
        REFUSE, WARN, TENSOR, ACCEPT
    }

    /**
     * A bad file.
     *
     * @param code expected, {@code null} for {@link Verdict#ACCEPT}
     * @param offset expected
     * @param field what the problem names: for {@link Verdict#TENSOR} the tensor
     */
    public record Hazard(String what, byte[] bytes, Verdict verdict, @Nullable Code code, long offset,
            @Nullable String field) {
        @Override
        public String toString() {
            return what;
        }
    }

    @TempDir
    protected Path folder;

    protected abstract CheckpointFormat format();

    protected abstract List<Sample> samples() throws Exception;

    protected abstract List<Hazard> hazards() throws Exception;

    /** The fixtures' folder. */
    protected static Path fixtures() {
        return Path.of("src", "test", "resources", "fixtures");
    }

    /** The samples of a folder: {@code listing.json} beside them says what their own framework reads in them. */
    protected static List<Sample> listed(String folder) throws Exception {
        var path = fixtures().resolve(folder).resolve("listing.json");
        var samples = new ArrayList<Sample>();
        for (var file : Json.parse(Files.readAllBytes(path), path.toString(), 0).properties()) {
            var tensors = new ArrayList<Expected>();
            for (var t : file.getValue()) {
                var dims = t.get("shape").valueStream().mapToLong(JsonNode::longValue).toArray();
                tensors.add(new Expected(t.get("name").stringValue(), DType.valueOf(t.get("dtype").stringValue()),
                        Shape.of(dims), t.get("sha256").isNull() ? null : t.get("sha256").stringValue(), null));
            }
            samples.add(new Sample(path.resolveSibling(file.getKey()), tensors));
        }
        return samples;
    }

    protected static Hazard accept(String what, byte[] bytes) {
        return new Hazard(what, bytes, Verdict.ACCEPT, null, -1, null);
    }

    protected static Hazard refuse(String what, byte[] bytes, Code code, long offset, @Nullable String field) {
        return new Hazard(what, bytes, Verdict.REFUSE, code, offset, field);
    }

    protected static Hazard warn(String what, byte[] bytes, Code code, long offset, @Nullable String field) {
        return new Hazard(what, bytes, Verdict.WARN, code, offset, field);
    }

    protected static Hazard tensor(String what, byte[] bytes, Code code, long offset, String field) {
        return new Hazard(what, bytes, Verdict.TENSOR, code, offset, field);
    }

    @TestFactory
    Stream<DynamicTest> lists_in_file_order() throws Exception {
        return each(samples(), sample -> {
            var opened = Formats.open(sample.path(), Progress.NONE);
            assertThat(opened.format()).isEqualTo(format().id());
            assertThat(opened.tensors().stream().map(TensorSource::name))
                    .containsExactlyElementsOf(sample.tensors().stream().map(Expected::name).toList());
            for (int i = 0; i < sample.tensors().size(); i++) {
                var info = opened.tensors().get(i).info();
                assertThat(info.dtype()).as(info.name()).isEqualTo(sample.tensors().get(i).dtype());
                assertThat(info.shape()).as(info.name()).isEqualTo(sample.tensors().get(i).shape());
            }
            assertThat(opened.files()).contains(sample.path()).allMatch(Files::isRegularFile);
        });
    }

    @TestFactory
    Stream<DynamicTest> reads_values_bit_for_bit() throws Exception {
        return each(samples(), sample -> {
            var opened = Formats.open(sample.path(), Progress.NONE);
            for (int i = 0; i < sample.tensors().size(); i++) {
                assertValues(opened.tensors().get(i), sample.tensors().get(i));
            }
        });
    }

    private static void assertValues(TensorSource tensor, Expected expected) throws Exception {
        if (expected.dtype() == DType.UNKNOWN) {
            assertThatThrownBy(tensor::read).isInstanceOfSatisfying(CheckpointException.class,
                    e -> assertThat(e.code()).isEqualTo(Code.UNKNOWN_DTYPE));
            return;
        }
        var data = tensor.read();
        assertThat(data.dtype()).isEqualTo(expected.dtype());
        assertThat(data.shape()).isEqualTo(expected.shape());
        if (expected.sha256() != null) {
            assertThat(sha256(data)).as(expected.name()).isEqualTo(expected.sha256());
        }
        if (expected.values() != null && data.dtype().isReal()) {
            var plain = data.contiguous();
            var numbers = new ArrayList<Double>();
            for (long at = 0; at < plain.byteSize(); at += plain.dtype().bytes()) {
                numbers.add(plain.dtype().get(plain.segment(), plain.offset() + at));
            }
            // Double.equals: -0.0 is not 0.0, and NaN is NaN.
            assertThat(numbers).as(expected.name())
                    .isEqualTo(expected.values().stream().map(CheckpointFormatSuite::number).toList());
        }
    }

    private static Double number(@Nullable Object value) {
        return switch (value) {
            case Number number -> number.doubleValue();
            case Boolean bool -> bool ? 1.0 : 0.0;
            case String text -> Double.valueOf(text);
            case null, default -> throw new IllegalArgumentException(String.valueOf(value));
        };
    }

    protected static String sha256(TensorData data) throws Exception {
        var digest = MessageDigest.getInstance("SHA-256");
        digest.update(data.contiguous().bytes().toArray(ValueLayout.JAVA_BYTE));
        return HexFormat.of().formatHex(digest.digest());
    }

    @TestFactory
    Stream<DynamicTest> content_decides_and_not_the_name() throws Exception {
        return each(samples().stream().filter(s -> isAlone(s.path())).toList(), sample -> {
            var renamed = Files.copy(sample.path(), folder.resolve("weights.dat"), StandardCopyOption.REPLACE_EXISTING);
            assertThat(Formats.open(renamed, Progress.NONE).format()).isEqualTo(format().id());
        });
    }

    /** Whether the format needs no file but this one to open it. */
    protected boolean isAlone(Path sample) {
        return !(sample.toString().endsWith(".json") || sample.toString().endsWith(".index"));
    }

    @TestFactory
    Stream<DynamicTest> answers_each_hazard_with_verdict_code_and_place() throws Exception {
        return each(hazards(), hazard -> {
            var file = Files.write(folder.resolve("hazard" + format().endings().getFirst()), hazard.bytes());
            if (hazard.verdict() == Verdict.REFUSE) {
                assertThatThrownBy(() -> Formats.open(file, Progress.NONE))
                        .isInstanceOfSatisfying(CheckpointException.class, e -> assertProblem(e.problem(), hazard));
                return;
            }
            var opened = Formats.open(file, Progress.NONE);
            switch (hazard.verdict()) {
                case WARN -> assertThat(opened.warnings()).anySatisfy(w -> assertProblem(w, hazard));
                case TENSOR -> {
                    var broken = opened.tensors().stream().filter(t -> t.info().broken() != null).toList();
                    assertThat(broken).anySatisfy(t -> {
                        assertThat(t.name()).isEqualTo(hazard.field());
                        assertProblem(t.info().broken(), hazard);
                        assertThatThrownBy(t::read).isInstanceOfSatisfying(CheckpointException.class,
                                e -> assertThat(e.problem()).isEqualTo(t.info().broken()));
                    });
                }
                case ACCEPT -> {
                    assertThat(opened.warnings()).isEmpty();
                    assertThat(opened.tensors()).allMatch(t -> t.info().broken() == null);
                }
                case REFUSE -> throw new AssertionError();
            }
            for (var tensor : opened.tensors()) {
                if (tensor.info().broken() == null) {
                    assertThatCode(tensor::read).doesNotThrowAnyException();
                }
            }
        });
    }

    private static void assertProblem(@Nullable Problem problem, Hazard hazard) {
        assertThat(problem).isNotNull();
        assertThat(problem.code()).as("%s", problem).isEqualTo(hazard.code());
        assertThat(problem.offset()).as("%s", problem).isEqualTo(hazard.offset());
        assertThat(problem.field()).as("%s", problem).isEqualTo(hazard.field());
        assertThat(problem.file()).as("%s", problem).isNotNull();
    }

    @TestFactory
    Stream<DynamicTest> lets_nothing_but_a_checkpoint_exception_escape_a_mutated_file() throws Exception {
        return samples().stream().flatMap(sample -> IntStream.range(0, SEEDS).boxed()
                .map(seed -> dynamicTest(sample + " seed " + seed, () -> {
                    var copy = copy(sample, folder.resolve("mutated"));
                    var random = new Random(seed * 1_000_003L + sample.toString().hashCode());
                    try (var files = Files.list(copy.getParent())) {
                        var all = files.sorted().toList();
                        var victim = all.get(random.nextInt(all.size()));
                        Files.write(victim, mutate(Files.readAllBytes(victim), random));
                    }
                    assertThatCode(() -> readAll(copy)).satisfiesAnyOf(e -> assertThat(e).isNull(),
                            e -> assertThat(e).isInstanceOf(CheckpointException.class));
                })));
    }

    private static void readAll(Path path) throws CheckpointException {
        try (var arena = Arena.ofConfined()) {
            var scratch = arena.allocate(1 << 16);
            var opened = Formats.open(path, Progress.NONE);
            for (var tensor : opened.tensors()) {
                try {
                    tensor.read().forEachChunk(scratch, chunk -> {
                    });
                } catch (CheckpointException e) {
                    continue; // one broken tensor doesn't keep the others from being read
                }
            }
        }
    }

    /** Bit flips, cuts, splices, a byte more or less, huge numbers; mostly near the start, where headers are. */
    private static byte[] mutate(byte[] bytes, Random random) {
        if (bytes.length == 0) { return new byte[]{(byte) random.nextInt()}; }
        int span = random.nextInt(4) == 0 ? bytes.length : Math.min(bytes.length, 1 << 4 + random.nextInt(8));
        int at = random.nextBoolean() ? random.nextInt(span) : bytes.length - 1 - random.nextInt(span);
        return switch (random.nextInt(6)) {
            case 0 -> {
                var out = bytes.clone();
                for (int i = 0, n = 1 + random.nextInt(8); i < n; i++) {
                    out[(at + random.nextInt(span)) % bytes.length] ^= (byte) (1 << random.nextInt(8));
                }
                yield out;
            }
            case 1 -> Arrays.copyOf(bytes, at);
            case 2 -> { // a stretch copied over another
                var out = bytes.clone();
                int from = random.nextInt(bytes.length);
                int length = random.nextInt(1 + Math.min(64, bytes.length - Math.max(from, at)));
                System.arraycopy(bytes, from, out, at, length);
                yield out;
            }
            case 3 -> joined(Arrays.copyOf(bytes, at), new byte[]{(byte) random.nextInt()},
                    Arrays.copyOfRange(bytes, at, bytes.length));
            case 4 -> joined(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, at + 1, bytes.length));
            default -> {
                var out = bytes.clone();
                Arrays.fill(out, at, Math.min(bytes.length, at + 1 + random.nextInt(8)),
                        (byte) (random.nextBoolean() ? -1 : '9'));
                yield out;
            }
        };
    }

    protected static byte[] joined(byte[]... parts) {
        var out = new byte[Arrays.stream(parts).mapToInt(p -> p.length).sum()];
        int at = 0;
        for (var part : parts) {
            System.arraycopy(part, 0, out, at, part.length);
            at += part.length;
        }
        return out;
    }

    /** Copies the sample with all files beside it; returns what to open there. */
    private static Path copy(Sample sample, Path target) throws IOException {
        Files.createDirectories(target);
        try (var old = Files.list(target)) {
            for (var file : old.toList()) {
                Files.delete(file);
            }
        }
        var opened = sample.path();
        try (var files = Files.list(opened.getParent())) {
            for (var file : files.filter(Files::isRegularFile).filter(f -> belongs(opened, f)).toList()) {
                Files.copy(file, target.resolve(file.getFileName()));
            }
        }
        return target.resolve(opened.getFileName());
    }

    /** Of a folder with many samples only the one; of a set every file whose name starts as the set's does. */
    private static boolean belongs(Path sample, Path file) {
        var name = sample.getFileName().toString();
        var stem = name.substring(0, name.indexOf('.') < 0 ? name.length() : name.indexOf('.'));
        return file.equals(sample) || name.endsWith(".json") || name.endsWith(".index")
                ? file.getFileName().toString().startsWith(stem)
                : false;
    }

    @TestFactory
    Stream<DynamicTest> notices_a_file_that_changes_while_it_is_open() throws Exception {
        return each(samples().stream().filter(s -> s.tensors().stream().anyMatch(t -> t.shape().count() > 0)).toList(),
                sample -> {
                    for (var change : List.<Change>of(file -> {
                        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                            channel.truncate(channel.size() / 2);
                        }
                    }, Files::delete, file -> {
                        var other = Files.copy(file, file.resolveSibling("other"));
                        Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
                        Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
                    }, file -> Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000)))) {
                        var opened = Formats.open(copy(sample, folder.resolve("changing")), Progress.NONE);
                        for (var file : opened.files()) {
                            change.apply(file);
                        }
                        for (var tensor : opened.tensors()) {
                            if (tensor.info().broken() == null && tensor.info().shape().count() > 0) {
                                assertThatThrownBy(tensor::read).isInstanceOfSatisfying(CheckpointException.class,
                                        e -> assertThat(e.code()).isEqualTo(Code.CHANGED));
                            }
                        }
                    }
                });
    }

    /** Something that happens to a file behind Weft's back. */
    private interface Change {
        void apply(Path file) throws IOException;
    }

    @TestFactory
    Stream<DynamicTest> reads_back_what_it_writes() throws Exception {
        var writer = format().writer();
        if (writer.isEmpty()) { return Stream.empty(); }
        return each(samples(), sample -> {
            var tensors = Formats.open(sample.path(), Progress.NONE).tensors().stream()
                    .filter(t -> t.info().broken() == null && writer.get().holds(t.info().dtype())).toList();
            var metadata = Map.of("format", "pt", "note", "é 中 🙂 \"\\\n");
            var hashes = new ArrayList<List<String>>();
            for (var name : List.of("first", "second")) {
                var target = Files.createDirectories(folder.resolve(name))
                        .resolve("written" + format().endings().getFirst());
                delete(target.getParent());
                var written = writer.get().write(target, tensors, metadata, true, Progress.NONE);
                assertThat(written.crc32c().keySet())
                        .containsExactlyInAnyOrderElementsOf(tensors.stream().map(TensorSource::name).toList());
                var opened = Formats.open(target, Progress.NONE);
                assertThat(opened.warnings()).isEmpty();
                assertThat(opened.tensors()).hasSameSizeAs(tensors);
                for (var tensor : tensors) {
                    var again = opened.tensors().stream().filter(t -> t.name().equals(tensor.name())).findFirst()
                            .orElseThrow();
                    assertThat(again.info().dtype()).isEqualTo(tensor.info().dtype());
                    assertThat(again.info().shape()).isEqualTo(tensor.info().shape());
                    assertThat(sha256(again.read())).isEqualTo(sha256(tensor.read()));
                }
                for (var part : written.parts()) {
                    var bytes = Files.readAllBytes(part.path());
                    assertThat(part.bytes()).isEqualTo(bytes.length);
                    assertThat(part.sha256()).isEqualTo(
                            HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
                }
                hashes.add(written.parts().stream().map(Written.Part::sha256).toList());
            }
            assertThat(hashes.get(1)).as("the same tensors give the same bytes").isEqualTo(hashes.get(0));
        });
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            for (var file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    /** One test a case, each with its name. */
    protected static <T> Stream<DynamicTest> each(List<T> cases, Attempt<T> test) {
        assertThat(cases).isNotEmpty();
        return cases.stream().map(c -> dynamicTest(c.toString(), () -> test.run(c)));
    }

    /** A test's body for one case. */
    @FunctionalInterface
    protected interface Attempt<T> {
        void run(T one) throws Exception;
    }

    protected static byte[] utf8(String text) {
        return text.getBytes(UTF_8);
    }
}
