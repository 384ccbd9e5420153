package weft.ui;

import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import javafx.beans.property.BooleanProperty;
import javafx.beans.property.ObjectProperty;
import javafx.beans.property.ReadOnlyBooleanProperty;
import javafx.beans.property.ReadOnlyBooleanWrapper;
import javafx.beans.property.SimpleBooleanProperty;
import javafx.beans.property.SimpleObjectProperty;
import javafx.beans.property.SimpleStringProperty;
import javafx.beans.property.StringProperty;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Problem;
import weft.tensor.DType;
import weft.text.Texts;
import weft.ui.model.Cares;
import weft.ui.model.Session;
import weft.ui.tree.Tsv;
import weft.work.ConvertRequest;
import weft.work.Export;
import weft.work.ExportChoices;
import weft.work.Guided;
import weft.work.Reports;
import weft.work.Selection;

/** What is to be written, where and how; it says what is missing before anything is written. */
final class ExportModel {
    /** What can be written. */
    enum What {
        CHECKPOINT("model.safetensors"), FOLDER("model"), RULES("rules.weft"), REPORT("report.html"), SCRIPT(
                "convert.py"),
        TABLE("table.tsv"), PICTURE("table.png");

        private final String name;

        What(String name) {
            this.name = name;
        }

        String proposed() {
            return name;
        }
    }

    private static final String REPORTS = ".*\\.(html?|md|markdown|csv|json)";
    private final Session session;
    private final Cares cares;
    private final ObjectProperty<What> what = new SimpleObjectProperty<>(What.CHECKPOINT);
    private final StringProperty place = new SimpleStringProperty("");
    /** Empty: by the name. */
    private final StringProperty format = new SimpleStringProperty("");
    private final ObjectProperty<@Nullable DType> type = new SimpleObjectProperty<>();
    /** Megabytes; empty: one file. */
    private final StringProperty shard = new SimpleStringProperty("");
    /** Which parameters; empty: all. */
    private final StringProperty only = new SimpleStringProperty("");
    private final ObjectProperty<Export.As> script = new SimpleObjectProperty<>(Export.As.TORCH);
    private final BooleanProperty replace = new SimpleBooleanProperty();
    private final BooleanProperty complete = new SimpleBooleanProperty();
    private final ReadOnlyBooleanWrapper taken = new ReadOnlyBooleanWrapper();

    ExportModel(Session session) {
        this(session, new Cares(session));
    }

