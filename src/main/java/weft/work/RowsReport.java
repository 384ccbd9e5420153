package weft.work;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.plan.Kind;
import weft.plan.Status;
import weft.tensor.TensorData;

/**
 * Which rows of an embedding, a head or a position table one side has and the other hasn't, and what stands in them.
 */
public final class RowsReport {
    private static final long MOST_ROWS = 4096;

    private RowsReport() {
    }

    /** What the rows hold that only one side has. */
    public enum Extra {
        /** Nothing but zeros: padding. */
        ZERO("zero"),
        /** All alike: padding that was filled with one row, a mean for example. */
        ALIKE("alike"),
        /** Different values, as training or a random initialisation leaves them. */
        VALUES("values");

        private final String id;

        Extra(String id) {
            this.id = id;
        }

        public String id() {
            return id;
        }
    }

    /**
     * A tensor and a parameter that differ in rows along one axis.
     *
     * @param extra what the surplus rows hold; {@code null} if the side that has them has no values here
     * @param least smallest Euclidean norm of those rows
     * @param most largest
     * @param usual mean norm of all others
     */
    public record Difference(String tensor, Kind kind, int axis, long sourceRows, long targetRows,
            @Nullable Extra extra, double least, double most, double usual) {
    }

    /** Every such pair of a plan; reads the rows that are concerned. */
    public static List<Difference> of(Workspace workspace) throws CheckpointException {
        var plan = workspace.plan().orElseThrow();
        var all = new ArrayList<Difference>();
        var seen = new HashSet<String>();
        for (var row : plan.rows()) {
            boolean resized = row.status() == Status.MISMATCH
                    && (row.kind() == Kind.VOCABULARY || row.kind() == Kind.CONTEXT);
            if (!resized || row.sources().size() != 1 || !seen.add(row.sources().getFirst().name())
                    || row.sources().getFirst().shape().rank() != row.target().shape().rank()) {
                continue;
            }
            var mine = row.sources().getFirst();
            for (int axis = 0; axis < mine.shape().rank(); axis++) {
                long here = mine.shape().dim(axis);
                long there = row.target().shape().dim(axis);
                if (here != there && row.kind() != null
                        && mine.shape().with(axis, there).equals(row.target().shape())) {
                    all.add(difference(workspace, mine.name(), row.target().name(), row.kind(), axis, here, there));
                }
            }
        }
        return all;
    }

    /** @param parameter the target's name for it, whose values are looked at if the target has the surplus */
    private static Difference difference(Workspace workspace, String tensor, String parameter, Kind kind, int axis,
            long mine, long theirs) throws CheckpointException {
        var nothing = new Difference(tensor, kind, axis, mine, theirs, null, 0, 0, 0);
        long here = Math.max(mine, theirs);
        long there = Math.min(mine, theirs);
        TensorData data;
        try {
            if (mine > theirs) {
                if (workspace.source().tensor(tensor).isEmpty()) { return nothing; }
                data = workspace.values(tensor);
            } else {
                var other = workspace.targetModel().flatMap(m -> m.tensor(parameter));
                if (other.isEmpty()) { return nothing; }
                data = other.get().read();
            }
        } catch (CheckpointException e) { // its values aren't there: the names and shapes are still worth a line
            return nothing;
        }
        double least = Double.POSITIVE_INFINITY;
        double most = 0;
        boolean alike = true;
        float[] first = null;
        for (long row = there; row < Math.min(here, there + MOST_ROWS); row++) {
            var values = data.slice(axis, row, row + 1, 1).toFloats();
            double norm = norm(values);
            least = Math.min(least, norm);
            most = Math.max(most, norm);
            if (first == null) {
                first = values;
            }
            alike &= java.util.Arrays.equals(values, first);
        }
        double sum = 0;
        long step = Math.max(1, there / MOST_ROWS); // a sample is enough for a mean
        long counted = 0;
        for (long row = 0; row < there; row += step) {
            sum += norm(data.slice(axis, row, row + 1, 1).toFloats());
            counted++;
        }
        var extra = most == 0 ? Extra.ZERO : alike && here - there > 1 ? Extra.ALIKE : Extra.VALUES;
        return new Difference(tensor, kind, axis, mine, theirs, extra, least, most, counted == 0 ? 0 : sum / counted);
    }

    private static double norm(float[] values) {
        double sum = 0;
        for (var value : values) {
            sum += (double) value * value;
        }
        return Math.sqrt(sum);
    }

    /** The tokenizer beside the source. */
    public static Optional<Vocabulary> sourceTokens(Workspace workspace) {
        return Vocabulary.of(workspace.source().folder(), workspace.source());
    }

    /** The tokenizer beside the target, where that is a model or a configuration in a folder. */
    public static Optional<Vocabulary> targetTokens(Workspace workspace) {
        var model = workspace.targetModel().orElse(null);
        if (model != null) { return Vocabulary.of(model.folder(), model); }
        var text = workspace.targetText();
        if (text == null || workspace.plan().isEmpty()) { return Optional.empty(); }
        try {
            var path = Path.of(text);
            var folder = Files.isRegularFile(path) ? path.toAbsolutePath().getParent() : null;
            return folder == null ? Optional.empty() : Vocabulary.of(folder, null);
        } catch (java.nio.file.InvalidPathException e) {
            return Optional.empty(); // a dialect with options
        }
    }

    /** What everything that is to be known of rows and tokenizers comes to. @param rows the vocabulary's on each side */
    public record Whole(List<Difference> differences, Optional<Vocabulary> source, Optional<Vocabulary> target) {
    }

    /** The differences with both tokenizers. */
    public static Whole whole(Workspace workspace) throws CheckpointException {
        return new Whole(of(workspace), sourceTokens(workspace), targetTokens(workspace));
    }

    /** What the surplus rows are for. */
    public enum Purpose {
        /** Nothing: they are all alike, or no token has them. */
        PADDING("padding"),
        /** Tokens the other side hasn't. */
        TOKENS("tokens"),
        /** Nothing tells: no tokenizer lies beside the side that has them. */
        UNKNOWN("unknown"),
        /** Positions of longer texts. */
        POSITIONS("positions");

        private final String id;

        Purpose(String id) {
            this.id = id;
        }

        public String id() {
            return id;
        }
    }

    /** What the rows one side has more are for. */
    public static Purpose purpose(Difference difference, Whole whole) {
        if (difference.kind() == Kind.CONTEXT) { return Purpose.POSITIONS; }
        var tokens = difference.sourceRows() > difference.targetRows() ? whole.source() : whole.target();
        long from = Math.min(difference.sourceRows(), difference.targetRows());
        long to = Math.max(difference.sourceRows(), difference.targetRows());
        if (tokens.isPresent()) {
            return tokens.get().tokens(from, to, 1).isEmpty() ? Purpose.PADDING : Purpose.TOKENS;
        }
        return difference.extra() == Extra.ZERO || difference.extra() == Extra.ALIKE
                ? Purpose.PADDING
                : Purpose.UNKNOWN;
    }

    /** The first tokens of those rows. */
    public static List<String> tokens(Difference difference, Whole whole, int most) {
        if (difference.kind() == Kind.CONTEXT) { return List.of(); }
        var tokens = difference.sourceRows() > difference.targetRows() ? whole.source() : whole.target();
        long from = Math.min(difference.sourceRows(), difference.targetRows());
        return tokens.map(t -> t.tokens(from, Math.max(difference.sourceRows(), difference.targetRows()), most))
                .orElse(List.of());
    }
}
