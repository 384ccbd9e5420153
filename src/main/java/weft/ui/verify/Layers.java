package weft.ui.verify;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import weft.plan.Plan;
import weft.plan.Row;
import weft.prove.Verification;
import weft.ui.tree.Names;

/**
 * A verification by layers as people count them: embedding, blocks, final norm, output. Modules inside a block stand
 * for their block. It needs no stage.
 */
public final class Layers {
    private final @Nullable Plan plan;

    /** @param plan {@code null} where there is no target: then layers have the family's names */
    public Layers(@Nullable Plan plan) {
        this.plan = plan;
    }

    /** The modules that are layers, in the order they run. */
    public static List<String> of(Verification... verifications) {
        var modules = new LinkedHashSet<String>();
        for (var verification : verifications) {
            verification.modules().stream().map(Verification.Module::name).filter(n -> n.equals(layerOf(n)))
                    .forEach(modules::add);
        }
        return List.copyOf(modules);
    }

    /** The layer a module belongs to: {@code block.3.attn.out} → {@code block.3}. */
    static String layerOf(String module) {
        var parts = module.split("\\.", 3);
        return parts.length > 2 && parts[0].equals("block") ? parts[0] + "." + parts[1] : module;
    }

    /** Each layer's error; NaN where a verification hasn't got it. */
    public static List<Double> errors(Verification verification, List<String> layers) {
        var errors = new ArrayList<Double>();
        for (var layer : layers) {
            errors.add(verification.modules().stream().filter(m -> m.name().equals(layer))
                    .mapToDouble(Verification.Module::error).findFirst().orElse(Double.NaN));
        }
        return errors;
    }

    /** A layer's name as the file calls it: {@code h3}, {@code ln_f}; {@code emb} and {@code out} at the ends. */
    public String label(String layer) {
        return switch (layer) {
            case "embed" -> "emb";
            case "head" -> "out";
            default -> named(layer);
        };
    }

    private String named(String layer) {
        var all = rows(layer);
        var read = all.stream().filter(r -> !r.sources().isEmpty()).toList(); // what is made has the target's names only
        var names = (read.isEmpty() ? all : read).stream().map(Layers::name).toList();
        if (names.isEmpty()) { return layer; }
        var folder = names.size() == 1 ? folder(names.getFirst()) : Names.commonFolder(names);
        return folder.length() < 2 ? layer : Names.shortName(folder.substring(0, folder.length() - 1));
    }

    private static String folder(String name) {
        return name.substring(0, Math.max(name.lastIndexOf('.'), name.lastIndexOf('/')) + 1);
    }

    private static String name(Row row) {
        return row.sources().isEmpty() ? row.target().name() : row.sources().getFirst().name();
    }

    private List<Row> rows(String module) {
        if (plan == null) { return List.of(); }
        return plan.rows().stream().filter(r -> {
            var bound = r.target().bound();
            return bound != null && bound.roles().stream().anyMatch(role -> role.startsWith(module + "."));
        }).toList();
    }

    /** Where a verification first fails: the layer, and in it the module that is wrong by itself. */
    public record Bad(String layer, double error, @Nullable String module) {
    }

    public static Optional<Bad> bad(Verification verification) {
        var first = verification.first();
        if (first == null) { return Optional.empty(); }
        var layer = layerOf(first.name());
        var error = verification.modules().stream().filter(m -> m.name().equals(layer))
                .mapToDouble(Verification.Module::error).findFirst().orElse(first.error());
        var module = verification.faults().stream().map(Verification.Module::name)
                .filter(n -> layerOf(n).equals(layer)).findFirst().orElse(null);
        return Optional.of(new Bad(layer, error, module));
    }

    /** A bad place as the file calls it: {@code h3, attn/c_proj}. */
    public String place(Bad bad) {
        var block = label(bad.layer());
        var row = row(bad);
        if (bad.module() == null || bad.module().equals(bad.layer()) || row.isEmpty()) { return block; }
        var name = name(row.get());
        int at = name.indexOf(block);
        var rest = at < 0 || at + block.length() + 1 > name.length() ? name : name.substring(at + block.length() + 1);
        var folder = folder(rest);
        return block + ", " + (folder.length() < 2 ? rest : folder.substring(0, folder.length() - 1));
    }

    /** The parameter to look at. */
    public Optional<Row> row(Bad bad) {
        var rows = rows(bad.module() == null ? bad.layer() : bad.module());
        return rows.isEmpty() && bad.layer().equals("embed")
                ? rows("embed.tokens").stream().findFirst()
                : rows.stream().filter(r -> r.target().shape().rank() > 1).findFirst()
                        .or(() -> rows.stream().findFirst());
    }
}
