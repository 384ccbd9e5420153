package weft.ui.model;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import javafx.beans.property.BooleanProperty;
import javafx.beans.property.DoubleProperty;
import javafx.beans.property.ObjectProperty;
import javafx.beans.property.ReadOnlyLongProperty;
import javafx.beans.property.ReadOnlyLongWrapper;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.beans.property.ReadOnlyStringProperty;
import javafx.beans.property.ReadOnlyStringWrapper;
import javafx.beans.property.SimpleBooleanProperty;
import javafx.beans.property.SimpleDoubleProperty;
import javafx.beans.property.SimpleObjectProperty;
import javafx.beans.property.SimpleStringProperty;
import javafx.beans.property.StringProperty;

import org.jspecify.annotations.Nullable;

import weft.arch.TargetSpec;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;
import weft.plan.Plan;
import weft.plan.Row;
import weft.plan.Status;
import weft.rule.Pad;
import weft.rule.Rule;
import weft.rule.RuleSet;
import weft.text.Texts;
import weft.ui.model.History.Edit;
import weft.ui.tree.Item;
import weft.ui.tree.Lines;
import weft.ui.tree.Outline;
import weft.ui.tree.Query;
import weft.work.Bookmark;
import weft.work.ConvertRequest;
import weft.work.Guided;
import weft.work.Numbers;
import weft.work.Proved;
import weft.work.Workspace;

/**
 * What the window knows and what a person can do in it, without a stage. A control sets one property or calls one
 * method; everything that is shown follows from the properties.
 */
public final class Session {
    private static final String EDIT = "edit";
    private static final String PROVE = "prove";
    private static final String TARGET = "edit.target";
    private final Tasks tasks;
    private final List<Coming> coming = new ArrayList<>();
    private final History history = new History();
    private final ReadOnlyObjectWrapper<@Nullable Workspace> workspace = new ReadOnlyObjectWrapper<>();
    private final ReadOnlyObjectWrapper<@Nullable Problem> refusal = new ReadOnlyObjectWrapper<>();
    private final ReadOnlyObjectWrapper<@Nullable Problem> trouble = new ReadOnlyObjectWrapper<>();
    private final ReadOnlyObjectWrapper<List<Problem>> troubles = new ReadOnlyObjectWrapper<>(List.of());
    private final ReadOnlyStringWrapper written = new ReadOnlyStringWrapper("");
    private final ReadOnlyStringWrapper undoName = new ReadOnlyStringWrapper("");
    private final ReadOnlyStringWrapper redoName = new ReadOnlyStringWrapper("");
    private final ObjectProperty<Filter> filter = new SimpleObjectProperty<>(Filter.ALL);
    private final StringProperty search = new SimpleStringProperty("");
    private final ObjectProperty<@Nullable Item> selected = new SimpleObjectProperty<>();
    private final ObjectProperty<Texts> texts = new SimpleObjectProperty<>();
    private final BooleanProperty dark = new SimpleBooleanProperty();
    private final DoubleProperty scale = new SimpleDoubleProperty(1);
    private final ObjectProperty<@Nullable Rule> editing = new SimpleObjectProperty<>();
    private final BooleanProperty chips = new SimpleBooleanProperty();
    private final Lines lines = new Lines();
    private final Drafts drafts = new Drafts();
    private final ReadOnlyObjectWrapper<List<Lines.Line>> shown = new ReadOnlyObjectWrapper<>(List.of());
    private final ReadOnlyObjectWrapper<@Nullable Proved> proof = new ReadOnlyObjectWrapper<>();
    private final ReadOnlyObjectWrapper<@Nullable RuleSet> saved = new ReadOnlyObjectWrapper<>();
    private final ReadOnlyObjectWrapper<@Nullable Path> waiting = new ReadOnlyObjectWrapper<>();
    private final ReadOnlyLongWrapper openings = new ReadOnlyLongWrapper();
    private long planMillis;
    private @Nullable Path attempted;
    /** A target that was asked for and isn't there yet. */
    private @Nullable String wanted;

    public Session(Tasks tasks, Locale locale) {
        this.tasks = tasks;
        tasks.whenStopped(() -> wanted = null);
        trouble.bind(troubles.map(all -> all.isEmpty() ? null : all.getFirst()));
        speak(locale);
        filter.addListener(_ -> outline());
        search.addListener(_ -> outline());
    }

    public Tasks tasks() {
        return tasks;
    }

