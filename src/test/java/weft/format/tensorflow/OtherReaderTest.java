package weft.format.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.iq80.leveldb.table.FileChannelTable;
import org.iq80.leveldb.util.Slice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import weft.format.Formats;
import weft.io.Progress;
import weft.io.SourceFile;
import weft.tensor.TensorData;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/** Tables as another reader of LevelDB's tables sees them, one that nobody of Weft wrote. */
class OtherReaderTest {
    private static final Path FIXTURES = Path.of("src/test/resources/fixtures");

    static List<Path> indexes() throws Exception {
        try (var files = Files.walk(FIXTURES)) {
            return files.filter(f -> f.toString().endsWith(".index") && !f.toString().contains("hazard")).sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("indexes")
    void both_read_the_same_entries(Path index) throws Exception {
        assertThat(ours(index)).isNotEmpty().isEqualTo(theirs(index));
    }

    @Test
    void what_weft_writes_the_other_reads(@TempDir Path folder) throws Exception {
        var tensors = Stream.iterate(0, i -> i + 1).limit(5000).map(OtherReaderTest::tensor).toList();
        Formats.byId("tensorflow").orElseThrow().writer().orElseThrow().write(folder.resolve("many.ckpt.index"),
                tensors,
                Map.of(), true, Progress.NONE);
        var found = theirs(folder.resolve("many.ckpt.index"));
        assertThat(found).hasSize(5001); // and the header
        assertThat(found.keySet().stream().skip(1)).isSorted();
        assertThat(ours(folder.resolve("many.ckpt.index"))).isEqualTo(found);
    }

    private static TensorSource tensor(int i) {
        var data = TensorData.ofFloats(new float[]{i}, 1);
        var info = new TensorInfo("model/layer_%05d/kernel".formatted(i), data.dtype(), data.shape(), 4);
        return new TensorSource() {
            @Override
            public TensorInfo info() {
                return info;
            }

            @Override
            public TensorData read() {
                return data;
            }
        };
    }

    private static Map<String, List<Byte>> ours(Path index) throws Exception {
        var entries = new LinkedHashMap<String, List<Byte>>();
        Table.open(SourceFile.open(index)).forEach(Progress.NONE,
                e -> entries.put(text(e.key()), bytes(e.value().toArray(ValueLayout.JAVA_BYTE))));
        return entries;
    }

    private static Map<String, List<Byte>> theirs(Path index) throws Exception {
        var entries = new LinkedHashMap<String, List<Byte>>();
        try (var channel = FileChannel.open(index)) {
            var table = new FileChannelTable(index.toString(), channel, Slice::compareTo, true);
            for (var all = table.iterator(); all.hasNext();) {
                var entry = all.next();
                entries.put(text(entry.getKey().getBytes()), bytes(entry.getValue().getBytes()));
            }
        }
        return entries;
    }

    private static String text(byte[] key) {
        return new String(key, java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    private static List<Byte> bytes(byte[] value) {
        var list = new java.util.ArrayList<Byte>(value.length);
        for (byte b : value) {
            list.add(b);
        }
        return list;
    }
}
