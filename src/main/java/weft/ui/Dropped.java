package weft.ui;

import java.io.File;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

import weft.lesson.Course;
import weft.work.Guided;

/** What letting something go over the window would do. */
enum Dropped {
    /** Opens it. */
    SOURCE("drop.source"),
    /** Holds the open source against it. */
    TARGET("drop.target"),
    /** Takes over the rules in it. */
    RULES("drop.rules"),
    /** Explains the message in it. */
    LOG("drop.log"),
    /** Measures the loss on its text. */
    LOSS("drop.loss"),
    /** Suggests its merge as rules. */
    ADAPTER("drop.adapter"),
    /** Lists the lessons in it. */
    LESSONS("drop.lessons");

    /** What the disk says of a place, whatever its name is. */
    enum Lying {
        PLAIN, ADAPTER, RULES, LESSONS;

        /** Asks the disk, which may take its time. */
        static Lying of(Path path) {
            if (Course.isHere(path)) { return LESSONS; }
            if (Guided.isAdapter(path)) { return ADAPTER; }
            return Guided.isRules(path) ? RULES : PLAIN;
        }
    }

    private final String key;

    Dropped(String key) {
        this.key = key;
    }

    String key() {
        return key;
    }

    /**
     * @param lying what lies there
     * @param open whether a source is open
     * @param right whether it is over the right half
     * @param preview whether it is over the preview
     */
    static Dropped of(Path path, Lying lying, boolean open, boolean right, boolean preview) {
        var name = String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
        if (lying == Lying.LESSONS) { return LESSONS; }
        if (preview && name.matches(".*\\.(txt|md|text)")) { return LOSS; }
        if (open && lying == Lying.ADAPTER) { return ADAPTER; }
        if (lying == Lying.RULES) { return RULES; }
        if (open && right) { return TARGET; }
        return name.matches(".*\\.(log|txt|out|err)") ? LOG : SOURCE;
    }

    /**
     * Which of several files is meant: one that stands for a whole set, else a checkpoint, else the first. What belongs to
     * it is read from beside it.
     */
    static Path pick(List<File> files) {
        return files.stream().map(File::toPath).min(Comparator.comparingInt(Dropped::rank)).orElseThrow();
    }

    private static int rank(Path path) {
        var name = String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
        if (name.matches(".*(\\.index|\\.index\\.json)")) { return 0; }
        return name.matches(".*\\.(safetensors|pt|pth|bin|ckpt|h5|hdf5|keras|npz|npy|gguf|onnx|msgpack)") ? 1 : 2;
    }

    /** Whether the half of the window it is over makes a difference. */
    boolean isHalf() {
        return this == SOURCE || this == TARGET;
    }
}
