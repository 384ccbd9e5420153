package weft.ui;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.input.Clipboard;
import javafx.scene.input.ClipboardContent;
import javafx.scene.layout.GridPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;

import org.jspecify.annotations.Nullable;

import weft.io.Code;
import weft.io.Problem;
import weft.text.Texts;
import weft.work.Guided;
import weft.work.Leftovers;

/** A file was refused: what, where, found and expected, and what to do next, in place of the table. */
final class RefusalCard extends StackPane {

    /**
     * @param openOther asks for another file
     * @param instructions shows what the file would have done
     */
    RefusalCard(Ui ui, Problem problem, Runnable openOther, Consumer<Path> instructions) {
        getStyleClass().add("start");
        setId("refusal");
        var title = new Label(ui.t("refusal.title"), ui.icon("mdi2c-close-octagon", 20, "status-mismatch"));
        title.getStyleClass().add("pane-title");
        title.setGraphicTextGap(ui.px(8));
        var what = Ui.label(ui.texts().message(problem), "refusal-what");
        what.setWrapText(true);
        var facts = new GridPane();
        facts.setHgap(ui.px(16));
        facts.setVgap(ui.px(4));
        var lines = new ArrayList<List<String>>();
        add(lines, ui.t("refusal.file"), problem.file());
        add(lines, ui.t("refusal.offset"), problem.offset() < 0 ? null : ui.texts().number(problem.offset()));
        add(lines, ui.t("refusal.field"), problem.field());
        add(lines, ui.t("refusal.found"), problem.found());
        add(lines, ui.t("refusal.expected"), problem.expected());
        add(lines, ui.t("refusal.code"), problem.code().id());
        for (int i = 0; i < lines.size(); i++) {
            facts.add(Ui.firm(lines.get(i).get(0), "muted"), 0, i);
            var value = Ui.label(lines.get(i).get(1), "mono");
            value.setWrapText(true);
            facts.add(value, 1, i);
        }
        var hint = Ui.label(ui.texts().hint(problem));
        hint.setWrapText(true);
        var copy = ui.button(ui.t("action.copyDetails"), null, () -> {
            var content = new ClipboardContent();
            content.putString(ui.texts().full(problem) + "\n" + problem);
            Clipboard.getSystemClipboard().setContent(content);
        });
        var open = ui.button(ui.t("action.openOther"), null, openOther, "accent");
        var back = ui.button(ui.t("action.back"), null, ui.session()::dismissRefusal);
        back.setId("refusal-back");
        var buttons = new HBox(ui.px(8), open, copy, back);
        var tried = ui.session().attempted();
        if (tried != null && problem.code() == Code.PICKLE_CALL) {
            var list = ui.button(ui.t("refusal.instructions"), null, () -> instructions.accept(tried));
            list.setId("instructions");
            buttons.getChildren().add(list);
        }
        if (tried != null) {
            ui.session().tasks().ask("refusal-look", _ -> new Beside(sibling(problem, tried), Guided.leftovers(tried)),
                    found -> offer(ui, found, tried, open, buttons));
        }
        var card = new VBox(ui.px(16), title, what, facts, hint, buttons);
        card.setAlignment(Pos.TOP_LEFT);
        card.getStyleClass().addAll("big-card", "refusal-card");
        card.setMaxWidth(ui.px(680));
        card.setMaxHeight(USE_PREF_SIZE);
        getChildren().add(card);
    }

    /**
     * What lies beside a refused file and would do instead.
     *
     * @param whole the file the refused one is only a part of, or {@code null}
     */
    private record Beside(@Nullable Path whole, List<Leftovers.Left> interrupted) {
    }

    private static void offer(Ui ui, Beside found, Path tried, Button open, HBox buttons) {
        var whole = found.whole();
        if (whole != null) {
            open.getStyleClass().remove("accent");
            var instead = ui.button(ui.t("refusal.open", "name", String.valueOf(whole.getFileName())), null,
                    () -> ui.session().open(whole), "accent");
            instead.setId("open-instead");
            buttons.getChildren().addFirst(instead);
        }
        if (!found.interrupted().isEmpty()) {
            var finish = ui.button(ui.t(found.interrupted().stream().anyMatch(Leftovers.Left::isComplete)
                    ? "care.finish"
                    : "care.delete"), null, () -> ui.session().repairAndOpen(tried));
            finish.setId("repair");
            buttons.getChildren().add(finish);
        }
    }

    private static @Nullable Path sibling(Problem problem, Path file) {
        var expected = problem.expected();
        if (problem.code() != Code.OPEN_SIBLING || expected == null) { return null; }
        try {
            var whole = Files.isDirectory(file)
                    ? file.resolve(expected)
                    : file.toAbsolutePath().resolveSibling(expected);
            return Files.exists(whole) ? whole : null;
        } catch (InvalidPathException e) {
            return null; // several names, not one
        }
    }

    private static void add(List<List<String>> lines, String name, @Nullable String value) {
        if (value != null) {
            lines.add(List.of(name, Texts.shown(value)));
        }
    }
}
