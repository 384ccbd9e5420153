package weft.format;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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
     * One of several runs that together write the whole. Shards are dealt out in stretches: of {@code N} shards the run {@code k} of
     * {@code n} writes those {@code i} (from 0) with {@code ⌊i·n/N⌋ = k − 1}. The first run also writes the index, which follows from
     * names, types and shapes alone.
     */
    public record Part(int k, int n) {
        public Part {
            if (k < 1 || k > n) { throw new IllegalArgumentException(k + "/" + n); }
        }

        boolean has(int shard, int shards) {
            return (long) shard * n / shards == k - 1;
        }

        /** Whether this run writes what is there once: the index, and what lies beside the weights. */
        public boolean isFirst() {
            return k == 1;
        }

        @Override
        public String toString() {
            return k + "-of-" + n;
        }
    }

    /** A file that was written, and the tensors in it; none for the index. */
    public record Shard(Written.Part file, List<TensorSource> tensors) {
    }

    /**
     * Writes the shards of one run.
     *
     * @return the shards in order, then the index if this run writes it; the checksums are those of its tensors
     */
    public List<Shard> write(List<TensorSource> tensors, Map<String, ?> metadata, long limit, Part part,
            boolean hash, Map<String, Integer> crc32c, Progress progress) throws CheckpointException {
        var shards = split(tensors, limit);
        var mine = new ArrayList<Shard>();
        var weightMap = new TreeMap<String, String>();
        long total = bytes(shards, part);
        long done = 0;
        for (int i = 0; i < shards.size(); i++) {
            var shard = shards.get(i);
            var name = name(i + 1, shards.size());
            shard.forEach(t -> weightMap.put(t.name(), name));
            if (!part.has(i, shards.size())) {
                continue;
            }
            var written = writer.write(places.of(name), shard, metadata, hash, shifted(progress, done, total));
            written.parts().forEach(p -> mine.add(new Shard(p, shard)));
            crc32c.putAll(written.crc32c());
            done += bytes(shard);
        }
        if (part.isFirst() && shards.size() > 1) {
            mine.add(new Shard(writeIndex(tensors, weightMap, bytes(tensors), hash), List.of()));
        }
        return mine;
    }

    /**
     * @param limit bytes of values a shard may hold; a tensor larger than that has a shard of its own
     * @return the shards in order, then the index
     */
    public Written write(List<TensorSource> tensors, Map<String, ?> metadata, long limit, boolean hash,
            Progress progress) throws CheckpointException {
        var crc32c = new LinkedHashMap<String, Integer>();
        var shards = write(tensors, metadata, limit, new Part(1, 1), hash, crc32c, progress);
        return new Written(shards.stream().map(Shard::file).toList(), crc32c);
    }

    /** As transformers numbers them, from 1; in ASCII digits whatever the machine's language is. */
    private String name(int shard, int shards) {
        return shards == 1
                ? stem + ending
                : String.format(Locale.ROOT, "%s-%05d-of-%05d%s", stem, shard, shards, ending);
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

    /** Bytes of values that one run writes. */
    public static long bytes(List<TensorSource> tensors, long limit, Part part) {
        return bytes(split(tensors, limit), part);
    }

    private static long bytes(List<List<TensorSource>> shards, Part part) {
        long bytes = 0;
        for (int i = 0; i < shards.size(); i++) {
            bytes += part.has(i, shards.size()) ? bytes(shards.get(i)) : 0;
        }
        return bytes;
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
