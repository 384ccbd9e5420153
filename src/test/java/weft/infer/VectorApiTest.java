package weft.infer;

import static org.assertj.core.api.Assertions.assertThat;

import jdk.incubator.vector.FloatVector;

import org.junit.jupiter.api.Test;

class VectorApiTest {
    @Test
    void isLoadedWithoutBeingNamedWhenTheJvmStarts() {
        assertThat(ModuleLayer.boot().findModule("jdk.incubator.vector")).isEmpty();
        assertThat(VectorApi.isLoaded()).isTrue();
        assertThat(Adding.ones().reduceLanes(jdk.incubator.vector.VectorOperators.ADD)).isEqualTo(4);
    }

    /** A class of its own, so that it is linked after the module is there. */
    private static final class Adding {
        static FloatVector ones() {
            return FloatVector.broadcast(FloatVector.SPECIES_128, 1);
        }
    }
}
