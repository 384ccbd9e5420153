package weft.format.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static weft.format.tensorflow.BundleTest.FIXTURES;
import static weft.format.tensorflow.BundleTest.assertCode;
import static weft.format.tensorflow.BundleTest.names;
import static weft.format.tensorflow.BundleTest.open;
import static weft.format.tensorflow.BundleTest.tensor;
import static weft.format.tensorflow.Crafted.block;
import static weft.format.tensorflow.Crafted.bytes;
import static weft.format.tensorflow.Crafted.entry;
import static weft.format.tensorflow.Crafted.field;
import static weft.format.tensorflow.Crafted.header;
import static weft.format.tensorflow.Crafted.int32;
import static weft.format.tensorflow.Crafted.join;
import static weft.format.tensorflow.Crafted.sliceKey;
import static weft.format.tensorflow.Crafted.table;
import static weft.format.tensorflow.Crafted.varint;
import static weft.format.tensorflow.Crafted.whole;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import weft.format.Checkpoint;
import weft.format.tensorflow.Crafted.Pair;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.tensor.DType;
import weft.tensor.Shape;

/** What Weft does about files that are cut, damaged, incomplete or forged. */
class BundleHazardsTest {
    private static final String DATA = "model.ckpt.data-00000-of-00001";

    @TempDir
    Path temp;
    private Path index;
    private Path data;

    @BeforeEach
    void copyGpt2() throws IOException {
        index = temp.resolve("model.ckpt.index");
        data = temp.resolve(DATA);
        Files.copy(FIXTURES.resolve("gpt2-tiny/openai-tf/model.ckpt.index"), index);
        Files.copy(FIXTURES.resolve("gpt2-tiny/openai-tf").resolve(DATA), data);
    }

    private Checkpoint crafted(byte[] table) throws IOException, CheckpointException {
        Files.write(index, table);
        return open(index);
    }

    private Checkpoint crafted(Pair... pairs) throws IOException, CheckpointException {
        return crafted(table(pairs));
    }

    private Problem refused(byte[] table) {
        var problem = new Problem[1];
        assertThatThrownBy(() -> crafted(table)).isInstanceOfSatisfying(CheckpointException.class,
                e -> problem[0] = e.problem());
        assertThat(problem[0].file()).isEqualTo("model.ckpt.index");
        return problem[0];
    }

    private Problem refused(Pair... pairs) {
        return refused(table(pairs));
    }

    // Whole files

    @Test
    void missing_data_leaves_names_shapes_and_types() throws Exception {
        Files.delete(data);
        var checkpoint = open(index);
        assertThat(checkpoint.warnings()).singleElement().satisfies(w -> {
            assertThat(w.code()).isEqualTo(Code.DATA_MISSING);
            assertThat(w.file()).isEqualTo(DATA);
        });
        var wte = tensor(checkpoint, "model/wte");
        assertThat(wte.info().dtype()).isEqualTo(DType.F32);
        assertThat(wte.info().shape().rank()).isEqualTo(2);
        assertThat(wte.info().broken()).isNotNull();
        assertCode(wte::read, Code.DATA_MISSING);
        assertThat(checkpoint.files()).containsExactly(index);
    }

    @Test
    void short_data_breaks_only_the_tensors_that_are_cut() throws Exception {
        cut(data, Files.size(data) / 2);
        var checkpoint = open(index);
        int whole = 0;
        for (var tensor : checkpoint.tensors()) {
            var broken = tensor.info().broken();
            if (broken == null) {
                assertThat(tensor.read().byteSize()).isEqualTo(tensor.info().bytes());
                whole++;
            } else {
                assertThat(broken.code()).isEqualTo(Code.TRUNCATED);
                assertThat(broken.field()).isEqualTo(tensor.name());
                assertThat(broken.file()).isEqualTo(DATA);
                assertThat(broken.offset()).isNotNegative();
                assertCode(tensor::read, Code.TRUNCATED);
            }
        }
        assertThat(whole).isPositive().isLessThan(checkpoint.tensors().size());
    }

