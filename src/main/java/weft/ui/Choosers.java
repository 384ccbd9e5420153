package weft.ui;

import java.io.File;
import java.nio.file.Path;
import javafx.stage.DirectoryChooser;
import javafx.stage.FileChooser;
import javafx.stage.Window;

import org.jspecify.annotations.Nullable;

/** How a person is asked for a place: by the system's dialogs, which tests have no hands for. */
public interface Choosers {
    /** @return {@code null} if nothing was chosen */
    @Nullable
    Path file(String title, @Nullable Window over);

    @Nullable
    Path folder(String title, @Nullable Window over);

    @Nullable
    Path save(String title, String name, @Nullable Window over);

    /** The system's own. */
    Choosers SYSTEM = new Choosers() {
        @Override
        public @Nullable Path file(String title, @Nullable Window over) {
            var chooser = new FileChooser();
            chooser.setTitle(title);
            return path(chooser.showOpenDialog(over));
        }

        @Override
        public @Nullable Path folder(String title, @Nullable Window over) {
            var chooser = new DirectoryChooser();
            chooser.setTitle(title);
            return path(chooser.showDialog(over));
        }

        @Override
        public @Nullable Path save(String title, String name, @Nullable Window over) {
            var chooser = new FileChooser();
            chooser.setTitle(title);
            chooser.setInitialFileName(name);
            return path(chooser.showSaveDialog(over));
        }

        private static @Nullable Path path(@Nullable File file) {
            return file == null ? null : file.toPath();
        }
    };
}
