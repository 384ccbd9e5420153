package weft.infer;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;

import weft.io.Json;
import weft.io.Progress;

/**
 * Decoding and prefill speed of a GPT-2 in a Hugging Face folder, as tokens a second: 32 tokens of prompt, 64 decoding
 * steps; a prompt of 512. Medians of the rounds; what was the first prompt (another length by -Dprompt) shows how long warming up takes.
 *
 * <pre>
 * mvn -q test-compile exec:exec -Dexec.classpathScope=test \
 *   -Dexec.args="--add-modules jdk.incubator.vector -classpath %classpath weft.infer.GptBench FOLDER THREADS [ejml]"
 * </pre>
 */
final class GptBench {
    private static final boolean CPU = Boolean.getBoolean("cpu");

    private GptBench() {
    }

    public static void main(String[] args) throws Exception {
        var folder = Path.of(args[0]);
        int threads = Integer.parseInt(args[1]);
        int rounds = 5;
        long start = now();
        if (Integer.getInteger("warm", 0) > 0) {
            WarmUp.run(Kernels.threads(1), Integer.getInteger("warm"));
            System.out.printf(Locale.ROOT, "warmed up in %.2f s; ", seconds(start));
        }
        start = now();
        var kernels = args.length > 2 && args[2].equals("ejml") ? Kernels.reference() : Kernels.threads(threads);
        var config = Json.parse(Files.readString(folder.resolve("config.json")), "config.json");
        var tensors = Fixture.safetensors(folder.resolve("model.safetensors"));
        boolean conv1d = config.path("layout").asString("conv1d").equals("conv1d");
        var model = GptModel.load(Fixture.gpt2(tensors, conv1d), Fixture.gpt2Hypers(config), kernels);
        double load = seconds(start);
        var random = new Random(3);
        var ids = random.ints(512, 0, model.vocabulary()).toArray();
        var prompt = Arrays.copyOf(ids, Integer.getInteger("prompt", 32));
        var decode = new double[rounds];
        var prefill = new double[rounds];
        double first = 0;
        double sum = 0;
        for (int round = 0; round < rounds; round++) {
            var cache = model.cache();
            long t = now();
            var logits = model.lastLogits(prompt, cache, Progress.NONE);
            if (round == 0) {
                first = seconds(t);
            }
            t = now();
            for (int step = 0; step < 64; step++) {
                logits = model.lastLogits(new int[]{Sampler.likeliest(logits)}, cache, Progress.NONE);
            }
            decode[round] = 64 / seconds(t);
            t = now();
            sum += model.lastLogits(ids, model.cache(), Progress.NONE)[0];
            prefill[round] = 512 / seconds(t);
        }
        System.out.printf(Locale.ROOT,
                "%s %s t=%d: decode %.1f tok/s (best %.1f); prefill512 %.0f tok/s (best %.0f); load %.2f s, first prompt %.2f s; %s (%s)%n",
                kernels, folder.getFileName(), threads, median(decode), max(decode), median(prefill), max(prefill),
                load,
                first, sum, Arrays.toString(Arrays.stream(decode).mapToLong(Math::round).toArray())
                        + Arrays.toString(Arrays.stream(prefill).mapToLong(Math::round).toArray()));
    }

    /** Wall time; with -Dcpu=true the calling thread's own, which a busy machine doesn't stretch (one thread only). */
    private static long now() {
        return CPU ? ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() : System.nanoTime();
    }

    private static double seconds(long since) {
        return (now() - since) / 1e9;
    }

    private static double median(double[] values) {
        var sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static double max(double[] values) {
        return Arrays.stream(values).max().orElse(0);
    }
}
