package weft.ui.preview;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import weft.io.Code;
import weft.ui.model.Session;
import weft.ui.model.Tasks;
import weft.ui.preview.PreviewModel.State;
import weft.ui.preview.PreviewModel.Which;
import weft.ui.verify.VerifyModel;

/** Two checkpoints of different sizes side by side: each runs with its own configuration and its own tokenizer. */
class BesideModelTest {
    private static final Path FIXTURES = Path.of("src/test/resources/fixtures");
    /** Ids both vocabularies have; the numbers below are transformers' for them, in float64. */
    private static final int[] IDS = {46, 24, 54, 22, 43, 14, 7, 59, 29, 56, 2, 20, 2, 38, 55, 33, 55};
    private static final double TINY_LOSS = 5.565739168120374;
    private static final double ODD_LOSS = 7.532308836172726;
    private static final int TINY_NEXT = 47;
    private static final int ODD_NEXT = 17;
    @TempDir
    Path folder;
    private final Session session = new Session(new Tasks(Runnable::run, Runnable::run), Locale.ENGLISH);
    private final PreviewModel preview = new PreviewModel(session);

    /** Two layers, 24 wide, three heads, with {@code words} tokens of one character each. */
    private Path tiny(int words) throws IOException {
        return with("gpt2-tiny", words, "config.json");
    }

    /** Three layers, 40 wide, five heads. */
    private Path odd(int words) throws IOException {
        return with("gpt2-odd", words, "config.json");
    }

    private Path with(String fixture, int words, String... besides) throws IOException {
        var made = Files.createDirectories(folder.resolve(fixture));
        var from = FIXTURES.resolve(fixture).resolve("hf");
        Files.copy(from.resolve("model.safetensors"), made.resolve("model.safetensors"));
        for (var file : besides) {
            Files.copy(from.resolve(file), made.resolve(file));
        }
        Files.writeString(made.resolve("vocab.json"), IntStream.range(0, words)
                .mapToObj(i -> "\"" + (letter(i) == '"' || letter(i) == '\\' ? "\\" : "") + letter(i) + "\": " + i)
                .collect(Collectors.joining(", ", "{", "}")));
        Files.writeString(made.resolve("merges.txt"), "#version: 0.2\n");
        return made;
    }

    private static char letter(int id) {
        return id < 94 ? (char) ('!' + id) : "ĠĊĉ".charAt(id - 94);
    }

    private static String text(int... ids) {
        return Arrays.stream(ids).mapToObj(i -> "" + letter(i)).collect(Collectors.joining());
    }

    @BeforeEach
    void settings() throws IOException {
        preview.prompt().set(text(IDS));
        preview.count().set(1);
        preview.temperature().set(0);
        preview.measure(Files.writeString(folder.resolve("mine.txt"), text(IDS)));
    }

    @Test
    void each_runs_with_its_own_configuration_on_the_same_text() throws IOException {
        session.open(tiny(61));
        preview.beside(odd(61));
        var mine = preview.after().get();
        var other = preview.before().get();
        assertThat(mine.problem()).isNull();
        assertThat(other.problem()).isNull();
        assertThat(mine.loss()).isCloseTo(TINY_LOSS, within(1e-5));
        assertThat(other.loss()).isCloseTo(ODD_LOSS, within(1e-5));
        assertThat(mine.next().getFirst().id()).isEqualTo(TINY_NEXT);
        assertThat(other.next().getFirst().id()).isEqualTo(ODD_NEXT);
        assertThat(preview.facts(Which.AFTER).get()).satisfies(f -> {
            assertThat(f.layers()).isEqualTo(2);
            assertThat(f.width()).isEqualTo(24);
            assertThat(f.context()).isEqualTo(20);
        });
        assertThat(preview.facts(Which.BEFORE).get()).satisfies(f -> {
            assertThat(f.layers()).isEqualTo(3);
            assertThat(f.width()).isEqualTo(40);
            assertThat(f.context()).isEqualTo(17);
        });
        assertThat(preview.tokens().get().same()).isTrue();
        preview.beside(null);
        assertThat(preview.tokens().get()).isNull();
        assertThat(preview.before().get().state()).isEqualTo(State.IDLE);
    }

    @Test
    void other_tokens_are_said_and_bits_a_byte_compare() throws IOException {
        session.open(tiny(61));
        preview.beside(odd(97));
        var tokens = preview.tokens().get();
        assertThat(tokens.same()).isFalse();
        assertThat(tokens.mine()).isEqualTo(61);
        assertThat(tokens.other()).isEqualTo(97);
        assertThat(tokens.mineTokens()).isEqualTo(IDS.length).isEqualTo(tokens.otherTokens());
        // one byte a token here, and the first follows from nothing
        assertThat(tokens.bitsPerByte(preview.after().get().loss(), true))
                .isCloseTo(TINY_LOSS / Math.log(2) * (IDS.length - 1) / IDS.length, within(1e-5));
    }

    @Test
    void rules_that_are_not_complete_are_left_out_of_the_comparison() throws IOException {
        session.open(tiny(61), "gpt2/scratch-split");
        preview.run();
        assertThat(preview.after().get().problem().code()).isEqualTo(Code.NOT_COMPLETE);
        preview.beside(odd(61));
        assertThat(preview.isBare()).isTrue();
        assertThat(preview.after().get().loss()).isCloseTo(TINY_LOSS, within(1e-5));
        session.acceptAll();
        preview.run();
        assertThat(preview.isBare()).isFalse();
        assertThat(preview.after().get().loss()).isCloseTo(TINY_LOSS, within(1e-5));
    }

    @Test
    void a_number_nobody_said_is_asked_for_on_the_side_that_misses_it() throws IOException {
        session.open(with("gpt2-tiny", 61));
        preview.beside(with("gpt2-odd", 61));
        for (var which : Which.values()) {
            assertThat(preview.side(which).problem().code()).isEqualTo(Code.HYPER_UNKNOWN);
            assertThat(preview.side(which).problem().field()).isEqualTo("n_head");
        }
        preview.number(Which.BEFORE, "n_head", "5");
        preview.number(Which.AFTER, "n_head", "3");
        while (preview.side(Which.AFTER).problem() instanceof weft.io.Problem p && p.code() == Code.HYPER_UNKNOWN) {
            preview.number(Which.AFTER, p.field(), p.field().contains("eps") ? "1e-5" : "gelu_new");
        }
        while (preview.side(Which.BEFORE).problem() instanceof weft.io.Problem p && p.code() == Code.HYPER_UNKNOWN) {
            preview.number(Which.BEFORE, p.field(), p.field().contains("eps") ? "1e-5" : "gelu_new");
        }
        assertThat(preview.after().get().loss()).isCloseTo(TINY_LOSS, within(1e-5));
        assertThat(preview.before().get().loss()).isCloseTo(ODD_LOSS, within(1e-5));
        assertThat(session.undoName().get()).startsWith("Set ");
        session.undo();
        assertThat(session.undoName().get()).doesNotContain("gelu_new");
    }

    @Test
    void models_of_different_sizes_are_not_compared_layer_by_layer() throws IOException {
        var verify = new VerifyModel(session);
        session.open(tiny(61));
        var other = odd(61);
        verify.run(other);
        assertThat(verify.after().get().problem().code()).isEqualTo(Code.OTHER_MODEL);
        verify.run(other.resolveSibling("gpt2-tiny"));
        assertThat(verify.after().get().verification().passed()).isTrue();
    }
}
