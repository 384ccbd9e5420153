package weft.work;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import weft.arch.Settings;
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

    /** What the rows hold that only the source has. */
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
     * @param extra what the source's surplus rows hold; {@code null} if the target has the surplus
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
                    all.add(difference(workspace, mine.name(), row.kind(), axis, here, there));
                }
            }
        }
        return all;
    }

    private static Difference difference(Workspace workspace, String tensor, Kind kind, int axis, long here,
            long there) throws CheckpointException {
        if (here < there || workspace.source().tensor(tensor).isEmpty()) {
            return new Difference(tensor, kind, axis, here, there, null, 0, 0, 0);
        }
        TensorData data;
        try {
            data = workspace.values(tensor);
        } catch (CheckpointException e) { // its values aren't there: the names and shapes are still worth a line
            return new Difference(tensor, kind, axis, here, there, null, 0, 0, 0);
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
        return new Difference(tensor, kind, axis, here, there, extra, least, most, counted == 0 ? 0 : sum / counted);
    }

    private static double norm(float[] values) {
        double sum = 0;
        for (var value : values) {
            sum += (double) value * value;
        }
        return Math.sqrt(sum);
    }

    /**
     * How many tokens the tokenizer beside a model knows.
     *
     * @param base entries of its vocabulary
     * @param added tokens added to it afterwards
     */
    public record Tokens(long base, long added) {
        public long all() {
            return base + added;
        }
    }

    /** Counts {@code tokenizer.json}, or {@code vocab.json} or {@code encoder.json} with {@code added_tokens.json}. */
    public static Optional<Tokens> tokens(Path folder) throws CheckpointException {
        var whole = folder.resolve("tokenizer.json");
        if (Files.isRegularFile(whole)) {
            var json = Settings.read(Folders.bytes(whole), "tokenizer.json").values();
            var ids = new HashSet<Object>();
            if (json.get("model") instanceof Map<?, ?> model) {
                if (model.get("vocab") instanceof Map<?, ?> vocabulary) {
                    ids.addAll(vocabulary.values());
                } else if (model.get("vocab") instanceof List<?> pieces) {
                    for (long i = 0; i < pieces.size(); i++) {
                        ids.add(i);
                    }
                }
            }
            long base = ids.size();
            if (json.get("added_tokens") instanceof List<?> added) {
                added.forEach(t -> {
                    if (t instanceof Map<?, ?> token && token.get("id") != null) {
                        ids.add(token.get("id"));
                    }
                });
            }
            return Optional.of(new Tokens(base, ids.size() - base));
        }
        for (var name : List.of("vocab.json", "encoder.json")) {
            var file = folder.resolve(name);
            if (Files.isRegularFile(file)) {
                var ids = new HashSet<>(Settings.read(Folders.bytes(file), name).values().values());
                long base = ids.size();
                var more = folder.resolve("added_tokens.json");
                if (Files.isRegularFile(more)) {
                    ids.addAll(Settings.read(Folders.bytes(more), "added_tokens.json").values().values());
                }
                return Optional.of(new Tokens(base, ids.size() - base));
            }
        }
        return Optional.empty();
    }
}
