package weft.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.jspecify.annotations.Nullable;

import weft.arch.DialectProbe;
import weft.arch.Settings;
import weft.format.Formats;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Json;
import weft.io.PickleListing;
import weft.io.Problem;
import weft.io.Progress;
import weft.rule.RuleFile;
import weft.tensor.Statistics;
import weft.token.Tokenizer;
import weft.token.Tokenizers;
import weft.work.Workspace;

/**
 * Mutated files of every kind Weft reads: checkpoints of every fixture, rule files, configurations, tokenizers, dialects,
 * target texts. A seed names one target and one mutation. Whatever isn't a {@link CheckpointException}, and whatever takes
 * longer than {@link #LIMIT_SECONDS} of processor time, is a finding. Alone in a JVM of its own:
 *
 * <pre>{@code
 * java -Xmx256m -cp … weft.fuzz.Fuzz SECONDS [FIRST_SEED [SEEDS]]
 * }</pre>
 */
public final class Fuzz implements AutoCloseable {
    /** Of the processor, for one input; the slowest whole fixture takes under one. */
    static final int LIMIT_SECONDS = 20;
    private static final Path FIXTURES = Path.of("src", "test", "resources", "fixtures");
    private static final Path DIALECTS = Path.of("src", "main", "resources", "weft", "arch");
    /** Values read of one mutated file; a shape may claim any number. */
    private static final long READ = 16L << 20;
    private static final long LARGEST = 2L << 20;
    private static final String TEXT = "Every effort moves you, 每 é 🙂 \n\t 12345";

    /** Something that can be mutated and tried. */
    record Target(String name, byte[] good, Trial trial) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** What is done with the mutated bytes. */
    interface Trial {
        void run(byte[] bytes) throws Exception;
    }

    /** @param error what escaped, or null for a hang */
    record Finding(String target, long seed, @Nullable Throwable error) {
        @Override
        public String toString() {
            return target + " seed " + seed + ": " + (error == null ? "over " + LIMIT_SECONDS + " s" : error);
        }
    }

    private final Path folder;
    private final List<Target> targets = new ArrayList<>();

    /** @param folder for the mutated files; empty */
    Fuzz(Path folder) throws Exception {
        this.folder = folder;
        checkpoints();
        rules();
        words();
        for (var target : targets) {
            target.trial.run(target.good); // what isn't mutated must work, or a mutation tests nothing
        }
    }

    List<Target> targets() {
        return targets;
    }

    // ---- targets -------------------------------------------------------------------------------------------------

    /** Every file of every fixture, in a copy of its folder, opened by itself and as the folder. */
    private void checkpoints() throws Exception {
        try (var all = Files.walk(FIXTURES)) {
            for (var from : all.filter(Files::isDirectory).sorted().toList()) {
                List<Path> files;
                try (var list = Files.list(from)) {
                    files = list.filter(Files::isRegularFile).sorted().toList();
                }
                var copy = Files.createDirectories(folder.resolve(FIXTURES.relativize(from).toString().isEmpty()
                        ? "root"
                        : FIXTURES.relativize(from).toString()));
                for (var file : files) {
                    Files.copy(file, copy.resolve(file.getFileName()));
                }
                boolean together = opens(copy);
                for (var file : files) {
                    add(FIXTURES.relativize(from), copy, file, together);
                }
            }
        }
    }

