package weft.ui;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javafx.application.Application;
import javafx.application.Platform;
import javafx.scene.Scene;
import javafx.scene.control.ListView;
import javafx.stage.Stage;

import com.sun.javafx.tk.RenderJob;
import com.sun.javafx.tk.Toolkit;

import weft.io.CheckpointException;
import weft.plan.DeepModel;
import weft.plan.Planner;
import weft.ui.tree.Lines;
import weft.ui.tree.Outline;

/**
 * How long one frame of scrolling takes with a model of 100,000 tensors in the table, all of it open: three rows a frame as
 * a wheel does it, and a jump of 331 as the scroll bar does it. The window is shown and its frames are its own: cells
 * filled, styled and laid out on its thread; then what changed painted by software and handed to the screen on the other,
 * which a graphics card does elsewhere. A main program, no test: prints a line a step, medians in milliseconds.
 */
final class ScrollBench {
    private static final int LAYERS = Integer.getInteger("layers", 8334);
    private static final int[] STEPS = {3, 331};
    private static final int FRAMES = Integer.getInteger("frames", 350);
    private static final int WARM = FRAMES * 2 / 7;

    private ScrollBench() {
    }

    public static void main(String[] arguments) {
        Application.launch(Window.class);
    }

    /** Every line of the plan between Hugging Face's file and the textbook's model. */
    private static List<Lines.Line> lines() {
        try {
            var model = DeepModel.of(LAYERS);
            var source = model.source();
            var target = model.target();
            var plan = Planner.plan(source, Planner.suggest(source, target, false), target, Map.of());
            var lines = new Lines();
            lines.show(Outline.of(plan, _ -> true, _ -> true));
            lines.items().forEach(lines::openAll);
            return List.copyOf(lines.lines());
        } catch (CheckpointException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Public, because JavaFX makes it. */
    public static final class Window extends Application {
        private List<Lines.Line> lines = List.of();
        private Scene scene = new Scene(new javafx.scene.layout.Pane());
        private ListView<Lines.Line> list = new ListView<>();
        private final long[] laidOut = new long[FRAMES];
        private final long[] painted = new long[FRAMES];
        private final long[] laying = new long[FRAMES];
        private final long[] painting = new long[FRAMES];
        private long busy;
        private long brush;
        private int step;
        private int frame;
        private long scrolled;
        private long began;
        private boolean measures;

        @Override
        @SuppressWarnings("unchecked")
        public void start(Stage stage) {
            lines = lines();
            var view = Screens.view(Locale.ENGLISH, false);
            scene = new Scene(view, 1440, 900);
            stage.setScene(scene);
            stage.show();
            view.session().open(Screens.fixture("gpt2-tiny/openai-tf"), "gpt2/scratch-split");
            Screens.settle(view, 1440, 900);
            list = (ListView<Lines.Line>) view.lookup("#table");
            list.getItems().setAll(lines);
            scene.addPreLayoutPulseListener(() -> began = System.nanoTime());
            scene.addPostLayoutPulseListener(() -> {
                if (!measures) { return; }
                measures = false;
                long now = System.nanoTime();
                long start = began - scrolled;
                laidOut[frame] = now - start;
                laying[frame] = own() - busy;
                // what the pulse leaves to be painted is painted before this
                Platform.runLater(() -> Toolkit.getToolkit().addRenderJob(new RenderJob(() -> {
                    long end = System.nanoTime() - start;
                    long before = brush;
                    brush = own();
                    Platform.runLater(() -> painted(end, brush - before));
                })));
            });
            Platform.runLater(this::next);
        }

        private void next() {
            busy = own();
            long start = System.nanoTime();
            list.scrollTo((1000 + frame * STEPS[step]) % lines.size());
            scrolled = System.nanoTime() - start;
            measures = true;
            Platform.requestNextPulse();
        }

        private void painted(long nanos, long brushed) {
            painting[frame] = brushed;
            painted[frame++] = nanos;
            if (frame == FRAMES) {
                System.out.printf(Locale.ROOT,
                        "scroll rows %d step %d laid-out %.2f painted %.2f, of the threads' own time %.2f and %.2f%n",
                        lines.size(), STEPS[step], median(laidOut), median(painted), median(laying), median(painting));
                frame = 0;
                step++;
            }
            if (step == STEPS.length) {
                Platform.exit();
            } else {
                next();
            }
        }
    }

    /** What this thread has worked: it stays the same where others want the processor too. */
    private static long own() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static double median(long[] nanos) {
        var sorted = Arrays.stream(nanos).skip(WARM).sorted().toArray();
        return sorted[sorted.length / 2] / 1e6;
    }
}
