package weft.ui.lesson;

import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import javafx.scene.text.Text;
import javafx.scene.text.TextFlow;

import weft.lesson.Markdown;
import weft.ui.Ui;

/** A lesson's Markdown as text that wraps. */
final class Prose {
    private static final int SHORT = 18;

    private Prose() {
    }

    /** Paragraphs and lists. @param classes for each paragraph: its size, its colour */
    static VBox of(Ui ui, String markdown, String... classes) {
        var box = new VBox(ui.px(8));
        box.getStyleClass().add("prose");
        for (var block : Markdown.parse(markdown)) {
            var flow = flow(block, classes);
            if (block.mark().isEmpty()) {
                box.getChildren().add(flow);
            } else {
                var mark = Ui.firm(block.mark(), classes);
                mark.getStyleClass().add("muted");
                HBox.setHgrow(flow, Priority.ALWAYS);
                var item = new HBox(ui.px(8), mark, flow);
                item.setMinHeight(Region.USE_PREF_SIZE);
                box.getChildren().add(item);
            }
        }
        box.setAccessibleText(Markdown.plain(markdown));
        return box;
    }

    private static TextFlow flow(Markdown.Block block, String... classes) {
        var flow = new TextFlow();
        flow.getStyleClass().add("prose-flow");
        for (var span : block.spans()) {
            // a shape or a key stays in one line
            var text = new Text(span.style() == Markdown.Style.CODE && span.text().length() <= SHORT
                    ? span.text().replace(' ', '\u00a0')
                    : span.text());
            text.getStyleClass().addAll(classes);
            switch (span.style()) {
                case PLAIN -> text.getStyleClass().add("plain-text");
                case STRONG -> text.getStyleClass().addAll("plain-text", "strong-text");
                case EMPHASIS -> text.getStyleClass().addAll("plain-text", "emphasis");
                case CODE -> text.getStyleClass().addAll("plain-text", "mono", "code");
            }
            flow.getChildren().add(text);
        }
        flow.setMinHeight(Region.USE_PREF_SIZE);
        return flow;
    }
}
