package weft.ui.state;

import java.util.LinkedHashMap;
import java.util.Map;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;

/** How far somebody came in lessons. It is kept on this computer and tells nobody. */
public final class LessonProgress {
    private static final String NAME = "lessons";
    private final Store store;
    private final ReadOnlyObjectWrapper<Map<String, Done>> done = new ReadOnlyObjectWrapper<>(Map.of());

    /**
     * A lesson's state.
     *
     * @param answer the choice before looking, counted from 1; 0 for none
     * @param passed whether the task's check has passed
     */
    public record Done(int answer, boolean passed) {
        public static final Done NOTHING = new Done(0, false);
    }

    public LessonProgress(Store store) {
        this.store = store;
        store.read(NAME).ifPresent(saved -> {
            var read = new LinkedHashMap<String, Done>();
            if (saved.get("lessons") instanceof Map<?, ?> all) {
                all.forEach((id, value) -> {
                    if (id instanceof String name && value instanceof Map<?, ?> map) {
                        read.put(name, new Done(map.get("answer") instanceof Number n ? n.intValue() : 0,
                                Boolean.TRUE.equals(map.get("passed"))));
                    }
                });
            }
            done.set(Map.copyOf(read));
        });
    }

    /** By the lessons' ids. */
    public ReadOnlyObjectProperty<Map<String, Done>> done() {
        return done.getReadOnlyProperty();
    }

    public Done of(String id) {
        return done.get().getOrDefault(id, Done.NOTHING);
    }

    public void put(String id, Done now) {
        if (of(id).equals(now)) { return; }
        var all = new LinkedHashMap<>(done.get());
        all.put(id, now);
        set(all);
    }

    /** Forgets all of it. */
    public void clear() {
        set(Map.of());
    }

    private void set(Map<String, Done> now) {
        done.set(Map.copyOf(now));
        var lessons = new LinkedHashMap<String, Object>();
        now.keySet().stream().sorted().forEach(id -> {
            var fields = new LinkedHashMap<String, Object>();
            fields.put("answer", of(id).answer());
            fields.put("passed", of(id).passed());
            lessons.put(id, fields);
        });
        store.write(NAME, Map.of("lessons", lessons));
    }
}
