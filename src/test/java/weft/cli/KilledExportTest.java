package weft.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.cli.Run.weft;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import weft.fuzz.Child;

/**
 * An export killed fifty times ({@code SIGKILL}), at moments spread over its whole run, while it replaces an older one: a
 * single file, and a folder of shards. What lies there afterwards is the old or the new, whole; for a set caught in the
 * middle of its renames, it is nothing that opens, until {@code weft repair} has finished it.
 */
class KilledExportTest {
    private static final int KILLS = Integer.getInteger("weft.kills", 50);
    private static final int TENSORS = 24;
    private static final int BYTES = 1 << 20;

    @TempDir
    private Path folder;

    @Test
    @Tag("long")
    void leaves_the_old_or_the_new() throws Exception {
        var source = write("source.safetensors", 7);
        var rules = Files.writeString(folder.resolve("all.json"), "{\"weft\":1,\"others\":\"copy\",\"rules\":[]}");
        var old = List.of(write("old.safetensors", 1), source);
        var sets = new ArrayList<Map<String, String>>();
        var files = new ArrayList<Map<String, String>>();
        for (var each : old) { // the old state of both outputs, then the new
            var name = each.equals(source) ? "new" : "old";
            convert(each, rules, folder.resolve(name + "-set") + "/");
            sets.add(state(folder.resolve(name + "-set")));
            Files.createDirectory(folder.resolve(name + "-file"));
            convert(each, rules, folder.resolve(name + "-file/out.safetensors").toString());
            files.add(state(folder.resolve(name + "-file")));
        }
        var random = new Random(50);
        long full = 0;
        int between = 0;
        int unchanged = 0;
        for (int kill = -2; kill < KILLS; kill++) {
            boolean set = kill % 2 == 0;
            var work = folder.resolve("work");
            delete(work);
            Files.createDirectories(work);
            var out = work.resolve("out");
            copy(folder.resolve(set ? "old-set" : "old-file"), out);
            var command = Child.command(List.of(), weft.app.Launcher.class, "convert", source, "--rules", rules, "-o",
                    set ? out + "/" : out.resolve("out.safetensors"), "--force", "--shard-size", set ? "2MB" : "1GB");
            long start = System.nanoTime();
            var process = new ProcessBuilder(command).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            if (kill < 0) { // two whole runs say how long there is to kill in
                assertThat(process.waitFor()).isZero();
                full = Math.max(full, System.nanoTime() - start);
                assertThat(state(out)).isEqualTo(set ? sets.get(1) : files.get(1));
                continue;
            }
            process.waitFor((long) (full * (0.2 + 0.85 * random.nextDouble())), TimeUnit.NANOSECONDS);
            process.destroyForcibly();
            process.waitFor();
            var allowed = set ? sets : files;
            var left = state(out);
            if (!allowed.contains(left)) {
                between++;
                assertThat(set).as("one file is renamed in one step: %s", left.keySet()).isTrue();
                assertThat(weft("inspect", out, "--json").status()).as("what is neither opens as neither")
                        .isEqualTo(Exit.REFUSED);
            }
            assertThat(weft("repair", set ? work : out, "--yes").status()).isZero();
            assertThat(state(out)).as("kill %d", kill).isIn(allowed);
            assertThat(weft("inspect", set ? out : out.resolve("out.safetensors"), "--json").status()).isZero();
            try (var rest = Files.list(set ? work : out)) {
                assertThat(rest.filter(f -> f.getFileName().toString().startsWith(".~"))).isEmpty();
            }
            unchanged += state(out).equals(allowed.getFirst()) ? 1 : 0;
        }
        System.out.printf("%d kills: %d left the old, %d the new, %d were caught among their renames and repaired%n",
                KILLS, unchanged, KILLS - unchanged, between);
        assertThat(unchanged).as("kills before the end").isPositive();
    }

    private static void convert(Path source, Path rules, String out) {
        var run = weft("convert", source, "--rules", rules, "-o", out, "--shard-size",
                out.endsWith("/") ? "2MB" : "1GB");
        assertThat(run.status()).as(run.err()).isZero();
    }

    private Path write(String name, int seed) throws IOException {
        var header = new StringBuilder("{");
        for (int i = 0; i < TENSORS; i++) {
            header.append(i == 0 ? "" : ",").append("\"t").append(i).append("\":{\"dtype\":\"F32\",\"shape\":[")
                    .append(BYTES / 4).append("],\"data_offsets\":[").append((long) i * BYTES).append(',')
                    .append((i + 1L) * BYTES).append("]}");
        }
        var utf8 = header.append('}').toString().getBytes(StandardCharsets.UTF_8);
        var bytes = ByteBuffer.allocate(8 + utf8.length + TENSORS * BYTES).order(ByteOrder.LITTLE_ENDIAN)
                .putLong(utf8.length).put(utf8);
        var values = new byte[TENSORS * BYTES];
        new Random(seed).nextBytes(values);
        return Files.write(folder.resolve(name), bytes.put(values).array());
    }

    /** Every file that isn't hidden, by its hash. */
    private static Map<String, String> state(Path folder) throws Exception {
        var state = new TreeMap<String, String>();
        try (var files = Files.list(folder)) {
            for (var file : files.filter(f -> !f.getFileName().toString().startsWith(".")).toList()) {
                state.put(file.getFileName().toString(), HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file))));
            }
        }
        return state;
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectory(to);
        try (var files = Files.list(from)) {
            for (var file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) { return; }
        try (var all = Files.walk(folder)) {
            for (var file : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
