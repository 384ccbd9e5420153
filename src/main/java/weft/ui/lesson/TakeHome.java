package weft.ui.lesson;

import java.nio.charset.StandardCharsets;
import java.util.List;
import javafx.scene.Scene;
import javafx.scene.layout.StackPane;

import org.jspecify.annotations.Nullable;

import weft.arch.Dialect;
import weft.lesson.Lesson;
import weft.lesson.Markdown;
import weft.picture.Drawing;
import weft.picture.Sheet;
import weft.picture.Svg;
import weft.picture.WhyPicture;
import weft.plan.Plan;
import weft.plan.Producer;
import weft.ui.Look;
import weft.ui.Png;
import weft.ui.Ui;
import weft.ui.inspect.DrawingView;

/** The picture to take home: what the lesson showed on one sheet, as SVG or PNG, written only where somebody asks. */
final class TakeHome {
    private static final double HEIGHT = 260;
    /** Sharp in print: two pixels for each of the drawing's. */
    private static final double SHARP = 2;

    private TakeHome() {
    }

    /** The picture alone; {@code null} where there is nothing to draw. */
    static @Nullable Drawing picture(Ui ui, LessonModel model) {
        if (ui.session().plan().isEmpty()) { return null; }
        var plan = model.pictured();
        var rows = model.picturedRows(plan);
        if (rows.isEmpty()) { return null; }
        var first = rows.getFirst();
        var feeding = first.producer() instanceof Producer.SameAs same ? plan.row(same.parameter()) : null;
        var picture = feeding == null
                ? WhyPicture.of(rows, plan.sizes(), ui.texts(), formulas(plan), HEIGHT)
                : feeding.flatMap(f -> WhyPicture.tied(first, f, plan.sizes(), ui.texts(), formulas(plan), HEIGHT));
        return picture.map(p -> p.draw(p.resting())).orElse(null);
    }

    private static WhyPicture.Formulas formulas(Plan plan) {
        var recognition = plan.source().recognition();
        return new WhyPicture.Formulas(recognition == null ? null : formula(recognition.dialect()),
                formula(plan.target().dialect()));
    }

    private static @Nullable String formula(@Nullable Dialect dialect) {
        return dialect == null ? null : dialect.computes();
    }

    /** Title, picture, what to remember. */
    static Drawing sheet(Ui ui, LessonModel model, Lesson lesson) {
        var words = model.words(lesson);
        return Sheet.of(ui.t("lesson.number", "n", model.number(), "total", model.lessons()), words.title(),
                picture(ui, model), List.of(Markdown.plain(words.takeHome()).split("\n")), ui.t("lesson.foot"));
    }

    static byte[] svg(Ui ui, LessonModel model, Lesson lesson) {
        return Svg.alone(sheet(ui, model, lesson), model.words(lesson).title()).getBytes(StandardCharsets.UTF_8);
    }

    /** On white, whatever the window's theme. */
    static byte[] png(Ui ui, LessonModel model, Lesson lesson) {
        // drawn that large: what is painted small and enlarged is blurred
        var look = new Look(false, SHARP, ui.texts().isChinese());
        var paper = new Ui(ui.session(), look, ui.choosers());
        var drawing = sheet(paper, model, lesson);
        double width = drawing.width() * SHARP;
        double height = drawing.height() * SHARP;
        var view = new DrawingView(paper);
        view.show(drawing);
        var root = new StackPane(view);
        root.getStyleClass().add("window");
        var scene = new Scene(root, width, height);
        scene.getStylesheets().setAll(look.sheets());
        root.resize(width, height);
        root.applyCss();
        root.layout();
        return Png.of(root.snapshot(null, null));
    }
}
