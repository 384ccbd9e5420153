package weft.ui.state;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;

import org.jspecify.annotations.Nullable;

import weft.work.Bookmark;
import weft.work.Workspace;

/**
 * What was worked on, the newest first: source, target, rules. It is written after every edit, so that a crash costs
 * nothing, and shared by all windows.
 */
public final class Recent {
    /**
     * A piece of work.
     *
     * @param mark what was open, with its target and rules
     * @param tab what was looked at
     * @param ready how many required parameters were ready, of {@code total}
     * @param when milliseconds since 1970
     * @param layout how the window was arranged
     */
    public record Entry(Bookmark mark, String tab, String dialect, int count, long ready, long total, long when,
            Layout layout) {
        /** The same in a window that is arranged like this. */
        public Entry with(Layout other) {
            return new Entry(mark, tab, dialect, count, ready, total, when, other);
        }

        public Path path() {
            return mark.source();
        }

        public String source() {
            return mark.source().toString();
        }

        public @Nullable String target() {
            return mark.target();
        }
    }

    private static final String NAME = "recent";
    private static final int MOST = 12;
    private final Store store;
    private final RecentTargets targets;
    private final ReadOnlyObjectWrapper<List<Entry>> entries = new ReadOnlyObjectWrapper<>(List.of());

    public Recent(Store store) {
        this.store = store;
        this.targets = new RecentTargets(store);
        entries.set(saved());
    }

    private List<Entry> saved() {
        var read = new ArrayList<Entry>();
        store.read(NAME).ifPresent(saved -> {
            if (saved.get("recent") instanceof List<?> list) {
                list.forEach(each -> {
                    if (each instanceof Map<?, ?> map && map.get("source") instanceof String source
                            && isPath(source)) {
                        read.add(new Entry(mark(source, map), text(map, "tab"), text(map, "dialect"),
                                (int) number(map, "count"), number(map, "ready"), number(map, "total"),
                                number(map, "when"), Layout.read(map.get("layout"))));
                    }
                });
            }
        });
        return read.stream().limit(MOST).toList();
    }

    private static Bookmark mark(String source, Map<?, ?> map) {
        return new Bookmark(Path.of(source), numbers(map),
                map.get("adapter") instanceof String adapter && isPath(adapter) ? Path.of(adapter) : null,
                map.get("target") instanceof String target ? target : null, Boolean.TRUE.equals(map.get("itself")),
                text(map, "rules"));
    }

    /** A file that was written elsewhere, or by hand, may name what this system can't. */
    private static boolean isPath(String text) {
        try {
            return !Path.of(text).toString().isEmpty();
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private static String text(Map<?, ?> map, String key) {
        return map.get(key) instanceof String text ? text : "";
    }

    private static Map<String, Object> numbers(Map<?, ?> map) {
        var numbers = new LinkedHashMap<String, Object>();
        if (map.get("numbers") instanceof Map<?, ?> saved) {
            saved.forEach((word, value) -> {
                if (word instanceof String name && value != null) {
                    numbers.put(name, value);
                }
            });
        }
        return numbers;
    }

    private static long number(Map<?, ?> map, String key) {
        return map.get(key) instanceof Number number ? number.longValue() : 0;
    }

    public ReadOnlyObjectProperty<List<Entry>> entries() {
        return entries.getReadOnlyProperty();
    }

    /** Targets that were chosen lately, whatever the source was. */
    public RecentTargets targets() {
        return targets;
    }

    /**
     * Puts a piece of work first, in place of what was known of the same file. What another process has written meanwhile
     * stays: files opened from a file manager have a process each.
     */
    public void put(Entry entry) {
        if (entry.target() instanceof String target && !entry.mark().itself()) { // nobody chose that one
            targets.put(target);
        }
        var all = new LinkedHashMap<String, Entry>();
        all.put(entry.source(), entry);
        Stream.concat(entries.get().stream(), saved().stream())
                .sorted(Comparator.comparingLong(Entry::when).reversed())
                .forEach(e -> all.putIfAbsent(e.source(), e));
        set(all.values().stream().limit(MOST).toList());
    }

    /** What a workspace looks like now. */
    public static Entry of(Workspace workspace, String tab, long now) {
        var plan = workspace.plan();
        var recognition = workspace.recognition();
        return new Entry(Bookmark.of(workspace), tab, recognition == null ? "" : recognition.dialect().title(),
                workspace.rules().rules().size(),
                plan.map(p -> p.rows().stream().filter(r -> r.target().required() && r.status().isReady()).count())
                        .orElse(0L),
                plan.map(p -> (long) p.target().required()).orElse(0L), now, Layout.NONE);
    }

    public void clear() {
        targets.clear();
        set(List.of());
    }

    private void set(List<Entry> now) {
        entries.set(now);
        var list = now.stream().map(e -> {
            var fields = new LinkedHashMap<String, @Nullable Object>();
            fields.put("source", e.source());
            fields.put("target", e.target());
            fields.put("rules", e.mark().rules());
            fields.put("tab", e.tab());
            fields.put("dialect", e.dialect());
            fields.put("count", e.count());
            fields.put("ready", e.ready());
            fields.put("total", e.total());
            fields.put("when", e.when());
            if (!e.layout().equals(Layout.NONE)) {
                fields.put("layout", e.layout().document());
            }
            if (!e.mark().numbers().isEmpty()) {
                fields.put("numbers", e.mark().numbers());
            }
            if (e.mark().adapter() instanceof Path adapter) {
                fields.put("adapter", adapter.toString());
            }
            if (e.mark().itself()) {
                fields.put("itself", true);
            }
            return fields;
        }).toList();
        store.write(NAME, Map.of("recent", list));
    }
}
