package weft.ui.rules;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import weft.rule.Rule;
import weft.ui.model.Session;

/**
 * The rules being written. The list of rules is built anew with every edit, the language and the text size; what somebody
 * has typed is not lost with it. It needs no stage.
 */
public final class RuleDrafts {

    /** One text that isn't a rule yet, and where its writer is. */
    static final class Draft {
        private @Nullable Rule of;
        private final String before;
        private String text;
        private int anchor;
        private int caret;
        private boolean focused;
        private @Nullable Object place;
        private @Nullable Rule sent;

        private Draft(@Nullable Rule of, String text) {
            this.of = of;
            this.before = text;
            this.text = text;
            this.anchor = text.length();
            this.caret = text.length();
        }

        String text() {
            return text;
        }

        int anchor() {
            return anchor;
        }

        int caret() {
            return caret;
        }

        /**
         * Whether its writer is in it.
         *
         * @param field where it stands from now on: what becomes of the field before says nothing any more
         */
        boolean isFocused(Object field) {
            place = field;
            return focused;
        }

        /** Somebody typed: what was sent before is not what stands here. */
        void text(String other) {
            text = other;
            sent = null;
        }

        void chosen(int from, int to) {
            anchor = from;
            caret = to;
        }

        void focused(Object field, boolean now) {
            if (place == field) {
                focused = now;
            }
        }

        /** It was given to the plan, which may take a while or say no. */
        void sent(Rule rule) {
            sent = rule;
        }
    }

    private final List<Draft> all = new ArrayList<>();

    /** @param session another file forgets what was being written for the one before */
    public RuleDrafts(Session session) {
        session.openings().addListener(_ -> all.clear());
    }

    /** Begins to edit a rule, or goes on. */
    Draft edit(Rule rule, String text) {
        return of(rule).orElseGet(() -> add(new Draft(rule, text)));
    }

    /** Begins a rule of its own. */
    Draft write() {
        return add(new Draft(null, ""));
    }

    private Draft add(Draft draft) {
        all.add(draft);
        return draft;
    }

    void end(Draft draft) {
        all.remove(draft);
    }

    Optional<Draft> of(Rule rule) {
        return all.stream().filter(d -> rule.equals(d.of)).findFirst();
    }

    /** Those that stand in no rule's place. */
    List<Draft> loose() {
        return all.stream().filter(d -> d.of == null).toList();
    }

    /**
     * After the rules have changed. What has become a rule is done; what was typed over a rule that is gone is a rule of
     * its own from now on.
     *
     * @return the rule its writer was in when it was taken, or {@code null}
     */
    @Nullable
    Rule settle(Collection<Rule> accepted, Collection<Rule> suggested) {
        Rule taken = null;
        for (var draft : List.copyOf(all)) {
            var of = draft.of;
            if (draft.sent != null && accepted.contains(draft.sent)) {
                taken = draft.focused ? draft.sent : taken;
                all.remove(draft);
            } else if (of != null && !accepted.contains(of) && !suggested.contains(of)) {
                if (draft.text.equals(draft.before)) {
                    all.remove(draft);
                } else {
                    draft.of = null;
                }
            }
        }
        return taken;
    }
}
