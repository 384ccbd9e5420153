package weft.ui;

import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.stream.Stream;
import javafx.beans.value.ChangeListener;
import javafx.beans.value.ObservableValue;
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
        for (var value : values) {
            Relay.of(value).add(watch);
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

    /**
     * The one listener a value has for all views that look at it. Views come and go while a value tells its listeners, and
     * may make it change once more; JavaFX's own list of listeners doesn't bear that (a weak one that is cleared away in
     * between leaves a hole in it), so this list is replaced and never changed.
     */
    private static final class Relay implements ChangeListener<Object> {
        private static final Map<ObservableValue<?>, Relay> ALL = new WeakHashMap<>();
        private List<WeakReference<Watch>> watches = List.of();

        static synchronized Relay of(ObservableValue<?> value) {
            return ALL.computeIfAbsent(value, v -> {
                var relay = new Relay();
                v.addListener(relay);
                return relay;
            });
        }

        void add(Watch watch) {
            watches = Stream.concat(watches.stream().filter(w -> !w.refersTo(null)),
                    Stream.of(new WeakReference<>(watch))).toList();
        }

        @Override
        public void changed(ObservableValue<?> value, @Nullable Object old, @Nullable Object now) {
            for (var each : watches) {
                var watch = each.get();
                if (watch != null) {
                    watch.changed(value, old, now);
                }
            }
        }
    }
}
