package weft.ui.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;

/** Targets that were chosen lately, whatever the source was, the newest first: as they were written, or a file's path. */
public final class RecentTargets {
    private static final String NAME = "targets";
    private static final int MOST = 8;
    private final Store store;
    private final ReadOnlyObjectWrapper<List<String>> all = new ReadOnlyObjectWrapper<>(List.of());

    RecentTargets(Store store) {
        this.store = store;
        store.read(NAME).ifPresent(saved -> {
            if (saved.get(NAME) instanceof List<?> list) {
                all.set(list.stream().map(t -> t instanceof String text ? text : null).filter(Objects::nonNull)
                        .limit(MOST).toList());
            }
        });
    }

    public ReadOnlyObjectProperty<List<String>> all() {
        return all.getReadOnlyProperty();
    }

    /** Puts one first; the same one again changes nothing. */
    void put(String target) {
        if (target.isEmpty() || !all.get().isEmpty() && all.get().getFirst().equals(target)) { return; }
        var next = new ArrayList<String>();
        next.add(target);
        all.get().stream().filter(t -> !t.equals(target)).forEach(next::add);
        set(next.stream().limit(MOST).toList());
    }

    void clear() {
        set(List.of());
    }

    private void set(List<String> now) {
        all.set(now);
        store.write(NAME, Map.of(NAME, now));
    }
}
