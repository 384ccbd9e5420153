package weft.ui.lesson;

import javafx.beans.value.ChangeListener;
import javafx.beans.value.ObservableValue;
import javafx.beans.value.WeakChangeListener;
import javafx.scene.Node;

/** Views that look at a model which outlives them: a view nobody shows any more is let go. */
final class Watch {
    private Watch() {
    }

    /** Does something whenever one of the values changes, as long as the view lives. */
    static void over(Node view, Runnable then, ObservableValue<?>... values) {
        ChangeListener<Object> listener = (_, _, _) -> then.run();
        view.getProperties().put(listener, listener); // the value holds it weakly, the view firmly
        for (var value : values) {
            value.addListener(new WeakChangeListener<>(listener));
        }
    }
}
