package weft.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import weft.arch.TargetSpec;
import weft.io.CheckpointException;
import weft.io.Progress;
import weft.plan.Row;
import weft.work.Resize;
import weft.work.SetWords;
import weft.work.Workspace;

/** A source, and what it should load into: shared by every command that holds one against the other. */
final class SourceOptions {
    /** What may stand behind {@code --target}, as a refusal names it. */
    static final String TARGETS = "gpt2/hf, config.json, model.safetensors";

    @Parameters(index = "0", paramLabel = "SOURCE", descriptionKey = "source")
    Path path = Path.of("");

    @Option(names = "--target", paramLabel = "T")
    @Nullable
    String target;

    @Option(names = "--rules", paramLabel = "F")
    @Nullable
    Path rules;

    @Option(names = "--anyway")
    boolean anyway;

    @Option(names = "--adapter", paramLabel = "DIR", descriptionKey = "adapter")
    @Nullable
    Path adapter;

    @Option(names = "--resize", paramLabel = "FILL", descriptionKey = "resize")
    @Nullable
    String resize;

    @Option(names = "--set", paramLabel = "K=V")
    Map<String, String> set = new LinkedHashMap<>();

    /** Refuses where nothing says what to hold the source against: no target, no rules, no adapter. */
    void requireTarget(String possible) throws CheckpointException {
        if (target == null && rules == null && adapter == null) { throw Command.bad("--target", "-", possible); }
    }

    /** The source with target and rules as given, nothing added. */
    Workspace open(Session session) throws CheckpointException {
        var values = values(set);
        var workspace = open(session, path, values, anyway);
        if (adapter != null) {
            workspace = workspace.withAdapter(adapter, Progress.NONE);
        }
        if (target != null) {
            workspace = workspace.withTarget(target, Progress.NONE);
            session.warn(workspace.targetWarnings());
        }
        return rules == null ? workspace : workspace.withRuleFile(rules, Progress.NONE);
    }

    /** Opens a file and says what is odd about it. */
    static Workspace open(Session session, Path path, Map<String, Object> values, boolean anyway)
            throws CheckpointException {
        var workspace = Workspace.open(path, values, Progress.NONE);
        session.warn(workspace.source());
        if (!anyway) { return workspace; }
        session.note(session.texts().get("warning", "message", session.texts().get("anyway.on")));
        return workspace.anyway();
    }

    /** The source beside what it is held against, whether that was said or follows from the rules. */
    Workspace compared(Session session) throws CheckpointException {
        var workspace = open(session);
        if (workspace.plan().isEmpty()) {
            workspace = rules == null ? workspace.withItselfAsTarget() : workspace.withTargetFromRules();
        }
        return resized(session, workspace);
    }

    /**
     * The source ready to do something with: a target given without rules takes the suggested ones if they leave
     * nothing open.
     */
    Workspace prepared(Session session) throws CheckpointException {
        var workspace = open(session);
        if (rules != null && workspace.plan().isEmpty()) { return resized(session, workspace.withTargetFromRules()); }
        if (adapter != null && target == null) {
            workspace = workspace.withItselfAsTarget();
        }
        if (rules != null || workspace.plan().isEmpty()) { return resized(session, workspace); }
        var accepted = resized(session, workspace.acceptAll());
        int count = accepted.rules().rules().size();
        if (count > 0 && open(accepted).isEmpty()) {
            session.note(session.texts().get("suggested.used", "n", count));
        }
        return accepted;
    }

    /** With rules that resize what differs in nothing but its rows, if {@code --resize} says how; a note if nothing does. */
    Workspace resized(Session session, Workspace workspace) throws CheckpointException {
        if (resize == null) { return workspace; }
        var filling = Resize.filling(resize);
        var resized = workspace.plan().isEmpty() ? workspace : Resize.resized(workspace, filling);
        if (resized.rules().equals(workspace.rules())) {
            session.note(session.texts().get("warning", "message", session.texts().get("resize.nothing")));
        }
        return resized;
    }

    /** The required parameters nothing makes. */
    static List<Row> open(Workspace workspace) {
        return workspace.plan().map(p -> p.open()).orElse(List.of());
    }

    /** What {@code --set} gave. @throws CheckpointException {@code BAD_ARGUMENT} for a word nobody uses */
    static Map<String, Object> values(Map<String, String> set) throws CheckpointException {
        var values = new LinkedHashMap<String, Object>();
        for (var entry : set.entrySet()) {
            if (!SetWords.isKnown(entry.getKey())) {
                throw Command.bad("--set", entry.getKey(), "n_head=12, layer_norm_epsilon=1e-5, rope_theta=10000, …");
            }
            values.put(entry.getKey(), TargetSpec.value(entry.getValue()));
        }
        return values;
    }
}
