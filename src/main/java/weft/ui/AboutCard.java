package weft.ui;

import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.input.Clipboard;
import javafx.scene.input.ClipboardContent;
import javafx.scene.layout.HBox;
import javafx.scene.layout.VBox;

import weft.work.Version;

/** Which Weft this is and what it runs on, to be copied into a report of an error. */
final class AboutCard extends VBox {
    AboutCard(Ui ui, Runnable close) {
        getStyleClass().add("popup-card");
        setId("about-card");
        setAccessibleText(ui.t("help.about"));
        setSpacing(ui.px(12));
        setPadding(new Insets(ui.px(20)));
        setMaxSize(ui.px(560), USE_PREF_SIZE);
        setFocusTraversable(true);
        var facts = "Weft " + Version.text() + "\nJava " + Runtime.version() + "\nJavaFX "
                + System.getProperty("javafx.runtime.version", "?") + "\n" + System.getProperty("os.name") + " "
                + System.getProperty("os.version") + " " + System.getProperty("os.arch");
        var text = Ui.label(ui.t("about.text"));
        text.setWrapText(true);
        text.setMinHeight(USE_PREF_SIZE);
        var licence = Ui.label(ui.t("about.licence"), "muted");
        licence.setWrapText(true);
        licence.setMinHeight(USE_PREF_SIZE);
        var copy = ui.button(ui.t("about.copy"), ui.icon("mdi2c-content-copy", 16), () -> {
            var content = new ClipboardContent();
            content.putString(facts);
            Clipboard.getSystemClipboard().setContent(content);
        });
        copy.setId("about-copy");
        var done = ui.button(ui.t("action.close"), null, close);
        done.setId("about-close");
        var foot = new HBox(ui.px(8), Ui.space(), copy, done);
        foot.setAlignment(Pos.CENTER_LEFT);
        getChildren().addAll(Ui.label("Weft " + Version.text(), "pane-title"), text, Ui.label(facts, "mono"), licence,
                foot);
    }
}
