package weft.ui;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import javafx.application.Application;
import javafx.application.Platform;
import javafx.scene.Parent;
import javafx.scene.Scene;
import javafx.scene.control.ListView;
import javafx.stage.Stage;

import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorInfo;
import weft.ui.tree.Lines;
import weft.ui.tree.Outline;

/**
 * How long one frame of scrolling takes with 100,000 rows in the table, three rows a frame as a wheel does it, and a jump of
 * 331 as the scroll bar does it: cells filled, styled and laid out; and with all that is painted by software, which a
 * graphics card does beside it. A main program, no test: prints a line a step, medians in milliseconds.
 */
final class ScrollBench {
    private static final int ROWS = 100_000;
    private static final int FRAMES = 300;
    private static final int WARM = 50;

    private ScrollBench() {
    }

    public static void main(String[] arguments) {
        Application.launch(Window.class);
    }

    /** Public, because JavaFX makes it. */
    public static final class Window extends Application {
        @Override
        public void start(Stage stage) {
            var tensors = IntStream.range(0, ROWS)
                    .mapToObj(i -> new TensorInfo("model.layer" + i % 977 + "x.part_" + i + ".weight", DType.F32,
                            Shape.of(768, 768), 4L * 768 * 768))
                    .toList();
            var lines = new Lines();
            lines.show(Outline.of(tensors, _ -> true, _ -> true));
            lines.items().forEach(lines::openAll);
            var shown = List.copyOf(lines.lines());
            var view = Screens.view(Locale.ENGLISH, false);
            stage.setScene(new Scene(view, 1440, 900));
            stage.show();
            view.session().open(Screens.fixture("gpt2-tiny/openai-tf"), "gpt2/scratch-split");
            Screens.settle(view, 1440, 900);
            @SuppressWarnings("unchecked")
            var list = (ListView<Lines.Line>) view.lookup("#table");
            list.getItems().setAll(shown);
            Screens.settle(view, 1440, 900);
            for (int step : new int[]{3, 331}) {
                System.out.println(measure(view, list, shown.size(), step));
            }
            Platform.exit();
        }
    }

    private static String measure(Parent view, ListView<Lines.Line> list, int rows, int step) {
        var laidOut = new long[FRAMES];
        var painted = new long[FRAMES];
        for (int frame = 0; frame < FRAMES; frame++) {
            long start = System.nanoTime();
            list.scrollTo((1000 + frame * step) % rows);
            view.applyCss();
            view.layout();
            laidOut[frame] = System.nanoTime() - start;
            view.snapshot(null, null);
            painted[frame] = System.nanoTime() - start;
        }
        return String.format(Locale.ROOT, "scroll rows %d step %d laid-out %.2f painted %.2f", rows, step,
                median(laidOut),
                median(painted));
    }

    private static double median(long[] nanos) {
        var sorted = Arrays.stream(nanos).skip(WARM).sorted().toArray();
        return sorted[sorted.length / 2] / 1e6;
    }
}
