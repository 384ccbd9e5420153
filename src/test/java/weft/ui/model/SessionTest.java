package weft.ui.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import weft.io.Code;
import weft.io.Problem;
import weft.rule.Rule;
import weft.tensor.DType;
import weft.work.ConvertRequest;

/** What a person does while something else is still on its way. */
class SessionTest {
    private static final Path TINY = Path.of("src/test/resources/fixtures/gpt2-tiny");
    @TempDir
    Path folder;
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private final Session session = new Session(new Tasks(waiting::add, Runnable::run), Locale.ENGLISH);

    @BeforeEach
    void open() {
        session.open(TINY.resolve("openai-tf"), "gpt2/scratch-split");
        work();
    }

    private void work() {
        while (!waiting.isEmpty()) {
            waiting.poll().run();
        }
    }

    private Rule first() {
        return session.suggested().getFirst();
    }

    private Rule second() {
        return session.suggested().get(1);
    }

    @Test
    void two_edits_in_quick_succession_both_count() {
        var one = first();
        var two = second();
        session.accept(one);
        session.accept(two);
        work();
        assertThat(session.accepted()).containsExactlyInAnyOrder(one, two);
        session.undo();
        assertThat(session.accepted()).as("each is undone by itself").containsExactly(one);
    }

    @Test
    void an_edit_and_a_target_chosen_at_once_both_count() {
        var one = first();
        session.accept(one);
        session.chooseTarget("gpt2/hf");
        session.chooseTarget("gpt2/hf-linear");
        work();
        assertThat(session.workspace().get().targetText()).isEqualTo("gpt2/hf-linear");
        assertThat(session.accepted()).containsExactly(one);
        session.undo();
        assertThat(session.workspace().get().targetText()).as("the one in between was never there")
                .isEqualTo("gpt2/scratch-split");
    }

    @Test
    void an_edit_that_fails_leaves_the_others() {
        var one = first();
        session.chooseTarget("no/such-target");
        session.accept(one);
        work();
        assertThat(session.accepted()).containsExactly(one);
        assertThat(session.trouble().get()).isNotNull();
    }

    @Test
    void undo_takes_back_what_is_still_on_its_way() {
        var one = first();
        session.accept(one);
        session.accept(second());
        session.undo();
        work();
        assertThat(session.accepted()).containsExactly(one);
        session.acceptAll();
        session.undo();
        work();
        assertThat(session.accepted()).containsExactly(one);
    }

    @Test
    void what_was_edited_before_another_file_came_does_not_come_back() {
        session.open(TINY.resolve("hf"));
        session.accept(first());
        session.prove();
        var opening = waiting.poll();
        var editing = waiting.poll();
        var proving = waiting.poll();
        opening.run();
        editing.run();
        proving.run();
        work();
        assertThat(session.workspace().get().source().path()).isEqualTo(TINY.resolve("hf"));
        assertThat(session.undoName().get()).isEmpty();
    }

    @Test
    void a_proof_takes_nothing_back_that_was_edited_meanwhile() {
        var one = first();
        session.prove();
        var proving = waiting.poll();
        session.accept(one);
        work();
        proving.run();
        work();
        assertThat(session.accepted()).containsExactly(one);
        assertThat(session.proof().get()).as("and it is made of what is open now").isNotNull();
    }

    @Test
    void a_proof_that_ends_first_leaves_the_edit_its_turn() {
        var one = first();
        session.prove();
        session.accept(one);
        work();
        assertThat(session.accepted()).containsExactly(one);
        assertThat(session.proof().get()).isNotNull();
    }

    @Test
    void small_files_are_written_while_a_large_one_is() throws Exception {
        session.acceptAll();
        work();
        var large = folder.resolve("model.safetensors");
        session.export(new ConvertRequest(large, false, null, null, 0, true, false));
        session.write(folder.resolve("table.tsv"), false, _ -> "x".getBytes(StandardCharsets.UTF_8));
        work();
        assertThat(large).exists();
        assertThat(folder.resolve("table.tsv")).hasContent("x");
    }

    @Test
    void rules_that_come_first_wait_for_their_checkpoint() throws Exception {
        var one = first();
        var file = Files.writeString(folder.resolve("mine.weft"), weft.work.Workspace.text(one) + "\n");
        session.close();
        session.openRules(file);
        assertThat(session.waitingRules().get()).isEqualTo(file);
        session.open(TINY.resolve("openai-tf"), "gpt2/scratch-split");
        work();
        assertThat(session.accepted()).containsExactly(one);
        assertThat(session.undoName().get()).isEqualTo("Rules from mine.weft");
        assertThat(session.waitingRules().get()).isNull();
    }

    @Test
    void all_that_an_export_warns_of_is_told() throws Exception {
        var header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
                + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}";
        var bytes = ByteBuffer.allocate(8 + header.length() + 8).order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length()).put(header.getBytes(StandardCharsets.UTF_8)).putFloat(1e6f).putFloat(-1e6f);
        var large = Files.write(folder.resolve("large.safetensors"), bytes.array());
        session.open(large, large.toString());
        work();
        session.export(
                new ConvertRequest(folder.resolve("half.safetensors"), false, null, DType.F16, 0, true, false));
        work();
        assertThat(session.troubles().get()).extracting(Problem::code, Problem::field).containsExactly(
                tuple(Code.W_OVERFLOW, "a"), tuple(Code.W_OVERFLOW, "b"));
        assertThat(session.trouble().get()).isEqualTo(session.troubles().get().getFirst());
    }

    @Test
    void what_was_closed_is_not_kept() {
        session.acceptAll();
        work();
        session.close();
        assertThat(session.undoName().get()).isEmpty();
        session.undo();
        assertThat(session.workspace().get()).isNull();
    }
}
