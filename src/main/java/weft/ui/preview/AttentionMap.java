package weft.ui.preview;

import java.util.Locale;
import java.util.function.Consumer;
import javafx.geometry.VPos;
import javafx.scene.canvas.Canvas;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.Region;
import javafx.scene.paint.Color;
import javafx.scene.text.Font;
import javafx.scene.text.Text;
import javafx.scene.text.TextAlignment;

import org.jspecify.annotations.Nullable;

import weft.ui.Look;
import weft.ui.Ui;
import weft.work.TokenText;

/**
 * An attention map: rows look, columns are looked at, a colour for how much. Pointing at a cell, or moving there by arrow
 * keys, tells both tokens and the share.
 */
final class AttentionMap extends Region {
    /** Cells this tall have room for their token's name. */
    private static final double NAMED = 11;
    /** Shares above this have the strongest colour, so that single looks are seen among many faint ones. */
    private static final double FULL = 0.6;
    private final Ui ui;
    private final Consumer<String> told;
    private final Canvas canvas = new Canvas();
    private final Region none = probe("ink-window");
    private final Region all = probe("ink-accent");
    private final Region ink = probe("ink-muted");
    private final Region strong = probe("ink-text");
    private final Region lit = probe("ink-lit");
    private final Region line = probe("ink-line");
    private @Nullable TokenText text;
    private float[] shares = {};
    private int n;
    private int row;
    private int column;
    private double cell = 1;
    private double left;
    private double top;

    AttentionMap(Ui ui, Consumer<String> told) {
        this.ui = ui;
        this.told = told;
        setId("attention-map");
        getStyleClass().add("heat");
        setFocusTraversable(true);
        setMinSize(ui.px(200), ui.px(170));
        getChildren().addAll(none, all, ink, strong, lit, line, canvas);
        canvas.setOnMouseMoved(e -> point((int) Math.floor((e.getY() - top) / cell),
                (int) Math.floor((e.getX() - left) / cell)));
        canvas.setOnMousePressed(_ -> requestFocus());
        addEventHandler(KeyEvent.KEY_PRESSED, this::key);
    }

    private static Region probe(String style) {
        var probe = new Region();
        probe.getStyleClass().add(style);
        probe.setManaged(false);
        probe.setVisible(false);
        return probe;
    }

    private static Color color(Region probe) {
        var background = probe.getBackground();
        return background != null && !background.getFills().isEmpty()
                && background.getFills().getFirst().getFill() instanceof Color color ? color : Color.GRAY;
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

    private void key(KeyEvent event) {
        if (n == 0 || event.isShortcutDown() || event.isAltDown()) { return; }
        int down = switch (event.getCode()) {
            case UP -> -1;
            case DOWN -> 1;
            default -> 0;
        };
        int across = switch (event.getCode()) {
            case LEFT -> -1;
            case RIGHT -> 1;
            default -> 0;
        };
        if (down != 0 || across != 0) {
            point(Math.clamp(row + down, 0, n - 1), Math.clamp(column + across, 0, n - 1));
            event.consume();
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
    protected void layoutChildren() {
        double width = Math.max(1, getWidth());
        double height = Math.max(1, getHeight());
        canvas.setWidth(width);
        canvas.setHeight(height);
        var g = canvas.getGraphicsContext2D();
        g.clearRect(0, 0, width, height);
        var words = text;
        if (words == null || n == 0) { return; }
        var font = Font.font(Look.mono(), ui.px(11));
        double margin = 0;
        for (int i = 0; i < n; i++) {
            var probe = new Text(name(words, i));
            probe.setFont(font);
            margin = Math.max(margin, probe.getLayoutBounds().getWidth());
        }
        margin = Math.min(margin, ui.px(100)) + ui.px(6);
        boolean named = Math.min((width - margin) / n, (height - margin) / n) >= ui.px(NAMED);
        left = named ? margin : 0;
        top = named ? margin : 0;
        cell = Math.min(ui.px(30), Math.min((width - left - 1) / n, (height - top - 1) / n));
        if (cell > 4) {
            cell = Math.floor(cell);
        }
        for (int r = 0; r < n; r++) {
            for (int c = 0; c <= r; c++) {
                double part = Math.min(1, at(r, c) / FULL);
                g.setFill(color(none).interpolate(color(all), Math.sqrt(part)));
                g.fillRect(left + c * cell, top + r * cell, cell, cell);
            }
        }
        g.setStroke(color(line));
        g.setLineWidth(1);
        g.strokeRect(Math.floor(left) + 0.5, Math.floor(top) + 0.5, Math.floor(n * cell), Math.floor(n * cell));
        // the row the chosen token was written from
        g.setStroke(color(strong));
        g.strokeRect(Math.floor(left) + 0.5, Math.floor(top + (n - 1) * cell) + 0.5, Math.floor(n * cell),
                Math.floor(cell));
        g.setStroke(color(lit));
        g.setLineWidth(2);
        g.strokeRect(left + column * cell, top + row * cell, Math.max(3, cell), Math.max(3, cell));
        if (named) {
            names(words, font);
        }
    }

    private void names(TokenText words, Font font) {
        var g = canvas.getGraphicsContext2D();
        g.setFont(font);
        g.setTextBaseline(VPos.CENTER);
        for (int i = 0; i < n; i++) {
            g.setFill(color(i == row ? lit : ink));
            g.setTextAlign(TextAlignment.RIGHT);
            g.fillText(name(words, i), left - ui.px(5), top + (i + 0.5) * cell);
            g.setFill(color(i == column ? lit : ink));
            g.setTextAlign(TextAlignment.LEFT);
            g.save();
            g.translate(left + (i + 0.5) * cell, top - ui.px(5));
            g.rotate(-90);
            g.fillText(name(words, i), 0, 0);
            g.restore();
        }
    }
}
