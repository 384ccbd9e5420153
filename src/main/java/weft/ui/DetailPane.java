package weft.ui;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.ContentDisplay;
import javafx.scene.control.ContextMenu;
import javafx.scene.control.Label;
import javafx.scene.control.MenuItem;
import javafx.scene.control.OverrunStyle;
import javafx.scene.control.SplitPane;
import javafx.scene.control.ToggleButton;
import javafx.scene.control.ToggleGroup;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Region;
import javafx.scene.shape.Rectangle;

import org.jspecify.annotations.Nullable;

import weft.ui.inspect.TensorPane;
import weft.ui.inspect.WhyPane;
import weft.ui.preview.PreviewPane;
import weft.ui.rules.RulesPane;
import weft.ui.verify.VerifyPane;

/** What is selected, in tabs: Why, Tensor, Rules, Preview, Verify; a tab can be moved to a second group on the right. */
final class DetailPane extends BorderPane {
    /** The tabs, in their order. */
    enum Tab {
        WHY("tab.why", 282), TENSOR("tab.tensor", 440), RULES("tab.rules", 400), PREVIEW("tab.preview", 542), VERIFY(
                "tab.verify", 440);

        private final String key;
        private final double height;

        Tab(String key, double height) {
            this.key = key;
            this.height = height;
        }

        /** The height a tab asks for at 100 %, tab bar included. */
        double height() {
            return height + 36;
        }

        String key() {
            return key;
        }
    }

    private final Ui ui;
    private final TabGroups groups;
    private final Models models;
    private final Runnable expand;
    private final Runnable close;
    private final Map<Tab, Node> panes = new EnumMap<>(Tab.class);
    private final Label pair = Ui.label("", "mono", "muted");
    private final Label count = Ui.firm("", "tab-count");

    DetailPane(Ui ui, TabGroups groups, Models models, Runnable expand, Runnable close) {
        this.ui = ui;
        this.groups = groups;
        this.models = models;
        this.expand = expand;
        this.close = close;
        getStyleClass().add("detail");
        pair.setTextOverrun(OverrunStyle.CENTER_ELLIPSIS);
        Watch.over(this, this::named, ui.session().selected(), ui.session().workspace());
        Watch.over(this, this::build, groups.moved());
        setMinHeight(ui.px(36));
        build();
        named();
    }

    private void build() {
        var main = new Group(false);
        if (groups.tabs(true).isEmpty()) {
            setCenter(main);
            return;
        }
        var both = new SplitPane(main, new Group(true));
        both.getStyleClass().add("main-split");
        both.setDividerPositions(0.52);
        setCenter(both);
    }

    private void named() {
        var item = ui.session().selected().get();
        if (item == null || !item.isRelation()) {
            pair.setText("");
        } else {
            var from = item.tensors().isEmpty() ? "" : item.tensors().getFirst().name();
            var to = item.rows().isEmpty()
                    ? ""
                    : item.rows().size() == 1
                            ? item.rows().getFirst().target().name()
                            : item.target().text();
            pair.setText(from.isEmpty() ? to : to.isEmpty() ? from : from + "  →  " + to);
        }
        int rules = ui.session().accepted().size() + ui.session().suggested().size();
        count.setText(Integer.toString(rules));
        count.setVisible(rules > 0);
        count.setManaged(rules > 0);
    }

    /** In a low window a pane gets less than it needs: what is too much isn't painted over the tabs. */
    private static Region within(Region pane) {
        var clip = new Rectangle();
        clip.widthProperty().bind(pane.widthProperty());
        clip.heightProperty().bind(pane.heightProperty());
        pane.setClip(clip);
        pane.setMinHeight(0); // else it would be laid out around the middle, over the tabs
        return pane;
    }

    private Region pane(Tab which) {
        return switch (which) {
            case WHY -> new WhyPane(ui, () -> groups.show(Tab.RULES));
            case TENSOR -> new TensorPane(ui, models.tensor());
            case RULES -> new RulesPane(ui, models.drafts());
            case PREVIEW -> new PreviewPane(ui, models.preview(), models.inside(), models.verify());
            case VERIFY -> new VerifyPane(ui, models.verify(), models.diff());
        };
    }

    /** One row of tabs and the shown one's pane. */
    private final class Group extends BorderPane {
        private final boolean isRight;
        private final Map<Tab, ToggleButton> buttons = new EnumMap<>(Tab.class);

        Group(boolean isRight) {
            this.isRight = isRight;
            setId(isRight ? "tabs-right" : "tabs-left");
            var bar = new HBox();
            bar.getStyleClass().add("tab-bar");
            bar.setAlignment(Pos.CENTER_LEFT);
            bar.setMinHeight(ui.px(36));
            bar.setPrefHeight(ui.px(36));
            var toggles = new ToggleGroup();
            for (var each : groups.tabs(isRight)) {
                var button = button(each);
                button.setToggleGroup(toggles);
                buttons.put(each, button);
                bar.getChildren().add(button);
            }
            bar.getChildren().add(Ui.space());
            if (!isRight) {
                bar.getChildren().add(pair);
            }
            if (isRight || groups.tabs(true).isEmpty()) {
                var tools = new HBox(ui.px(4),
                        ui.iconButton("mdi2a-arrow-expand-vertical", ui.t("detail.expand"), expand),
                        ui.iconButton("mdi2c-close", ui.t("detail.close"), close));
                tools.setAlignment(Pos.CENTER_RIGHT);
                tools.setMinWidth(USE_PREF_SIZE);
                tools.getChildren().getFirst().setId("detail-expand");
                tools.getChildren().getLast().setId("detail-close");
                bar.getChildren().add(tools);
                HBox.setMargin(tools, new Insets(0, ui.px(8), 0, ui.px(12)));
            }
            setTop(bar);
            setMinWidth(0);
            setMinHeight(ui.px(36));
            Watch.over(this, this::show, groups.left(), groups.right());
            show();
        }

        private ToggleButton button(Tab tab) {
            var button = new ToggleButton(ui.t(tab.key()));
            button.getStyleClass().add("tab-button");
            button.setId("tab-" + tab.name().toLowerCase(Locale.ROOT));
            button.setMinWidth(USE_PREF_SIZE);
            if (tab == Tab.RULES) {
                button.setGraphic(count);
                button.setContentDisplay(ContentDisplay.RIGHT);
                button.setGraphicTextGap(ui.px(8));
            }
            button.setOnAction(_ -> {
                button.setSelected(true);
                groups.show(tab);
            });
            var move = new MenuItem(ui.t(isRight ? "tabs.toLeft" : "tabs.toRight"));
            move.setId("move-" + tab.name().toLowerCase(Locale.ROOT));
            move.setDisable(!groups.canMove(tab));
            move.setOnAction(_ -> groups.move(tab));
            button.setContextMenu(new ContextMenu(move));
            return button;
        }

        private void show() {
            @Nullable
            Tab now = isRight ? groups.right().get() : groups.left().get();
            buttons.forEach((t, b) -> b.setSelected(t == now));
            if (now != null && List.copyOf(groups.tabs(isRight)).contains(now)) {
                setCenter(panes.computeIfAbsent(now, t -> within(pane(t))));
            }
        }
    }
}
