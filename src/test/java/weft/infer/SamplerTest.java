package weft.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

import weft.io.CheckpointException;
import weft.io.Code;

class SamplerTest {
    private static final int[] NOTHING = {};

    @Test
    void greedy_takes_the_largest_and_of_equal_ones_the_first() throws CheckpointException {
        assertThat(new Sampler(Sampling.GREEDY).next(new float[]{-1, 3, 3, 2}, NOTHING)).isEqualTo(1);
    }

    @Test
    void frequencies_are_the_probabilities_of_the_softmax() throws CheckpointException {
        float[] logits = {1, 0, 2, -1, 0.5f};
        double temperature = 0.7;
        var p = Sampler.probabilities(logits, temperature);
        var sampler = new Sampler(new Sampling(temperature, 0, 1, 1, 42));
        var counts = new double[5];
        int draws = 200_000;
        for (int i = 0; i < draws; i++) {
            counts[sampler.next(logits, NOTHING)]++;
        }
        for (int id = 0; id < 5; id++) {
            // five standard deviations
            assertThat(counts[id] / draws).isCloseTo(p[id], within(5 * Math.sqrt(p[id] * (1 - p[id]) / draws)));
        }
    }

    @Test
    void the_generator_is_the_documented_one() {
        // u from three rounds of SplitMix64's finaliser, by hand with Python's integers: seed 7, step 0 and 1, id 3
        assertThat(Sampler.noise(7, 0, 3)).isCloseTo(-1.1678032405443577, within(1e-12));
        assertThat(Sampler.noise(7, 1, 3)).isCloseTo(0.2893407632066576, within(1e-12));
    }

    @Test
    void top_k_and_top_p_bound_what_may_come() throws CheckpointException {
        float[] logits = {0, 5, 4, 3, -2, 5};
        var k = new Sampler(new Sampling(5, 2, 1, 1, 1));
        var p = new Sampler(new Sampling(1, 0, 0.5, 1, 1));
        for (int i = 0; i < 500; i++) {
            assertThat(k.next(logits, NOTHING)).isIn(1, 5);
            assertThat(p.next(logits, NOTHING)).isIn(1, 5); // 0.39 each
        }
        assertThat(Sampler.top(logits, 3)).containsExactly(1, 5, 2);
        assertThat(Sampler.top(logits, 99)).containsExactly(1, 5, 2, 3, 0, 4);
    }

    @Test
    void the_repetition_penalty_makes_what_was_said_less_likely() throws CheckpointException {
        var sampler = new Sampler(new Sampling(0, 0, 1, 2, 0));
        assertThat(sampler.next(new float[]{3, 2, -5}, new int[]{0, 0})).isEqualTo(1);
        assertThat(sampler.next(new float[]{-3, -4, -9}, new int[]{0})).isEqualTo(1);
        assertThat(sampler.next(new float[]{3, 2, -5}, NOTHING)).isZero();
    }

    @Test
    void a_logit_that_is_no_number_is_refused() {
        assertThatThrownBy(() -> new Sampler(Sampling.GREEDY).next(new float[]{1, Float.NaN}, NOTHING))
                .isInstanceOfSatisfying(CheckpointException.class, e -> {
                    assertThat(e.code()).isEqualTo(Code.NOT_FINITE);
                    assertThat(e.problem().field()).isEqualTo("logits[1]");
                });
    }

    @Test
    void settings_outside_their_range_are_refused() {
        assertThatThrownBy(() -> new Sampling(Double.NaN, 0, 1, 1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Sampling(-1, 0, 1, 1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Sampling(1, 0, 0, 1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Sampling(1, 0, 1, 0, 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
