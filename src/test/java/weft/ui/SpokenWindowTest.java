package weft.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javafx.scene.Node;
import javafx.scene.Parent;
import javafx.scene.Scene;
import javafx.scene.control.Label;
import javafx.scene.control.Labeled;
import javafx.scene.control.MenuBar;
import javafx.scene.control.ScrollBar;
import javafx.scene.control.ScrollPane;
import javafx.scene.control.SplitPane;
import javafx.stage.Stage;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testfx.framework.junit5.Start;
import org.testfx.util.WaitForAsyncUtils;

import weft.ui.DetailPane.Tab;
import weft.ui.preview.InsideModel;
import weft.ui.preview.PreviewModel;

/** Whatever takes the focus has a name for those who hear the window, in every view and in both languages. */
@Windowed
class SpokenWindowTest {
    @TempDir
    Path folder;
    private Path tiny = Path.of("");

    @Start
    void start(Stage stage) throws Exception {
        tiny = Tiny.with(folder, "openai-tf");
    }

    private void open(MainView view) {
        view.session().open(tiny, "gpt2/scratch-split");
        view.session().reveal("trf_blocks.0.att.out_proj.weight");
    }

    private void written(MainView view) {
        open(view);
        view.session().acceptAll();
        view.show(Tab.PREVIEW);
        view.preview().prompt().set("the dog");
        view.preview().count().set(4);
        view.preview().run();
    }

    private Map<String, Consumer<MainView>> states() {
        var states = new LinkedHashMap<String, Consumer<MainView>>();
        states.put("start", _ -> {
        });
        states.put("no target", v -> v.session().open(tiny));
        for (var tab : Tab.values()) {
            states.put(tab.name(), v -> {
                open(v);
                v.show(tab);
            });
            states.put(tab + ", nothing selected", v -> {
                open(v);
                v.session().selected().set(null);
                v.show(tab);
            });
        }
        states.put("rules given", v -> {
            open(v);
            v.session().acceptAll();
            v.show(Tab.RULES);
        });
        states.put("compared", v -> {
            open(v);
            v.show(Tab.TENSOR);
            Screens.settle(v, 1000, 900);
            v.tensor().compare(v.tensor().comparable().getFirst());
        });
        states.put("written", this::written);
        for (var aspect : InsideModel.Aspect.values()) {
            states.put("inside, " + aspect, v -> {
                written(v);
                v.models().inside().aspect().set(aspect);
                v.models().inside().choose(new InsideModel.Chosen(PreviewModel.Which.AFTER, 8));
            });
        }
        states.put("beside", v -> {
            written(v);
            v.preview().beside(tiny);
        });
        states.put("verified", v -> {
            open(v);
            v.session().acceptAll();
            v.show(Tab.VERIFY);
            v.verification().run();
        });
        states.put("asked", v -> {
            open(v);
            v.linking().start(v.session().selected().get());
            v.linking().end(v.session().selected().get());
        });
        states.put("number", v -> v.session().open(tiny.resolve("model.ckpt"), "gpt2/scratch-split"));
        states.put("refused", v -> v.session().open(Screens.fixture("torch-misc/evil.pt")));
        states.put("export", v -> {
            open(v);
            v.session().acceptAll();
            v.export();
        });
        states.put("configurations", v -> {
            open(v);
            v.config();
        });
        states.put("settings", MainView::settings);
        states.put("keys", MainView::keys);
        states.put("about", MainView::about);
        states.put("trouble", v -> {
            open(v);
            v.session().chooseTarget("gpt2/nowhere");
        });
        states.put("paste", MainView::paste);
        states.put("lessons", MainView::lessonList);
        states.put("lesson, folded away", v -> {
            lesson(v, 1);
            v.lessons().fold();
        });
        for (int step = 0; step < 4; step++) {
            int at = step;
            states.put("lesson, step " + step, v -> lesson(v, at));
            states.put("presenter, step " + step, v -> {
                lesson(v, at);
                v.lessons().presenter().set(true);
            });
        }
        return states;
    }

    private static void lesson(MainView view, int step) {
        view.lessons().openCourse(Path.of("src/samples/shipped/lessons"));
        view.lessons().start(view.lessons().course().get().lessons().get(1));
        view.lessons().choose(2);
        for (int i = 0; i < step; i++) {
            view.lessons().next();
        }
    }

    @Test
    void everything_that_takes_the_focus_has_a_name() throws Exception {
        var nameless = new TreeSet<String>();
        var seen = new HashSet<String>();
        for (var locale : List.of(Locale.ENGLISH, Locale.SIMPLIFIED_CHINESE)) {
            for (var state : states().entrySet()) {
                WaitForAsyncUtils.waitFor(120, TimeUnit.SECONDS, WaitForAsyncUtils.asyncFx(() -> {
                    var view = Screens.view(locale, false);
                    new Scene(view, 1000, 900);
                    state.getValue().accept(view);
                    Screens.settle(view, 1000, 900);
                    var all = new ArrayList<Node>();
                    collect(view, all);
                    var labelled = new HashSet<Node>();
                    all.stream().filter(n -> n instanceof Label l && l.getLabelFor() != null)
                            .forEach(n -> labelled.add(((Label) n).getLabelFor()));
                    for (var node : all) {
                        if (node.isFocusTraversable() && isPartOfNothing(node)) {
                            seen.add(node.getClass().getSimpleName());
                            if (!isNamed(node, labelled)) {
                                nameless.add(state.getKey() + ": " + node.getClass().getSimpleName() + " "
                                        + node.getId() + " " + node.getStyleClass());
                            }
                        }
                    }
                    return true;
                }));
            }
        }
        assertThat(seen).contains("Button", "TextField", "ComboBox", "CheckBox", "ToggleButton", "ListView",
                "HeatView");
        assertThat(nameless).isEmpty();
    }

    private static void collect(Node node, List<Node> all) {
        if (!node.isVisible() || node instanceof MenuBar) { return; } // menus are read by their items' text
        all.add(node);
        if (node instanceof Parent parent) {
            parent.getChildrenUnmodifiable().forEach(c -> collect(c, all));
        }
    }

    /** What a skin makes of its own isn't reached by itself. */
    private static boolean isPartOfNothing(Node node) {
        return !(node instanceof ScrollBar || node instanceof ScrollPane || node instanceof SplitPane);
    }

    private static boolean isNamed(Node node, Set<Node> labelled) {
        var told = node.getAccessibleText();
        return told != null && !told.isBlank() || labelled.contains(node)
                || node instanceof Labeled labeled && labeled.getText() != null && !labeled.getText().isBlank();
    }
}