    private void add(Path place, Path copy, Path file, boolean together) throws Exception {
        var name = file.getFileName().toString();
        var own = copy.resolve(name);
        boolean alone = opens(own);
        // Expected results and lists of the fixtures' own.
        if (!alone && !together || Files.size(file) > LARGEST || place.startsWith("tokenizer-json")) { return; }
        boolean settings = name.endsWith(".json") && !name.endsWith(".index.json") && !name.equals("expected.json")
                && !name.equals("listing.json");
        if (!alone && !settings && !name.equals("checkpoint") && !name.contains(".data-")
                && !name.endsWith(".safetensors") && !name.endsWith(".bin")) {
            return;
        }
        var good = Files.readAllBytes(file);
        targets.add(new Target(place + "/" + name, good, bytes -> {
            try {
                // A new file each time: the one before may still be mapped.
                Files.deleteIfExists(own);
                Files.write(own, bytes);
                if (alone) {
                    readAll(own);
                }
                if (together) {
                    swallow(() -> readAll(copy));
                    swallow(() -> Workspace.open(copy, Progress.NONE));
                }
                if (settings) {
                    swallow(() -> Workspace.open(copy, Progress.NONE).run(null).model());
                }
            } finally {
                Files.deleteIfExists(own);
                Files.write(own, good);
            }
        }));
    }

    private static boolean opens(Path path) {
        try {
            Formats.open(path, Progress.NONE);
            return true;
        } catch (CheckpointException e) {
            return false;
        }
    }

    private static void readAll(Path path) throws CheckpointException {
        try {
            Formats.listInstructions(path, new PickleListing.Sink() {
                @Override
                public void pickle(String name) {
                    Objects.requireNonNull(name);
                }

                @Override
                public void instruction(long offset, String name, String argument) {
                    if (argument.length() > 1000) { throw new IllegalStateException(name + " " + argument.length()); }
                }
            });
        } catch (CheckpointException e) {
            Objects.requireNonNull(e.problem()); // a list may end early, and opening says more
        }
        var left = new long[]{READ};
        try (var arena = Arena.ofConfined()) {
            var scratch = arena.allocate(1 << 16);
            var opened = Formats.open(path, Progress.NONE);
            for (var tensor : opened.anyway().tensors()) {
                try {
                    tensor.doubt();
                    var data = tensor.read();
                    data.forEachChunk(scratch, chunk -> {
                        left[0] -= chunk.byteSize();
                        if (left[0] < 0) { throw Problem.of(Code.CANCELLED).asException(); }
                    });
                    if (Statistics.canDescribe(data.dtype()) && data.shape().count() < 1 << 20) {
                        Statistics.of(data, Progress.NONE);
                    }
                } catch (CheckpointException e) {
                    continue; // one broken tensor doesn't keep the others from being read
                }
            }
        }
    }

    /** Rule files in both forms, of all pairs of dialects; read, planned, and their values made. */
    private void rules() throws Exception {
        var tiny = FIXTURES.resolve("gpt2-tiny");
        for (var pair : List.of(List.of("openai-tf", "gpt2/scratch-split"), List.of("hf", "gpt2/openai-tf"),
                List.of("hf-linear", "gpt2/hf"), List.of("scratch-fused", "gpt2/scratch-split"))) {
            var open = Workspace.open(tiny.resolve(pair.getFirst()), Progress.NONE).withTarget(pair.getLast(),
                    Progress.NONE);
            var suggested = open.acceptAll().rules();
            for (var name : List.of("rules.json", "rules.weft")) {
                targets.add(new Target(pair.getFirst() + " to " + pair.getLast() + "/" + name,
                        Workspace.text(suggested, name).getBytes(UTF_8), bytes -> {
                            var made = open.withRules(RuleFile.read(bytes, name));
                            var plan = made.plan().orElseThrow();
                            plan.rows().stream().limit(8).forEach(row -> swallowed(
                                    () -> made.targetValues(row.target().name())));
                            made.suggestions(false);
                            open.withRules(RuleFile.read(bytes, name)).withTargetFromRules();
                        }));
            }
            targets.add(new Target("target text of " + pair.getFirst(),
                    (pair.getLast() + "@124M,n_head=12").getBytes(UTF_8), bytes -> {
                        var text = new String(bytes, UTF_8);
                        open.withTarget(text, Progress.NONE).acceptAll();
                        Workspace.names(text);
                    }));
        }
        for (var example : List.of("""
                (q : rope half->interleaved), (k : rope half->interleaved), v : concat @0 => qkv
                h.{i}.w{n:1|2} : slice @0 1:9:2 | pad @1 to 64 zero | affine mul=0.5 add=1 | cast bfloat16 => x.{i+1}.{n}
                h.{i}.e.{j}.w : stack @0 => h.{i}.experts
                Adam/{rest**} =drop optimizer=> _
                _ =init causal-mask=> h.{i}.mask
                a =tie copy=> b
                """, """
                {"weft":1,"name":"x","others":"copy","rules":[{"from":["base:a","adapter:b"],"ops":[{"concat":0},
                {"rearrange":"a (q o) -> (q o) a","q":3},{"take":[0,2,1],"axis":0},{"unstack":0}],"to":["c","d"]},
                {"init":"normal","seed":3,"value":0.02,"to":"e"},{"keep":"f"}],"dims":{"n":3}}""")) {
            targets.add(new Target("rules of many kinds" + (example.startsWith("{") ? ".json" : ".weft"),
                    example.getBytes(UTF_8),
                    bytes -> swallow(() -> RuleFile.print(RuleFile.read(bytes, "x"), "x.weft"))));
        }
    }

