package weft.format.safetensors;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import weft.format.CheckpointWriter;
import weft.format.FileSink;
import weft.format.Written;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Json;
import weft.io.Problem;
import weft.io.Progress;
import weft.tensor.DType;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/**
 * Writes metadata first and sorted, then the tensors in the order given, save that wider element types come before
 * narrower ones, and pads the header with spaces to a multiple of eight bytes. So every tensor starts at a multiple of
 * its element's size, as in the library's own files; there may be no gap between tensors to see to that otherwise.
 */
final class SafetensorsWriter implements CheckpointWriter {
    private static final int ALIGNMENT = 8;

    @Override
    public boolean isSharded() {
        return true;
    }

    @Override
    public boolean keepsMetadata() {
        return true;
    }

    @Override
    public boolean holds(DType dtype) {
        return type(dtype) != null;
    }

    @Override
    public Written write(Path target, List<TensorSource> given, Map<String, ?> metadata, boolean hash,
            Progress progress) throws CheckpointException {
        check(target, given);
        var tensors = given.stream()
                .sorted(Comparator.comparingInt((TensorSource t) -> t.info().dtype().bytes()).reversed()).toList();
        var infos = tensors.stream().map(TensorSource::info).toList();
        var header = header(target, infos, metadata);
        long total = infos.stream().mapToLong(TensorInfo::valueBytes).sum();
        try (var sink = FileSink.create(target, hash, hash, progress, total)) {
            sink.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).array());
            sink.write(header);
            for (var tensor : tensors) {
                sink.write(tensor);
            }
            return new Written(List.of(sink.finish()), sink.crc32c());
        }
    }

    private static byte[] header(Path target, List<TensorInfo> infos, Map<String, ?> metadata)
            throws CheckpointException {
        var fields = new StringJoiner(",", "{", "}");
        if (!metadata.isEmpty()) {
            var values = new StringJoiner(",", "{", "}");
            new TreeMap<String, Object>(metadata)
                    .forEach((key, value) -> values.add(Json.quote(key) + ":" + Json.quote(value.toString())));
            fields.add(Json.quote(SafetensorsHeader.METADATA) + ":" + values);
        }
        long at = 0;
        for (var info : infos) {
            if (info.name().equals(SafetensorsHeader.METADATA)) {
                throw Problem.of(Code.DUPLICATE_NAME).file(target.getFileName()).field(info.name()).asException();
            }
            long end = at + info.valueBytes();
            fields.add(entry(target, info, at, end));
            at = end;
        }
        var json = fields.toString().getBytes(StandardCharsets.UTF_8);
        if (json.length > SafetensorsHeader.LONGEST - ALIGNMENT) {
            throw Problem.of(Code.FORMAT_LIMIT).file(target.getFileName()).field("header").found(json.length + " bytes")
                    .expected(SafetensorsHeader.LONGEST + " bytes").asException();
        }
        var padded = Arrays.copyOf(json, (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
        Arrays.fill(padded, json.length, padded.length, (byte) ' ');
        return padded;
    }

    private static String entry(Path target, TensorInfo info, long begin, long end) throws CheckpointException {
        var type = type(info.dtype());
        if (type == null) {
            throw Problem.of(Code.UNKNOWN_DTYPE).file(target.getFileName()).field(info.name()).found(info.dtype())
                    .asException();
        }
        var shape = Arrays.stream(info.shape().dims()).mapToObj(Long::toString)
                .collect(Collectors.joining(",", "[", "]"));
        return Json.quote(info.name()) + ":{\"dtype\":\"" + type + "\",\"shape\":" + shape + ",\"data_offsets\":["
                + begin + "," + end + "]}";
    }

    /** The library's word for a type, or null where it has none. */
    private static @Nullable String type(DType dtype) {
        return SafetensorsHeader.dtype(dtype.name()) == dtype ? dtype.name() : null;
    }
}
