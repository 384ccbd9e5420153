package weft.format.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static weft.format.tensorflow.BundleTest.FIXTURES;
import static weft.format.tensorflow.BundleTest.open;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import weft.format.tensorflow.Crafted.Pair;
import weft.io.CheckpointException;
import weft.io.Progress;
import weft.io.SourceFile;

/** Mutations that checksums don't catch, because they were made right again: only CheckpointException may escape. */
class ForgedChecksumsTest {
    private static final int SEEDS = Integer.getInteger("weft.fuzz", 40) * 4;

    @TempDir
    Path temp;

    private interface Attempt {
        void run() throws CheckpointException;
    }

    private static void survives(String what, Attempt attempt) {
        try {
            attempt.run();
        } catch (CheckpointException e) {
            assertThat(e.problem().code()).isNotNull();
        } catch (Throwable e) {
            fail(what, e);
        }
    }

    private static void readAll(Path path) throws CheckpointException {
        for (var tensor : open(path).tensors()) {
            try {
                tensor.read();
            } catch (CheckpointException e) {
                assertThat(e.problem().code()).isNotNull();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tf-misc/two-shards/model.ckpt.index", "tf-misc/partitioned/model.ckpt.index",
        "tf-more/keras/ckpt-1.index", "tf-more/big-endian/model.ckpt.index", "tf-more/v1/model.ckpt",
        "tf-serving/half_plus_two_tf2_cpu/variables.index"})
    void a_table_with_mutated_entries(String fixture) throws Exception {
        var original = FIXTURES.resolve(fixture);
        try (var files = Files.list(original.getParent())) {
            for (var file : files.toList()) {
                Files.copy(file, temp.resolve(file.getFileName()));
            }
        }
        var pairs = new ArrayList<Pair>();
        Table.open(SourceFile.open(original)).forEach(Progress.NONE,
                entry -> pairs.add(new Pair(entry.key(), entry.value().toArray(ValueLayout.JAVA_BYTE))));
        var target = temp.resolve(original.getFileName());
        for (int seed = 0; seed < SEEDS; seed++) {
            var random = new Random(seed);
            var forged = new ArrayList<>(pairs);
            byte[] table;
            if (seed % 3 == 0) {
                table = Crafted.table(mutate(Crafted.block(forged.toArray(Pair[]::new)), random), seed % 2);
            } else {
                int at = random.nextInt(forged.size());
                var pair = forged.get(at);
                forged.set(at, new Pair(seed % 7 == 0 ? mutate(pair.key(), random) : pair.key(),
                        mutate(pair.value(), random)));
                table = Crafted.table(forged.toArray(Pair[]::new));
            }
            Files.write(target, table);
            survives(fixture + " seed " + seed, () -> readAll(target));
        }
    }

    @Test
    void a_mutated_object_graph() throws Exception {
        var index = FIXTURES.resolve("tf-more/keras/ckpt-1.index");
        var data = Files.readAllBytes(index.resolveSibling("ckpt-1.data-00000-of-00001"));
        var entry = Table.open(SourceFile.open(index)).find(ObjectGraph.KEY.bytes());
        var place = BundleEntry.parse(entry, 1);
        var graph = java.util.Arrays.copyOfRange(data, (int) (place.offset() + place.size() - 2900),
                (int) (place.offset() + place.size()));
        for (int seed = 0; seed < SEEDS * 10; seed++) {
            var bytes = mutate(graph, new Random(seed));
            survives("seed " + seed, () -> ObjectGraph.parse(MemorySegment.ofArray(bytes), "x", 0));
        }
    }

    /** A bit, a byte, a number made huge, a cut, a repeated stretch. */
    private static byte[] mutate(byte[] bytes, Random random) {
        if (bytes.length == 0) { return new byte[]{(byte) random.nextInt()}; }
        var out = bytes.clone();
        int at = random.nextInt(bytes.length);
        switch (random.nextInt(5)) {
            case 0 -> out[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> out[at] = (byte) random.nextInt();
            case 2 -> java.util.Arrays.fill(out, at, Math.min(out.length, at + 1 + random.nextInt(10)), (byte) -1);
            case 3 -> out = java.util.Arrays.copyOf(out, at);
            default -> {
                int length = random.nextInt(Math.min(32, bytes.length - at) + 1);
                out = Crafted.join(java.util.Arrays.copyOf(bytes, at + length),
                        java.util.Arrays.copyOfRange(bytes, at, bytes.length));
            }
        }
        return out;
    }
}
