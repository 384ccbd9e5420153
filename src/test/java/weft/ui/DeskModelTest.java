package weft.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import weft.ui.DetailPane.Tab;
import weft.ui.ExportModel.What;
import weft.ui.model.Session;
import weft.ui.model.Tasks;
import weft.ui.verify.DiffModel;
import weft.work.PastedRules;
import weft.work.Workspace;

/** Tab groups, export and comparison without a stage. */
class DeskModelTest {
    private static final Path TINY = Path.of("src/test/resources/fixtures/gpt2-tiny");
    @TempDir
    Path folder;
    private final Session session = new Session(new Tasks(Runnable::run, Runnable::run), Locale.ENGLISH);

    @Test
    void a_name_of_one_s_own_gets_the_ending_of_what_is_written() {
        var model = new ExportModel(session);
        model.what().set(What.RULES);
        assertThat(model.named("m.safetensors")).isEqualTo("m.weft");
        assertThat(model.named("m.json")).isEqualTo("m.json");
        assertThat(model.named("model.safetensors")).isEqualTo("rules.weft");
        model.what().set(What.FOLDER);
        assertThat(model.named("m.safetensors")).isEqualTo("m");
        assertThat(model.named("m-v1.0")).isEqualTo("m-v1.0");
        model.what().set(What.CHECKPOINT);
        assertThat(model.named("m")).isEqualTo("m.safetensors");
        assertThat(model.named("m.ckpt")).isEqualTo("m.ckpt");
        model.what().set(What.REPORT);
        assertThat(model.named("m.ckpt")).isEqualTo("m.html");
        assertThat(model.named("m.CSV")).isEqualTo("m.CSV");
        model.place().set("m.csv");
        assertThat(model.full()).contains(java.nio.file.Path.of("").toAbsolutePath().resolve("m.csv"));
        model.place().set(java.nio.file.Path.of("m.csv").toAbsolutePath().toString());
        assertThat(model.full()).isEmpty();
    }

    @Test
    void a_tab_moves_to_the_right_and_back_and_one_always_stays() {
        var groups = new TabGroups();
        groups.show(Tab.RULES);
        groups.move(Tab.RULES);
        assertThat(groups.moved().get()).isEqualTo(Set.of(Tab.RULES));
        assertThat(groups.right().get()).isEqualTo(Tab.RULES);
        assertThat(groups.left().get()).isEqualTo(Tab.WHY);
        groups.show(Tab.TENSOR);
        assertThat(groups.isShown(Tab.TENSOR)).isTrue();
        assertThat(groups.isShown(Tab.RULES)).isTrue();
        for (var tab : Set.of(Tab.WHY, Tab.PREVIEW, Tab.VERIFY)) {
            groups.move(tab);
        }
        assertThat(groups.canMove(Tab.TENSOR)).isFalse();
        groups.move(Tab.TENSOR);
        assertThat(groups.tabs(false)).containsExactly(Tab.TENSOR);
        groups.move(Tab.RULES);
        assertThat(groups.left().get()).isEqualTo(Tab.RULES);
    }

    @Test
    void a_place_that_no_file_can_have_is_no_place() {
        var model = new ExportModel(session);
        session.open(TINY.resolve("openai-tf"), "gpt2/scratch-split");
        session.acceptAll();
        model.place().set(folder.resolve("out") + "\0.safetensors");
        assertThat(model.missing()).isEqualTo("export.noPlace");
        model.run();
        assertThat(session.written().get()).isEmpty();
    }

    @Test
    void nothing_is_overwritten_before_the_disk_has_said_what_is_there() throws Exception {
        var disk = new ArrayDeque<Runnable>();
        var slow = new Session(new Tasks(disk::add, Runnable::run), Locale.ENGLISH);
        slow.open(TINY.resolve("openai-tf"), "gpt2/scratch-split");
        Runnable work = () -> {
            while (!disk.isEmpty()) {
                disk.remove().run();
            }
        };
        work.run();
        var model = new ExportModel(slow);
        work.run();
        var mine = Files.writeString(folder.resolve("table.tsv"), "mine");
        model.what().set(What.TABLE);
        model.place().set(mine.toString());
        assertThat(model.taken().get()).as("nobody knows yet, and nobody waits for it").isFalse();
        model.run();
        work.run();
        assertThat(mine).hasContent("mine");
        assertThat(slow.trouble().get().code()).isEqualTo(weft.io.Code.EXISTS);
        assertThat(model.missing()).isEqualTo("export.taken");
        model.replace().set(true);
        model.run();
        work.run();
        assertThat(Files.readString(mine)).startsWith("Source tensor");
    }

