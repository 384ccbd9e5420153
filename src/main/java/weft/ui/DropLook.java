package weft.ui;

import java.nio.file.Path;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

import weft.ui.Dropped.Lying;
import weft.ui.model.Tasks;

/**
 * What lies where something is dragged from. A window is asked again with every move of the pointer and has to answer at
 * once, so the disk is asked once a drag, beside the window's thread: a network folder that hangs holds nothing up.
 */
final class DropLook {
    private static final String LANE = "drop-look";
    private final Tasks tasks;
    private @Nullable Path asked;
    private @Nullable Lying known;

    DropLook(Tasks tasks) {
        this.tasks = tasks;
    }

    /** What is known so far. @param then is told once there is more */
    Lying soFar(Path path, Runnable then) {
        if (!path.equals(asked)) {
            asked = path;
            known = null;
            tasks.ask(LANE, _ -> Lying.of(path), lying -> {
                if (path.equals(asked)) {
                    known = lying;
                    then.run();
                }
            });
        }
        return known == null ? Lying.PLAIN : known;
    }

    /** It was let go: tells what lies there, at once if that is known. */
    void letGo(Path path, Consumer<Lying> then) {
        var lying = path.equals(asked) ? known : null;
        forget();
        if (lying != null) {
            then.accept(lying);
        } else {
            tasks.run(LANE, "busy.open", _ -> Lying.of(path), then, _ -> {
            });
        }
    }

    /** What is dragged next may have changed meanwhile. */
    void forget() {
        asked = null;
        known = null;
    }
}
