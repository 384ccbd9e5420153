package weft.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class WarmUpTest {
    @Test
    void the_products_it_runs_are_those_of_the_models() {
        assertThat(WarmUp.run(Kernels.threads(1), 2)).isCloseTo(WarmUp.run(Kernels.reference(), 2), within(1e-4f));
    }
}