    // ---------------------------------------------------------------- what is shown

    public ReadOnlyObjectProperty<@Nullable Workspace> workspace() {
        return workspace.getReadOnlyProperty();
    }

    /** Why the last file can't be shown: a card in place of the table. */
    public ReadOnlyObjectProperty<@Nullable Problem> refusal() {
        return refusal.getReadOnlyProperty();
    }

    /** What didn't work while the rest goes on: a bar under the header. */
    public ReadOnlyObjectProperty<@Nullable Problem> trouble() {
        return trouble.getReadOnlyProperty();
    }

    /** All of it, where there is more than one thing to say. */
    public ReadOnlyObjectProperty<List<Problem>> troubles() {
        return troubles.getReadOnlyProperty();
    }

    /** What was written, as a path; empty if nothing yet. */
    public ReadOnlyStringProperty written() {
        return written.getReadOnlyProperty();
    }

    /** What undo takes back, in words; empty if there is nothing. */
    public ReadOnlyStringProperty undoName() {
        return undoName.getReadOnlyProperty();
    }

    public ReadOnlyStringProperty redoName() {
        return redoName.getReadOnlyProperty();
    }

    public ObjectProperty<Filter> filter() {
        return filter;
    }

    public StringProperty search() {
        return search;
    }

    public ObjectProperty<@Nullable Item> selected() {
        return selected;
    }

    /** A rule somebody wants to edit; whoever lists rules takes it from here. */
    public ObjectProperty<@Nullable Rule> editing() {
        return editing;
    }

    /** Whether rules are listed as chips with their shapes, or as arrow text. */
    public BooleanProperty chips() {
        return chips;
    }

    /** What was typed and not given yet. */
    public Drafts drafts() {
        return drafts;
    }

    public BooleanProperty dark() {
        return dark;
    }

    /** Text size; 1 is 13 px. */
    public DoubleProperty scale() {
        return scale;
    }

    /** Larger or smaller text by so many tenths, from 80 to 200 %. */
    public void zoom(int steps) {
        scale.set(Math.clamp((Math.round(scale.get() * 10) + steps) / 10.0, 0.8, 2));
    }

    /** The table's visible lines. */
    public ReadOnlyObjectProperty<List<Lines.Line>> lines() {
        return shown.getReadOnlyProperty();
    }

    public ObjectProperty<Texts> texts() {
        return texts;
    }

    public void speak(Locale locale) {
        texts.set(Texts.of(locale).with("window"));
        names();
    }

    public Optional<Plan> plan() {
        var current = workspace.get();
        return current == null ? Optional.empty() : current.plan();
    }

    /** How long the last plan took, in milliseconds. */
    public long planMillis() {
        return planMillis;
    }

    // ---------------------------------------------------------------- open, choose

    /** Opens a file or folder; what it should load into is chosen anew. */
    public void open(Path path) {
        open(path, null);
    }

    public void open(Path path, @Nullable String target) {
        open(path, target, "");
    }

    /** Opens a file with the target and the rules it was left with; rules that can't be read any more are left out. */
    public void open(Path path, @Nullable String target, String rules) {
        open(new Bookmark(path, target, rules));
    }

    /** Continues where somebody left off. */
    public void open(Bookmark mark) {
        open(mark, _ -> false, () -> {
        });
    }

    /**
     * Opens a file or folder, if it isn't something else.
     *
     * @param isOther is asked beside the window's thread
     * @param other what is done with something else
     */
    public void open(Path path, Predicate<Path> isOther, Runnable other) {
        open(new Bookmark(path, null, ""), isOther, other);
    }

    private void open(Bookmark mark, Predicate<Path> isOther, Runnable other) {
        attempted = mark.source();
        tasks.run("open", "busy.open", p -> isOther.test(mark.source())
                ? Optional.<Workspace>empty()
                : Optional.of(mark.open(p)), opened -> opened.ifPresentOrElse(this::opened, other), refusal::set);
    }

    private void opened(Workspace opened) {
        tasks.cancel(EDIT); // of what was open before
        tasks.cancel(PROVE);
        refusal.set(null);
        dismissTrouble();
        filter.set(Filter.ALL);
        search.set("");
        selected.set(null);
        lines.closeAll();
        proof.set(null);
        saved.set(null);
        wanted = null;
        drafts.clear();
        openings.set(openings.get() + 1);
        history.start(opened);
        show(opened);
        var rules = waiting.get();
        waiting.set(null);
        if (rules != null) {
            openRules(rules);
        }
    }

