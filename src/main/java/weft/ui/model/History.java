package weft.ui.model;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

import weft.work.Workspace;

/** Every state a person made, each with the name of what made it. Workspaces are immutable: undo is going back. */
final class History {
    /** A state and the key of the edit that led to it. */
    private record Step(Edit edit, Workspace state) {
    }

    /** What was done: a text's key and what is put into it. */
    record Edit(String key, String what) {
    }

    private final List<Step> steps = new ArrayList<>();
    private int at = -1;

    void clear() {
        steps.clear();
        at = -1;
    }

    /** Begins anew: what came before can't be undone. */
    void start(Workspace state) {
        clear();
        add(new Edit("edit.open", ""), state);
    }

    void add(Edit edit, Workspace state) {
        steps.subList(at + 1, steps.size()).clear();
        steps.add(new Step(edit, state));
        at++;
    }

    /** What undo would take back; null if nothing. */
    @Nullable
    Edit undoable() {
        return at > 0 ? steps.get(at).edit() : null;
    }

    @Nullable
    Edit redoable() {
        return at + 1 < steps.size() ? steps.get(at + 1).edit() : null;
    }

    /** Whether an edit of this kind was made and not undone. */
    boolean has(String key) {
        return at > 0 && steps.subList(1, at + 1).stream().anyMatch(s -> s.edit().key().equals(key));
    }

    Workspace undo() {
        return steps.get(--at).state();
    }

    Workspace redo() {
        return steps.get(++at).state();
    }
}
