package weft.ui.model;

import org.jspecify.annotations.Nullable;

import weft.plan.Row;
import weft.plan.Status;

/**
 * Which rows are shown.
 *
 * @param status only these, or {@code null}
 * @param hidden only the hidden ones
 */
public record Filter(@Nullable Status status, boolean hidden) {
    public static final Filter ALL = new Filter(null, false);
    public static final Filter HIDDEN = new Filter(null, true);

    public static Filter of(Status status) {
        return new Filter(status, false);
    }

    public boolean accepts(Row row) {
        return hidden ? row.hidden() : status == null || row.status() == status;
    }

    public boolean isAll() {
        return status == null && !hidden;
    }
}
