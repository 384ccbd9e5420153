package weft.work;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import weft.fuzz.Fuzz;
import weft.io.CheckpointException;
import weft.io.Progress;
import weft.tensor.Statistics;

/** Opens every file and folder below some folders, twice, reads all values, and prints the open files before and after. */
final class OpenEverything {
    private OpenEverything() {
    }

    public static void main(String[] folders) throws Exception {
        var paths = new ArrayList<Path>();
        for (var folder : folders) {
            try (var all = Files.walk(Path.of(folder))) {
                all.sorted().forEach(paths::add);
            }
        }
        open(paths); // classes are loaded, threads started
        long before = settled();
        int opened = open(paths);
        long after = settled();
        System.out.printf("%d of %d opened, open files %d then %d, heap %d MB%n", opened, paths.size(), before, after,
                Runtime.getRuntime().maxMemory() >> 20);
    }

    private static int open(List<Path> paths) {
        int opened = 0;
        for (var path : paths) {
            try {
                var workspace = Workspace.open(path, Progress.NONE);
                for (var tensor : workspace.source().tensors()) {
                    if (tensor.broken() == null && Statistics.canDescribe(tensor.dtype())) {
                        workspace.statistics(tensor.name(), Progress.NONE);
                    }
                }
                opened++;
            } catch (CheckpointException e) {
                continue; // an answer
            }
        }
        return opened;
    }

    private static long settled() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            System.gc();
            Thread.sleep(100);
        }
        return Fuzz.openFiles();
    }
}