    /** Configurations, tokenizers, dialects: whatever else is read as text. */
    private void words() throws Exception {
        var config = """
                {"architectures":["GPT2LMHeadModel"],"n_embd":64,"n_head":4,"n_layer":2,"n_ctx":64,"vocab_size":97,
                "layer_norm_epsilon":1e-05,"rope_scaling":{"rope_type":"llama3","factor":8.0},"bos_token_id":null,
                "activation_function":"gelu_new","task":{"a":[1,2.5,true]}}""";
        targets.add(new Target("config.json", config.getBytes(UTF_8), bytes -> Settings.read(bytes, "config.json")));
        for (var name : List.of("gpt2", "llama3", "qwen2", "roberta", "starcoder", "neox")) {
            var good = Files.readAllBytes(FIXTURES.resolve("tokenizer-json").resolve(name + ".json"));
            targets.add(new Target("tokenizer-json/" + name, good,
                    bytes -> tokenize(Tokenizers.tokenizerJson(bytes, name))));
        }
        var merges = "#version: 0.2\nh e\nl l\nhe ll\nhell o\nĠ w\no r\nĠw or\n".getBytes(UTF_8);
        var vocabulary = new StringBuilder("{\"<|endoftext|>\":0");
        int id = 1;
        for (var word : ("h e l o w r d Ġ he ll hell hello Ġw or Ġwor ! . Ċ a b c").split(" ")) {
            vocabulary.append(",\"").append(word).append("\":").append(id++);
        }
        var words = vocabulary.append('}').toString().getBytes(UTF_8);
        targets.add(new Target("vocab.json", words,
                bytes -> tokenize(Tokenizers.bytePair(bytes, "vocab.json", merges, "merges.txt"))));
        targets.add(new Target("merges.txt", merges,
                bytes -> tokenize(Tokenizers.bytePair(words, "vocab.json", bytes, "merges.txt"))));
        try (var all = Files.walk(DIALECTS)) {
            for (var file : all.filter(f -> f.toString().endsWith(".json") && !f.getParent().equals(DIALECTS)).sorted()
                    .toList()) {
                var name = file.getParent().getFileName() + "/" + file.getFileName();
                targets.add(new Target("dialect " + name, Files.readAllBytes(file),
                        bytes -> DialectProbe.read(bytes, "weft/arch/" + name)));
            }
        }
        targets.add(new Target("document.json", config.getBytes(UTF_8),
                bytes -> Json.plain(Json.parse(bytes, "document.json", 0))));
    }

    private static void tokenize(Tokenizer tokenizer) throws CheckpointException {
        var ids = tokenizer.encode(TEXT);
        tokenizer.decode(Arrays.copyOf(ids, Math.min(ids.length, 1000)));
    }

