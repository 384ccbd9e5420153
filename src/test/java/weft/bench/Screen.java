package weft.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * An X server without a screen whose picture lies in a file, so that somebody outside of a program sees when it paints:
 * Xvfb with its frame buffer mapped. What is measured holds the start script and the JVM's own start, as a person waits
 * for them.
 */
final class Screen implements AutoCloseable {
    private static final Path XVFB = Path.of("/usr/bin/Xvfb");
    private static final int WIDTH = 1440;
    private static final int HEIGHT = 900;
    /** Every so many pixels one is looked at. */
    private static final int GRID = 6;
    private static final long LONGEST = TimeUnit.SECONDS.toNanos(60);

    private final Process server;
    private final String name;
    private final ByteBuffer picture;
    private final int pixels;
    private final int line;
    private final Path home;

    private Screen(Process server, String name, ByteBuffer picture, Path home) {
        this.server = server;
        this.name = name;
        this.picture = picture;
        this.home = home;
        // X's own window dump: a header of big-endian words, colours of twelve bytes, then the picture.
        this.pixels = picture.getInt(0) + picture.getInt(19 * 4) * 12;
        this.line = picture.getInt(12 * 4);
    }

    static boolean isPossible() {
        return Files.isExecutable(XVFB);
    }

    /** @param folder where the picture lies and what a window remembers of its user */
    static Screen open(Path folder) throws IOException {
        Files.createDirectories(folder);
        var server = new ProcessBuilder(XVFB.toString(), "-displayfd", "1", "-screen", "0",
                WIDTH + "x" + HEIGHT + "x24",
                "-fbdir", folder.toString(), "-nolisten", "tcp").redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try {
            var number = server.inputReader().readLine();
            if (number == null) { throw new IOException("Xvfb did not start"); }
            try (var channel = FileChannel.open(folder.resolve("Xvfb_screen0"))) {
                return new Screen(server, ":" + number.strip(),
                        channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()), folder.toAbsolutePath());
            }
        } catch (IOException e) {
            server.destroy();
            throw e;
        }
    }

    /**
     * When a program painted, in seconds after it was started.
     *
     * @param first when there was a picture at all
     * @param computed what its threads had computed by then: a busy machine changes that less
     * @param table when there stood, where the table of a file is, what stays there
     */
    record Painted(double first, double computed, double table) {
    }

    /** Starts a program, waits until its picture has not changed for {@code quiet} seconds, and ends it. */
    Painted watch(double quiet, List<String> command) throws IOException, InterruptedException {
        var builder = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("DISPLAY", name);
        builder.environment().remove("WAYLAND_DISPLAY");
        builder.environment().put("XDG_CONFIG_HOME", home.resolve("config" + System.nanoTime()).toString());
        long empty = look(0, HEIGHT);
        long start = System.nanoTime();
        var process = builder.start();
        try {
            long first = 0;
            double computed = 0;
            long tableAt = 0;
            long changedAt = 0;
            long all = empty;
            long table = look(HEIGHT / 5, HEIGHT / 2);
            while (true) {
                long now = System.nanoTime();
                long seen = look(0, HEIGHT);
                if (seen != all) {
                    all = seen;
                    changedAt = now;
                    if (first == 0 && isPicture()) {
                        first = now;
                        computed = process.info().totalCpuDuration().map(d -> d.toMillis() / 1e3).orElse(Double.NaN);
                    }
                    long there = look(HEIGHT / 5, HEIGHT / 2);
                    if (there != table) {
                        table = there;
                        tableAt = now;
                    }
                }
                if (first != 0 && (now - changedAt) / 1e9 > quiet) {
                    return new Painted((first - start) / 1e9, computed, (tableAt - start) / 1e9);
                }
                if (now - start > LONGEST || !process.isAlive()) {
                    throw new IOException("no picture: " + String.join(" ", command));
                }
                Thread.sleep(4);
            }
        } finally {
            var children = process.descendants().toList();
            process.destroy();
            children.forEach(ProcessHandle::destroy);
            process.waitFor();
            while (look(0, HEIGHT) != empty) { // the server takes the window away
                Thread.sleep(10);
            }
        }
    }

    /** A number that is another one as soon as the picture is. */
    private long look(int from, int to) {
        long hash = 1;
        for (int y = from; y < to; y += GRID) {
            for (int x = 0; x < WIDTH; x += GRID) {
                hash = hash * 31 + picture.getInt(pixels + y * line + x * 4);
            }
        }
        return hash;
    }

    /** More than a background: a window begins as one. */
    private boolean isPicture() {
        var colours = new java.util.HashSet<Integer>();
        for (int y = 0; y < HEIGHT; y += GRID) {
            for (int x = 0; x < WIDTH; x += GRID) {
                colours.add(picture.getInt(pixels + y * line + x * 4));
            }
        }
        return colours.size() > 8;
    }

    @Override
    public void close() throws InterruptedException {
        server.destroy();
        server.waitFor();
    }

    /** By hand: {@code Screen FOLDER QUIET TIMES COMMAND…} prints both numbers of each run. */
    public static void main(String[] words) throws Exception {
        try (var screen = open(Path.of(words[0]))) {
            for (int i = 0; i < Integer.parseInt(words[2]); i++) {
                System.out.println(screen.watch(Double.parseDouble(words[1]), List.of(words).subList(3, words.length)));
            }
        }
    }
}
