package weft.cli;

import java.util.ArrayList;
import java.util.List;

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
        return text.codePoints().map(c -> isWide(c) ? 2 : 1).sum();
    }

    private static boolean isWide(int c) {
        return c >= 0x1100 && c <= 0x115f || c >= 0x2e80 && c <= 0xa4cf || c >= 0xac00 && c <= 0xd7a3
                || c >= 0xf900 && c <= 0xfaff || c >= 0xfe30 && c <= 0xfe6f || c >= 0xff00 && c <= 0xff60
                || c >= 0xffe0 && c <= 0xffe6 || c >= 0x1f300 && c <= 0x1faff || c >= 0x20000;
    }
}
