package weft.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import javafx.stage.Stage;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.testfx.framework.junit5.Start;

import weft.ui.preview.InsideModel;
import weft.ui.preview.PreviewModel;

/**
 * Pictures of the main states in both languages and themes: {@code target/gallery/<what>-<en|zh>-<light|dark>.png}, alone by
 * {@code mvn -P gallery verify}. Somebody looks at them.
 */
@Windowed
@Tag("gallery")
class GalleryWindowTest {
    @Start
    void start(Stage stage) {
        // the toolkit is all that is needed
    }

    /** None is the picture of another state, and none is forgotten. */
    @AfterAll
    static void everyPictureIsAnother() throws Exception {
        try (var files = Files.list(Screens.FOLDER)) {
            var pictures = files.filter(f -> f.toString().matches(".*-(en|zh)-(light|dark)\\.png")).toList();
            var contents = new java.util.HashSet<String>();
            for (var picture : pictures) {
                contents.add(java.util.HexFormat.of().formatHex(
                        java.security.MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(picture))));
            }
            assertThat(contents).hasSameSizeAs(pictures).hasSizeGreaterThanOrEqualTo(12);
        }
        DocPictures.checkOrWrite(Screens.FOLDER);
    }

    private static void open(MainView view) {
        assertThat(view.session().openSample()).as("samples in target/weft").isTrue();
    }

    @Test
    void main() {
        for (boolean dark : new boolean[]{false, true}) {
            var file = Screens.take("main", dark ? Locale.SIMPLIFIED_CHINESE : Locale.ENGLISH, dark, 1440, 900, v -> {
                open(v);
                v.session().reveal("trf_blocks.0.att.W_key.weight");
            });
            assertThat(file).isRegularFile().satisfies(f -> assertThat(Files.size(f)).isGreaterThan(20_000));
            if (!dark) {
                assertThat(file).as("the selected row's colour").satisfies(f -> assertThat(share(f, 0xFFEEF6FF))
                        .isGreaterThan(0.01));
            }
        }
    }

    /** How much of a picture has a colour. */
    private static double share(Path file, int argb) throws Exception {
        var image = javax.imageio.ImageIO.read(file.toFile());
        var all = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
        return java.util.Arrays.stream(all).filter(c -> c == argb).count() / (double) all.length;
    }

    @Test
    void start() {
        assertThat(Screens.take("start", Locale.ENGLISH, false, 1440, 900, v -> {
        })).isRegularFile();
        assertThat(Screens.take("start", Locale.SIMPLIFIED_CHINESE, true, 1440, 900, v -> {
        })).isRegularFile();
    }

    @Test
    void rules() {
        assertThat(Screens.take("rules", Locale.ENGLISH, false, 1440, 900, v -> {
            open(v);
            v.show(DetailPane.Tab.RULES);
        })).isRegularFile();
        assertThat(Screens.take("rules-chips", Locale.SIMPLIFIED_CHINESE, true, 1000, 700, v -> {
            open(v);
            v.session().chips().set(true);
            v.show(DetailPane.Tab.RULES);
        })).isRegularFile();
    }

    @Test
    void hiddenSquare() {
        assertThat(Screens.take("why-square", Locale.ENGLISH, false, 1440, 900, v -> {
            open(v);
            v.session().reveal("trf_blocks.0.att.out_proj.weight");
        })).isRegularFile();
    }

    @Test
    void preview() {
        for (boolean dark : new boolean[]{false, true}) {
            assertThat(
                    Screens.take(dark ? "preview-forced" : "preview", dark ? Locale.SIMPLIFIED_CHINESE : Locale.ENGLISH,
                            dark, 1440, 900, v -> {
                                open(v);
                                v.session().acceptAll();
                                v.show(DetailPane.Tab.PREVIEW);
                                v.preview().forced().set(dark);
                                v.preview().run();
                                v.verification().run();
                            }))
                    .isRegularFile();
        }
    }

    private static void inside(MainView view, InsideModel.Aspect aspect) {
        open(view);
        view.session().acceptAll();
        view.show(DetailPane.Tab.PREVIEW);
        view.preview().count().set(40);
        view.preview().run();
        view.models().inside().choose(new InsideModel.Chosen(PreviewModel.Which.AFTER, 14));
        view.models().inside().block().set(1);
        view.models().inside().aspect().set(aspect);
    }

    @Test
    void inside() {
        for (boolean dark : new boolean[]{false, true}) {
            assertThat(Screens.take("attention", dark ? Locale.SIMPLIFIED_CHINESE : Locale.ENGLISH, dark, 1440, 900,
                    v -> inside(v, InsideModel.Aspect.ATTENTION))).isRegularFile();
            assertThat(Screens.take("layers", dark ? Locale.SIMPLIFIED_CHINESE : Locale.ENGLISH, dark,
                    dark ? 1000 : 1440, dark ? 700 : 900, v -> inside(v, InsideModel.Aspect.LENS))).isRegularFile();
        }
    }

    @Test
    void reasons() {
        assertThat(Screens.take("why-tied", Locale.ENGLISH, false, 1440, 900, v -> {
            open(v);
            v.session().reveal("out_head.weight");
        })).isRegularFile();
        assertThat(Screens.take("why-padded", Locale.ENGLISH, false, 1440, 900, v -> {
            v.session().open(Screens.fixture("gpt2-tiny/hf"), "gpt2/scratch-split,vocab_size=96");
            v.session().resize(new weft.rule.Pad.Mean());
            v.session().reveal("tok_emb.weight");
        })).isRegularFile();
        assertThat(Screens.take("why-rotary", Locale.SIMPLIFIED_CHINESE, true, 1440, 900, v -> {
            v.session().open(Screens.fixture("llama-line/llama-meta"), "llama/hf");
            v.session().reveal("model.layers.0.self_attn.q_proj.weight");
        })).isRegularFile();
        assertThat(Screens.take("why-squeezed", Locale.SIMPLIFIED_CHINESE, false, 1000, 700, v -> {
            v.session().open(Screens.fixture("gpt2-tiny/openai-tf"), "gpt2/hf");
            v.session().reveal("transformer.h.0.mlp.c_fc.weight");
        })).isRegularFile();
        assertThat(Screens.take("why-joined", Locale.ENGLISH, true, 1440, 900, v -> {
            v.session().open(Screens.fixture("gpt2-tiny/scratch-split"), "gpt2/hf");
            v.session().reveal("transformer.h.0.attn.c_attn.weight");
        })).isRegularFile();
    }

    @Test
    void beside() {
        assertThat(Screens.take("beside", Locale.ENGLISH, false, 1440, 900, v -> {
            open(v);
            v.session().acceptAll();
            v.show(DetailPane.Tab.PREVIEW);
            v.preview().beside(Path.of("src/samples/shipped/trap-hf-linear"));
        })).isRegularFile();
    }

    /** Models of two sizes, and tokens of two kinds. */
    @Test
    void besideLarger() {
        assertThat(Screens.take("beside-larger", Locale.SIMPLIFIED_CHINESE, true, 1440, 900, v -> {
            v.session().open(Path.of("src/samples/shipped/hf"));
            v.show(DetailPane.Tab.PREVIEW);
            v.preview().beside(Path.of("src/samples/shipped/lessons/1-rows-or-columns/model"));
        })).isRegularFile();
    }

    /** What is missing before a preview or an export, and where to put it. */
    @Test
    void missing() {
        for (boolean dark : new boolean[]{false, true}) {
            var locale = dark ? Locale.SIMPLIFIED_CHINESE : Locale.ENGLISH;
            assertThat(Screens.take("head", locale, dark, 1000, 700, v -> {
                v.session().open(Screens.fixture("llama-line/llama"), "llama/gguf,output=false");
                v.session().acceptAll();
                v.export();
            })).isRegularFile();
        }
    }

    @Test
    void guides() {
        for (boolean dark : new boolean[]{false, true}) {
            var locale = dark ? Locale.SIMPLIFIED_CHINESE : Locale.ENGLISH;
            assertThat(Screens.take("adapter", locale, dark, 1440, 900, v -> {
                v.session().open(Screens.fixture("gpt2-tiny/hf"));
                v.session().mergeAdapter(Screens.fixture("lora/gpt2"));
                v.session().reveal("transformer.h.0.attn.c_attn.weight");
            })).isRegularFile();
            assertThat(Screens.take("resize", locale, dark, 1000, 700, v -> {
                v.session().open(Screens.fixture("gpt2-tiny/hf"), "gpt2/scratch-split,vocab_size=59");
                v.session().reveal("tok_emb.weight");
            })).isRegularFile();
            assertThat(Screens.take("config", locale, dark, 1440, 900, v -> {
                v.session().open(Screens.fixture("gpt2-tiny/hf"), "gpt2/scratch-split@124M");
                v.config();
            })).isRegularFile();
        }
    }

    @Test
    void verify() {
        for (boolean dark : new boolean[]{false, true}) {
            assertThat(Screens.take("verify", dark ? Locale.SIMPLIFIED_CHINESE : Locale.ENGLISH, dark, 1440, 900, v -> {
                open(v);
                v.session().acceptAll();
                v.show(DetailPane.Tab.VERIFY);
                v.session().prove();
                v.verification().run();
            })).isRegularFile();
        }
    }

    @Test
    void tensor() {
        for (boolean dark : new boolean[]{false, true}) {
            assertThat(Screens.take("tensor", dark ? Locale.SIMPLIFIED_CHINESE : Locale.ENGLISH, dark, 1440, 900, v -> {
                open(v);
                v.session().acceptAll();
                v.session().reveal("trf_blocks.0.att.out_proj.weight");
                v.show(DetailPane.Tab.TENSOR);
                Screens.settle(v, 1440, 900);
                v.tensor().logarithmic().set(true);
                v.tensor().point(40, 77);
                if (dark) {
                    v.tensor().compare(v.tensor().comparable().getFirst());
                }
            })).isRegularFile();
        }
    }

    @Test
    void values() {
        assertThat(Screens.take("tensor-values", Locale.ENGLISH, false, 1000, 700, v -> {
            open(v);
            v.session().reveal("trf_blocks.0.att.out_proj.weight");
            v.show(DetailPane.Tab.TENSOR);
            Screens.settle(v, 1000, 700);
            v.tensor().point(40, 77);
            v.tensor().zoom(20);
            v.tensor().point(41, 77);
        })).isRegularFile();
    }

    @Test
    void groups() {
        for (boolean dark : new boolean[]{false, true}) {
            assertThat(Screens.take("tensor-and-rules", dark ? Locale.SIMPLIFIED_CHINESE : Locale.ENGLISH, dark, 1440,
                    900, v -> {
                        open(v);
                        v.session().acceptAll();
                        v.session().reveal("trf_blocks.0.att.out_proj.weight");
                        v.groups().move(DetailPane.Tab.RULES);
                        v.show(DetailPane.Tab.TENSOR);
                        Screens.settle(v, 1440, 900);
                        v.tensor().point(40, 77);
                        var rule = v.session().plan().orElseThrow().row("trf_blocks.0.att.W_key.weight").orElseThrow()
                                .rule();
                        v.session().replaceRule(rule, weft.work.Workspace.read(
                                weft.work.Workspace.text(rule).replace("split 3 @0", "split 3 @1")).rules().rules()
                                .getFirst());
                    })).isRegularFile();
        }
    }

    @Test
    void export() {
        for (boolean dark : new boolean[]{false, true}) {
            assertThat(Screens.take("export", dark ? Locale.SIMPLIFIED_CHINESE : Locale.ENGLISH, dark, 1440, 900, v -> {
                open(v);
                v.session().acceptAll();
                v.export();
            })).isRegularFile();
        }
    }

    @Test
    void paste() {
        assertThat(Screens.take("paste", Locale.ENGLISH, false, 1000, 700, v -> {
            open(v);
            v.paste();
            Screens.settle(v, 1000, 700);
            ((javafx.scene.control.TextArea) v.lookup("#paste-text")).setText("""
                    RuntimeError: Error(s) in loading state_dict for GPT2LMHeadModel:
                    \tsize mismatch for transformer.h.0.attn.c_attn.weight: copying a param with shape torch.Size([768, 2304]) \
                    from checkpoint, the shape in current model is torch.Size([2304, 768]).
                    """);
        })).isRegularFile();
    }

    @Test
    void asked() {
        assertThat(Screens.take("ask", Locale.ENGLISH, false, 1440, 900, v -> {
            open(v);
            v.session().reveal("trf_blocks.0.att.out_proj.weight");
            v.linking().start(v.session().selected().get());
            v.linking().end(v.session().selected().get());
        })).isRegularFile();
    }

    @Test
    void difference() {
        assertThat(Screens.take("diff", Locale.ENGLISH, false, 1440, 900, v -> {
            v.session().open(Screens.fixture("gpt2-tiny/hf-linear"), "gpt2/scratch-split");
            v.show(DetailPane.Tab.VERIFY);
            v.models().diff().run(Screens.fixture("gpt2-tiny/trap-hf-linear"));
        })).isRegularFile();
    }

    @Test
    void dropping() {
        assertThat(Screens.take("drop", Locale.SIMPLIFIED_CHINESE, false, 1000, 700, v -> {
            open(v);
            v.dropHint(Dropped.TARGET);
        })).isRegularFile();
    }

    @Test
    void recent() {
        var desk = Desk.none();
        assertThat(Screens.take("recent", Locale.ENGLISH, false, desk, 1440, 900, v -> {
            open(v);
            v.session().acceptAll();
            v.session().close();
        })).isRegularFile();
    }

    @Test
    void refusal() {
        assertThat(Screens.take("refusal", Locale.ENGLISH, false, 1440, 900,
                v -> v.session().open(Screens.fixture("torch-misc/evil.pt")))).isRegularFile();
    }

    @Test
    void narrow() {
        assertThat(Screens.take("narrow", Locale.ENGLISH, false, 1000, 700, v -> {
            open(v);
            v.session().reveal("trf_blocks.0.att.W_key.weight");
        })).isRegularFile();
    }

    @Test
    void large() {
        assertThat(Screens.take("large-text", Locale.SIMPLIFIED_CHINESE, false, 1920, 1080, v -> {
            open(v);
            v.session().scale().set(1.5);
            v.session().acceptAll();
            v.session().reveal("trf_blocks.0.att.out_proj.weight");
        })).isRegularFile();
    }

    // ---------------------------------------------------------------- lessons

    private static void lesson(MainView view, String id) {
        view.lessons().openShipped();
        var course = java.util.Objects.requireNonNull(view.lessons().course().get(), "samples in target/weft");
        view.lessons().start(course.lessons().stream().filter(l -> l.id().equals(id)).findFirst().orElseThrow());
    }

    private static void guess(MainView view, int answer) {
        view.lessons().choose(answer);
        view.lessons().next();
    }

    @Test
    void lessons() {
        for (boolean dark : new boolean[]{false, true}) {
            assertThat(
                    Screens.take("lessons", dark ? Locale.SIMPLIFIED_CHINESE : Locale.ENGLISH, dark, 1000, 700, v -> {
                        v.lessons().progress().put("rows-or-columns", new weft.ui.state.LessonProgress.Done(2, true));
                        v.lessons().progress().put("square", new weft.ui.state.LessonProgress.Done(1, false));
                        v.lessonList();
                    })).isRegularFile();
        }
    }

    @Test
    void lessonGuess() {
        for (boolean dark : new boolean[]{false, true}) {
            assertThat(Screens.take("lesson-guess", dark ? Locale.SIMPLIFIED_CHINESE : Locale.ENGLISH, dark, 1440, 900,
                    v -> {
                        lesson(v, "rows-or-columns");
                        v.lessons().choose(1);
                    })).isRegularFile();
        }
    }

    @Test
    void lessonTry() {
        for (boolean dark : new boolean[]{false, true}) {
            assertThat(Screens.take("lesson-try", dark ? Locale.SIMPLIFIED_CHINESE : Locale.ENGLISH, dark, 1440, 900,
                    v -> {
                        lesson(v, "square");
                        guess(v, 2);
                        v.lessons().hint();
                        v.lessons().check();
                    })).isRegularFile();
        }
    }

    @Test
    void lessonNarrow() {
        for (boolean dark : new boolean[]{false, true}) {
            assertThat(Screens.take("lesson-narrow", dark ? Locale.SIMPLIFIED_CHINESE : Locale.ENGLISH, dark, 1000,
                    700, v -> {
                        lesson(v, "three-in-one");
                        guess(v, 1);
                    })).isRegularFile();
        }
    }

    @Test
    void lessonExplain() {
        assertThat(Screens.take("lesson-explain", Locale.ENGLISH, false, 1440, 900, v -> {
            lesson(v, "rows-or-columns");
            guess(v, 3);
            v.session().accept(v.session().plan().orElseThrow().row("transformer.h.0.attn.c_attn.weight").orElseThrow()
                    .rule());
            v.lessons().check();
            v.lessons().next();
        })).isRegularFile();
    }

    @Test
    void lessonTakeHome() {
        for (boolean dark : new boolean[]{false, true}) {
            assertThat(Screens.take("lesson-take-home", dark ? Locale.SIMPLIFIED_CHINESE : Locale.ENGLISH, dark, 1440,
                    900, v -> {
                        lesson(v, dark ? "tied-head" : "three-in-one");
                        guess(v, 2);
                        v.lessons().next();
                        v.lessons().next();
                    })).isRegularFile();
        }
    }

    @Test
    void lessonLog() {
        assertThat(Screens.take("lesson-log", Locale.ENGLISH, false, 1440, 900, v -> {
            lesson(v, "error-log");
            guess(v, 1);
        })).isRegularFile();
    }

    @Test
    void presenter() {
        for (boolean dark : new boolean[]{false, true}) {
            assertThat(Screens.take("presenter", dark ? Locale.SIMPLIFIED_CHINESE : Locale.ENGLISH, dark, 1920, 1080,
                    v -> {
                        lesson(v, "square");
                        guess(v, 2);
                        v.lessons().presenter().set(true);
                        v.lessons().hint();
                    })).isRegularFile();
        }
    }

    @Test
    void presenterPassed() {
        assertThat(Screens.take("presenter-passed", Locale.ENGLISH, true, 1440, 900, v -> {
            lesson(v, "square");
            guess(v, 2);
            v.lessons().presenter().set(true);
            v.lessons().row().set(1);
            v.lessons().turn(v.lessons().rows().get(1));
            v.lessons().check();
        })).isRegularFile();
    }

    @Test
    void presenterGuess() {
        for (boolean dark : new boolean[]{false, true}) {
            assertThat(Screens.take("presenter-guess", dark ? Locale.SIMPLIFIED_CHINESE : Locale.ENGLISH, dark, 1920,
                    1080, v -> {
                        lesson(v, "reshape");
                        v.lessons().choose(3);
                        v.lessons().presenter().set(true);
                    })).isRegularFile();
        }
    }

    @Test
    void presenterExplain() {
        for (boolean dark : new boolean[]{false, true}) {
            assertThat(Screens.take("presenter-explain", dark ? Locale.SIMPLIFIED_CHINESE : Locale.ENGLISH, dark, 1920,
                    1080, v -> {
                        lesson(v, "three-in-one");
                        guess(v, 1);
                        v.lessons().presenter().set(true);
                        v.lessons().next();
                    })).isRegularFile();
        }
    }

    @Test
    void presenterTakeHome() {
        assertThat(Screens.take("presenter-take-home", Locale.ENGLISH, false, 1920, 1080, v -> {
            lesson(v, "square");
            guess(v, 2);
            v.lessons().presenter().set(true);
            v.lessons().next();
            v.lessons().next();
        })).isRegularFile();
    }

    @Test
    void presenterLog() {
        assertThat(Screens.take("presenter-log", Locale.SIMPLIFIED_CHINESE, false, 1920, 1080, v -> {
            lesson(v, "error-log");
            guess(v, 2);
            v.lessons().presenter().set(true);
        })).isRegularFile();
    }

    /** Every lesson's task before a class, in both languages and themes by turns. */
    @Test
    void everyLesson() throws Exception {
        int n = 0;
        for (var each : weft.lesson.Course.open(java.nio.file.Path.of("src/samples/shipped/lessons")).lessons()) {
            boolean other = ++n % 2 == 0;
            assertThat(Screens.take("task-" + each.id(), other ? Locale.SIMPLIFIED_CHINESE : Locale.ENGLISH, other,
                    1440, 900, v -> {
                        lesson(v, each.id());
                        guess(v, 1);
                        v.lessons().presenter().set(true);
                        each.words().get("en").hints().forEach(_ -> v.lessons().hint());
                    })).isRegularFile();
        }
    }

    @Test
    void lessonLarge() {
        assertThat(Screens.take("lesson-large-text", Locale.SIMPLIFIED_CHINESE, false, 1920, 1080, v -> {
            v.session().scale().set(1.5);
            lesson(v, "three-in-one");
            guess(v, 1);
            v.lessons().check();
        })).isRegularFile();
    }

    @Test
    void presenterSmall() {
        assertThat(Screens.take("presenter-small", Locale.ENGLISH, false, 1000, 700, v -> {
            lesson(v, "another-framework");
            guess(v, 2);
            v.lessons().presenter().set(true);
        })).isRegularFile();
    }
}
