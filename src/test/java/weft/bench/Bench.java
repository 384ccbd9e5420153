package weft.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * All benchmarks, each beside what it is measured against, and a table of them.
 *
 * <pre>
 * mvn -P bench verify [-Dweft.bench.python=/path/to/python] [-Dweft.bench.llama=/path/to/llama-bench] \
 *     [-Dweft.bench.rounds=5] [-Dweft.bench.only=decode]
 * </pre>
 *
 * {@code -Dweft.bench.only=scroll}, {@code =plan} and {@code ="first paint"} make no large files.
 *
 * Rounds are interleaved (ours, the peer's, ours, …), each measure in a process of its own; what is printed are medians,
 * and the median of the ratios of each round. Rows whose peer isn't installed have no ratio. Needs Linux's tools for the
 * rows against {@code cp}, about 4 GB of disk under {@code target/bench} and a machine that does nothing else.
 */
public final class Bench {
    /** How the two numbers of a row become its ratio. */
    private enum Ratio {
        SPEED, TIME, NONE
    }

    /** Something that takes a while and gives a number. */
    private interface Number {
        double measure() throws Exception;
    }

    /** @param bound in words: what must hold of the ratio */
    private record Row(String what, String unit, Number ours, @Nullable String against, @Nullable Number peer,
            Ratio ratio, String bound) {
    }

    /** Tokens a second of one round, each {decode, prefill}; of a peer that isn't here, nothing. */
    private record Gpt2(double[] ours, double[] torch, double[] llama) {
    }

    /** Rows that are measured without the files of 500 MB, which take minutes to make. */
    private static final List<String> WITHOUT_FILES = List.of("scroll", "plan", "first paint");

    private final Path folder = Path.of("target/bench");
    private final int rounds = Integer.getInteger("weft.bench.rounds", 5);
    private final String python = System.getProperty("weft.bench.python", "");
    private final String llama = System.getProperty("weft.bench.llama", "");
    private final String only = System.getProperty("weft.bench.only", "");
    private final List<Row> rows = new ArrayList<>();
    private final Map<Integer, List<Gpt2>> gpt2 = new LinkedHashMap<>();

    private Bench() {
    }

    public static void main(String[] args) throws Exception {
        new Bench().run();
    }

    private void run() throws Exception {
        Files.createDirectories(folder);
        if (WITHOUT_FILES.stream().noneMatch(only::contains)) {
            measure("make", folder.toString());
        }
        var hf = folder.resolve("hf");
        var safetensors = hf.resolve("model.safetensors").toString();
        var bin = folder.resolve("model.pt").toString();
        var copy = folder.resolve("copy").toString();
        for (var file : List.of("hf/model.safetensors", "model.pt", "bundle/model.ckpt.index", "model.ckpt", "model.h5",
                "model.npz", "model.gguf")) {
            var path = folder.resolve(file);
            if (Files.exists(path)) {
                row("list 500 MB, " + file, "s", () -> measure("list", path.toString()), null, null, Ratio.NONE, "");
                row("share of it read, " + file, "", () -> measure("touched", path.toString()), null, null,
                        Ratio.NONE, "under 0.01");
            }
        }
        var many = folder.resolve("many.safetensors").toString();
        row("list 100,000 tensors", "s", () -> measure("list", many), "parsing that JSON", () -> measure("parse", many),
                Ratio.TIME, "about 1");
        row("statistics of 500 MB", "s", () -> measure("statistics", safetensors), "numpy sum, min, max",
                peer("statistics", safetensors), Ratio.SPEED, "2.5");
        row("inspect a .bin, whole process", "s", () -> process("target/weft/bin/weft", "inspect", bin),
                "torch.load, whole process", python.isEmpty() ? null : () -> process(python, peers(), "list", bin),
                Ratio.TIME, "0.3");
        Number cp = () -> process("sh", "-c", "rm -f " + copy + "; cp " + safetensors + " " + copy);
        Number sums = () -> process("sh", "-c",
                "rm -f " + copy + "; cp " + safetensors + " " + copy + " && sync " + copy
                        + " && sha256sum " + safetensors + " " + copy);
        var out = folder.resolve("out.safetensors").toString();
        row("convert, renames only, no hash", "s", () -> measure("convert", safetensors, "gpt2/hf", out), "cp", cp,
                Ratio.TIME, "1.5");
        row("convert, 48 transposes, no hash", "s", () -> measure("convert", safetensors, "gpt2/hf-linear", out), "cp",
                cp, Ratio.TIME, "2");
        row("convert, 48 transposes, hashes, fsync", "s",
                () -> measure("convert", safetensors, "gpt2/hf-linear", out, "hash"), "cp, sync, two sha256sum", sums,
                Ratio.TIME, "1");
        int cores = Runtime.getRuntime().availableProcessors();
        for (int threads = 1; threads <= Math.min(2, cores); threads++) {
            gpt2("decode, f32, ", 0, threads, "1.4", "0.7");
            gpt2("prefill 512, f32, ", 1, threads, "0.8", "0.5");
        }
        row("decode, bytes a second, all cores", "B/s", () -> gpt2Round(cores).ours[0] * 494_612_480.0,
                "reading the file", () -> measure("read", safetensors), Ratio.SPEED, "0.7");
        for (var rules : List.of("without", "with")) {
            row("plan 100,000 tensors, " + rules + " rules", "s",
                    () -> milliseconds("plan " + rules + " rules: first [0-9]+ ms, median",
                            java("weft.plan.PlanBench")),
                    null, null, Ratio.NONE, "");
        }
        for (var step : Map.of("3", "three rows", "331", "a jump of 331 rows").entrySet().stream()
                .sorted(Map.Entry.comparingByKey()).toList()) {
            for (var what : List.of("laid-out", "painted")) {
                row("scroll 100,000 rows, " + step.getValue() + " a frame, " + what, "s",
                        () -> milliseconds("step " + step.getKey() + ".* " + what, java("weft.ui.ScrollBench")), null,
                        null, Ratio.NONE, "");
            }
        }
        if (Screen.isPossible()) {
            try (var screen = Screen.open(folder.resolve("screen"))) {
                window(screen, "target/weft", Path.of("target/weft/bin/weft"), safetensors);
                window(screen, "the image", Path.of("target/image/weft/bin/weft"), safetensors);
                table();
            }
        } else {
            table();
        }
    }

    /** Rows of a window that opens; where the program isn't built there are none. */
    private void window(Screen screen, String where, Path program, String file) {
        if (!Files.isExecutable(program)) { return; }
        var at = program.toAbsolutePath().toString();
        row("window of " + where + ", start to first paint", "s", () -> screen.watch(1, List.of(at)).first(), null,
                null,
                Ratio.NONE, "1.5 s");
        row("window of " + where + ", a file of 500 MB from there to its table", "s", () -> {
            var painted = screen.watch(2, List.of(at, file));
            return painted.table() - painted.first();
        }, null, null, Ratio.NONE, "1 s");
    }

    private void row(String what, String unit, Number ours, @Nullable String against, @Nullable Number peer,
            Ratio ratio, String bound) {
        if (what.contains(only)) {
            rows.add(new Row(what, unit, ours, against, peer, ratio, bound));
        }
    }

    private void table() throws Exception {
        var lines = new ArrayList<String>();
        lines.add("| what | Weft | against | ratio | must |");
        lines.add("|---|---|---|---|---|");
        for (var row : rows) {
            var ours = new double[rounds];
            var theirs = new double[rounds];
            var ratios = new double[rounds];
            for (int i = 0; i < rounds; i++) {
                ours[i] = row.ours.measure();
                theirs[i] = row.peer == null ? Double.NaN : row.peer.measure();
                ratios[i] = "s".equals(row.unit) && row.ratio == Ratio.SPEED
                        ? theirs[i] / ours[i]
                        : ours[i] / theirs[i];
            }
            var against = row.peer == null ? "" : row.against + ": " + shown(median(theirs), row.unit);
            lines.add("| " + row.what + " | " + shown(median(ours), row.unit) + " | " + against + " | "
                    + (row.peer == null ? "" : String.format(Locale.ROOT, "%.2f", median(ratios))) + " | " + row.bound
                    + " |");
            System.out.println(lines.getLast());
        }
        var versions = python.isEmpty() ? "no Python" : output(python, peers(), "version").strip();
        if (!llama.isEmpty()) {
            versions += ", llama.cpp " + output("sh", "-c", llama + " --version 2>&1").lines().findFirst().orElse("");
        }
        var text = versions + "; JDK " + Runtime.version() + "; " + Runtime.getRuntime().availableProcessors()
                + " processors; " + rounds + " rounds\n\n" + String.join("\n", lines) + "\n";
        Files.writeString(folder.resolve("table.md"), text);
        System.out.println("\n" + text);
    }

    private static String shown(double value, String unit) {
        return switch (unit) {
            case "s" -> value < 1
                    ? String.format(Locale.ROOT, "%.3g ms", value * 1e3)
                    : String.format(Locale.ROOT, "%.2f s", value);
            case "B/s" -> String.format(Locale.ROOT, "%.1f GB/s", value / 1e9);
            case "tok/s" -> String.format(Locale.ROOT, "%.1f tok/s", value);
            default -> String.format(Locale.ROOT, "%.3g", value);
        };
    }

    private static double median(double[] values) {
        var sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** A row against each peer that is installed; both kinds of rows, and all three programs, share their rounds. */
    private void gpt2(String what, int which, int threads, String torchBound, String llamaBound) {
        var name = what + threads + (threads == 1 ? " thread" : " threads");
        if (!python.isEmpty() || llama.isEmpty()) {
            int[] ours = {0};
            int[] theirs = {0};
            row(name, "tok/s", () -> gpt2(threads, ours[0]++).ours[which], "PyTorch",
                    python.isEmpty() ? null : () -> gpt2(threads, theirs[0]++).torch[which], Ratio.SPEED, torchBound);
        }
        if (!llama.isEmpty()) {
            int[] ours = {0};
            int[] theirs = {0};
            row(name, "tok/s", () -> gpt2(threads, ours[0]++).ours[which], "llama.cpp",
                    () -> gpt2(threads, theirs[0]++).llama[which], Ratio.SPEED, llamaBound);
        }
    }

    private Gpt2 gpt2(int threads, int round) throws Exception {
        var rounds = gpt2.computeIfAbsent(threads, _ -> new ArrayList<>());
        while (rounds.size() <= round) {
            rounds.add(gpt2Round(threads));
        }
        return rounds.get(round);
    }

    /** Decode and prefill come out of one process each. */
    private Gpt2 gpt2Round(int threads) throws Exception {
        var model = folder.resolve("hf").toString();
        var t = Integer.toString(threads);
        var ours = numbers(output(java("weft.infer.GptBench", model, t)), "decode ([0-9.]+).*prefill512 ([0-9.]+)");
        var torch = python.isEmpty()
                ? new double[0]
                : numbers(output(python, peers(), "gpt2", model, t), "([0-9.]+) ([0-9.]+)");
        var theirs = llama.isEmpty()
                ? new double[0]
                : numbers(output(llama, "-m", llamaModel(), "-p", "512", "-n", "64", "-t", t, "-r", "5", "-o", "json"),
                        "\"avg_ts\": ([0-9.]+).*\"avg_ts\": ([0-9.]+)");
        return new Gpt2(ours, torch, llama.isEmpty() ? theirs : new double[]{theirs[1], theirs[0]}); // it prefills first
    }

    /** The same weights as llama.cpp wants them. */
    private String llamaModel() throws Exception {
        var model = folder.resolve("llama.gguf");
        if (!Files.exists(model)) {
            measure("gguf", folder.resolve("hf").toString(), model.toString());
        }
        return model.toString();
    }

    private static double[] numbers(String said, String words) throws IOException {
        var found = Pattern.compile(words, Pattern.DOTALL).matcher(said);
        if (!found.find()) { throw new IOException(said); }
        return new double[]{Double.parseDouble(found.group(1)), Double.parseDouble(found.group(2))};
    }

    private static String peers() {
        return "src/test/bench/peers.py";
    }

    private @Nullable Number peer(String... args) {
        if (python.isEmpty()) { return null; }
        var command = new ArrayList<>(List.of(python, peers()));
        command.addAll(List.of(args));
        return () -> Double.parseDouble(output(command.toArray(String[]::new)).strip());
    }

    /** Of what a program prints, the first number behind a pattern, in milliseconds; here in seconds. */
    private static double milliseconds(String words, String[] command) throws Exception {
        var said = output(command);
        var found = Pattern.compile(words + " ([0-9.]+)").matcher(said);
        if (!found.find()) { throw new IOException(said); }
        return Double.parseDouble(found.group(1)) / 1e3;
    }

    private double measure(String... args) throws Exception {
        var found = output(java("weft.bench.Measure", args)).strip();
        return found.isEmpty() ? Double.NaN : Double.parseDouble(found);
    }

    private static String[] java(String main, String... args) {
        var command = new ArrayList<>(List.of(System.getProperty("java.home") + File.separator + "bin" + File.separator
                + "java", "--add-exports", "java.base/jdk.internal.module=ALL-UNNAMED",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow", "-Dglass.platform=Headless", "-Dprism.order=sw", "-cp",
                System.getProperty("java.class.path"), main));
        command.addAll(List.of(args));
        return command.toArray(String[]::new);
    }

    /** Seconds from start to end. */
    private static double process(String... command) throws Exception {
        long start = System.nanoTime();
        output(command);
        return (System.nanoTime() - start) / 1e9;
    }

    private static String output(String... command) throws IOException, InterruptedException {
        var process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        var text = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (!process.waitFor(10, TimeUnit.MINUTES) || process.exitValue() != 0) {
            throw new IOException(String.join(" ", command) + ": exit status " + process.exitValue());
        }
        return text;
    }
}