    /** The built-in sample against the textbook's split model; false if no samples were shipped. */
    public boolean openSample() {
        var samples = Workspace.samples().map(s -> s.resolve("openai-tf")).filter(Files::isDirectory);
        samples.ifPresent(s -> open(s, "gpt2/scratch-split"));
        return samples.isPresent();
    }

    /** Back to where nothing is open. */
    public void close() {
        tasks.cancelAll();
        refusal.set(null);
        dismissTrouble();
        selected.set(null);
        history.clear(); // and with it the files
        drafts.clear();
        proof.set(null);
        saved.set(null);
        workspace.set(null);
        lines.closeAll();
        outline();
        names();
    }

    /** Dismisses the card; what was open before is shown again. */
    public void dismissRefusal() {
        refusal.set(null);
    }

    public void dismissTrouble() {
        troubles.set(List.of());
    }

    /** Suggests an adapter's merge into what is open; nothing is taken over. */
    public void mergeAdapter(Path adapter) {
        change(new Edit("edit.adapter", String.valueOf(adapter.getFileName())),
                (w, p) -> Guided.withAdapter(w, adapter, p));
    }

    /** Suggests rules that unpack what is stored packed; nothing is taken over. */
    public void unpack() {
        change(new Edit("edit.unpack", ""), (w, _) -> Guided.unpacked(w));
    }

    /** Cuts rows of the vocabulary or of the positions off, or adds some. */
    public void resize(Pad.Filling filling) {
        change(new Edit("edit.resize", ""), (w, _) -> Guided.resized(w, filling));
    }

    /** Reads values that fail their checksum; none of them is ever exported. */
    public void anyway() {
        if (isReadAnyway()) { return; }
        change(new Edit("edit.anyway", ""), (w, _) -> w.anyway());
    }

    /** Whether values are read whatever their checksums say. */
    public boolean isReadAnyway() {
        return history.has("edit.anyway");
    }

    /** Finishes or deletes what killed exports left beside a place that didn't open, and opens it. */
    public void repairAndOpen(Path place) {
        tasks.run("open", "busy.open", _ -> Guided.repair(place), _ -> open(place), refusal::set);
    }

    /** What somebody last tried to open; {@code null} if nothing yet. */
    public @Nullable Path attempted() {
        return attempted;
    }

    /** Finishes or deletes what killed exports left beside the source, and looks again. */
    public void repair() {
        boolean all = isReadAnyway();
        change(new Edit("edit.repair", ""), (w, p) -> {
            Guided.repair(w.source().path());
            var opened = Guided.reopened(w, p);
            return all ? opened.anyway() : opened;
        });
    }

    public void chooseTarget(String target) {
        wanted = target;
        change(new Edit(TARGET, target), (w, p) -> w.withTarget(target, p), _ -> wanted = null);
    }

    /** Sets a number no shape shows, and chooses the target that asked for it, if one did. */
    public void setNumber(String word, String value) {
        var target = wanted;
        change(new Edit("edit.number", word + " = " + value),
                (w, p) -> Numbers.with(w, word, TargetSpec.value(value.strip()), target, p), _ -> wanted = null);
    }

    /** Takes over the rules of a file; while nothing is open they wait for the checkpoint they are for. */
    public void openRules(Path file) {
        if (workspace.get() == null) {
            waiting.set(file);
            return;
        }
        change(new Edit("edit.rules", String.valueOf(file.getFileName())), (w, p) -> w.withRuleFile(file, p),
                opened -> saved.set(opened.rules()));
    }

    /** What comes next isn't what waiting rules are for. */
    public void forgetWaitingRules() {
        waiting.set(null);
    }

    /** A file of rules that waits for a checkpoint; {@code null} if none does. */
    public ReadOnlyObjectProperty<@Nullable Path> waitingRules() {
        return waiting.getReadOnlyProperty();
    }

    /** The rules as they stand in the file they were read from or written to; {@code null} if there is none. */
    public ReadOnlyObjectProperty<@Nullable RuleSet> savedRules() {
        return saved.getReadOnlyProperty();
    }

    /** How often a file was opened: what belongs to the one before is told by it. */
    public ReadOnlyLongProperty openings() {
        return openings.getReadOnlyProperty();
    }

    /** Shows what didn't work while the rest goes on. */
    public void tell(Problem problem) {
        troubles.set(List.of(problem));
    }

    // ---------------------------------------------------------------- rules

