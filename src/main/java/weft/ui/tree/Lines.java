package weft.ui.tree;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The lines that are visible: an outline with some of its items open. A line is looked up by its number, so that a
 * virtualised list shows any part of a hundred thousand of them.
 */
public final class Lines {
    /** An item where it stands. */
    public record Line(Item item, int depth, boolean open) {
    }

    private List<Item> items = List.of();
    private final Set<String> open = new HashSet<>();
    private List<Line> lines = List.of();

    /** Shows other items; what was open stays open. */
    public void show(List<Item> other) {
        items = other;
        flatten();
    }

    public List<Line> lines() {
        return lines;
    }

    public List<Item> items() {
        return items;
    }

    public boolean isOpen(Item item) {
        return open.contains(item.id());
    }

    /** Opens or closes. A fold that opens shows its first block open too. */
    public void toggle(Item item) {
        set(item, !isOpen(item));
    }

    public void set(Item item, boolean isOpen) {
        if (!item.opens()) { return; }
        if (isOpen) {
            open.add(item.id());
            var first = item.children().getFirst();
            if (item.kind() == Item.Kind.FOLD && first.kind() == Item.Kind.BLOCK && item.children().size() == 2) {
                open.add(first.id());
            }
        } else {
            open.remove(item.id());
        }
        flatten();
    }

    /** Opens an item and everything in it. */
    public void openAll(Item item) {
        mark(item);
        flatten();
    }

    private void mark(Item item) {
        if (item.opens() && item.kind() != Item.Kind.RELATION) {
            open.add(item.id());
            item.children().forEach(this::mark);
        }
    }

    public void closeAll() {
        open.clear();
        flatten();
    }

    private void flatten() {
        var flat = new ArrayList<Line>();
        items.forEach(i -> add(i, 0, flat));
        lines = List.copyOf(flat);
    }

    private void add(Item item, int depth, List<Line> flat) {
        boolean isOpen = item.opens() && open.contains(item.id());
        if (item.kind() == Item.Kind.FOLD && isOpen) {
            // The fold itself gives way: its first block takes its place, the others stay folded behind it.
            var first = item.children().getFirst();
            add(first, depth, flat);
            item.children().stream().skip(1).forEach(c -> add(c, depth, flat));
            return;
        }
        flat.add(new Line(item, depth, isOpen));
        if (isOpen) {
            item.children().forEach(c -> add(c, depth + 1, flat));
        }
    }

    /** The fold a first block stands for, so that closing it closes the fold. */
    public Map<String, Item> folds() {
        var folds = new HashMap<String, Item>();
        collect(items, folds);
        return folds;
    }

    private void collect(List<Item> in, Map<String, Item> folds) {
        for (var item : in) {
            if (item.kind() == Item.Kind.FOLD && open.contains(item.id())) {
                folds.put(item.children().getFirst().id(), item);
                collect(item.children(), folds);
            }
        }
    }

    /** Where a parameter's line stands, opening what hides it; −1 if it isn't shown at all. */
    public int reveal(String parameter) {
        var path = new ArrayList<Item>();
        if (!find(items, parameter, path)) { return -1; }
        for (var item : path.subList(0, path.size() - 1)) {
            open.add(item.id());
        }
        flatten();
        var last = path.getLast();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).item().id().equals(last.id())) { return i; }
        }
        return -1;
    }

    private static boolean find(List<Item> in, String parameter, List<Item> path) {
        for (var item : in) {
            boolean has = item.rows().stream().anyMatch(r -> r.target().name().equals(parameter))
                    || item.rows().isEmpty() && item.tensors().stream().anyMatch(t -> t.name().equals(parameter));
            if (!has) {
                continue;
            }
            path.add(item);
            if (item.isRelation() || find(item.children(), parameter, path)) { return true; }
            path.removeLast();
        }
        return false;
    }
}
