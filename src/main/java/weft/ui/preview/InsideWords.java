package weft.ui.preview;

import weft.ui.Ui;

/** What the panes that look inside have to say alike. */
final class InsideWords {
    private InsideWords() {
    }

    /** Which token is looked at and from where, or why none is. */
    static String title(Ui ui, InsideModel model) {
        var chosen = model.chosen().get();
        var problem = model.problem().get();
        var inside = model.found().get();
        if (chosen == null) { return ui.t("inside.none"); }
        if (problem != null) { return ui.texts().message(problem) + " " + ui.texts().hint(problem); }
        if (chosen.position() == 0) { return ui.t("inside.first"); }
        if (inside == null) { return ui.t("busy.inside"); }
        var texts = inside.text().texts();
        return ui.t("inside.at", "token", NextBars.shown(texts.getLast()), "before",
                NextBars.shown(texts.get(texts.size() - 2)));
    }

    /** {@code block.3} as {@code h3}. */
    static String layer(Ui ui, String name) {
        return name.startsWith("block.") ? "h" + name.substring("block.".length()) : ui.t("inside.embed");
    }
}
