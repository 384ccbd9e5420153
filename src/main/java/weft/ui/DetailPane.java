package weft.ui;

import java.util.EnumMap;
import java.util.Map;
import javafx.beans.property.ObjectProperty;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Label;
import javafx.scene.control.ToggleButton;
import javafx.scene.control.ToggleGroup;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.HBox;

import weft.ui.inspect.TensorModel;
import weft.ui.inspect.TensorPane;
import weft.ui.inspect.WhyPane;
import weft.ui.preview.PreviewModel;
import weft.ui.preview.PreviewPane;
import weft.ui.rules.RulesPane;
import weft.ui.verify.VerifyModel;
import weft.ui.verify.VerifyPane;

/** What is selected, in tabs: Why, Tensor, Rules, Preview, Verify. */
final class DetailPane extends BorderPane {
    /** The tabs, in their order. */
    enum Tab {
        WHY("tab.why", 282), TENSOR("tab.tensor", 400), RULES("tab.rules", 400), PREVIEW("tab.preview", 520), VERIFY(
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
    }

    private final Ui ui;
    private final ObjectProperty<Tab> tab;
    private final Map<Tab, Node> panes = new EnumMap<>(Tab.class);
    private final Map<Tab, ToggleButton> buttons = new EnumMap<>(Tab.class);
    private final Label pair = Ui.label("", "mono", "muted");
    private final Label count = Ui.firm("", "tab-count");
    private final PreviewModel preview;
    private final VerifyModel verify;
    private final TensorModel tensor;

    DetailPane(Ui ui, ObjectProperty<Tab> tab, PreviewModel preview, VerifyModel verify, TensorModel tensor,
            Runnable expand, Runnable close) {
        this.ui = ui;
        this.tab = tab;
        this.preview = preview;
        this.verify = verify;
        this.tensor = tensor;
        getStyleClass().add("detail");
        var bar = new HBox();
        bar.getStyleClass().add("tab-bar");
        bar.setAlignment(Pos.CENTER_LEFT);
        bar.setMinHeight(ui.px(36));
        bar.setPrefHeight(ui.px(36));
        var group = new ToggleGroup();
        for (var each : Tab.values()) {
            var button = new ToggleButton(ui.t(each.key));
            button.getStyleClass().add("tab-button");
            button.setId("tab-" + each.name().toLowerCase(java.util.Locale.ROOT));
            button.setToggleGroup(group);
            button.setMinWidth(USE_PREF_SIZE);
            if (each == Tab.RULES) {
                button.setGraphic(count);
                button.setContentDisplay(javafx.scene.control.ContentDisplay.RIGHT);
                button.setGraphicTextGap(ui.px(8));
            }
            button.setOnAction(_ -> {
                button.setSelected(true);
                tab.set(each);
            });
            buttons.put(each, button);
            bar.getChildren().add(button);
        }
        pair.setTextOverrun(javafx.scene.control.OverrunStyle.CENTER_ELLIPSIS);
        var tools = new HBox(ui.px(4), ui.iconButton("mdi2a-arrow-expand-vertical", ui.t("detail.expand"), expand),
                ui.iconButton("mdi2c-close", ui.t("detail.close"), close));
        tools.setAlignment(Pos.CENTER_RIGHT);
        tools.setMinWidth(USE_PREF_SIZE);
        bar.getChildren().addAll(Ui.space(), pair, tools);
        HBox.setMargin(tools, new javafx.geometry.Insets(0, ui.px(8), 0, ui.px(12)));
        setTop(bar);
        tab.addListener((_, _, _) -> show());
        ui.session().selected().addListener((_, _, _) -> named());
        ui.session().workspace().addListener((_, _, _) -> named());
        setMinHeight(ui.px(36));
        show();
        named();
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
    }

    private void show() {
        var now = tab.get();
        buttons.forEach((t, b) -> b.setSelected(t == now));
        setCenter(panes.computeIfAbsent(now, this::pane));
    }

    private Node pane(Tab which) {
        return switch (which) {
            case WHY -> new WhyPane(ui, () -> tab.set(Tab.RULES));
            case TENSOR -> new TensorPane(ui, tensor);
            case RULES -> new RulesPane(ui);
            case PREVIEW -> new PreviewPane(ui, preview, verify);
            case VERIFY -> new VerifyPane(ui, verify);
        };
    }
}