    @Test
    void a_cut_index_is_refused_wherever_it_is_cut() throws Exception {
        long size = Files.size(index);
        for (long length = 0; length < size; length += 7) {
            Files.copy(FIXTURES.resolve("gpt2-tiny/openai-tf/model.ckpt.index"), index,
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            cut(index, length);
            assertCode(() -> open(index), Code.TRUNCATED);
        }
    }

    @Test
    void a_flipped_bit_of_a_tensor_is_told_when_it_is_read() throws Exception {
        var bytes = Files.readAllBytes(data);
        bytes[3] ^= 1;
        Files.write(data, bytes);
        var checkpoint = open(index);
        var first = checkpoint.tensors().getFirst();
        assertThat(checkpoint.warnings()).isEmpty();
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(first::read).isInstanceOfSatisfying(CheckpointException.class, e -> {
                assertThat(e.code()).isEqualTo(Code.CRC32C);
                assertThat(e.problem().field()).isEqualTo(first.name());
                assertThat(e.problem().offset()).isZero();
                assertThat(e.problem().found()).matches("[0-9a-f]{8}").isNotEqualTo(e.problem().expected());
            });
        }
        for (var other : checkpoint.tensors().subList(1, checkpoint.tensors().size())) {
            other.read();
        }
    }

    @Test
    void a_flipped_bit_of_the_index_is_refused() throws Exception {
        var bytes = Files.readAllBytes(index);
        bytes[40] ^= 4;
        var problem = refused(bytes);
        assertThat(problem.code()).isEqualTo(Code.CRC32C);
        assertThat(problem.offset()).isZero();
        assertThat(problem.field()).isEqualTo("block");
    }

    @Test
    void a_pointer_in_place_of_the_data_is_named() throws Exception {
        Files.writeString(data, "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 497759232\n");
        var checkpoint = open(index);
        assertThat(checkpoint.warnings()).extracting("code").containsExactly(Code.LFS_POINTER);
        assertCode(checkpoint.tensors().getFirst()::read, Code.LFS_POINTER);
    }

    @Test
    void a_file_that_changes_while_open_is_noticed() throws Exception {
        var first = open(index).tensors().getFirst();
        first.read();
        Files.setLastModifiedTime(data, FileTime.fromMillis(1000));
        assertCode(first::read, Code.CHANGED);
        var again = open(index).tensors().getLast();
        cut(data, 8);
        assertCode(again::read, Code.CHANGED);
        Files.delete(data);
        assertCode(again::read, Code.CHANGED);
    }

    @Test
    void bytes_that_belong_to_nothing_are_told() throws Exception {
        Files.write(data, bytes(1, 2, 3), StandardOpenOption.APPEND);
        assertThat(open(index).warnings()).singleElement().satisfies(w -> {
            assertThat(w.code()).isEqualTo(Code.TRAILING_BYTES);
            assertThat(w.found()).isEqualTo("3");
            assertThat(w.file()).isEqualTo(DATA);
        });
        var table = Files.readAllBytes(index);
        var between = join(Arrays.copyOf(table, table.length - 48), bytes(7, 7),
                Arrays.copyOfRange(table, table.length - 48, table.length));
        assertThat(crafted(between).warnings()).extracting(Problem::file).contains("model.ckpt.index");
    }

    @Test
    void a_data_file_without_its_index_asks_for_it() throws Exception {
        Files.delete(index);
        assertThatThrownBy(() -> open(data)).isInstanceOfSatisfying(CheckpointException.class, e -> {
            assertThat(e.code()).isEqualTo(Code.INCOMPLETE_SET);
            assertThat(e.problem().expected()).isEqualTo("model.ckpt.index");
        });
        assertCode(() -> open(temp.resolve("other.ckpt")), Code.NOT_READABLE);
    }

    @Test
    void a_path_in_the_checkpoint_file_never_leaves_the_folder() throws Exception {
        var state = temp.resolve("checkpoint");
        for (var path : List.of("../model.ckpt", "/etc/model.ckpt", "a/model.ckpt", "C:\\\\x\\\\model.ckpt", "..")) {
            Files.writeString(state, "model_checkpoint_path: \"" + path + "\"\n");
            assertCode(() -> open(state), Code.PATH_OUTSIDE);
            // The folder opens by what lies in it, and says so.
            assertThat(open(temp).warnings()).as(path).extracting("code").containsExactly(Code.PATH_OUTSIDE);
        }
        Files.writeString(state, "model_checkpoint_path: \"gone.ckpt\"\n");
        assertCode(() -> open(state), Code.INCOMPLETE_SET);
    }

