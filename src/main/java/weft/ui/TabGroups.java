package weft.ui;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javafx.beans.property.ObjectProperty;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.beans.property.SimpleObjectProperty;

import org.jspecify.annotations.Nullable;

import weft.ui.DetailPane.Tab;

/** Which tabs stand in which of two groups, and which one of each is shown. It needs no stage. */
final class TabGroups {
    private final ObjectProperty<Tab> left = new SimpleObjectProperty<>(Tab.WHY);
    private final ObjectProperty<@Nullable Tab> right = new SimpleObjectProperty<>();
    private final ReadOnlyObjectWrapper<Set<Tab>> moved = new ReadOnlyObjectWrapper<>(Set.of());

    ObjectProperty<Tab> left() {
        return left;
    }

    ObjectProperty<@Nullable Tab> right() {
        return right;
    }

    /** The tabs of the right group; empty while there is one group. */
    ReadOnlyObjectProperty<Set<Tab>> moved() {
        return moved.getReadOnlyProperty();
    }

    List<Tab> tabs(boolean isRight) {
        return Stream.of(Tab.values()).filter(t -> moved.get().contains(t) == isRight).toList();
    }

    /** Shows a tab where it stands. */
    void show(Tab tab) {
        if (moved.get().contains(tab)) {
            right.set(tab);
        } else {
            left.set(tab);
        }
    }

    boolean isShown(Tab tab) {
        return left.get() == tab || right.get() == tab;
    }

    /** The last one on the left stays. */
    boolean canMove(Tab tab) {
        return moved.get().contains(tab) || tabs(false).size() > 1;
    }

    /** Moves a tab to the other group and shows it there. */
    void move(Tab tab) {
        if (!canMove(tab)) { return; }
        var next = EnumSet.noneOf(Tab.class);
        next.addAll(moved.get());
        boolean toRight = next.add(tab);
        if (!toRight) {
            next.remove(tab);
        }
        if (toRight && left.get() == tab) {
            left.set(Stream.of(Tab.values()).filter(t -> !next.contains(t)).findFirst().orElse(Tab.WHY));
        }
        if (!toRight && right.get() == tab) {
            right.set(next.isEmpty() ? null : next.iterator().next());
        }
        moved.set(Set.copyOf(next));
        show(tab);
    }
}
