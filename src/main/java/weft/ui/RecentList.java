package weft.ui;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;

import weft.ui.state.Recent;

/** What was worked on lately; a click continues with the same target and rules. */
final class RecentList extends VBox {
    private static final int MOST = 5;
    private final Ui ui;
    private final MainView view;

    RecentList(Ui ui, MainView view, Recent recent) {
        this.ui = ui;
        this.view = view;
        setId("recent");
        var clear = ui.button(ui.t("recent.clear"), null, recent::clear, "link");
        clear.setId("recent-clear");
        var head = new HBox(Ui.label(ui.t("recent.title"), "strong-text"), Ui.space(), clear);
        head.setAlignment(Pos.CENTER_LEFT);
        head.setPadding(new javafx.geometry.Insets(0, ui.px(12), ui.px(8), ui.px(12)));
        getChildren().add(head);
        var entries = recent.entries().get().stream().limit(MOST).toList();
        var rows = entries.stream().map(this::row).toList();
        getChildren().addAll(rows);
        Missing.among(ui.session().tasks(), "recent-list", entries.stream().map(Recent.Entry::path).toList(), gone -> {
            for (int i = 0; i < entries.size(); i++) {
                if (gone.contains(entries.get(i).path())) {
                    fill(rows.get(i), entries.get(i), false);
                    rows.get(i).setDisable(true);
                }
            }
        });
    }

    private Button row(Recent.Entry entry) {
        var button = new Button();
        button.getStyleClass().addAll("flat", "recent-row");
        button.setMaxWidth(Double.MAX_VALUE);
        button.setMinWidth(Region.USE_COMPUTED_SIZE);
        button.setTooltip(Ui.tip(entry.source()));
        button.setOnAction(_ -> view.restore(entry));
        fill(button, entry, true);
        return button;
    }

    private void fill(Button button, Recent.Entry entry, boolean there) {
        var name = shortly(entry.path());
        var title = Ui.label(name + (entry.target() == null ? "" : " → " + target(entry.target())), "mono");
        var line = Ui.label(!there
                ? ui.t("recent.gone")
                : entry.total() == 0
                        ? entry.dialect()
                        : ui.t("recent.line", "dialect", entry.dialect(), "n", entry.count(), "ready", entry.ready(),
                                "total", entry.total()),
                "muted", "small");
        var words = new VBox(title, line);
        words.setMinWidth(0);
        HBox.setHgrow(words, Priority.ALWAYS);
        var box = new HBox(ui.px(12), ui.icon("mdi2d-database-outline", 18), words, Ui.firm(day(entry.when()), "muted",
                "small"));
        box.setAlignment(Pos.CENTER_LEFT);
        box.setPrefWidth(ui.px(440));
        button.setGraphic(box);
        button.setAccessibleText(title.getText() + ", " + line.getText());
    }

    private static String shortly(Path path) {
        int n = path.getNameCount();
        return n == 0 ? path.toString() : path.subpath(Math.max(0, n - 2), n).toString();
    }

    private static String target(String target) {
        try {
            return Path.of(target).isAbsolute() ? shortly(Path.of(target)) : target; // files are, dialects aren't
        } catch (InvalidPathException e) {
            return target;
        }
    }

    private String day(long when) {
        var zone = ZoneId.systemDefault();
        var day = LocalDate.ofInstant(Instant.ofEpochMilli(when), zone);
        var today = LocalDate.now(zone);
        return day.equals(today)
                ? ui.t("recent.today")
                : day.equals(today.minusDays(1))
                        ? ui.t("recent.yesterday")
                        : day.format(DateTimeFormatter.ofPattern(ui.texts().isChinese() ? "M 月 d 日" : "d MMM",
                                ui.texts().isChinese() ? Locale.SIMPLIFIED_CHINESE : Locale.ENGLISH));
    }
}
