package weft.ui.verify;

import java.nio.file.Path;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;

import org.jspecify.annotations.Nullable;

import weft.ui.model.Session;
import weft.work.CheckpointDiff;

/** The open checkpoint against another one by names: which values moved, by how much. */
public final class DiffModel {
    private final Session session;
    private final ReadOnlyObjectWrapper<@Nullable CheckpointDiff> found = new ReadOnlyObjectWrapper<>();
    private final ReadOnlyObjectWrapper<@Nullable Path> other = new ReadOnlyObjectWrapper<>();

    public DiffModel(Session session) {
        this.session = session;
        session.workspace().addListener((_, old, now) -> {
            if (old == null || now == null || old.source() != now.source()) {
                close();
            }
        });
        session.tasks().whenStopped(() -> {
            if (found.get() == null) {
                other.set(null);
            }
        });
    }

    public ReadOnlyObjectProperty<@Nullable CheckpointDiff> found() {
        return found.getReadOnlyProperty();
    }

    /** What it is held against; {@code null} if nothing is. */
    public ReadOnlyObjectProperty<@Nullable Path> other() {
        return other.getReadOnlyProperty();
    }

    public void run(Path file) {
        var workspace = session.workspace().get();
        if (workspace == null) { return; }
        found.set(null);
        other.set(file);
        session.tasks().run("diff", "busy.diff", p -> CheckpointDiff.of(workspace, file, p), found::set, problem -> {
            other.set(null);
            session.tell(problem);
        });
    }

    public void close() {
        session.tasks().cancel("diff");
        found.set(null);
        other.set(null);
    }
}
