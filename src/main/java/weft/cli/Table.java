package weft.cli;

import java.util.ArrayList;
import java.util.List;

import weft.text.Wide;

/** Columns of text, as wide as what stands in them; a Chinese character is two columns wide. */
final class Table {
    private final List<Boolean> right = new ArrayList<>();
    private final List<List<String>> rows = new ArrayList<>();

    /** @param columns one character each: {@code <} left, {@code >} right */
    Table(String columns) {
        columns.chars().forEach(c -> right.add(c == '>'));
    }

    void row(Object... cells) {
        var row = new ArrayList<String>();
        for (var cell : cells) {
            row.add(cell.toString());
        }
        rows.add(row);
    }

    /** The lines, with two spaces between columns and none at the end. */
    List<String> lines() {
        var widths = new int[right.size()];
        for (var row : rows) {
            for (int i = 0; i < row.size(); i++) {
                widths[i] = Math.max(widths[i], width(row.get(i)));
            }
        }
        var lines = new ArrayList<String>();
        for (var row : rows) {
            var line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                var gap = " ".repeat(widths[i] - width(row.get(i)));
                line.append(i == 0 || widths[i] == 0 ? "" : "  ")
                        .append(right.get(i) ? gap + row.get(i) : row.get(i) + gap);
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }

    static int width(String text) {
        return text.codePoints().map(c -> Wide.is(c) ? 2 : 1).sum();
    }
}