    @Test
    void a_folder_of_several_bundles_asks_which() throws Exception {
        Files.copy(index, temp.resolve("other.ckpt.index"));
        assertThatThrownBy(() -> open(temp)).isInstanceOfSatisfying(CheckpointException.class, e -> {
            assertThat(e.code()).isEqualTo(Code.OPEN_SIBLING);
            assertThat(e.problem().expected()).isEqualTo("model.ckpt.index | other.ckpt.index");
        });
        Files.writeString(temp.resolve("checkpoint"), "model_checkpoint_path: \"other.ckpt\"\n");
        assertThat(open(temp).files()).contains(temp.resolve("other.ckpt.index"));
    }

    // Forged entries

    @Test
    void entries_that_contradict_the_header_are_refused() {
        assertThat(refused(header(1), Pair.of("w", entry(1, 1, 0, 4, 1))).code()).isEqualTo(Code.BAD_HEADER);
        assertThat(refused(header(1), Pair.of("w", entry(1, -1, 0, 4, 1))).code()).isEqualTo(Code.BAD_HEADER);
        assertThat(refused(header(1), Pair.of("w", entry(1, 0, -4, 4, 1))).code()).isEqualTo(Code.BAD_HEADER);
        assertThat(refused(header(1), Pair.of("w", entry(1, 0, 4, -4, 1))).code()).isEqualTo(Code.BAD_HEADER);
        assertThat(refused(header(1), Pair.of("w", entry(1, 0, Long.MAX_VALUE, 4, 1))).code())
                .isEqualTo(Code.BAD_HEADER);
        var negative = refused(header(1), Pair.of("w", entry(1, 0, 0, 4, -1)));
        assertThat(negative.code()).isEqualTo(Code.BAD_HEADER);
        assertThat(negative.field()).isEqualTo("shape");
        assertThat(negative.offset()).isPositive();
        assertThat(refused(header(1), Pair.of("w", entry(1, 0, 0, 4, new long[300]))).code())
                .isEqualTo(Code.BAD_HEADER);
    }

    @Test
    void huge_shapes_are_refused_without_arithmetic_trouble() {
        for (var dims : List.of(new long[]{1L << 62, 4}, new long[]{1L << 40, 1L << 40}, new long[]{Long.MAX_VALUE})) {
            var problem = refused(header(1), Pair.of("w", entry(1, 0, 0, 4, dims)));
            assertThat(problem.code()).isEqualTo(Code.SHAPE_BOMB);
            assertThat(problem.field()).isEqualTo("w");
        }
    }

    @Test
    void a_size_that_is_not_the_shapes_breaks_that_tensor() throws Exception {
        var checkpoint = crafted(header(1), Pair.of("a", entry(1, 0, 0, 4, 2)), Pair.of("b", entry(1, 0, 0, 0, 0, 3)),
                Pair.of("c", entry(12, 0, 0, 4, 4)));
        assertCode(tensor(checkpoint, "a")::read, Code.STORAGE_SIZE);
        assertThat(tensor(checkpoint, "b").read().shape()).isEqualTo(Shape.of(0, 3));
        assertThat(tensor(checkpoint, "c").info().dtype()).isEqualTo(DType.UNKNOWN);
        assertThat(tensor(checkpoint, "c").info().broken().found()).isEqualTo("DT_12");
        assertCode(tensor(checkpoint, "c")::read, Code.UNKNOWN_DTYPE);
    }

    @Test
    void a_claim_of_two_billion_shards_costs_nothing() throws Exception {
        var checkpoint = crafted(header(Integer.MAX_VALUE), Pair.of("a", entry(1, 2_000_000_000, 0, 4, 1)));
        assertThat(checkpoint.warnings()).singleElement()
                .satisfies(w -> assertThat(w.file()).isEqualTo("model.ckpt.data-2000000000-of-2147483647"));
    }

