package weft.ui;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javafx.css.PseudoClass;
import javafx.geometry.Pos;
import javafx.geometry.Side;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.ContextMenu;
import javafx.scene.control.Label;
import javafx.scene.control.MenuItem;
import javafx.scene.control.TextField;
import javafx.scene.input.KeyCode;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;

import org.jspecify.annotations.Nullable;

import weft.plan.Status;
import weft.ui.model.Filter;

/** One chip a status with its count, hidden ones apart, and the search on the right. */
final class FilterBar extends HBox {
    private static final List<Status> ORDER = List.of(Status.FITS, Status.BY_RULE, Status.NEEDS_RULE, Status.MISMATCH,
            Status.MISSING, Status.UNPROVEN, Status.OPTIONAL);
    /** Below this width chips without rows fold into one. */
    private static final double WIDE = 1240;
    private static final PseudoClass TYPED = PseudoClass.getPseudoClass("typed");
    private final Ui ui;
    private final HBox chips = new HBox();
    private final TextField search = new TextField();
    private final StackPane box = new StackPane();
    /** Of chips that have a sign. */
    private final List<Label> words = new ArrayList<>();
    private boolean tight;

    /** @param leave takes the focus on to the table */
    FilterBar(Ui ui, Runnable leave) {
        this.ui = ui;
        getStyleClass().add("filters");
        setAlignment(Pos.CENTER_LEFT);
        setMinHeight(ui.px(42));
        setPrefHeight(ui.px(42));
        chips.setSpacing(ui.px(4));
        chips.setAlignment(Pos.CENTER_LEFT);
        search.setId("search");
        search.setPromptText("attn shape:[768,*] is:hidden");
        search.getStyleClass().addAll("mono", "search");
        search.setAccessibleText(ui.t("search.name"));
        search.textProperty().bindBidirectional(ui.session().search());
        var key = new Label("Ctrl F");
        key.getStyleClass().add("key");
        var lens = ui.icon("mdi2m-magnify", 16, "muted-icon");
        box.getChildren().addAll(search, lens, key);
        StackPane.setAlignment(lens, Pos.CENTER_LEFT);
        StackPane.setMargin(lens, new javafx.geometry.Insets(0, 0, 0, ui.px(10)));
        StackPane.setAlignment(key, Pos.CENTER_RIGHT);
        StackPane.setMargin(key, new javafx.geometry.Insets(0, ui.px(8), 0, 0));
        key.setMouseTransparent(true);
        lens.setPickOnBounds(true);
        lens.setOnMouseClicked(_ -> terms(lens));
        lens.setId("search-terms");
        key.visibleProperty().bind(search.textProperty().isEmpty().and(box.widthProperty().greaterThan(ui.px(140))));
        search.textProperty().subscribe(text -> search.pseudoClassStateChanged(TYPED, !text.isEmpty()));
        search.setOnKeyPressed(e -> {
            if (e.getCode() == KeyCode.ESCAPE && !search.getText().isEmpty()) {
                search.clear();
                e.consume();
            } else if (e.getCode() == KeyCode.DOWN || e.getCode() == KeyCode.ENTER) {
                leave.run();
                e.consume();
            }
        });
        box.setMinWidth(ui.px(100));
        box.setPrefWidth(ui.px(392));
        getChildren().addAll(chips, Ui.space(), box);
        setMinWidth(0);
        chips.setMinWidth(0);
        widthProperty().addListener((_, old, now) -> {
            if (old.doubleValue() <= 0 || old.doubleValue() < ui.px(WIDE) != now.doubleValue() < ui.px(WIDE)) {
                show();
            }
        });
        Watch.over(this, this::show, ui.session().workspace(), ui.session().filter());
        show();
    }

    /** The search takes what the chips leave; where that is too little, chips that have a sign leave out their word. */
    @Override
    protected void layoutChildren() {
        double room = getWidth() - getInsets().getLeft() - getInsets().getRight() - ui.px(16);
        double folded = words.stream().mapToDouble(w -> w.prefWidth(-1) + ui.px(6)).sum();
        boolean now = chips.prefWidth(-1) + (tight ? folded : 0) + ui.px(150) > room;
        if (now != tight) {
            tight = now;
            words.forEach(w -> shown(w, !tight));
        }
        double left = room - chips.prefWidth(-1);
        double wanted = Math.clamp(left, ui.px(100), ui.px(392));
        if (Math.abs(box.getPrefWidth() - wanted) > 0.5) {
            box.setPrefWidth(wanted);
        }
        super.layoutChildren();
    }

    private static void shown(Node node, boolean now) {
        node.setVisible(now);
        node.setManaged(now);
    }

    void focusSearch() {
        search.requestFocus();
        search.selectAll();
    }

    /** Common terms, each put behind what is typed. */
    void terms() {
        terms(search);
    }

