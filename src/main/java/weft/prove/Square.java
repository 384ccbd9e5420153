package weft.prove;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

import weft.arch.Dialect;
import weft.io.CheckpointException;
import weft.plan.Plan;
import weft.tensor.TensorData;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/**
 * A matrix whose shape can't tell which way round it is.
 *
 * @param role the one role it holds
 * @param pattern of names that it shares with the other layers
 */
record Square(String tensor, String role, String pattern) {

    /** Those of a source that is a target of its own. */
    static List<Square> of(Plan plan) {
        var squares = new ArrayList<Square>();
        for (var row : plan.rows()) {
            var bound = row.target().bound();
            var shape = row.target().shape().squeezed();
            if (bound != null && bound.roles().size() == 1 && bound.entry().presence() != Dialect.Presence.BUFFER
                    && row.status().isReady() && shape.rank() == 2 && shape.dim(0) == shape.dim(1)) {
                squares.add(new Square(row.target().name(), bound.roles().getFirst(), bound.pattern().toString()));
            }
        }
        return squares;
    }

    /** The tensors with all squares the other way round. */
    static List<TensorSource> turned(Plan plan, List<TensorSource> tensors) {
        var names = of(plan).stream().map(Square::tensor).collect(Collectors.toSet());
        return tensors.stream().map(t -> names.contains(t.name()) ? new Turned(t) : t).toList();
    }

    /** A square matrix read the other way round; dimensions of 1 stay where they are. */
    private record Turned(TensorSource source) implements TensorSource {
        @Override
        public TensorInfo info() {
            return source.info();
        }

        @Override
        public TensorData read() throws CheckpointException {
            var data = source.read();
            var axes = new int[data.shape().rank()];
            var matrix = new ArrayList<Integer>();
            for (int axis = 0; axis < axes.length; axis++) {
                axes[axis] = axis;
                if (data.shape().dim(axis) != 1) {
                    matrix.add(axis);
                }
            }
            axes[matrix.get(0)] = matrix.get(1);
            axes[matrix.get(1)] = matrix.get(0);
            return data.permute(axes);
        }
    }
}
