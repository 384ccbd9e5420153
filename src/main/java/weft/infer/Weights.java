package weft.infer;

import weft.io.CheckpointException;
import weft.tensor.TensorData;

/**
 * Where a model's weights come from, by role: a plan binds a family's roles to the tensors that feed them, rules
 * applied. Each role is a view in the family's own order of axes, outermost first, whatever the file's order is; a
 * transposed file is a view with other strides, and the kernels run in its layout.
 */
public interface Weights {
    /**
     * The tensor of a role; the view stays valid as long as somebody holds it.
     *
     * @throws CheckpointException if it can't be read
     */
    TensorData role(String role) throws CheckpointException;

    /** Whether something feeds this role; what a role that nothing feeds means is written where it is used. */
    boolean has(String role);

    /**
     * Whether values are taken as they are: somebody has looked at them already, or wants to see what they do. Else
     * loading refuses what isn't a finite number.
     */
    default boolean areTrusted() {
        return false;
    }

    /** The same, taken as they are. */
    default Weights trusted() {
        var all = this;
        return new Weights() {
            @Override
            public TensorData role(String role) throws CheckpointException {
                return all.role(role);
            }

            @Override
            public boolean has(String role) {
                return all.has(role);
            }

            @Override
            public boolean areTrusted() {
                return true;
            }
        };
    }
}
