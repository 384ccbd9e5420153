package weft.ui.tree;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import weft.io.CheckpointException;
import weft.io.Progress;
import weft.plan.Plan;
import weft.plan.Status;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorInfo;
import weft.work.Workspace;

class OutlineTest {
    private static final Path ODD = Path.of("src/test/resources/fixtures/gpt2-odd/openai-tf");

    private static Workspace workspace() throws CheckpointException {
        return Workspace.open(ODD, Progress.NONE).withTarget("gpt2/scratch-split", Progress.NONE);
    }

    private static List<Item> outline(Plan plan) {
        return Outline.of(plan, _ -> true, _ -> true);
    }

    private static String line(Lines.Line line) {
        var item = line.item();
        return " ".repeat(line.depth()) + item.source().faint() + item.source().text() + " | " + item.target().text();
    }

    @Test
    void blocks_that_are_alike_are_one_line() throws CheckpointException {
        var lines = new Lines();
        lines.show(outline(workspace().plan().orElseThrow()));
        int blocks = (int) workspace().source().tensors().stream().filter(t -> t.name().endsWith("attn/c_attn/w"))
                .count();
        assertThat(lines.lines()).extracting(OutlineTest::line).anySatisfy(l -> assertThat(l).isEqualTo(
                "model/h{0" + (blocks == 2 ? "," : "…") + (blocks - 1) + "} | trf_blocks.{0" + (blocks == 2 ? "," : "…")
                        + (blocks - 1) + "}"));
        var fold = lines.lines().stream().map(Lines.Line::item).filter(i -> i.kind() == Item.Kind.FOLD).findFirst()
                .orElseThrow();
        assertThat(fold.tag()).isEqualTo(new Item.Tag(Item.Tag.What.ALL, blocks, "", List.of()));
        lines.toggle(fold);
        assertThat(lines.lines()).extracting(OutlineTest::line).contains("model/h0 | trf_blocks.0", " attn | att",
                " ln_1 | norm1", " mlp | ff");
        lines.reveal("trf_blocks.0.att.W_key.weight");
        assertThat(lines.lines()).extracting(OutlineTest::line).contains("  c_attn/w | W_{query,key,value}.weight",
                "  c_proj/w | out_proj.weight");
    }

    @Test
    void blocks_with_an_adapter_that_are_alike_are_one_line_too() throws CheckpointException {
        var fixtures = Path.of("src/test/resources/fixtures");
        var merged = weft.work.Guided.withAdapter(Workspace.open(fixtures.resolve("gpt2-tiny/hf"), Progress.NONE),
                fixtures.resolve("lora/gpt2"), Progress.NONE);
        assertThat(outline(merged.plan().orElseThrow())).filteredOn(i -> i.kind() == Item.Kind.FOLD)
                .extracting(Item::tag).containsExactly(new Item.Tag(Item.Tag.What.ALL, 2, "", List.of()));
    }

    @Test
    void a_block_that_differs_stands_beside_the_fold() throws CheckpointException {
        var workspace = workspace();
        var row = workspace.plan().orElseThrow().row("trf_blocks.1.att.out_proj.weight").orElseThrow();
        var lines = new Lines();
        var accepted = workspace.acceptOnly(List.of(row));
        lines.show(outline(accepted.plan().orElseThrow()));
        assertThat(accepted.plan().orElseThrow().count(Status.BY_RULE)).isEqualTo(1);
        assertThat(lines.lines()).extracting(OutlineTest::line).contains("model/h1 | trf_blocks.1");
    }

    @Test
    void every_parameter_is_in_exactly_one_line() throws CheckpointException {
        var plan = workspace().plan().orElseThrow();
        var rows = outline(plan).stream().flatMap(i -> i.rows().stream()).toList();
        assertThat(rows).hasSameSizeAs(plan.rows()).doesNotHaveDuplicates().containsAll(plan.rows());
        var leaves = new ArrayList<String>();
        outline(plan).forEach(i -> collect(i, leaves));
        assertThat(leaves).doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(plan.rows().stream().map(r -> r.target().name()).toList());
    }

    private static void collect(Item item, List<String> names) {
        if (item.kind() == Item.Kind.RELATION) {
            item.rows().forEach(r -> names.add(r.target().name()));
        } else {
            item.children().forEach(c -> collect(c, names));
        }
    }

    @Test
    void a_filter_keeps_what_it_accepts() throws CheckpointException {
        var plan = workspace().plan().orElseThrow();
        var hidden = Outline.of(plan, weft.plan.Row::hidden, _ -> false);
        assertThat(hidden.stream().flatMap(i -> i.rows().stream()).toList()).hasSize((int) plan.hidden())
                .allSatisfy(r -> assertThat(r.hidden()).isTrue());
    }

    @Test
    void a_hundred_thousand_tensors_fold_to_one_line() {
        var tensors = IntStream.range(0, 10_000).boxed().flatMap(i -> IntStream.range(0, 10)
                .mapToObj(j -> new TensorInfo("model.layers." + i + ".part.w" + j, DType.F32, Shape.of(4, 8), 128)))
                .toList();
        var lines = new Lines();
        lines.show(Outline.of(tensors, _ -> true, _ -> true));
        assertThat(lines.lines()).hasSize(1);
        assertThat(lines.lines().getFirst().item().source().text()).contains("{0…9999}");
        assertThat(lines.lines().getFirst().item().tensors()).hasSize(100_000);
    }