    @Test
    void export_says_what_is_missing_and_asks_before_it_replaces() throws Exception {
        var model = new ExportModel(session);
        session.open(TINY.resolve("openai-tf"), "gpt2/scratch-split");
        model.place().set(folder.resolve("out").toString());
        assertThat(model.missing()).isEqualTo("export.incomplete");
        session.acceptAll();
        assertThat(model.missing()).isEmpty();
        model.what().set(What.FOLDER);
        Files.createDirectories(folder.resolve("out"));
        Files.writeString(folder.resolve("out/old.txt"), "old");
        model.place().set("");
        model.place().set(folder.resolve("out").toString());
        assertThat(model.missing()).isEqualTo("export.taken");
        model.run();
        assertThat(session.written().get()).as("nothing happens before the answer").isEmpty();
        model.replace().set(true);
        model.shard().set("x");
        assertThat(model.missing()).isEqualTo("export.badShard");
        model.shard().set("");
        model.run();
        assertThat(session.written().get()).isEqualTo(folder.resolve("out").toString());
        assertThat(Workspace.open(folder.resolve("out"), weft.io.Progress.NONE).source().dialect())
                .isEqualTo("gpt2/scratch-split");
    }

    @Test
    void a_type_and_small_files_are_what_was_asked_for() throws Exception {
        var model = new ExportModel(session);
        session.open(TINY.resolve("openai-tf"), "gpt2/hf");
        session.acceptAll();
        model.place().set(folder.resolve("half.safetensors").toString());
        model.type().set(weft.tensor.DType.BF16);
        model.run();
        var half = Workspace.open(folder.resolve("half.safetensors"), weft.io.Progress.NONE);
        assertThat(half.source().tensors()).allSatisfy(t -> assertThat(t.dtype()).isEqualTo(weft.tensor.DType.BF16));
        model.what().set(What.TABLE);
        model.place().set(folder.resolve("t.tsv").toString());
        model.run();
        assertThat(Files.readString(folder.resolve("t.tsv"))).startsWith("Source tensor\t");
    }

    @Test
    void two_checkpoints_are_held_against_each_other_by_name() throws Exception {
        session.open(TINY.resolve("hf-linear"));
        var model = new DiffModel(session);
        model.run(TINY.resolve("trap-hf-linear"));
        var found = model.found().get();
        assertThat(found.onlyHere()).containsExactly("lm_head.weight");
        assertThat(found.onlyThere()).isEmpty();
        assertThat(found.moved()).extracting(m -> m.name()).containsExactlyInAnyOrder(
                "transformer.h.0.attn.c_proj.weight", "transformer.h.1.attn.c_proj.weight");
        assertThat(found.moved().getFirst().found().relative())
                .isGreaterThanOrEqualTo(found.moved().getLast().found().relative());
        assertThat(found.same() + 2 + 1).isEqualTo(session.workspace().get().source().tensors().size());
        model.run(TINY.resolve("hf"));
        assertThat(model.found().get().moved()).anySatisfy(m -> assertThat(m.found()).isNull());
        session.acceptAll();
        assertThat(model.found().get()).as("rules change nothing in the file").isNotNull();
    }

    @Test
    void pasted_text_is_rules_or_pairs_of_names() {
        var pasted = PastedRules.of("""
                # names
                model/h0/ln_1/g\tblocks.0.norm1.scale
                "model/wte", "tok_emb.weight",
                a.b -> c.d
                model/wpe => pos_emb.weight
                This is a sentence, nothing more.
                size mismatch
                """);
        assertThat(pasted.rules().stream().map(Workspace::text)).containsExactly(
                "model/h0/ln_1/g => blocks.0.norm1.scale", "model/wte => tok_emb.weight", "a.b => c.d",
                "model/wpe => pos_emb.weight");
        assertThat(pasted.left()).isEqualTo(2);
    }

    @Test
    void a_pair_of_names_takes_the_ops_weft_would_suggest_for_it() throws Exception {
        var workspace = Workspace.open(TINY.resolve("openai-tf"), weft.io.Progress.NONE).withTarget(
                "gpt2/scratch-split",
                weft.io.Progress.NONE);
        var made = PastedRules.of("""
                model/h0/attn/c_proj/w\ttrf_blocks.0.att.out_proj.weight
                model/h0/ln_1/g trf_blocks.0.norm1.scale
                model/h1/ln_1/g trf_blocks.0.norm1.shift
                model/h1/attn/c_proj/w => trf_blocks.1.att.out_proj.weight
                """).in(workspace);
        assertThat(made.stream().map(Workspace::text)).containsExactly(
                "model/h0/attn/c_proj/w : rearrange \"1 o d -> d o\" => trf_blocks.0.att.out_proj.weight",
                "model/h0/ln_1/g => trf_blocks.0.norm1.scale", "model/h1/ln_1/g => trf_blocks.0.norm1.shift",
                "model/h1/attn/c_proj/w => trf_blocks.1.att.out_proj.weight");
    }

    @Test
    void an_own_png_is_read_by_the_jdk() throws Exception {
        var image = new javafx.scene.image.WritableImage(3, 2);
        image.getPixelWriter().setArgb(2, 1, 0x80ff4020);
        image.getPixelWriter().setArgb(0, 0, 0xff010203);
        var read = javax.imageio.ImageIO.read(new java.io.ByteArrayInputStream(Png.of(image)));
        assertThat(read.getWidth()).isEqualTo(3);
        assertThat(read.getHeight()).isEqualTo(2);
        assertThat(read.getRGB(2, 1)).isEqualTo(0x80ff4020);
        assertThat(read.getRGB(0, 0)).isEqualTo(0xff010203);
        assertThat(read.getRGB(1, 1)).isZero();
    }
}