    @Test
    void two_tensors_in_the_same_bytes_are_told() throws Exception {
        Files.write(data, new byte[12]);
        var checkpoint = crafted(header(1), Pair.of("a", entry(1, 0, 0, 8, 2)), Pair.of("b", entry(1, 0, 4, 8, 2)));
        assertThat(checkpoint.warnings()).singleElement().satisfies(w -> {
            assertThat(w.code()).isEqualTo(Code.OVERLAP);
            assertThat(w.field()).isEqualTo("b");
        });
    }

    @Test
    void other_versions_and_byte_orders_are_refused() {
        var version = refused(Pair.of("", join(field(1, 1), field(3, field(1, 9), field(2, 2)))));
        assertThat(version.code()).isEqualTo(Code.UNSUPPORTED_VERSION);
        assertThat(version.found()).isEqualTo("2");
        assertThat(refused(Pair.of("", join(field(1, 1), field(2, 2)))).field()).isEqualTo("endianness");
        assertThat(refused(Pair.of("", field(1, -1))).field()).isEqualTo("num_shards");
        assertThat(refused(Pair.of("w", entry(1, 0, 0, 4, 1))).field()).isEqualTo("bundle header");
        assertThat(refused(table()).field()).isEqualTo("bundle header");
    }

    // Forged tables

    @Test
    void keys_must_rise() {
        var w = entry(1, 0, 0, 4, 1);
        assertThat(refused(header(1), Pair.of("b", w), Pair.of("a", w)).code()).isEqualTo(Code.BAD_HEADER);
        var twice = refused(header(1), Pair.of("a", w), Pair.of("a", w));
        assertThat(twice.code()).isEqualTo(Code.DUPLICATE_NAME);
        assertThat(twice.found()).isEqualTo("a");
    }

    @Test
    void lengths_and_restart_points_are_held_against_the_block() {
        // shared bytes of a key that doesn't exist
        assertThat(refused(table(join(varint(1), varint(0), varint(0), int32(0), int32(1)), 0)).field())
                .isEqualTo("shared key bytes");
        // a key, then a value, longer than the block
        assertThat(refused(table(join(varint(0), varint(0xffff_ffffL), varint(0), int32(0), int32(1)), 0)).field())
                .isEqualTo("entry");
        assertThat(refused(table(join(varint(0), varint(0), varint(0xffff_ffffL), int32(0), int32(1)), 0)).field())
                .isEqualTo("entry");
        // a length of more than 32 bits
        assertThat(refused(table(join(bytes(0xff, 0xff, 0xff, 0xff, 0xff, 0), int32(0), int32(1)), 0)).field())
                .isEqualTo("varint32");
        // more restart points than the block has room for; one that is no entry's start
        assertThat(refused(table(join(int32(0), int32(-1)), 0)).field()).isEqualTo("restart points");
        assertThat(refused(table(bytes(0, 0), 0)).field()).isEqualTo("restart points");
        var entries = block(header(1));
        var moved = join(Arrays.copyOf(entries, entries.length - 8), int32(2), int32(1));
        assertThat(refused(table(moved, 0)).field()).isEqualTo("restart point");
    }

    @Test
    void blocks_must_lie_in_the_file_and_be_packed_as_known() {
        assertThat(refused(table(block(header(1)), 2)).code()).isEqualTo(Code.UNSUPPORTED_FILTER);
        assertThat(refused(table(bytes(0xff, 0xff, 0x03, 0), 1)).field()).isEqualTo("snappy block");
        for (var handles : List.of(join(varint(0), varint(1000), varint(0), varint(8)),
                join(varint(0), varint(-1), varint(0), varint(8)), join(varint(-1), varint(1), varint(0), varint(8)))) {
            assertThat(refused(join(new byte[20], Crafted.footer(handles))).field()).isEqualTo("block");
        }
    }

    @Test
    void prefix_compression_is_no_bomb() {
        // One key of 1 MB, then thousands that repeat it and add a byte: gigabytes of keys out of a small file.
        var key = new byte[1 << 20];
        Arrays.fill(key, (byte) 'k');
        var parts = new byte[3002][];
        parts[0] = join(varint(0), varint(0), varint(6), field(1, 1), field(3, field(1, 1)));
        parts[1] = join(varint(0), varint(key.length), varint(0), key);
        for (int i = 2; i < parts.length; i++) {
            parts[i] = join(varint(key.length + i - 2), varint(1), varint(0), bytes('k'));
        }
        assertThat(refused(table(join(join(parts), int32(0), int32(1)), 0)).code()).isEqualTo(Code.LIMIT);
    }

