package weft.plan;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

import weft.arch.Family;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.SourceFile;
import weft.rule.CastLoss;
import weft.rule.Rule;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorData;
import weft.tensor.TensorSource;

/**
 * Makes the values a plan promises, one parameter at a time, reading a source tensor only when it is needed. Preview,
 * proof and conversion all get their values here, so that none can be right where another is wrong.
 */
public final class Execution {
    private final Plan plan;
    private final Map<String, TensorSource> sources = new HashMap<>();
    private final Map<String, Row> rows = new HashMap<>();

    public Execution(Plan plan, List<TensorSource> tensors) {
        this.plan = plan;
        tensors.forEach(t -> sources.putIfAbsent(t.name(), t));
        plan.rows().forEach(r -> rows.put(r.target().name(), r));
    }

    public Plan plan() {
        return plan;
    }

    /** Whether anything makes this parameter. */
    public boolean makes(String parameter) {
        var row = rows.get(parameter);
        return row != null && row.status().isReady() && row.producer() != null
                && !(row.producer() instanceof Producer.Kept);
    }

    /**
     * A parameter's values in the target's shape.
     *
     * @throws CheckpointException {@code NOT_COMPLETE} if nothing makes it; whatever reading its sources throws
     */
    public TensorData value(String parameter) throws CheckpointException {
        return value(parameter, _ -> {
        });
    }

    /** The same, telling what casts on the way have done to values. */
    public TensorData value(String parameter, Consumer<CastLoss> losses) throws CheckpointException {
        return value(parameter, losses, 0);
    }

    private TensorData value(String parameter, Consumer<CastLoss> losses, int depth) throws CheckpointException {
        var row = rows.get(parameter);
        if (row == null || row.producer() == null || !row.status().isReady()) {
            throw Problem.of(Code.NOT_COMPLETE).field(parameter).found(row == null ? null : row.status().id())
                    .asException();
        }
        return switch (row.producer()) {
            case Producer.FromSources from -> from.chain().apply(from.target(), read(from.sources()), plan.sizes(),
                    losses);
            case Producer.SameAs same -> {
                if (depth > rows.size()) { // a tie that leads back to itself
                    throw Problem.of(Code.E_CYCLE).field(parameter).found(same.parameter()).asException();
                }
                yield value(same.parameter(), losses, depth + 1);
            }
            case Producer.Made made -> made(made, row.target().shape());
            case Producer.Kept _ -> throw Problem.of(Code.NOT_COMPLETE).field(parameter).found("keep").asException();
        };
    }

    /** The source tensors a parameter's values come from; none of what is made. */
    public List<String> inputs(String parameter) {
        return inputs(parameter, 0);
    }

    private List<String> inputs(String parameter, int depth) {
        var row = rows.get(parameter);
        return switch (row == null ? null : row.producer()) {
            case Producer.FromSources from -> from.sources();
            case Producer.SameAs same when depth <= rows.size() -> inputs(same.parameter(), depth + 1);
            case Producer.SameAs _,Producer.Made _,Producer.Kept _ -> List.of();
            case null -> List.of();
        };
    }

    private List<TensorData> read(List<String> names) throws CheckpointException {
        var data = new ArrayList<TensorData>();
        for (var name : names) {
            data.add(read(name));
        }
        return data;
    }

    /** A source tensor as it is. */
    public TensorData read(String name) throws CheckpointException {
        var source = sources.get(name);
        if (source == null) { throw Problem.of(Code.E_SOURCE).found(name).asException(); }
        return source.read();
    }

    /**
     * Whether a parameter that its family would tie to another has values of its own, which the target writes: the
     * model's configuration must then not say that they are tied.
     */
    public boolean hasUntiedHead() throws CheckpointException {
        var dialect = plan.target().dialect();
        for (var row : plan.rows()) {
            var bound = row.target().bound();
            if (dialect == null || bound == null || !makes(row.target().name())
                    || !(row.producer() instanceof Producer.FromSources)) {
                continue;
            }
            var role = dialect.family().role(bound.entry().roles().getFirst());
            if (role.isPresent() && role.get().standIn() instanceof Family.StandIn.Tie tie) {
                for (var other : plan.rows()) {
                    if (other.target().bound() != null && other.target().bound().roles().equals(List.of(tie.role()))
                            && makes(other.target().name())
                            && !sameBits(value(row.target().name()), value(other.target().name()))) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** Whether two tensors hold the same bits in the same order. */
    public static boolean sameBits(TensorData a, TensorData b) throws CheckpointException {
        return a.dtype() == b.dtype() && a.shape().equals(b.shape()) && SourceFile
                .guarded(() -> a.contiguous().bytes().mismatch(b.contiguous().bytes()) < 0);
    }

    /** The element type a parameter will have: its source's, unless an op changes it; f32 for what is made. */
    public DType dtype(String parameter) throws CheckpointException {
        var row = rows.get(parameter);
        var producer = row == null ? null : row.producer();
        if (producer instanceof Producer.FromSources from) {
            var types = new ArrayList<DType>();
            for (var name : from.sources()) {
                var source = sources.get(name);
                types.add(source == null ? DType.F32 : source.info().dtype());
            }
            return from.chain().dtype(from.target(), types);
        }
        return producer instanceof Producer.SameAs same && !same.parameter().equals(parameter)
                ? dtype(same.parameter())
                : DType.F32;
    }

    /**
     * Made by a recipe, f32: element by element in row-major order.
     */
    private static TensorData made(Producer.Made made, Shape shape) {
        var memory = Arena.ofAuto().allocate(Math.max(1, shape.count() * 4), 64);
        var random = new Random(made.seed()); // its sequence is specified: the same bytes on every machine
        long columns = shape.rank() == 0 ? 1 : shape.dim(shape.rank() - 1);
        long rows = shape.rank() < 2 ? 1 : shape.dim(shape.rank() - 2);
        for (long i = 0; i < shape.count(); i++) {
            double value = switch (made.fill()) {
                case ZEROS -> 0;
                case ONES -> 1;
                case CONST -> made.value();
                case NORMAL -> made.value() * random.nextGaussian();
                // As the textbook registers it: torch.triu(ones, diagonal=1), 1 where a position may not look.
                case CAUSAL_MASK -> i % columns > i / columns % rows ? 1 : 0;
            };
            memory.set(SourceFile.I32, i * 4, Float.floatToRawIntBits((float) value));
        }
        return TensorData.of(memory, DType.F32, shape);
    }

    /** Whether a rule drops this source tensor. */
    public boolean isDropped(String tensor) {
        return TiedHeads.isDropped(plan, tensor);
    }

    /** The rule of a row is a tie that writes nothing. */
    public boolean isOmitted(String parameter) {
        var row = rows.get(parameter);
        return row != null && row.producer() instanceof Producer.SameAs same && same.write() == Rule.Write.OMIT;
    }
}
