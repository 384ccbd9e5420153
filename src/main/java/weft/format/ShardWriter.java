package weft.format;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import weft.io.CheckpointException;
import weft.io.Json;
import weft.io.Progress;
import weft.tensor.TensorSource;

/**
 * Writes a checkpoint as shards with an index, as transformers does: {@code model-00001-of-00004.safetensors} … and
 * {@code model.safetensors.index.json}; or as the one file {@code model.safetensors} where it fits.
 */
public final class ShardWriter {
    /** Where to write the file with a certain name. */
    @FunctionalInterface
    public interface Places {
        Path of(String name) throws CheckpointException;
    }

    private final CheckpointWriter writer;
    private final Places places;
    private final String stem;
    private final String ending;

    /**
     * @param file the name of the whole: {@code model.safetensors}, {@code pytorch_model.bin}
     */
    public ShardWriter(CheckpointWriter writer, Places places, String file) {
        this.writer = writer;
        this.places = places;
        int dot = file.lastIndexOf('.');
        this.stem = dot < 0 ? file : file.substring(0, dot);
        this.ending = dot < 0 ? "" : file.substring(dot);
    }

    /**
     * @param limit bytes of values a shard may hold; a tensor larger than that has a shard of its own
     * @return the shards in order, then the index
     */
    public Written write(List<TensorSource> tensors, Map<String, String> metadata, long limit, boolean hash,
            Progress progress) throws CheckpointException {
        var shards = split(tensors, limit);
        if (shards.size() == 1) { return writer.write(places.of(stem + ending), tensors, metadata, hash, progress); }
        long total = bytes(tensors);
        long done = 0;
        var parts = new ArrayList<Written.Part>();
        var crc32c = new LinkedHashMap<String, Integer>();
        var weightMap = new TreeMap<String, String>();
        for (int i = 0; i < shards.size(); i++) {
            var name = "%s-%05d-of-%05d%s".formatted(stem, i + 1, shards.size(), ending);
            var shard = shards.get(i);
            var written = writer.write(places.of(name), shard, metadata, hash, shifted(progress, done, total));
            parts.addAll(written.parts());
            crc32c.putAll(written.crc32c());
            shard.forEach(t -> weightMap.put(t.name(), name));
            done += bytes(shard);
        }
        parts.add(writeIndex(tensors, weightMap, total, hash));
        return new Written(List.copyOf(parts), crc32c);
    }

    private Written.Part writeIndex(List<TensorSource> tensors, Map<String, String> weightMap, long total, boolean hash)
            throws CheckpointException {
        var metadata = new LinkedHashMap<String, Object>();
        metadata.put("total_parameters", tensors.stream().mapToLong(t -> t.info().shape().count()).sum());
        metadata.put("total_size", total);
        var index = new LinkedHashMap<String, Object>();
        index.put("metadata", metadata);
        index.put("weight_map", weightMap);
        try (var sink = FileSink.create(places.of(stem + ending + ".index.json"), hash, Progress.NONE, 0)) {
            sink.write(Json.print(index).getBytes(StandardCharsets.UTF_8));
            return sink.finish();
        }
    }

    /** Fills one shard after another in the order given. */
    public static List<List<TensorSource>> split(List<TensorSource> tensors, long limit) {
        var shards = new ArrayList<List<TensorSource>>();
        var shard = new ArrayList<TensorSource>();
        long bytes = 0;
        for (var tensor : tensors) {
            if (!shard.isEmpty() && tensor.info().bytes() > limit - bytes) {
                shards.add(shard);
                shard = new ArrayList<>();
                bytes = 0;
            }
            shard.add(tensor);
            bytes += tensor.info().bytes();
        }
        shards.add(shard);
        return shards;
    }

    private static long bytes(List<TensorSource> tensors) {
        return tensors.stream().mapToLong(t -> t.info().bytes()).sum();
    }

    /** The progress of a part of something larger. @param start bytes of the whole that come before the part */
    public static Progress shifted(Progress progress, long start, long total) {
        return new Progress() {
            @Override
            public void at(long done, long ignored) {
                progress.at(start + done, total);
            }

            @Override
            public boolean cancelled() {
                return progress.cancelled();
            }
        };
    }
}
