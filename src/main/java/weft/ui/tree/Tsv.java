package weft.ui.tree;

import java.util.List;
import java.util.stream.Collectors;

import weft.plan.Row;
import weft.rule.Op;
import weft.tensor.TensorInfo;
import weft.text.Texts;

/** The table as text a spreadsheet takes: one parameter a line, cells parted by tabs. It needs no stage. */
public final class Tsv {
    private Tsv() {
    }

    /** A head, then every row under these lines, then tensors that nothing uses. */
    public static String of(List<Item> items, Texts texts) {
        var text = new StringBuilder(line(texts.get("column.source"), texts.get("column.shape"),
                texts.get("column.rule"), texts.get("column.target"), texts.get("column.shape"),
                texts.get("column.status"), texts.get("column.kind"), texts.get("column.evidence")));
        for (var item : items) {
            item.rows().forEach(r -> text.append(row(r, texts)));
            if (item.rows().isEmpty()) {
                item.tensors().forEach(t -> text.append(line(t.name(), t.shape().toString(), "", "", "", "", "", "")));
            } else {
                unused(item, text);
            }
        }
        return text.toString();
    }

    private static void unused(Item item, StringBuilder text) {
        for (var child : item.children()) {
            if (child.rows().isEmpty() && child.kind() != Item.Kind.PART) {
                child.tensors().forEach(t -> text.append(line(t.name(), t.shape().toString(), "", "", "", "", "", "")));
            }
        }
    }

    private static String row(Row row, Texts texts) {
        return line(row.sources().stream().map(TensorInfo::name).collect(Collectors.joining(", ")),
                row.sources().stream().map(t -> t.shape().toString()).collect(Collectors.joining(", ")),
                row.ops().stream().map(Op::toString).collect(Collectors.joining(" | ")), row.target().name(),
                row.target().shape().toString(), texts.status(row.status().id()),
                row.kind() == null ? "" : texts.kind(row.kind().id()), texts.evidence(row.evidence().id()));
    }

    /** A tab or a line's end inside a cell would end the cell. */
    private static String line(String... cells) {
        return java.util.Arrays.stream(cells).map(c -> c.replaceAll("[\\t\\r\\n]+", " "))
                .collect(Collectors.joining("\t", "", "\n"));
    }
}
