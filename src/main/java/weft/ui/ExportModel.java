package weft.ui;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import javafx.beans.binding.Bindings;
import javafx.beans.binding.BooleanBinding;
import javafx.beans.property.BooleanProperty;
import javafx.beans.property.ObjectProperty;
import javafx.beans.property.SimpleBooleanProperty;
import javafx.beans.property.SimpleObjectProperty;
import javafx.beans.property.SimpleStringProperty;
import javafx.beans.property.StringProperty;

import org.jspecify.annotations.Nullable;

import weft.tensor.DType;
import weft.ui.model.Session;
import weft.ui.tree.Tsv;
import weft.work.ExportChoices;
import weft.work.Workspace;

/** What is to be written, where and how; it says what is missing before anything is written. */
final class ExportModel {
    /** What can be written. */
    enum What {
        CHECKPOINT("model.safetensors"), FOLDER("model"), RULES("rules.weft"), TABLE("table.tsv"), PICTURE("table.png");

        private final String name;

        What(String name) {
            this.name = name;
        }

        String proposed() {
            return name;
        }
    }

    private final Session session;
    private final ObjectProperty<What> what = new SimpleObjectProperty<>(What.CHECKPOINT);
    private final StringProperty place = new SimpleStringProperty("");
    /** Empty: by the name. */
    private final StringProperty format = new SimpleStringProperty("");
    private final ObjectProperty<@Nullable DType> type = new SimpleObjectProperty<>();
    /** Megabytes; empty: one file. */
    private final StringProperty shard = new SimpleStringProperty("");
    private final BooleanProperty replace = new SimpleBooleanProperty();
    private final BooleanProperty complete = new SimpleBooleanProperty();
    private final BooleanBinding taken;

    ExportModel(Session session) {
        this.session = session;
        taken = Bindings.createBooleanBinding(
                () -> !place.get().isBlank() && ExportChoices.isTaken(Path.of(place.get().strip())), place, what);
        place.addListener((_, _, _) -> replace.set(false));
        session.workspace().addListener((_, _, _) -> plan());
        plan();
    }

    private void plan() {
        complete.set(session.plan().map(p -> p.isComplete()).orElse(false));
    }

    ObjectProperty<What> what() {
        return what;
    }

    StringProperty place() {
        return place;
    }

    StringProperty format() {
        return format;
    }

    ObjectProperty<@Nullable DType> type() {
        return type;
    }

    StringProperty shard() {
        return shard;
    }

    /** Whether what stands there may go. */
    BooleanProperty replace() {
        return replace;
    }

    /** Whether something stands there already. */
    BooleanBinding taken() {
        return taken;
    }

    /** The key of what is missing; empty if nothing is. */
    String missing() {
        boolean model = what.get() == What.CHECKPOINT || what.get() == What.FOLDER;
        return model && !complete.get()
                ? "export.incomplete"
                : place.get().isBlank()
                        ? "export.noPlace"
                        : model && !shard.get().isBlank() && shardBytes() <= 0
                                ? "export.badShard"
                                : taken.get() && !replace.get() ? "export.taken" : "";
    }

    /** What {@link #missing} depends on. */
    javafx.beans.Observable[] depends() {
        return new javafx.beans.Observable[]{what, place, shard, replace, complete, taken};
    }

    private long shardBytes() {
        var text = shard.get().strip();
        return text.matches("[1-9][0-9]{0,8}") ? Long.parseLong(text) * 1_000_000 : -1;
    }

    /** Writes it; nothing happens while something is missing. */
    void run() {
        var workspace = session.workspace().get();
        if (workspace == null || !missing().isEmpty()) { return; }
        var file = Path.of(place.get().strip());
        switch (what.get()) {
            case CHECKPOINT, FOLDER -> session.export(new Workspace.ConvertRequest(file, what.get() == What.FOLDER,
                    format.get().isEmpty() ? null : format.get(), type.get(),
                    shard.get().isBlank() ? 0 : shardBytes(), true, replace.get()));
            case RULES -> session.exportRules(file, replace.get());
            case TABLE -> session.write(file,
                    Tsv.of(session.items(), session.texts().get()).getBytes(StandardCharsets.UTF_8));
            case PICTURE -> {
                var taker = picture.get();
                if (taker != null) {
                    session.write(file, taker.get());
                }
            }
        }
    }

    private final ObjectProperty<java.util.function.@Nullable Supplier<byte[]>> picture = new SimpleObjectProperty<>();

    /** Who takes the table's picture, as PNG. */
    ObjectProperty<java.util.function.@Nullable Supplier<byte[]>> picture() {
        return picture;
    }
}