    /** @param cares knows what would be lost */
    ExportModel(Session session, Cares cares) {
        this.session = session;
        this.cares = cares;
        what.addListener((_, _, _) -> look());
        place.addListener((_, _, _) -> {
            replace.set(false);
            look();
        });
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

    StringProperty only() {
        return only;
    }

    /** What rules are written as. */
    ObjectProperty<Export.As> script() {
        return script;
    }

    /** What a script of some kind is called, unless somebody says otherwise. */
    static String proposed(Export.As as) {
        return switch (as) {
            case TORCH, MINDSPORE -> "convert.py";
            case TRANSFORMERS -> "conversion.py";
            case NAMES_JSON -> "names.json";
            case NAMES_CSV -> "names.csv";
            case MARKDOWN -> "names.md";
            case REFERENCE_SCRIPT -> "reference.py";
        };
    }

    /** The proposed name of what is to be written. */
    String proposed() {
        return what.get() == What.SCRIPT ? proposed(script.get()) : what.get().proposed();
    }

    /** Whether a name is one that was proposed. */
    static boolean isProposed(String name) {
        return Arrays.stream(What.values()).anyMatch(w -> w.proposed().equals(name))
                || Arrays.stream(Export.As.values()).anyMatch(a -> proposed(a).equals(name));
    }

    /**
     * A name for what is to be written now: the proposed one in the place of another proposed one; a person's own name keeps
     * its stem and gets the ending of this kind, unless it has one already.
     *
     * @param name without its folder
     */
    String named(String name) {
        if (name.isBlank() || isProposed(name)) { return proposed(); }
        var lower = name.toLowerCase(Locale.ROOT);
        boolean right = switch (what.get()) {
            case CHECKPOINT -> !isOthers(lower);
            case FOLDER -> !lower.contains(".") || !isOthers(lower) && !isWeights(lower);
            case RULES -> lower.matches(".*\\.(weft|json)");
            case REPORT -> lower.matches(REPORTS);
            case SCRIPT -> lower.endsWith(ending(proposed()));
            case TABLE -> lower.matches(".*\\.(tsv|txt)");
            case PICTURE -> lower.endsWith(".png");
        };
        int dot = name.lastIndexOf('.');
        return right ? name : (dot > 0 ? name.substring(0, dot) : name) + ending(proposed());
    }

    private static boolean isOthers(String name) {
        return !name.contains(".") || name.matches(".*\\.(weft|html?|md|markdown|csv|py|tsv|txt|png)");
    }

    private static boolean isWeights(String name) {
        return name.matches(".*\\.(safetensors|ckpt|pth?|bin|h5|keras|gguf|onnx|npz|npy|msgpack|index|json)");
    }

    private static String ending(String name) {
        int dot = name.lastIndexOf('.');
        return dot < 0 ? "" : name.substring(dot);
    }

    /** Where a name without a folder leads; empty where the name says it itself, or can't be one. */
    Optional<Path> full() {
        return path().filter(p -> !p.isAbsolute()).map(p -> p.toAbsolutePath().normalize());
    }

    /** How many parameters are chosen, and of how many; empty where all are or nobody can say. */
    Optional<long[]> chosen() {
        var plan = session.plan().orElse(null);
        if (plan == null || only.get().isBlank()) { return Optional.empty(); }
        try {
            var selection = Selection.of(plan, Guided.chosen(only.get()));
            return Optional.of(new long[]{selection.written().size(), plan.rows().stream()
                    .filter(r -> r.status().isReady()).count()});
        } catch (CheckpointException e) {
            return Optional.empty();
        }
    }

    /** Whether what stands there may go. */
    BooleanProperty replace() {
        return replace;
    }

    /** Whether something is known to stand there already; whoever writes looks once more. */
    ReadOnlyBooleanProperty taken() {
        return taken.getReadOnlyProperty();
    }

    /** The disk may take its time, while somebody types. */
    private void look() {
        taken.set(false);
        var tasks = session.tasks();
        path().ifPresentOrElse(p -> tasks.ask("export-place", _ -> ExportChoices.isTaken(p), taken::set),
                () -> tasks.cancel("export-place"));
    }

    /** The key of what is missing; empty if nothing is. */
    String missing() {
        boolean model = what.get() == What.CHECKPOINT || what.get() == What.FOLDER;
        boolean some = model && !only.get().isBlank();
        long chosen = some ? chosen().map(n -> n[0]).orElse(-1L) : 1;
        if (chosen < 0) { return "export.badOnly"; }
        if (chosen == 0) { return "export.noneChosen"; }
        boolean needsAll = model && !some || what.get() == What.SCRIPT;
        if (needsAll && !complete.get()) { return "export.incomplete"; }
        if (model && !some && !cares.lostHeads().isEmpty()) { return "export.headLost"; }
        if (what.get() == What.REPORT && session.plan().isEmpty()) { return "export.noTarget"; }
        var name = place.get().strip().toLowerCase(Locale.ROOT);
        if (path().isEmpty()) { return "export.noPlace"; }
        if (what.get() == What.REPORT && !name.matches(REPORTS)) { return "export.reportEnding"; }
        if (model && !shard.get().isBlank() && shardBytes() <= 0) { return "export.badShard"; }
        return taken.get() && !replace.get() ? "export.taken" : "";
    }

    /** The output matrix that would be lost; empty if none would. */
    String lostHead() {
        return cares.lostHeads().stream().map(p -> String.valueOf(p.found())).findFirst().orElse("");
    }

    /** What there is to care about, whatever it is; it changes with the plan. */
    javafx.beans.value.ObservableValue<?> cares() {
        return cares.found();
    }

    /** Says that it may be lost. */
    void letHeadGo() {
        cares.take(Cares.Step.DROP);
    }

    /** The word of a number that a written configuration would lack; empty if none. */
    Optional<String> missingNumber() {
        // a file of weights alone has no configuration in it, unless its dialect puts one there
        boolean writes = what.get() == What.FOLDER || what.get() == What.CHECKPOINT && session.plan()
                .map(p -> p.target().dialect()).map(d -> d.configFile().isEmpty()).orElse(false);
        return writes
                ? cares.missingNumber().map(Problem::field)
                : Optional.empty();
    }

    /** What {@link #missing} depends on. */
    javafx.beans.Observable[] depends() {
        return new javafx.beans.Observable[]{what, place, shard, only, script, replace, complete, taken, cares.found()};
    }

    /** The place; empty if there is none yet, or if this system can't have one of that name. */
    private Optional<Path> path() {
        try {
            return place.get().isBlank() ? Optional.empty() : Optional.of(Path.of(place.get().strip()));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private long shardBytes() {
        var text = shard.get().strip();
        return text.matches("[1-9][0-9]{0,8}") ? Long.parseLong(text) * 1_000_000 : -1;
    }

    /** Writes it; nothing happens while something is missing. */
    void run() {
        var workspace = session.workspace().get();
        if (workspace == null || !missing().isEmpty()) { return; }
        var file = path().orElseThrow();
        switch (what.get()) {
            case CHECKPOINT, FOLDER -> session.export(new ConvertRequest(file, what.get() == What.FOLDER,
                    format.get().isEmpty() ? null : format.get(), type.get(),
                    shard.get().isBlank() ? 0 : shardBytes(), true, replace.get()), only.get());
            case RULES -> session.exportRules(file, replace.get());
            case REPORT -> {
                var texts = plain();
                session.write(file, replace.get(), w -> Reports.text(w, file.getFileName().toString(), texts)
                        .getBytes(StandardCharsets.UTF_8));
            }
            case SCRIPT -> {
                var as = script.get();
                var texts = plain();
                session.write(file, replace.get(), w -> Export.text(w, as, texts).getBytes(StandardCharsets.UTF_8));
            }
            case TABLE -> {
                var table = Tsv.of(session.items(), session.texts().get()).getBytes(StandardCharsets.UTF_8);
                session.write(file, replace.get(), _ -> table);
            }
            case PICTURE -> {
                var taker = picture.get();
                if (taker != null) {
                    var bytes = taker.get();
                    session.write(file, replace.get(), _ -> bytes);
                }
            }
        }
    }

    /** What is written is read outside of the window: its sentences are those of the command line, to the byte. */
    private Texts plain() {
        return Texts.of(session.texts().get().locale());
    }

    private final ObjectProperty<java.util.function.@Nullable Supplier<byte[]>> picture = new SimpleObjectProperty<>();

    /** Who takes the table's picture, as PNG. */
    ObjectProperty<java.util.function.@Nullable Supplier<byte[]>> picture() {
        return picture;
    }
}
