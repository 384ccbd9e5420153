package weft.work;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;
import weft.name.Pattern;
import weft.plan.Kind;
import weft.plan.Row;
import weft.plan.Status;
import weft.rule.Pad;
import weft.rule.Rule;

/** Steps a window leads a person through: each ends in rules or in an answer, and each can be undone. */
public final class Guided {
    private static final List<String> ADAPTER = List.of("adapter_config.json", "adapter_model.safetensors",
            "adapter_model.bin");

    /** Bytes a rule file's first keys stand in. */
    private static final int HEAD = 4096;

    private Guided() {
    }

    /** Whether a folder, or a file in it, is a LoRA adapter as PEFT saves it. */
    public static boolean isAdapter(Path path) {
        return Files.isDirectory(path)
                ? Files.isRegularFile(path.resolve(ADAPTER.getFirst()))
                : path.getFileName() != null && ADAPTER.contains(path.getFileName().toString());
    }

    /** Whether a file holds rules: by its name, or by what a rule file in JSON begins with. */
    public static boolean isRules(Path path) {
        var name = String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
        if (name.endsWith(".weft") || name.endsWith(".rules.json")) { return true; }
        if (!name.endsWith(".json") || !Files.isRegularFile(path)) { return false; }
        try (var in = Files.newInputStream(path)) {
            return new String(in.readNBytes(HEAD), StandardCharsets.UTF_8).contains("\"weft\"");
        } catch (IOException e) {
            return false; // opening it says why
        }
    }

    /**
     * The base with an adapter beside it: its merge is suggested as rules, into the target there is or, where none is
     * chosen, into the base's own names.
     *
     * @throws CheckpointException what {@link Workspace#withAdapter} throws
     */
    public static Workspace withAdapter(Workspace base, Path adapter, Progress progress) throws CheckpointException {
        var merged = base.withAdapter(adapter, progress);
        return merged.plan().isPresent() ? merged : merged.withItselfAsTarget();
    }

    /**
     * Weights that are stored packed and can be unpacked.
     *
     * @param scheme how they are packed: {@code NF4}
     */
    public record PackedWeights(int weights, String scheme) {
    }

    /** What of the source could be unpacked; empty if nothing is packed, or nothing that Weft unpacks. */
    public static Optional<PackedWeights> packed(Workspace workspace) {
        var quantised = workspace.source().quantised();
        return quantised.merges().isEmpty()
                ? Optional.empty()
                : Optional.of(new PackedWeights(quantised.merges().size(), quantised.merges().keySet().stream()
                        .map(n -> quantised.schemes().getOrDefault(n, "")).filter(s -> !s.isEmpty()).distinct()
                        .collect(Collectors.joining(", "))));
    }

    /** Suggests unpacking what is packed, into the file's own names; nothing is taken over. */
    public static Workspace unpacked(Workspace workspace) {
        return workspace.withItselfAsTarget();
    }

    /** Whether a row fits but for rows of a vocabulary or of positions. */
    public static boolean isResizable(Row row) {
        return row.status() == Status.MISMATCH && (row.kind() == Kind.VOCABULARY || row.kind() == Kind.CONTEXT)
                && row.target().bound() != null;
    }

    /**
     * Cuts rows off or adds some wherever nothing else differs; no other rule than those these parameters need is taken
     * over.
     *
     * @throws CheckpointException {@code UNKNOWN_TARGET} without a target
     */
    public static Workspace resized(Workspace workspace, Pad.Filling filling) throws CheckpointException {
        var plan = workspace.plan().orElseThrow(() -> Problem.of(Code.UNKNOWN_TARGET).asException());
        var next = workspace;
        for (var row : plan.rows()) {
            if (!isResizable(row) || row.rule() != null) {
                continue;
            }
            for (var rule : plan.suggestions().rules()) {
                boolean makes = rule.targets().stream().anyMatch(t -> t.match(row.target().name()).isPresent());
                if (makes && !next.rules().rules().contains(rule)) {
                    next = next.accept(rule);
                }
            }
        }
        return Resize.resized(next, filling);
    }

    /**
     * Which parameters a pattern chooses to be written.
     *
     * @param pattern as on the command line; blank for all
     * @throws CheckpointException {@code BAD_ARGUMENT}
     */
    public static Predicate<String> chosen(String pattern) throws CheckpointException {
        return pattern.isBlank() ? _ -> true : Workspace.names(pattern.strip());
    }

    /** What exports that were killed left in a folder, or beside a file; nothing where nobody can look. */
    public static List<Leftovers.Left> leftovers(Path place) {
        var folder = Files.isDirectory(place) ? place : place.toAbsolutePath().getParent();
        try {
            return folder == null ? List.of() : Leftovers.in(folder);
        } catch (CheckpointException e) {
            return List.of();
        }
    }

    /**
     * Finishes what was written whole, deletes the rest of what was not. How many there were.
     *
     * @throws CheckpointException what {@link Leftovers#repair} throws
     */
    public static int repair(Path place) throws CheckpointException {
        var all = leftovers(place);
        for (var left : all) {
            Leftovers.repair(left);
        }
        return all.size();
    }

    /** Opens the same source anew: what lay beside it has changed. Its adapter, the target and the rules stay. */
    public static Workspace reopened(Workspace workspace, Progress progress) throws CheckpointException {
        return Bookmark.of(workspace).open(progress).withRules(workspace.rules());
    }

    /** The same with a rule that says a tensor may be lost. */
    public static Workspace letGo(Workspace workspace, String tensor) {
        var all = new ArrayList<>(workspace.rules().rules());
        all.add(new Rule.Drop(Pattern.literal(tensor), "unused"));
        var base = all.size() > 1
                ? workspace.rules()
                : workspace.plan().map(p -> p.suggestions()).orElse(workspace.rules());
        return workspace.withRules(base.with(all));
    }

    /** What a refused file would have a Python interpreter do, one line an instruction; nothing is executed. */
    public static List<String> instructions(Path file, int most) {
        var lines = new ArrayList<String>();
        try {
            Instructions.list(file, new Instructions.Sink() {
                @Override
                public void pickle(String name) {
                    add(name);
                }

                @Override
                public void instruction(long offset, String name, String argument) {
                    add(String.format(Locale.ROOT, "%8d  %s %s", offset, name, argument));
                }

                private void add(String line) {
                    if (lines.size() < most) {
                        lines.add(line);
                    } else if (lines.size() == most) {
                        lines.add("…");
                    }
                }
            });
        } catch (CheckpointException e) {
            lines.add("… " + e.problem());
        }
        return List.copyOf(lines);
    }
}