    @Test
    void a_block_is_called_what_the_file_calls_it() {
        var lines = new Lines();
        lines.show(Outline.of(IntStream.range(0, 12).boxed().flatMap(i -> Stream.of("attn.w", "mlp.w")
                .map(n -> new TensorInfo(String.format(Locale.ROOT, "net.layer%02d.%s", i, n), DType.F32,
                        Shape.of(2, 2), 16)))
                .toList(), _ -> true, _ -> true));
        lines.items().forEach(lines::openAll);
        assertThat(lines.lines()).extracting(OutlineTest::line).map(String::strip).contains("net.layer00 |",
                "attn.w |", "mlp.w |").noneMatch(l -> l.startsWith("net.layer0 "));
    }

    @Test
    void a_query_combines_words_and_terms() throws CheckpointException {
        var plan = workspace().plan().orElseThrow();
        var query = Query.parse("attn is:hidden dtype:f32");
        assertThat(query.terms()).containsExactly("attn", "is:hidden", "dtype:f32");
        assertThat(plan.rows().stream().filter(query::accepts).toList()).hasSize((int) plan.hidden());
        var shape = plan.rows().getFirst().target().shape();
        var byShape = Query.parse("shape:[*, " + shape.dim(1) + "]");
        assertThat(byShape.terms()).hasSize(1);
        assertThat(byShape.accepts(plan.rows().getFirst())).isTrue();
        assertThat(Query.parse("dtype:bf16").accepts(plan.rows().getFirst())).isFalse();
        assertThat(Query.parse(">1GB").accepts(plan.rows().getFirst())).isFalse();
    }

    @Test
    void eleven_alike_and_one_that_differs_is_never_folded_away() {
        var tensors = IntStream.range(0, 12).boxed().flatMap(i -> IntStream.range(0, 3)
                .mapToObj(j -> new TensorInfo("model/h" + i + "/part/w" + j, DType.F32,
                        i == 7 && j == 1 ? Shape.of(9, 9) : Shape.of(4, 8), 128)))
                .toList();
        var lines = new Lines();
        lines.show(Outline.of(tensors, _ -> true, _ -> true));
        var items = lines.lines().stream().map(Lines.Line::item).toList();
        assertThat(items).hasSize(2);
        assertThat(items.getFirst().tag())
                .isEqualTo(new Item.Tag(Item.Tag.What.SOME, 11, "", List.of("h7")));
        assertThat(items.getFirst().source().text()).isEqualTo("h{0…6,8…11}");
        assertThat(items.get(1).source().text()).isEqualTo("h7");
        assertThat(items.get(1).tag().what()).isEqualTo(Item.Tag.What.ODD);
    }

    @Test
    void the_odd_one_stands_in_its_place() {
        var tensors = IntStream.range(0, 4).boxed().flatMap(i -> IntStream.range(0, 2)
                .mapToObj(j -> new TensorInfo("model/h" + i + "/part/w" + j, DType.F32,
                        i == 0 && j == 1 ? Shape.of(9, 9) : Shape.of(4, 8), 128)))
                .toList();
        var lines = new Lines();
        lines.show(Outline.of(tensors, _ -> true, _ -> true));
        assertThat(lines.lines()).extracting(l -> l.item().source().text()).containsExactly("h0", "h{1…3}");
    }

    private static List<String> shown(List<String> names, DType... types) {
        var tensors = IntStream.range(0, names.size())
                .mapToObj(i -> new TensorInfo(names.get(i), types[i * types.length / names.size()], Shape.of(4), 16))
                .toList();
        var lines = new Lines();
        lines.show(Outline.of(tensors, _ -> true, _ -> true));
        return lines.lines().stream().map(l -> l.item().source().text()).toList();
    }

    @Test
    void what_a_writer_sorted_by_letters_is_shown_as_people_count() {
        assertThat(shown(List.of("conv1", "conv10", "conv2"), DType.F32)).containsExactly("conv1", "conv2", "conv10");
        assertThat(
                shown(List.of("b10", "b2", "a1", "a10", "a2"), DType.F16, DType.F32, DType.F32, DType.F32, DType.F32))
                .as("b and a aren't in the alphabet's order").containsExactly("b10", "b2", "a1", "a10", "a2");
        assertThat(shown(List.of("b10", "b2", "a1", "a10"), DType.F16, DType.F32))
                .as("sorted within each type").containsExactly("a1", "a10", "b2", "b10");
        assertThat(
                shown(List.of("h.0.w", "h.1.w", "h.10.w", "h.2.w", "h.3.w", "h.4.w", "h.5.w", "h.6.w", "h.7.w", "h.8.w",
                        "h.9.w"), DType.F32))
                .containsExactly("{0…10}");
        assertThat(shown(List.of("wte", "h.1.w", "h.0.w", "ln_f"), DType.F32)).as("the file's own order")
                .containsExactly("wte", "h.{0,1}", "ln_f");
    }

    @Test
    void words_find_names_forgivingly_but_not_everything() {
        assertThat(Query.names("cattn", "model/h0/attn/c_attn/w")).isTrue();
        assertThat(Query.names("outproj", "trf_blocks.0.att.out_proj.weight")).isTrue();
        assertThat(Query.names("wieght", "out_proj.weight")).as("two letters changed about").isTrue();
        assertThat(Query.names("wieghd", "out_proj.weight")).as("and one wrong").isFalse();
        assertThat(Query.names("weigt", "out_proj.weight")).isTrue();
        assertThat(Query.names("mlp", "model/h0/attn/c_attn/w")).isFalse();
        assertThat(Query.names("nowhere", "model/h0/attn/c_attn/w")).isFalse();
    }
}