    /** Refusals are answers. */
    private static void swallow(Attempt attempt) throws Exception {
        try {
            attempt.run();
        } catch (CheckpointException e) {
            Objects.requireNonNull(e.problem());
        }
    }

    private static void swallowed(Attempt attempt) {
        try {
            swallow(attempt);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private interface Attempt {
        void run() throws Exception;
    }

    // ---- running -------------------------------------------------------------------------------------------------

    /** Tries one seed on one target. */
    @Nullable
    Finding attempt(Target target, long seed) throws InterruptedException {
        var bytes = Mutation.of(target.good, new SplittableRandom(seed * 1_000_003L + target.name.hashCode()));
        var task = new FutureTask<>(() -> {
            swallow(() -> target.trial.run(bytes));
            return true;
        });
        var thread = Thread.ofPlatform().daemon().name("fuzz").start(task);
        try {
            for (;;) {
                try {
                    task.get(LIMIT_SECONDS, TimeUnit.SECONDS);
                    return null;
                } catch (TimeoutException e) {
                    long used = java.lang.management.ManagementFactory.getThreadMXBean()
                            .getThreadCpuTime(thread.threadId());
                    if (used < TimeUnit.SECONDS.toNanos(LIMIT_SECONDS) && used >= 0) {
                        continue; // the machine is busy with something else
                    }
                    var hang = new IllegalStateException("hang");
                    hang.setStackTrace(thread.getStackTrace());
                    hang.printStackTrace();
                    return new Finding(target.name, seed, null);
                }
            }
        } catch (ExecutionException e) {
            return new Finding(target.name, seed, e.getCause());
        }
    }

    @Override
    public void close() throws IOException {
        try (var all = Files.walk(folder)) {
            for (var file : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Seeds one after another over all targets in turn, until the time is over; exit status 1 if anything was found. */
    public static void main(String[] arguments) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.parseLong(arguments[0]));
        long first = arguments.length > 1 ? Long.parseLong(arguments[1]) : 0;
        long most = arguments.length > 2 ? Long.parseLong(arguments[2]) : Long.MAX_VALUE;
        long done = 0;
        int findings = 0;
        long seed = first;
        try (var fuzz = new Fuzz(Files.createTempDirectory("weft-fuzz"))) {
            System.out.printf("%d targets, from seed %d, %d MB heap%n", fuzz.targets.size(), first,
                    Runtime.getRuntime().maxMemory() >> 20);
            var kinds = new java.util.TreeMap<String, Integer>();
            for (; seed - first < most && System.nanoTime() < end; seed++) {
                for (var target : fuzz.targets) {
                    var finding = fuzz.attempt(target, seed);
                    done++;
                    if (finding != null) {
                        findings++;
                        System.out.println("FOUND " + finding);
                        if (finding.error() != null && kinds.merge(place(finding.error()), 1, Integer::sum) == 1) {
                            finding.error().printStackTrace(System.out);
                        }
                        System.out.flush();
                    }
                    if (System.nanoTime() >= end || findings > 500) {
                        break;
                    }
                }
            }
        }
        System.out.printf("%d inputs, seeds %d to %d, %d findings, %d open files%n", done, first, seed, findings,
                openFiles());
        System.exit(findings == 0 ? 0 : 1);
    }

    /** Where something came from, so that one defect's trace is printed once. */
    private static String place(Throwable error) {
        var trace = error.getStackTrace();
        return error.getClass().getName() + (trace.length == 0 ? "" : trace[0]);
    }

    /** File descriptors this process has, or −1 where the system doesn't say. */
    public static long openFiles() {
        return java.lang.management.ManagementFactory
                .getOperatingSystemMXBean() instanceof com.sun.management.UnixOperatingSystemMXBean unix
                        ? unix.getOpenFileDescriptorCount()
                        : -1;
    }
}
