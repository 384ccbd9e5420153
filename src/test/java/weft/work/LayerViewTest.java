package weft.work;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;

import org.junit.jupiter.api.Test;

import weft.io.Progress;

/** The layer trace through the use case, on the built-in sample. */
class LayerViewTest {
    @Test
    void the_last_layer_guesses_what_the_model_says_next() throws Exception {
        var running = Workspace.open(Path.of("src/samples/shipped/hf"), Progress.NONE).run(null);
        var view = LayerView.of(running, "Every effort moves you", -1, 5, Progress.NONE);
        int positions = view.tokens().size();
        assertThat(String.join("", view.tokens())).isEqualTo("Every effort moves you");
        assertThat(view.trace().layers()).hasSize(running.model().layers() + 1);
        var next = running.next(running.prompt("Every effort moves you"), 5);
        assertThat(LayerView.words(running, view.trace().layers().getLast()))
                .isEqualTo(next.stream().map(Running.Candidate::token).toList());
        assertThat(view.trace().next().getFirst().probability()).isCloseTo(next.getFirst().probability(),
                org.assertj.core.data.Offset.offset(1e-6));
        for (var layer : view.trace().layers()) {
            assertThat(layer.norms()).hasSize(positions);
            assertThat(java.util.Arrays.stream(layer.norms()).min().orElseThrow()).isPositive();
            for (var map : layer.attention()) {
                for (int row = 0; row < positions; row++) {
                    double sum = 0;
                    for (int at = 0; at < positions; at++) {
                        sum += map.get(row, at);
                    }
                    assertThat(sum).isCloseTo(1, org.assertj.core.data.Offset.offset(1e-5));
                }
            }
        }
    }
}
