package weft.infer;

import java.util.List;

/** Every implementation there is: what holds for one has to hold for all. */
final class AllKernels {
    private AllKernels() {
    }

    static List<Kernels> list() {
        return List.of(Kernels.reference(), Kernels.threads(1), Kernels.threads(3));
    }
}
