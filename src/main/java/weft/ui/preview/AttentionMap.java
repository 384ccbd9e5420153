package weft.ui.preview;

import java.util.Locale;
import java.util.function.Consumer;
import javafx.geometry.VPos;
import javafx.scene.canvas.GraphicsContext;
import javafx.scene.input.MouseEvent;
import javafx.scene.layout.Region;
import javafx.scene.text.Text;
import javafx.scene.text.TextAlignment;

import org.jspecify.annotations.Nullable;

import weft.ui.CellView;
import weft.ui.StyleColor;
import weft.ui.Ui;
import weft.work.TokenText;

/**
 * An attention map: rows look, columns are looked at, a colour for how much. Pointing at a cell, or moving there by arrow
 * keys, tells both tokens and the share.
 */
final class AttentionMap extends CellView {
    /** Cells this tall have room for their token's name. */
    private static final double NAMED = 11;
    /** Shares above this have the strongest colour, so that single looks are seen among many faint ones. */
    private static final double FULL = 0.6;
    private final Consumer<String> told;
    private final Region none = probe("ink-window");
    private final Region all = probe("ink-accent");
    private final Region strong = probe("ink-text");
    private @Nullable TokenText text;
    private float[] shares = {};
    private int n;
    private int row;
    private int column;

    AttentionMap(Ui ui, Consumer<String> told) {
        super(ui, "attention-map");
        this.told = told;
        setMinSize(ui.px(200), ui.px(170));
        addEventHandler(MouseEvent.MOUSE_MOVED, e -> point(rowAt(e.getY()), columnAt(e.getX())));
        addEventHandler(MouseEvent.MOUSE_PRESSED, e -> {
            requestFocus();
            e.consume(); // what scrolls around it would take the focus, and the arrow keys with it
        });
    }

    /**
     * @param tokens one more than there are positions: the last is the one that was written
     * @param map [n, n] row by row
     */
    void show(@Nullable TokenText tokens, float[] map) {
        boolean same = tokens != null && text != null && tokens.size() == text.size();
        text = tokens;
        shares = map;
        n = (int) Math.round(Math.sqrt(map.length));
        if (!same || row >= n || column >= n) {
            row = Math.max(0, n - 1);
            column = 0;
            for (int c = 1; c < n; c++) { // what the chosen token looked at most
                column = at(row, c) > at(row, column) ? c : column;
            }
        }
        tell();
        requestLayout();
    }

    private float at(int r, int c) {
        return shares[r * n + c];
    }

    private void point(int r, int c) {
        if (r < 0 || c < 0 || r >= n || c >= n) { return; }
        row = r;
        column = c;
        tell();
        requestLayout();
    }

    @Override
    protected void move(int down, int across) {
        if (n > 0) {
            point(Math.clamp(row + down, 0, n - 1), Math.clamp(column + across, 0, n - 1));
        }
    }

    private void tell() {
        var words = text;
        if (words == null || n == 0) {
            told.accept("");
            return;
        }
        var said = column > row
                ? ui.t("attention.unseen", "from", name(words, row), "to", name(words, column))
                : ui.t("attention.share", "from", name(words, row), "to", name(words, column), "share",
                        String.format(Locale.ROOT, "%.1f", at(row, column) * 100));
        told.accept(said);
        setAccessibleText(said);
    }

    private static String name(TokenText words, int at) {
        var shown = NextBars.shown(words.texts().get(at));
        return shown.length() > 14 ? shown.substring(0, 13) + "…" : shown;
    }

    @Override
    protected void paint(GraphicsContext g, double width, double height) {
        var words = text;
        if (words == null || n == 0) { return; }
        double margin = 0;
        for (int i = 0; i < n; i++) {
            var probe = new Text(name(words, i));
            probe.setFont(small());
            margin = Math.max(margin, probe.getLayoutBounds().getWidth());
        }
        margin = Math.min(margin, ui.px(100)) + ui.px(6);
        boolean named = Math.min((width - margin) / n, (height - margin) / n) >= ui.px(NAMED);
        double begin = named ? margin : 0;
        place(begin, begin, Math.min(ui.px(30), Math.min((width - begin - 1) / n, (height - begin - 1) / n)));
        double cell = cell();
        for (int r = 0; r < n; r++) {
            for (int c = 0; c <= r; c++) {
                double part = Math.min(1, at(r, c) / FULL);
                g.setFill(StyleColor.of(none).interpolate(StyleColor.of(all), Math.sqrt(part)));
                g.fillRect(left() + c * cell, top() + r * cell, cell, cell);
            }
        }
        frame(g, lineColor(), 0, n, n);
        frame(g, StyleColor.of(strong), n - 1, 1, n); // the row the chosen token was written from
        light(g, row, column, 3, false);
        if (named) {
            names(g, words);
        }
    }

    private void names(GraphicsContext g, TokenText words) {
        g.setFont(small());
        g.setTextBaseline(VPos.CENTER);
        for (int i = 0; i < n; i++) {
            g.setFill(i == row ? litColor() : inkColor());
            g.setTextAlign(TextAlignment.RIGHT);
            g.fillText(name(words, i), left() - ui.px(5), top() + (i + 0.5) * cell());
            g.setFill(i == column ? litColor() : inkColor());
            g.setTextAlign(TextAlignment.LEFT);
            g.save();
            g.translate(left() + (i + 0.5) * cell(), top() - ui.px(5));
            g.rotate(-90);
            g.fillText(name(words, i), 0, 0);
            g.restore();
        }
    }
}