    private interface Change {
        Workspace apply(Workspace from, Progress progress) throws CheckpointException;
    }

    /**
     * Every edit comes through here: it is planned beside the window, named, and can be undone. One that is made while
     * others are on their way follows them; nobody's edit is lost because the next one came soon.
     */
    private void change(Edit edit, Change change) {
        change(edit, change, _ -> {
        });
    }

    private void change(Edit edit, Change change, Consumer<Workspace> then) {
        if (workspace.get() == null) { return; }
        if (!tasks.isRunning(EDIT)) {
            coming.clear();
        }
        if (edit.key().equals(TARGET)) { // of several targets the last one counts
            coming.removeIf(c -> c.edit().key().equals(TARGET));
        }
        coming.add(new Coming(edit, change, then));
        plan(coming);
    }

    /** An edit that isn't there yet. */
    private record Coming(Edit edit, Change change, Consumer<Workspace> then) {
    }

    private record Planned(Coming of, Workspace workspace, long millis) {
    }

    /** @param problem why one of them is missing, or {@code null} */
    private record Plans(List<Planned> all, @Nullable Problem problem) {
    }

    private void plan(List<Coming> edits) {
        var from = workspace.get();
        var all = List.copyOf(edits);
        if (from == null) { return; }
        tasks.run(EDIT, "busy.plan", p -> plans(from, all, p), plans -> {
            var problem = plans.problem();
            troubles.set(problem == null ? List.of() : List.of(problem));
            if (plans.all().isEmpty()) { return; }
            for (var planned : plans.all()) {
                history.add(planned.of().edit(), planned.workspace());
                planned.of().then().accept(planned.workspace());
            }
            planMillis = plans.all().getLast().millis();
            show(plans.all().getLast().workspace());
        }, this::tell);
    }

    private static Plans plans(Workspace from, List<Coming> edits, Progress progress) throws CheckpointException {
        var all = new ArrayList<Planned>();
        Problem problem = null;
        var now = from;
        for (var each : edits) {
            long start = System.nanoTime();
            try {
                now = each.change().apply(now, progress);
                all.add(new Planned(each, now, (System.nanoTime() - start) / 1_000_000));
            } catch (CheckpointException e) {
                if (e.code() == Code.CANCELLED) { throw e; }
                problem = e.problem();
            }
        }
        return new Plans(all, problem);
    }

    public void acceptAll() {
        if (suggested().isEmpty()) { return; }
        change(new Edit("edit.acceptAll", Integer.toString(suggested().size())), (w, _) -> w.acceptAll());
    }

    /** For all layers the rule speaks of. */
    public void accept(Rule rule) {
        change(new Edit("edit.accept", firstTarget(rule)), (w, _) -> w.accept(rule));
    }

    /** For these very parameters and no others. */
    public void acceptOnly(List<Row> rows) {
        if (!rows.isEmpty()) {
            change(new Edit("edit.accept", rows.getFirst().target().name()), (w, _) -> w.acceptOnly(rows));
        }
    }

    /** All suggestions under a line. */
    public void acceptUnder(Item item) {
        var rules = item.rows().stream().filter(r -> r.status() == Status.NEEDS_RULE).map(Row::rule).distinct()
                .toList();
        if (!rules.isEmpty()) {
            change(new Edit("edit.accept", item.target().text()), (w, _) -> {
                var next = w;
                for (var rule : rules) {
                    next = rule == null ? next : next.accept(rule);
                }
                return next;
            });
        }
    }

    public void dropRule(Rule rule) {
        change(new Edit("edit.drop", firstTarget(rule)), (w, _) -> w.replace(rule, null));
    }

    /** Puts another rule in a rule's place. */
    public void replaceRule(Rule old, Rule by) {
        if (!old.equals(by)) {
            change(new Edit("edit.rule", firstTarget(by)), (w, _) -> w.replace(old, by));
        }
    }

    public void addRule(Rule rule) {
        change(new Edit("edit.add", firstTarget(rule)), (w, _) -> {
            var all = new ArrayList<>(w.rules().rules());
            all.add(rule);
            return w.withRules(w.rules().with(all));
        });
    }

    /** Says that a tensor nothing takes may be lost. */
    public void letGo(String tensor) {
        change(new Edit("edit.letGo", tensor), (w, _) -> Guided.letGo(w, tensor));
    }

    private static String firstTarget(Rule rule) {
        var targets = rule.targets();
        return targets.isEmpty() ? "" : String.valueOf(targets.getFirst());
    }

