package weft.ui.lesson;

import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;

import weft.lesson.Finding;
import weft.ui.Ui;
import weft.ui.lesson.LessonModel.Verdict;

/** What the check found, a line for each thing it looked at: sign and sentence. */
final class Verdicts {
    private Verdicts() {
    }

    static Node of(Ui ui, Verdict verdict) {
        var box = new VBox(ui.px(6));
        box.setId("verdict");
        box.getStyleClass().addAll("verdict", verdict.passed() ? "passed" : "open");
        box.getChildren().add(line(ui, verdict.passed(), ui.t(verdict.passed() ? "lesson.passed" : "lesson.notYet"),
                "strong-text"));
        verdict.findings().forEach(f -> box.getChildren().add(line(ui, f.passed(), sentence(ui, f), "verdict-line")));
        return box;
    }

    private static Node line(Ui ui, boolean good, String text, String style) {
        var words = Ui.label(text, style);
        words.setWrapText(true);
        words.setMinHeight(Region.USE_PREF_SIZE);
        words.setMaxWidth(Double.MAX_VALUE);
        HBox.setHgrow(words, Priority.ALWAYS);
        var sign = good
                ? ui.icon("mdi2c-check-circle", 16, "status-fits")
                : ui.icon("mdi2c-circle-outline", 16, "status-needsRule");
        var row = new HBox(ui.px(8), sign, words);
        row.setAlignment(Pos.TOP_LEFT);
        return row;
    }

    /** In one sentence; what would give the task away isn't in a finding. */
    static String sentence(Ui ui, Finding f) {
        return switch (f.what()) {
            case NOTHING_OPEN -> ui.t("lesson.nothingOpen");
            case COMPLETE -> f.passed()
                    ? ui.t("lesson.complete", "n", f.found())
                    : ui.t("1".equals(f.found()) ? "lesson.incomplete.one" : "lesson.incomplete", "n", f.found(),
                            "name",
                            f.name());
            case TARGET -> f.passed()
                    ? ui.t("lesson.target", "found", f.found())
                    : ui.t("lesson.otherTarget", "found", f.found(), "expected", f.expected());
            case ROW -> f.passed()
                    ? ui.t("1".equals(f.found()) ? "lesson.row" : "lesson.rows", "n", f.found(), "name", f.name())
                    : ui.t("lesson.otherRow", "name", f.name(), "status",
                            f.found() == null ? null : ui.texts().status(f.found()));
            case KIND -> ui.t("lesson.otherKind", "name", f.name(), "kind",
                    f.found() == null ? null : ui.texts().kind(f.found()));
            case OPS -> ui.t("lesson.otherOps", "name", f.name(), "ops", f.found());
            case NO_ROW -> ui.t("lesson.noRow", "name", f.name());
            case PROVED -> f.passed()
                    ? ui.t("lesson.proved", "n", f.found())
                    : ui.t("lesson.notProved", "name", f.name());
            case CELL -> f.passed()
                    ? ui.t("lesson.cell", "name", f.name(), "found", f.found())
                    : f.found() == null
                            ? ui.t("lesson.noCell", "name", f.name())
                            : ui.t("lesson.otherCell", "name", f.name(), "found", f.found());
            case GIVEN -> ui.t(f.passed() ? "lesson.given" : "lesson.notGiven");
            case LOSS -> ui.t(f.passed() ? "lesson.loss" : "lesson.lossHigh", "found", f.found(), "name", f.name(),
                    "expected", f.expected());
            case NOT_RUNNING -> ui.t("lesson.notRunning", "name", f.name());
            case ANSWER -> f.passed()
                    ? ui.t("lesson.answer", "found", f.found())
                    : f.found() == null ? ui.t("lesson.noAnswer") : ui.t("lesson.otherAnswer", "found", f.found());
        };
    }
}
