package weft.convert;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import weft.arch.Architecture;
import weft.arch.Dialect;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;

/**
 * A script that runs a model in its own framework and records what its modules compute, under the names {@code weft verify} uses.
 * Which module is which follows from the roles its weights hold.
 */
public final class ReferenceScript {
    private ReferenceScript() {
    }

    /** A stretch of a module's output. */
    private record Part(String name, long from, long to) {
    }

    /**
     * @param target a model of a known dialect
     * @throws CheckpointException {@code NOT_A_FAMILY} if no dialect is known
     */
    public static String of(Architecture target) throws CheckpointException {
        var dialect = target.dialect();
        if (dialect == null) { throw Problem.of(Code.NOT_A_FAMILY).field(target.name()).asException(); }
        var modules = modules(target, dialect);
        var text = new StringBuilder("\"\"\"Records what the modules of a " + dialect.id()
                + " model compute, for weft verify --reference. Exported by Weft.\n");
        text.append(PythonParts.text(switch (dialect.home()) {
            case "tensorflow", "keras" -> "reference-tensorflow.py";
            case "mindspore" -> "reference-mindspore.py";
            default -> "reference-torch.py";
        }));
        text.append("BLOCK = ").append(ScriptExport.quoted(block(target, dialect))).append("  # {} is the layer\n");
        text.append("LAYERS = ").append(target.sizes().size(dialect.family().layers()).orElse(0)).append('\n');
        text.append("MODULES = {\n");
        modules.forEach((module, parts) -> {
            text.append("    ").append(ScriptExport.quoted(module)).append(": [");
            text.append(String.join(", ", parts.stream().map(p -> "(" + ScriptExport.quoted(p.name()) + ", "
                    + (p.from() < 0 ? "None, None" : p.from() + ", " + p.to()) + ")").toList()));
            text.append("],\n");
        });
        return text.append("}\n\n\nif __name__ == \"__main__\":\n    main()\n").toString();
    }

    /** Every module with weights, by its path in the framework, with what it is called here. */
    private static Map<String, List<Part>> modules(Architecture target, Dialect dialect) {
        var modules = new LinkedHashMap<String, List<Part>>();
        for (var parameter : target.parameters()) {
            var bound = parameter.bound();
            if (bound == null || bound.entry().presence() == Dialect.Presence.BUFFER
                    || bound.entry().isStacked(dialect.family().layers())) { // no module of one layer is there to hook
                continue;
            }
            var roles = bound.roles();
            int cut = Math.max(parameter.name().lastIndexOf('.'), parameter.name().lastIndexOf('/'));
            boolean isWeight = roles.getFirst().endsWith(".weight");
            if (!isWeight || cut < 0 || roles.getFirst().equals("head.weight")) {
                continue; // embeddings are told by the first block's input, the head by the model's output
            }
            var path = parameter.name().substring(0, cut);
            var parts = new ArrayList<Part>();
            var layout = bound.entry().layout();
            var sum = layout.sum();
            if (sum == null) {
                parts.add(new Part(stem(roles.getFirst()), -1, -1));
            } else if (layout.axes(layout.sumAxis()).isEmpty()) {
                long at = 0;
                for (int i = 0; i < roles.size(); i++) {
                    var width = target.sizes().product(sum.parts().get(i).axes());
                    if (width.isEmpty()) {
                        parts.clear();
                        break;
                    }
                    parts.add(new Part(stem(roles.get(i)), at, at + width.getAsLong()));
                    at += width.getAsLong();
                }
            }
            // A fused tensor whose parts interleave is left to attn.out: which column is whose is the framework's own affair.
            if (!parts.isEmpty()) {
                modules.putIfAbsent(path, parts);
            }
        }
        return modules;
    }

    private static String stem(String role) {
        return role.substring(0, role.length() - ".weight".length());
    }

    /** The path of a block: what all names of a layer begin with, up to its number. */
    private static String block(Architecture target, Dialect dialect) {
        for (var parameter : target.parameters()) {
            var bound = parameter.bound();
            var layer = bound == null ? null : bound.captures().get(dialect.family().layers());
            if (bound != null && layer != null) {
                var pattern = bound.pattern().toString();
                int open = pattern.indexOf("{" + dialect.family().layers());
                if (open >= 0) { return pattern.substring(0, open) + "{}"; }
            }
        }
        return "";
    }
}