    /** Suggested rules that wait for somebody to accept them, in the plan's order. */
    public List<Rule> suggested() {
        var rules = new ArrayList<Rule>();
        plan().ifPresent(p -> p.rows().stream().filter(r -> r.status() == Status.NEEDS_RULE).map(Row::rule)
                .forEach(r -> {
                    if (r != null && !rules.contains(r)) {
                        rules.add(r);
                    }
                }));
        return rules;
    }

    public List<Rule> accepted() {
        var current = workspace.get();
        return current == null ? List.of() : current.rules().rules();
    }

    /** Given rules that don't make what they promise. */
    public List<Rule> failing() {
        return plan().map(p -> p.rows().stream().filter(r -> r.problem() != null && r.rule() != null)
                .map(Row::rule).distinct().filter(accepted()::contains).map(r -> (Rule) r).toList()).orElse(List.of());
    }

    /** Takes back the last edit, which may still be on its way. */
    public void undo() {
        if (tasks.isRunning(EDIT)) {
            coming.removeLast();
            wanted = null;
            if (coming.isEmpty()) {
                tasks.cancel(EDIT);
            } else {
                plan(coming);
            }
        } else if (history.undoable() != null) {
            show(history.undo());
        }
    }

    public void redo() {
        if (history.redoable() != null && !tasks.isRunning(EDIT)) {
            show(history.redo());
        }
    }

    // ---------------------------------------------------------------- proof

    /** What the last proof found; {@code null} if nobody asked since the file was opened. */
    public ReadOnlyObjectProperty<@Nullable Proved> proof() {
        return proof.getReadOnlyProperty();
    }

    public boolean isProving() {
        return tasks.isRunning(PROVE);
    }

    public void cancelProof() {
        tasks.cancel(PROVE);
    }

    /** Finds out which way round the squares are stored, by values and by computing. It changes no rule of a person's. */
    public void prove() {
        var from = workspace.get();
        if (from == null) { return; }
        tasks.run(PROVE, "busy.prove", p -> from.prove(from.fixedText(null), null, p), found -> {
            dismissTrouble();
            history.add(new Edit("edit.prove", ""), found.workspace());
            show(found.workspace());
            proof.set(found);
        }, this::tell);
    }

    // ---------------------------------------------------------------- export

    /** What is written to one place doesn't stop what is written to another. */
    private static String export(Path output) {
        return "export " + output.toAbsolutePath().normalize();
    }

    /** Writes the rules; nothing that is there is overwritten unless {@code replace}. */
    public void exportRules(Path file, boolean replace) {
        var current = workspace.get();
        if (current == null) { return; }
        tasks.run(export(file), "busy.export", _ -> {
            refuseTaken(file, replace);
            current.save(current.rules(), file);
            return file;
        }, f -> {
            saved.set(current.rules());
            written.set(f.toString());
        }, this::tell);
    }

    private static void refuseTaken(Path file, boolean replace) throws CheckpointException {
        if (!replace && Files.exists(file)) { throw Problem.of(Code.EXISTS).file(file).found("file").asException(); }
    }

    /** Writes the converted checkpoint: a file, or a folder its framework loads. */
    public void export(ConvertRequest request) {
        export(request, "");
    }

    /**
     * The same for some parameters.
     *
     * @param only a pattern, or a part of their names; blank for all
     */
    public void export(ConvertRequest request, String only) {
        var current = workspace.get();
        if (current == null) { return; }
        tasks.run(export(request.output()), "busy.convert", p -> current.convert(request, Guided.chosen(only), p),
                made -> {
                    written.set(request.output().toString());
                    if (!made.warnings().isEmpty()) {
                        troubles.set(made.warnings());
                    }
                }, this::tell);
    }

    /** What a file is to hold, made beside the window's thread. */
    public interface Content {
        byte[] of(Workspace workspace) throws CheckpointException;
    }

    /** Writes a small file; nothing that is there is overwritten unless {@code replace}. */
    public void write(Path file, boolean replace, Content content) {
        var current = workspace.get();
        if (current == null) { return; }
        tasks.run(export(file), "busy.export", _ -> {
            refuseTaken(file, replace);
            current.write(file, content.of(current));
            return file;
        }, f -> written.set(f.toString()), this::tell);
    }

