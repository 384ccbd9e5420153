package weft.ui.preview;

import java.util.Objects;
import javafx.beans.property.IntegerProperty;
import javafx.beans.property.ObjectProperty;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.beans.property.SimpleIntegerProperty;
import javafx.beans.property.SimpleObjectProperty;

import org.jspecify.annotations.Nullable;

import weft.io.Problem;
import weft.ui.model.Session;
import weft.ui.preview.PreviewModel.Which;
import weft.work.TokenInside;
import weft.work.TokenText;

/** A token of the preview that was clicked: what else could stand there, what each layer guessed, where heads looked. */
public final class InsideModel {
    /** What stands beside the two texts. */
    public enum Aspect {
        /** Error by layer. */
        ERROR,
        /** Attention maps. */
        ATTENTION,
        /** What each layer would write. */
        LENS
    }

    /** A token of a side. */
    public record Chosen(Which which, int position) {
    }

    private static final String LANE = "inside";
    private static final int TOP = 5;
    private final Session session;
    private final PreviewModel preview;
    private final ObjectProperty<Aspect> aspect = new SimpleObjectProperty<>(Aspect.ERROR);
    private final ReadOnlyObjectWrapper<@Nullable Chosen> chosen = new ReadOnlyObjectWrapper<>();
    private final ReadOnlyObjectWrapper<TokenInside.@Nullable Place> place = new ReadOnlyObjectWrapper<>();
    private final ReadOnlyObjectWrapper<@Nullable TokenInside> found = new ReadOnlyObjectWrapper<>();
    private final ReadOnlyObjectWrapper<@Nullable Problem> problem = new ReadOnlyObjectWrapper<>();
    private final IntegerProperty block = new SimpleIntegerProperty();
    /** −1 for the mean of all. */
    private final IntegerProperty head = new SimpleIntegerProperty(-1);

    public InsideModel(Session session, PreviewModel preview) {
        this.session = session;
        this.preview = preview;
        session.tasks().whenStopped(() -> {
            if (found.get() == null && problem.get() == null) {
                choose(null);
            }
        });
        preview.before().addListener((_, old, now) -> changed(Which.BEFORE, old.said(), now.said()));
        preview.after().addListener((_, old, now) -> changed(Which.AFTER, old.said(), now.said()));
    }

    private void changed(Which which, TokenText old, TokenText now) {
        var token = chosen.get();
        if (token != null && token.which() == which && old != now) {
            choose(null);
        }
    }

    public ObjectProperty<Aspect> aspect() {
        return aspect;
    }

    public ReadOnlyObjectProperty<@Nullable Chosen> chosen() {
        return chosen.getReadOnlyProperty();
    }

    /** What else could stand there; {@code null} until it is known, and for the first token. */
    public ReadOnlyObjectProperty<TokenInside.@Nullable Place> place() {
        return place.getReadOnlyProperty();
    }

    public ReadOnlyObjectProperty<@Nullable TokenInside> found() {
        return found.getReadOnlyProperty();
    }

    /** Why it can't be looked at. */
    public ReadOnlyObjectProperty<@Nullable Problem> problem() {
        return problem.getReadOnlyProperty();
    }

    public IntegerProperty block() {
        return block;
    }

    public IntegerProperty head() {
        return head;
    }

    /** Looks at a token; {@code null} at none. */
    public void choose(@Nullable Chosen token) {
        session.tasks().cancel(LANE);
        var said = token == null ? TokenText.EMPTY : preview.side(token.which()).said();
        var runner = token == null ? null : preview.runner(token.which());
        boolean there = token != null && runner != null && token.position() < said.size();
        // first of all: what follows from an older choice may already be gone
        chosen.set(there ? token : null);
        place.set(null);
        found.set(null);
        problem.set(null);
        if (token == null || runner == null || !there || token.position() < 1) { return; }
        var tasks = session.tasks();
        tasks.run(LANE, "busy.inside", p -> {
            var running = runner.load(p);
            var likely = TokenInside.place(running, said, token.position(), TOP);
            tasks.tell(p, () -> place.set(likely));
            return TokenInside.of(running, said, token.position(), TOP, p);
        }, inside -> {
            block.set(Math.clamp(block.get(), 0, Math.max(0, inside.blocks() - 1)));
            head.set(Math.clamp(head.get(), -1, inside.heads() - 1));
            found.set(inside);
        }, problem::set);
    }

    /** The next token of the same side, or one before; from the end where none is chosen. */
    public void step(Which which, int by) {
        int size = preview.side(which).said().size();
        if (size == 0) { return; }
        var now = chosen.get();
        int at = now == null || now.which() != which ? by > 0 ? 0 : size - 1 : now.position() + by;
        choose(new Chosen(which, Math.clamp(at, 0, size - 1)));
    }

    /** The text with another token in the chosen one's place, and nothing behind it. */
    public void continueWith(String word) {
        var token = Objects.requireNonNull(chosen.get());
        var side = preview.side(token.which());
        // counted from the end: before the prompt may stand a token that is no text
        var rest = String.join("", side.said().texts().subList(token.position(), side.said().size()));
        var whole = side.prompt() + side.text();
        preview.runFrom(whole.substring(0, Math.max(0, whole.length() - rest.length())) + word);
    }
}
