package weft.bench;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

import weft.format.CheckpointFormat;
import weft.format.Formats;
import weft.io.Json;
import weft.io.Progress;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.Statistics;
import weft.tensor.TensorData;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;
import weft.work.ConvertRequest;
import weft.work.Workspace;

/**
 * One measure in a JVM of its own: prints one number. Medians inside, warm, unless the name says otherwise.
 *
 * <pre>
 * Measure make FOLDER             a random GPT-2 124M in several formats, and a header of 100,000 tensors
 * Measure list FILE               opening and listing, in seconds
 * Measure touched FILE            which share of the file listing it reads from the disk
 * Measure parse SAFETENSORS       reading the header's JSON alone, in seconds
 * Measure statistics FILE         of all tensors, in seconds
 * Measure read FILE               summing all bytes on all cores: the limit of statistics and of decoding, in bytes a second
 * Measure convert SOURCE TARGET OUT [hash]   through a plan, in seconds
 * </pre>
 */
final class Measure {
    private Measure() {
    }

    public static void main(String[] args) throws Exception {
        var file = Path.of(args[1]);
        switch (args[0]) {
            case "make" -> make(file);
            case "list" -> print(median(12, 15, () -> Formats.open(file, Progress.NONE)));
            case "touched" -> print(touched(file));
            case "parse" -> {
                var json = header(file);
                print(median(8, 5, () -> Json.parse(json, "header", 8)));
            }
            case "statistics" -> {
                var checkpoint = Formats.open(file, Progress.NONE);
                print(median(8, 7, () -> {
                    for (var tensor : checkpoint.tensors()) {
                        Statistics.of(tensor.read(), Progress.NONE);
                    }
                }));
            }
            case "read" -> read(file);
            case "convert" -> convert(args[1], args[2], Path.of(args[3]), args.length > 4);
            case "gguf" ->
                Workspace.open(file, Progress.NONE).withTarget("gpt2/gguf", Progress.NONE).acceptAll().convert(
                        new ConvertRequest(Path.of(args[2]), false, null, null, 0, false, true), _ -> true,
                        Progress.NONE);
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    private static void print(double value) {
        System.out.println(value);
    }

    interface Run {
        void run() throws Exception;
    }

    /** Seconds of a run: the median of {@code times}, after some that warm up. */
    static double median(int warm, int times, Run run) throws Exception {
        for (int i = 0; i < warm; i++) {
            run.run();
        }
        var taken = new double[times];
        for (int i = 0; i < times; i++) {
            long start = System.nanoTime();
            run.run();
            taken[i] = (System.nanoTime() - start) / 1e9;
        }
        Arrays.sort(taken);
        return taken[times / 2];
    }

    private static byte[] header(Path file) throws IOException {
        try (var channel = FileChannel.open(file)) {
            var size = java.nio.ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
            channel.read(size, 0);
            var json = java.nio.ByteBuffer.allocate((int) size.getLong(0));
            channel.read(json, 8);
            return json.array();
        }
    }

    /**
     * What listing brings from the disk into the system's memory, as a share of the file: put out of memory first, listed,
     * then counted. Linux with coreutils and util-linux.
     */
    private static double touched(Path file) throws Exception {
        var checkpoint = Formats.open(file, Progress.NONE);
        for (var path : checkpoint.files()) {
            output("dd", "of=" + path, "oflag=nocache", "conv=notrunc,fdatasync", "count=0");
        }
        checkpoint = Formats.open(file, Progress.NONE);
        long names = checkpoint.tensors().stream().mapToLong(t -> t.name().length()).sum(); // all are listed
        long resident = 0;
        long size = 0;
        for (var path : checkpoint.files()) {
            resident += Long.parseLong(output("fincore", "-b", "-n", "-r", "-o", "RES", path.toString()).strip());
            size += Files.size(path);
        }
        return names == 0 ? Double.NaN : (double) resident / size;
    }

    private static String output(String... command) throws Exception {
        var process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        var text = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        process.waitFor();
        return text;
    }

    private static void read(Path file) throws Exception {
        try (var channel = FileChannel.open(file)) {
            var bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), java.lang.foreign.Arena.global());
            int pieces = 64;
            long piece = bytes.byteSize() / pieces / 8 * 8;
            var sum = new long[1];
            double seconds = median(5, 9, () -> sum[0] += IntStream.range(0, pieces).parallel()
                    .mapToLong(i -> sum(bytes.asSlice(i * piece, piece))).sum());
            print(piece * pieces / seconds);
        }
    }

    private static long sum(MemorySegment bytes) {
        long a = 0;
        for (long at = 0; at < bytes.byteSize(); at += 8) {
            a += bytes.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
        }
        return a;
    }