    /** Adds rules somebody pasted, each in place of what makes the same. */
    public void addRules(List<Rule> rules) {
        if (!rules.isEmpty()) {
            change(new Edit("edit.paste", Integer.toString(rules.size())), (w, _) -> {
                var next = w;
                for (var rule : rules) {
                    next = next.accept(rule);
                }
                return next;
            });
        }
    }

    // ---------------------------------------------------------------- the table

    private void show(Workspace next) {
        boolean editing = tasks.isRunning(EDIT);
        boolean proving = isProving();
        workspace.set(next);
        outline();
        var old = selected.get();
        if (old != null) {
            selected.set(find(lines.items(), old.id()));
        }
        names();
        if (editing) { // what is on its way was begun on what is no longer there
            plan(coming);
        }
        if (proving) {
            prove();
        }
    }

    private static @Nullable Item find(List<Item> items, String id) {
        for (var item : items) {
            if (item.id().equals(id)) { return item; }
            var inside = find(item.children(), id);
            if (inside != null) { return inside; }
        }
        return null;
    }

    private void names() {
        undoName.set(said(history.undoable()));
        redoName.set(said(history.redoable()));
    }

    private String said(@Nullable Edit edit) {
        return edit == null ? "" : texts.get().get(edit.key(), "what", edit.what());
    }

    private void outline() {
        var current = workspace.get();
        if (current == null) {
            lines.show(List.of());
        } else {
            var wanted = filter.get();
            var query = Query.parse(search.get());
            Predicate<Row> rows = r -> wanted.accepts(r) && query.accepts(r);
            var plan = current.plan();
            lines.show(plan.isPresent()
                    ? Outline.of(plan.get(), rows, t -> wanted.isAll() && query.accepts(t))
                    : Outline.of(current.source().tensors(), rows, query::accepts));
            if (!wanted.isAll() || !query.isEmpty()) {
                openSmall();
            }
        }
        shown.set(lines.lines());
    }

    /** What a filter leaves is opened if it is little, so that it is seen without a click. */
    private void openSmall() {
        long relations = lines.items().stream().mapToLong(i -> i.rows().size() + i.tensors().size()).sum();
        if (relations <= 60) {
            lines.items().forEach(lines::openAll);
        }
    }

    /** What the table holds with the filter and the search there are, folded or not. */
    public List<Item> items() {
        return lines.items();
    }

    public void toggle(Item item) {
        var fold = lines.folds().get(item.id());
        if (fold != null && lines.isOpen(item)) {
            lines.set(item, false);
            lines.set(fold, false);
        } else {
            lines.toggle(item);
        }
        shown.set(lines.lines());
    }

    public boolean isOpen(Item item) {
        return lines.isOpen(item);
    }

    public void openAll(Item item) {
        lines.openAll(item);
        shown.set(lines.lines());
    }

    /** Selects a parameter's line, opening what hides it. */
    public void reveal(String parameter) {
        int at = lines.reveal(parameter);
        if (at < 0 && (!filter.get().isAll() || !search.get().isEmpty())) {
            filter.set(Filter.ALL);
            search.set("");
            at = lines.reveal(parameter);
        }
        shown.set(lines.lines());
        if (at >= 0) {
            selected.set(lines.lines().get(at).item());
        }
    }

    /** Selects the line of a source tensor. */
    public void revealTensor(String tensor) {
        reveal(plan().flatMap(p -> p.rows().stream()
                .filter(r -> r.sources().stream().anyMatch(t -> t.name().equals(tensor))).findFirst())
                .map(r -> r.target().name()).orElse(tensor));
    }

    /** The next row that isn't ready, after the selected one; {@code step} −1 goes up. */
    public void nextProblem(int step) {
        var open = plan().map(p -> p.rows().stream().filter(r -> r.target().required() && !r.status().isReady())
                .map(r -> r.target().name()).toList()).orElse(List.of());
        if (open.isEmpty()) { return; }
        var now = selected.get();
        int at = now == null || now.rows().isEmpty() ? -1 : open.indexOf(now.rows().getFirst().target().name());
        // the rest of a relation with several parameters is the same line
        int next = at < 0 ? step > 0 ? 0 : open.size() - 1 : at + (step > 0 ? now == null ? 1 : now.rows().size() : -1);
        reveal(open.get(Math.floorMod(next, open.size())));
    }

    /** What the plan says in numbers; the rules of nothing are none. */
    public RuleSet rules() {
        var current = workspace.get();
        return current == null ? RuleSet.EMPTY : current.rules();
    }
}