    private void terms(Node near) {
        var menu = new ContextMenu();
        var workspace = ui.session().workspace().get();
        var terms = new ArrayList<>(List.of("is:hidden", "is:assumed", "is:proved", "is:needsRule",
                "is:mismatch", "is:unused", ">1MB"));
        if (workspace != null && workspace.source().tensors().stream().anyMatch(t -> t.broken() != null)) {
            terms.addFirst("is:broken");
        }
        if (workspace != null) {
            workspace.source().tensors().stream().map(t -> "dtype:" + t.dtype().name().toLowerCase(Locale.ROOT))
                    .distinct().limit(4).forEach(terms::add);
        }
        var item = ui.session().selected().get();
        if (item != null && !item.tensors().isEmpty()) {
            terms.add("shape:" + item.tensors().getFirst().shape().toString().replace(" ", ""));
        }
        for (var term : terms) {
            var entry = new MenuItem(term);
            entry.setMnemonicParsing(false);
            entry.setId("term " + term);
            entry.setOnAction(_ -> {
                var now = search.getText().strip();
                search.setText(now.isEmpty() ? term : now + " " + term);
                search.requestFocus();
                search.end();
            });
            menu.getItems().add(entry);
        }
        menu.show(near, Side.BOTTOM, 0, 0);
    }

    private void show() {
        chips.getChildren().clear();
        words.clear();
        var plan = ui.session().plan().orElse(null);
        var workspace = ui.session().workspace().get();
        if (plan == null) {
            if (workspace != null) {
                chips.getChildren().add(chip(ui.t("filter.all"), workspace.source().tensors().size(), null, Filter.ALL,
                        "all"));
            }
            return;
        }
        chips.getChildren().add(chip(ui.t("filter.all"), plan.rows().size(), null, Filter.ALL, "all"));
        var empty = new ArrayList<Status>();
        for (var status : ORDER) {
            long n = plan.count(status);
            boolean folded = n == 0 && getWidth() > 0 && getWidth() < ui.px(WIDE)
                    && ui.session().filter().get().status() != status;
            if (status == Status.OPTIONAL && n == 0) {
                continue;
            }
            if (folded) {
                empty.add(status);
                continue;
            }
            chips.getChildren().add(chip(ui.texts().status(status.id()), n, status, Filter.of(status), status.id()));
        }
        if (!empty.isEmpty()) {
            chips.getChildren().add(more(empty));
        }
        var line = new Region();
        line.getStyleClass().add("divider-line");
        line.setMinSize(1, ui.px(18));
        line.setMaxSize(1, ui.px(18));
        HBox.setMargin(line, new javafx.geometry.Insets(0, ui.px(8), 0, ui.px(8)));
        var hidden = chip(ui.t("filter.hidden"), plan.hidden(), null, Filter.HIDDEN, "hidden");
        chips.getChildren().addAll(line, hidden);
    }

    /** Statuses no row has, folded away where there is little room. */
    private Button more(List<Status> empty) {
        var button = ui.button(ui.t("filter.more"), ui.icon("mdi2m-menu-down", 15), () -> {
        }, "filter-chip", "empty");
        button.setContentDisplay(javafx.scene.control.ContentDisplay.RIGHT);
        button.setOnAction(_ -> {
            var menu = new ContextMenu();
            empty.forEach(s -> {
                var item = new MenuItem(ui.texts().status(s.id()) + "  0", ui.icon(Ui.sign(s), 15, Ui.style(s)));
                item.setOnAction(_ -> ui.session().filter().set(Filter.of(s)));
                menu.getItems().add(item);
            });
            menu.show(button, Side.BOTTOM, 0, 0);
        });
        return button;
    }

    private Button chip(String word, long count, @Nullable Status status, Filter filter, String id) {
        var number = Ui.firm(ui.texts().number(count), "chip-count");
        var name = Ui.firm(word, "chip-word");
        var box = new HBox(ui.px(6));
        box.setAlignment(Pos.CENTER);
        if (status != null) {
            box.getChildren().add(ui.icon(Ui.sign(status), 15, Ui.style(status)));
        } else if (filter.hidden()) {
            box.getChildren().add(ui.icon("mdi2e-eye-off", 15, "hidden-icon"));
        }
        box.getChildren().addAll(name, number);
        var chip = new Button(null, box);
        if (box.getChildren().size() > 2) {
            words.add(name);
            shown(name, !tight);
            chip.setTooltip(Ui.tip(word + " " + ui.texts().number(count)));
        }
        chip.setId("filter-" + id);
        chip.setMinWidth(USE_PREF_SIZE);
        chip.getStyleClass().add("filter-chip");
        chip.setAccessibleText(word + " " + count);
        boolean on = ui.session().filter().get().equals(filter);
        if (on) {
            chip.getStyleClass().add("on");
        } else if (count == 0) {
            chip.getStyleClass().add("empty");
        }
        chip.setOnAction(_ -> ui.session().filter().set(on && !filter.isAll() ? Filter.ALL : filter));
        return chip;
    }
}
