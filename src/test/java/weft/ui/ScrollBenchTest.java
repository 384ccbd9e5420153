package weft.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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
 * How long one frame of scrolling takes with 100,000 rows in the table: cells filled, styled, laid out and painted. It
 * prints the median and what all threads computed in it, which a busy machine changes less; the number is judged by
 * whoever reads it, not by the test.
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
        var nanos = new ArrayList<Long>();
        var computed = new ArrayList<Long>();
        var process = (com.sun.management.OperatingSystemMXBean) java.lang.management.ManagementFactory
                .getOperatingSystemMXBean();
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
            for (int frame = 0; frame < FRAMES; frame++) {
                long start = System.nanoTime();
                long before = process.getProcessCpuTime();
                list.scrollTo(frame * 331 % shown.size());
                view.applyCss();
                view.layout();
                view.snapshot(null, null);
                nanos.add(System.nanoTime() - start);
                computed.add(process.getProcessCpuTime() - before);
            }
            return true;
        }));
        var sorted = nanos.stream().skip(50).mapToLong(n -> n).sorted().toArray();
        var threads = computed.stream().skip(50).mapToLong(n -> n).sorted().toArray();
        System.out.printf(Locale.ROOT, "window/scroll rows=%d frames=%d median=%.2f ms p95=%.2f ms computed=%.2f ms%n",
                shown.size(), sorted.length, sorted[sorted.length / 2] / 1e6, sorted[sorted.length * 95 / 100] / 1e6,
                threads[threads.length / 2] / 1e6);
        assertThat(Arrays.stream(sorted).min().orElse(0)).as("frames were painted").isPositive();
    }
}
