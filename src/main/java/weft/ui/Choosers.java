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

    /** The system's own; they begin where the last one ended. */
    Choosers SYSTEM = new Choosers() {
        private @Nullable File last;

        @Override
        public @Nullable Path file(String title, @Nullable Window over) {
            return taken(chooser(title).showOpenDialog(over));
        }

        @Override
        public @Nullable Path folder(String title, @Nullable Window over) {
            var chooser = new DirectoryChooser();
            chooser.setTitle(title);
            chooser.setInitialDirectory(begin());
            return taken(chooser.showDialog(over));
        }

        @Override
        public @Nullable Path save(String title, String name, @Nullable Window over) {
            var chooser = chooser(title);
            chooser.setInitialFileName(name);
            return taken(chooser.showSaveDialog(over));
        }

        private FileChooser chooser(String title) {
            var chooser = new FileChooser();
            chooser.setTitle(title);
            chooser.setInitialDirectory(begin());
            return chooser;
        }

        /** A folder that is gone would be refused. */
        private @Nullable File begin() {
            var folder = last;
            return folder != null && folder.isDirectory() ? folder : null;
        }

        private @Nullable Path taken(@Nullable File file) {
            if (file == null) { return null; }
            last = file.getAbsoluteFile().getParentFile();
            return file.toPath();
        }
    };
}
