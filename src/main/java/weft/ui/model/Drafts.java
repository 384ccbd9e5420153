package weft.ui.model;

import java.util.HashMap;
import java.util.Map;

import javafx.beans.property.SimpleStringProperty;
import javafx.beans.property.StringProperty;

/** What was typed and not given yet. Views are built anew with the language and the text size; what somebody typed stays. */
public final class Drafts {
    private final Map<String, StringProperty> all = new HashMap<>();

    /** The text of one field; empty if nobody typed. */
    public StringProperty of(String field) {
        return all.computeIfAbsent(field, _ -> new SimpleStringProperty(""));
    }

    /** Whether somebody has begun to type there. */
    public boolean isBegun(String field) {
        return all.containsKey(field) && !of(field).get().isEmpty();
    }

    /** It was given, or let go. */
    public void forget(String field) {
        all.remove(field);
    }

    /** Something else is open: what was typed was about what was open before. */
    void clear() {
        all.clear();
    }
}
