package weft.work;

import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

import weft.name.NaturalOrder;

/** The order in which names are shown. */
public final class NameOrder {
    private NameOrder() {
    }

    /**
     * Things in the order of their names as people count, {@code h.2} before {@code h.10}, where they stand as an alphabet
     * has them: that is a writer's doing. Any other order is the architecture's, and stays.
     *
     * @param run writers sort within each of these (safetensors within an element type)
     */
    public static <T> List<T> shown(List<T> all, Function<? super T, String> name, Function<? super T, ?> run) {
        for (int i = 1; i < all.size(); i++) {
            if (name.apply(all.get(i - 1)).compareTo(name.apply(all.get(i))) > 0
                    && Objects.equals(run.apply(all.get(i - 1)), run.apply(all.get(i)))) {
                return all;
            }
        }
        return all.stream().sorted(Comparator.comparing(name, NaturalOrder.INSTANCE)).toList();
    }
}
