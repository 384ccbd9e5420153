package weft.ui;

import javafx.beans.value.ChangeListener;
import javafx.beans.value.ObservableValue;
import javafx.beans.value.WeakChangeListener;
import javafx.scene.Node;

import org.jspecify.annotations.Nullable;

/**
 * How a view looks at what outlives it: the session, the models of a window, what was set. The window builds its views
 * anew again and again, so what is looked at holds the view weakly; and a view that stands in no scene, a tab that was
 * opened once or the window of before, does nothing until it is shown again.
 */
public final class Watch implements ChangeListener<Object> {
    private final Node view;
    private final Runnable then;
    private boolean missed;

    private Watch(Node view, Runnable then) {
        this.view = view;
        this.then = then;
    }

    /** Does something when one of the values changes, at once if the view stands in a scene, else when it comes into one. */
    public static void over(Node view, Runnable then, ObservableValue<?>... values) {
        var watch = new Watch(view, then);
        view.sceneProperty().addListener(watch); // which keeps the listener as long as the view lives
        var weak = new WeakChangeListener<Object>(watch);
        for (var value : values) {
            value.addListener(weak);
        }
    }

    @Override
    public void changed(ObservableValue<?> value, @Nullable Object old, @Nullable Object now) {
        boolean came = value == view.sceneProperty();
        if (view.getScene() == null) {
            missed |= !came;
        } else if (!came || missed) {
            missed = false;
            then.run();
        }
    }
}
