package weft.ui;

import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.ContentDisplay;
import javafx.scene.control.Label;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.text.TextAlignment;

import org.jspecify.annotations.Nullable;
import org.kordamp.ikonli.javafx.FontIcon;

import weft.plan.Status;
import weft.text.Texts;
import weft.ui.model.Session;

/** What every part of the window is built with: the model, the words, the look. */
public record Ui(Session session, Look look, Choosers choosers) {

    public Texts texts() {
        return session.texts().get();
    }

    /** A text with its arguments as pairs of name and value. */
    public String t(String key, @Nullable Object... arguments) {
        var text = texts().get(key, arguments);
        // a Chinese face sets three dots as high and as wide as a character
        return !texts().isChinese() && Look.prose(false).contains("CJK") ? text.replace("…", "...") : text;
    }

    public double px(double at100) {
        return look.px(at100);
    }

    /** An icon of the one set, coloured by its style class. */
    public FontIcon icon(String literal, int size, String... classes) {
        var icon = new FontIcon(literal);
        // inline, because the theme has a size of its own; the icon's face stands there as well
        icon.setStyle(icon.getStyle() + "; -fx-icon-size: " + (int) px(size) + "px;");
        icon.getStyleClass().add("icon");
        icon.getStyleClass().addAll(classes);
        return icon;
    }

    public static Label label(String text, String... classes) {
        var label = new Label(text);
        label.getStyleClass().addAll(classes);
        label.setMinWidth(0);
        return label;
    }

    /** A label that keeps its width whatever happens. */
    public static Label firm(String text, String... classes) {
        var label = label(text, classes);
        label.setMinWidth(Region.USE_PREF_SIZE);
        return label;
    }

    /** A hint. It goes with Escape but leaves the key to what it was meant for. */
    public static Tooltip tip(String text) {
        var tip = new Tooltip(text);
        tip.setConsumeAutoHidingEvents(false);
        return tip;
    }

    public static Region space() {
        var space = new Region();
        HBox.setHgrow(space, Priority.ALWAYS);
        return space;
    }

    /** A button that shows an icon only, named for those who hear it and in its tooltip. */
    public Button iconButton(String literal, String name, Runnable action) {
        var button = new Button(null, icon(literal, 16));
        button.getStyleClass().addAll("flat", "icon-button");
        button.setAccessibleText(name);
        button.setTooltip(tip(name));
        button.setOnAction(_ -> action.run());
        return button;
    }

    public Button button(String text, @Nullable Node graphic, Runnable action, String... classes) {
        var button = new Button(text, graphic);
        button.setMnemonicParsing(false);
        button.getStyleClass().addAll(classes);
        button.setOnAction(_ -> action.run());
        button.setMinWidth(Region.USE_PREF_SIZE);
        return button;
    }

    /** What stands where nothing is to be seen yet: a sign and what to do. */
    public Region empty(String literal, String text) {
        var label = label(text, "muted");
        label.setGraphic(icon(literal, 28, "muted-icon"));
        label.setContentDisplay(ContentDisplay.TOP);
        label.setGraphicTextGap(px(12));
        label.setTextAlignment(TextAlignment.CENTER);
        label.setAlignment(Pos.CENTER);
        label.setWrapText(true);
        label.setMaxWidth(px(420));
        var box = new StackPane(label);
        box.setPadding(new Insets(px(24)));
        return box;
    }

    /** The sign of a status. */
    public static String sign(Status status) {
        return switch (status) {
            case FITS -> "mdi2c-check-circle";
            case BY_RULE -> "mdi2a-arrow-right-circle";
            case NEEDS_RULE -> "mdi2a-alert";
            case MISMATCH -> "mdi2c-close-octagon";
            case MISSING -> "mdi2c-circle-off-outline";
            case UNPROVEN -> "mdi2h-help-rhombus";
            case OPTIONAL -> "mdi2c-circle-small";
        };
    }

    /** The style class of a status; its colours are looked up. */
    public static String style(Status status) {
        return "status-" + status.id();
    }
}