    // Slices

    private Checkpoint sliced(List<long[]> named, List<long[]> present, long... dims) throws Exception {
        Files.write(data, new byte[1024]);
        var pairs = new java.util.ArrayList<Pair>();
        pairs.add(header(1));
        for (var slice : present) {
            var shape = new long[slice.length / 2];
            long bytes = 4;
            for (int i = 0; i < shape.length; i++) {
                shape[i] = slice[2 * i + 1] < 0 ? dims[i] : slice[2 * i + 1];
                bytes *= shape[i];
            }
            pairs.add(new Pair(sliceKey("w", slice), entry(1, 0, 0, bytes, shape)));
        }
        pairs.add(Pair.of("w", whole(1, named, dims)));
        pairs.subList(1, pairs.size()).sort((a, b) -> Arrays.compareUnsigned(a.key(), b.key()));
        return crafted(pairs.toArray(Pair[]::new));
    }

    @Test
    void slices_must_fill_the_tensor_exactly() throws Exception {
        var top = new long[]{0, 2, 0, -1};
        var bottom = new long[]{2, 1, 0, -1};
        var good = sliced(List.of(top, bottom), List.of(top, bottom), 3, 4);
        assertThat(tensor(good, "w").info().broken()).isNull();
        assertThat(tensor(good, "w").info().bytes()).isEqualTo(48);
        assertThat(names(good)).containsExactly("w");

        var gap = sliced(List.of(top), List.of(top), 3, 4);
        assertCode(tensor(gap, "w")::read, Code.INCOMPLETE_SET);
        var absent = sliced(List.of(top, bottom), List.of(top), 3, 4);
        assertThat(tensor(absent, "w").info().broken().found()).isEqualTo("2,1:-");
        var twice = sliced(List.of(top, top), List.of(top), 4, 4);
        assertCode(tensor(twice, "w")::read, Code.INCOMPLETE_SET);
        var middle = new long[]{1, 1, 0, -1};
        var overlapping = sliced(List.of(top, middle), List.of(top, middle), 3, 4);
        assertCode(tensor(overlapping, "w")::read, Code.INCOMPLETE_SET);
        var outside = sliced(List.of(top, new long[]{2, 2, 0, -1}), List.of(top), 3, 4);
        assertCode(tensor(outside, "w")::read, Code.INCOMPLETE_SET);
        var otherRank = sliced(List.of(new long[]{0, 3}), List.of(), 3, 4);
        assertCode(tensor(otherRank, "w")::read, Code.INCOMPLETE_SET);
    }

    @Test
    void a_slice_nobody_claims_is_listed_as_not_a_parameter() throws Exception {
        var top = new long[]{0, 2};
        var checkpoint = sliced(List.of(new long[]{0, 3}), List.of(top, new long[]{0, 3}), 3);
        assertThat(checkpoint.ignored()).containsExactly(new Checkpoint.Ignored("w", "aux"));
    }

    @Test
    void slice_keys_are_tensorflows() {
        // As they stand in the index of tf-misc/partitioned: rows 0–2 of three, all columns.
        assertThat(sliceKey("emb", 0, 3, 0, -1)).isEqualTo(bytes(0, 'e', 'm', 'b', 0, 1, 1, 2, 0x80, 0x83, 0x80, 0x7f));
        assertThat(sliceKey("a\0\u00ff", 64, 1000)).isEqualTo(
                bytes(0, 'a', 0, 0xff, 0xc3, 0xbf, 0, 1, 1, 1, 0xc0, 64, 0xc3, 0xe8));
        assertThat(sliceKey("x", Long.MAX_VALUE, 8191)).isEqualTo(bytes(0, 'x', 0, 1, 1, 1, 0xff, 0xc0, 0x7f, 0xff,
                0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xdf, 0xff));
    }

    private static void cut(Path file, long size) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(size);
        }
    }
}
