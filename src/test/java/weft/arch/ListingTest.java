package weft.arch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import weft.io.CheckpointException;
import weft.io.Code;

/** Listings as PyTorch, transformers and TensorFlow printed them (fixtures/make_logs.py). */
class ListingTest {
    private static final Path LISTINGS = Path.of("src/test/resources/fixtures/listings");

    private static Listing read(String file) throws Exception {
        return Listing.parse(Files.readAllBytes(LISTINGS.resolve(file)), file).orElseThrow();
    }

    private static List<String> lines(Listing listing) {
        return listing.entries().stream().map(e -> e.name() + " " + e.shape()).toList();
    }

    private static List<String> parsed(String text) throws Exception {
        return Listing.parse(text, "text").map(ListingTest::lines).orElse(List.of());
    }

    @Test
    void every_kind_of_module_pytorch_prints_has_the_parameters_of_its_state_dict() throws Exception {
        var listing = read("print-zoo.txt");
        assertThat(listing.kind()).isEqualTo(Listing.Kind.MODULE);
        assertThat(listing.opaque()).isEmpty();
        assertThat(lines(listing))
                .containsExactlyInAnyOrderElementsOf(Files.readAllLines(LISTINGS.resolve("print-zoo-state.txt")));
        assertThat(listing.entries().stream().filter(Listing.Entry::buffer).map(Listing.Entry::name))
                .containsExactly("bn.running_mean", "bn.running_var", "bn.num_batches_tracked");
    }

    @ParameterizedTest
    @ValueSource(strings = {"hf", "linear"})
    void a_printed_model_names_what_named_parameters_names(String model) throws Exception {
        var printed = new java.util.ArrayList<>(lines(read("print-" + model + ".txt")));
        var named = lines(read("named-parameters-" + model + ".txt"));
        assertThat(printed).containsAll(named);
        printed.removeAll(named);
        // transformers ties the head, so named_parameters() leaves it out.
        assertThat(printed).isEqualTo(model.equals("hf") ? List.of("lm_head.weight [61, 24]") : List.of());
    }

    @Test
    void a_module_without_arguments_is_named_as_one_nothing_is_known_of() throws Exception {
        assertThat(read("print-scratch.txt").opaque()).containsExactly("trf_blocks.0.norm1", "trf_blocks.0.norm2",
                "trf_blocks.1.norm1", "trf_blocks.1.norm2", "final_norm");
        assertThat(read("print-llama.txt").opaque()).isEmpty();
    }

    @Test
    void list_variables_reads_the_same_as_a_list_and_line_by_line() throws Exception {
        var list = read("list-variables.txt");
        assertThat(list.entries()).hasSize(28).isEqualTo(read("list-variables-lines.txt").entries());
        assertThat(lines(list)).contains("model/h0/attn/c_attn/w [1, 24, 72]", "model/ln_f/g [24]");
    }

    @Test
    void keys_are_names_without_shapes() throws Exception {
        var keys = read("state-dict-keys.txt");
        assertThat(keys.kind()).isEqualTo(Listing.Kind.NAMES);
        assertThat(keys.entries()).hasSize(39).allMatch(e -> e.shape() == null);
    }

    @ParameterizedTest
    @ValueSource(strings = {"fc1.weight torch.Size([3, 4])\nfc1.bias torch.Size([3])",
        "fc1.weight [3, 4]\nfc1.bias [3]",
        "fc1.weight: (3, 4)\nfc1.bias: (3,)", "fc1.weight\t3x4\nfc1.bias\t[3]", "fc1.weight 3 4\nfc1.bias 3",
        "fc1.weight 3,4\nfc1.bias 3", "| fc1.weight | [3, 4] |\n| fc1.bias | [3] |",
        "1 fc1.weight torch.Size([3, 4])\n2 fc1.bias torch.Size([3])", "• fc1.weight （3，4）\n• fc1.bias （3，）",
        "fc1.weight torch.Size([3, 4]) fc1.bias torch.Size([3])",
        "\u001B[1mfc1.weight\u001B[0m F32 [3, 4]\nfc1.bias F32 [3]",
        "Parameter (name=fc1.weight, shape=(3, 4), dtype=Float32, requires_grad=True)\nParameter (name=fc1.bias, shape=(3,), dtype=Float32)",
        "> fc1.weight torch.float32 torch.Size([3, 4])\n> fc1.bias torch.float32 torch.Size([3])",
        "('fc1.weight', torch.Size([3, 4])), ('fc1.bias', torch.Size([3]))",
        "Parameters of the model\nfc1.weight  [3, 4]\nfc1.bias  [3]"})
    void shapes_are_read_in_every_way_people_write_them(String text) throws Exception {
        assertThat(parsed(text)).containsExactly("fc1.weight [3, 4]", "fc1.bias [3]");
    }

    @Test
    void a_scalar_and_a_number_as_a_first_segment_are_names_like_others() throws Exception {
        assertThat(parsed("0.weight torch.Size([16, 8])\n0.num_batches_tracked torch.Size([])"))
                .containsExactly("0.weight [16, 8]", "0.num_batches_tracked []");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "hello", "This is a text about weights.\nIt has two lines.",
        "../models/model.safetensors",
        "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345",
        "<html><body>Not found</body></html>",
        "model_checkpoint_path: \"model.ckpt\"\nall_model_checkpoint_paths: \"model.ckpt\""})
    void what_is_no_listing_is_none(String text) throws Exception {
        assertThat(Listing.parse(text, "text")).isEmpty();
    }

    @Test
    void bytes_that_are_no_text_are_no_listing() throws Exception {
        assertThat(Listing.parse(new byte[]{(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'}, "a.npy")).isEmpty();
        var utf16 = "\uFEFFa.weight [3]\nb.weight [4]".getBytes(StandardCharsets.UTF_16LE);
        assertThat(Listing.parse(utf16, "a.txt").orElseThrow().entries()).hasSize(2);
    }

    @Test
    void what_weft_inspect_prints_as_json_is_a_listing() throws Exception {
        var json = "{\"tensors\": [{\"name\": \"a.weight\", \"dtype\": \"F32\", \"shape\": [3, 4], \"bytes\": 48}]}";
        assertThat(Listing.parse(json, "a.json").map(ListingTest::lines).orElseThrow())
                .containsExactly("a.weight [3, 4]");
        assertThat(Listing.parse("{\"n_embd\": 768}", "config.json")).isEmpty();
    }

    @Test
    void a_text_that_claims_too_much_is_refused() throws Exception {
        assertThatThrownBy(() -> Listing.parse(
                "Net(\n  (h): ModuleList(\n    (0-4999999): 5000000 x Linear(in_features=1, out_features=1)\n  )\n)",
                "t"))
                .isInstanceOfSatisfying(CheckpointException.class,
                        e -> assertThat(e.problem().code()).isEqualTo(Code.LIMIT));
        assertThat(Listing.parse("Net(\n  (h): ModuleList(\n    (0-9999999): 10000000 x Identity()\n  )\n)", "t"))
                .as("nothing, however often").isEmpty();
        assertThatThrownBy(() -> Listing.parse("Net(" + "(a): Net(".repeat(5000), "t"))
                .isInstanceOfSatisfying(CheckpointException.class,
                        e -> assertThat(e.problem().code()).isEqualTo(Code.LIMIT));
        assertThat(ShapeText.parse("[" + "9".repeat(40) + "]")).isNull();
        assertThat(ShapeText.parse("[999999999999, 999999999999]")).isNull();
    }
}
