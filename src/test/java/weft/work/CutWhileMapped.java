package weft.work;

import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import weft.format.CheckpointFormat;
import weft.format.Formats;
import weft.io.CheckpointException;
import weft.io.Crc;
import weft.io.Progress;
import weft.io.SourceFile;
import weft.plan.Execution;
import weft.tensor.DType;
import weft.tensor.Numbers;
import weft.tensor.Statistics;
import weft.tensor.TensorData;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/** Cuts a file short while its values are in use, in every way they are used; prints what each use ended with. */
final class CutWhileMapped {
    private static final int SIZE = 24 << 20;

    private CutWhileMapped() {
    }

    private interface Use {
        void of(TensorData data) throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        var folder = Path.of(arguments[0]);
        var uses = new LinkedHashMap<String, Use>();
        uses.put("statistics", data -> Statistics.of(data, Progress.NONE));
        uses.put("histogram", data -> Histogram.of(data,
                new Statistics(SIZE / 4, 0, 1, 0, 1, 0, 0, 0), 10, Progress.NONE));
        uses.put("same bits", data -> Execution.sameBits(data, TensorData.ofFloats(new float[SIZE / 4], SIZE / 4)));
        uses.put("cast", data -> SourceFile.guarded(() -> Numbers.cast(data, DType.F16)));
        uses.put("floats", data -> SourceFile.guarded(data::toFloats));
        uses.put("checksum", data -> SourceFile.guarded(() -> Crc.crc32c().update(data.segment()).value()));
        uses.put("transposed", data -> SourceFile.guarded(
                () -> data.reshape(weft.tensor.Shape.of(2, SIZE / 8)).permute(1, 0).contiguous()));
        for (var format : Formats.all()) {
            if (format.writer().isPresent() && format.writer().get().holds(DType.F32)) {
                uses.put("writing " + format.id(), data -> write(format, folder, data));
            }
        }
        for (var use : uses.entrySet()) {
            System.out.println(use.getKey() + ": " + attempt(folder, use.getValue()));
        }
    }

    private static String attempt(Path folder, Use use) throws Exception {
        var file = folder.resolve("m.safetensors");
        Files.deleteIfExists(file);
        var header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[" + SIZE / 4 + "],\"data_offsets\":[0," + SIZE + "]}}";
        try (var out = new RandomAccessFile(file.toFile(), "rw")) {
            out.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length()).array());
            out.write(header.getBytes(StandardCharsets.US_ASCII));
            out.setLength(8 + header.length() + SIZE);
        }
        var data = Formats.open(file, Progress.NONE).tensors().getFirst().read();
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(SIZE / 3);
        }
        try {
            use.of(data);
            return "no error";
        } catch (CheckpointException e) {
            return e.code().id();
        } catch (Throwable e) {
            return e.toString();
        }
    }

    private static void write(CheckpointFormat format, Path folder, TensorData data) throws Exception {
        var info = new TensorInfo("a", data.dtype(), data.shape(), data.byteSize());
        var place = Files.createTempDirectory(folder, "out");
        format.writer().orElseThrow().write(place.resolve("out" + format.endings().getFirst()),
                List.of(new TensorSource() {
                    @Override
                    public TensorInfo info() {
                        return info;
                    }

                    @Override
                    public TensorData read() {
                        return data;
                    }
                }), Map.of(), true, Progress.NONE);
    }
}
