package weft.ui;

import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import weft.fuzz.Fuzz;
import weft.ui.model.Session;
import weft.ui.model.Tasks;
import weft.ui.tree.Lines;
import weft.work.Workspace;

/**
 * Opens every file and folder below some folders in one window's model, one after the other, twice: unfolds, looks into the
 * first tensors, takes the file's own dialect as the target, closes. Prints the open files before and after, and how many of
 * the pieces of work that were closed the memory still holds.
 */
final class OpenEverythingInWindow {
    private static final int LOOKED_AT = 3;

    private OpenEverythingInWindow() {
    }

    public static void main(String[] folders) throws Exception {
        var paths = new ArrayList<Path>();
        for (var folder : folders) {
            try (var all = Files.walk(Path.of(folder))) {
                all.sorted().forEach(paths::add);
            }
        }
        var session = new Session(new Tasks(Runnable::run, Runnable::run), Locale.ENGLISH);
        var models = Models.of(session);
        models.tensor().setActive(true);
        var closed = new ArrayList<WeakReference<Workspace>>();
        open(session, paths, closed); // classes are loaded, threads started
        long before = settled();
        closed.clear();
        int opened = open(session, paths, closed);
        long after = settled();
        System.out.printf("%d of %d opened, open files %d then %d, %d still held, heap %d MB%n", opened, paths.size(),
                before, after, closed.stream().filter(w -> w.get() != null).count(),
                Runtime.getRuntime().maxMemory() >> 20);
    }

    private static int open(Session session, List<Path> paths, List<WeakReference<Workspace>> closed) {
        int opened = 0;
        for (var path : paths) {
            session.open(path);
            var workspace = session.workspace().get();
            if (workspace != null) {
                opened++;
                closed.add(new WeakReference<>(workspace));
                look(session, workspace);
            }
            session.close();
        }
        return opened;
    }

    private static void look(Session session, Workspace workspace) {
        var recognition = workspace.recognition();
        if (recognition != null) {
            session.chooseTarget(recognition.dialect().id());
            session.acceptAll();
        }
        for (var line : List.copyOf(session.lines().get()).stream().map(Lines.Line::item).limit(LOOKED_AT).toList()) {
            session.openAll(line);
        }
        for (var line : List.copyOf(session.lines().get()).stream().map(Lines.Line::item).filter(i -> i.isRelation())
                .limit(LOOKED_AT).toList()) {
            session.selected().set(line);
        }
    }

    private static long settled() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            System.gc();
            Thread.sleep(100);
        }
        return Fuzz.openFiles();
    }
}