    private static void convert(String source, String target, Path out, boolean hash) throws Exception {
        var workspace = Workspace.open(Path.of(source), Progress.NONE).withTarget(target, Progress.NONE).acceptAll();
        print(median(2, 3, () -> {
            Files.deleteIfExists(out); // to a new file, as `cp` in the row beside
            workspace.convert(new ConvertRequest(out, false, null, null, 0, hash, false), _ -> true,
                    Progress.NONE);
        }));
        Files.deleteIfExists(out);
    }

    /** A random GPT-2 124M under Hugging Face's names, in every format that is written here, and a long header. */
    private static void make(Path folder) throws Exception {
        var model = gpt2(12, 768, 50257, 1024);
        Files.createDirectories(folder.resolve("bundle"));
        var hf = Files.createDirectories(folder.resolve("hf"));
        Files.writeString(hf.resolve("config.json"), """
                {"model_type": "gpt2", "n_ctx": 1024, "n_positions": 1024, "n_embd": 768, "n_head": 12, "n_layer": 12,
                 "layer_norm_epsilon": 1e-05, "vocab_size": 50257, "activation_function": "gelu_new"}
                """);
        for (var format : Formats.all()) {
            var ending = format.endings().getFirst();
            var file = format.id().equals("safetensors")
                    ? hf.resolve("model.safetensors")
                    : folder.resolve((format.id().equals("tensorflow") ? "bundle/model.ckpt" : "model" + ending));
            var written = folder.resolve("bundle/model.ckpt.index");
            if (format.writer().isPresent() && !Files.exists(file) && !(format.id().equals("tensorflow")
                    && Files.exists(written))) {
                write(format, file, model);
            }
        }
        var many = folder.resolve("many.safetensors");
        if (!Files.exists(many)) {
            write(Formats.byId("safetensors").orElseThrow(), many, many(100_000));
        }
    }

    private static void write(CheckpointFormat format, Path file, Map<String, TensorData> tensors) throws Exception {
        var sources = tensors.entrySet().stream().map(e -> (TensorSource) new TensorSource() {
            @Override
            public TensorInfo info() {
                var data = e.getValue();
                return new TensorInfo(e.getKey(), data.dtype(), data.shape(),
                        data.shape().count() * data.dtype().bytes());
            }

            @Override
            public TensorData read() {
                return e.getValue();
            }
        }).toList();
        format.writer().orElseThrow().write(file, sources, Map.of(), false, Progress.NONE);
    }

    private static Map<String, TensorData> gpt2(int layers, int width, int vocabulary, int context) {
        var random = new Random(1234);
        var tensors = new LinkedHashMap<String, TensorData>();
        tensors.put("wte.weight", normal(random, vocabulary, width));
        tensors.put("wpe.weight", normal(random, context, width));
        for (int i = 0; i < layers; i++) {
            var block = "h." + i + ".";
            norm(tensors, block + "ln_1", width);
            linear(tensors, random, block + "attn.c_attn", width, 3 * width);
            linear(tensors, random, block + "attn.c_proj", width, width);
            norm(tensors, block + "ln_2", width);
            linear(tensors, random, block + "mlp.c_fc", width, 4 * width);
            linear(tensors, random, block + "mlp.c_proj", 4 * width, width);
        }
        norm(tensors, "ln_f", width);
        return tensors;
    }

    private static void norm(Map<String, TensorData> tensors, String name, int width) {
        var ones = new float[width];
        Arrays.fill(ones, 1);
        tensors.put(name + ".weight", TensorData.ofFloats(ones, width));
        tensors.put(name + ".bias", TensorData.ofFloats(new float[width], width));
    }

    private static void linear(Map<String, TensorData> tensors, Random random, String name, int in, int out) {
        tensors.put(name + ".weight", normal(random, in, out));
        tensors.put(name + ".bias", normal(random, out));
    }

    private static TensorData normal(Random random, long... dims) {
        var shape = Shape.of(dims);
        var memory = java.lang.foreign.Arena.ofAuto().allocate(shape.count() * 4, 64);
        var some = new float[4099];
        for (int i = 0; i < some.length; i++) {
            some[i] = (float) (random.nextGaussian() * 0.02);
        }
        for (long i = 0; i < shape.count(); i++) {
            memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, some[(int) (i % some.length)]);
        }
        return TensorData.of(memory, DType.F32, shape);
    }

    private static Map<String, TensorData> many(int count) {
        var tensors = new LinkedHashMap<String, TensorData>();
        for (int i = 0; i < count; i++) {
            tensors.put(
                    String.format(Locale.ROOT, "model.layers.%d.mlp.experts.%d.down_proj.weight", i / 1000, i % 1000),
                    TensorData.ofFloats(new float[]{i}, 1));
        }
        return tensors;
    }
}
