package weft.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javafx.scene.Parent;
import javafx.scene.Scene;
import javafx.scene.control.ListView;
import javafx.stage.Stage;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.testfx.framework.junit5.Start;
import org.testfx.util.WaitForAsyncUtils;

import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorInfo;
import weft.ui.tree.Lines;
import weft.ui.tree.Outline;

/**
 * How long one frame of scrolling takes with 100,000 rows in the table, three rows a frame as a wheel does it, and a jump of
 * 331 as the scroll bar does it: cells filled, styled and laid out; and with all that is painted by software, which a
 * graphics card does beside it. It prints medians; the numbers are judged by whoever reads them, not by the test.
 */
@Tag("bench")
@Windowed
class ScrollBenchTest {
    private static final int ROWS = 100_000;
    private static final int FRAMES = 300;
    private Stage stage;

    @Start
    void start(Stage given) {
        stage = given;
    }

    @Test
    void a_hundred_thousand_rows_scroll() throws Exception {
        var lines = new Lines();
        var tensors = IntStream.range(0, ROWS)
                .mapToObj(i -> new TensorInfo("model.layer" + i % 977 + "x.part_" + i + ".weight", DType.F32,
                        Shape.of(768, 768), 4L * 768 * 768))
                .toList();
        lines.show(Outline.of(tensors, _ -> true, _ -> true));
        lines.items().forEach(lines::openAll);
        var shown = List.copyOf(lines.lines());
        assertThat(shown).hasSizeGreaterThanOrEqualTo(ROWS);
        var report = new ArrayList<String>();
        WaitForAsyncUtils.waitFor(300, TimeUnit.SECONDS, WaitForAsyncUtils.asyncFx(() -> {
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
                report.add(measure(view, list, shown.size(), step));
            }
            return true;
        }));
        report.forEach(System.out::println);
        assertThat(report).hasSize(2);
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
        return String.format(Locale.ROOT, "window/scroll rows=%d step=%d laid-out=%.2f ms with-paint=%.2f ms p95=%.2f ms", rows,
                step, median(laidOut, 50), median(painted, 50), median(painted, 95));
    }

    /** Of the frames after the first fifty. */
    private static double median(long[] nanos, int percent) {
        var sorted = Arrays.stream(nanos).skip(50).sorted().toArray();
        return sorted[sorted.length * percent / 100] / 1e6;
    }
}
