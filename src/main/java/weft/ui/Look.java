package weft.ui;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import javafx.application.Application;
import javafx.scene.Scene;
import javafx.scene.text.Font;

import atlantafx.base.theme.PrimerDark;
import atlantafx.base.theme.PrimerLight;

/**
 * Light or dark, the faces, the size of text. Colours stand in one style sheet a theme, nowhere in code; lengths are
 * pixels at 100 % and grow with the text.
 *
 * @param scale 1 is 13 px
 */
public record Look(boolean dark, double scale, boolean chinese) {
    /**
     * Prose: the first that is installed. The Korean cut of Noto has Latin punctuation of its own width, where the
     * Chinese one sets an apostrophe as wide as a character.
     */
    private static final List<String> ENGLISH = List.of("Inter", "Segoe UI", "SF Pro Text", "Helvetica Neue",
            "Cantarell", "Ubuntu", "Noto Sans", "Noto Sans CJK KR", "Noto Sans CJK SC", "DejaVu Sans");
    /** A face with both scripts, so that they match; else the Latin one and the system's fallback. */
    private static final List<String> CHINESE = List.of("Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC",
            "Microsoft YaHei UI", "Microsoft YaHei");
    /** Names, shapes, values: without ligatures, with digits of one width. */
    private static final List<String> MONO = List.of("JetBrains Mono NL", "Consolas", "Menlo", "Cascadia Mono",
            "Ubuntu Mono", "DejaVu Sans Mono", "Noto Sans Mono CJK SC", "Noto Sans Mono", "Monospaced");
    private static final int BASE = 13;

    /** The face for names and numbers, for what paints by itself. */
    public static String mono() {
        return Faces.MONO_FACE;
    }

    public static String prose(boolean chinese) {
        return chinese ? Faces.CHINESE_FACE : Faces.ENGLISH_FACE;
    }

    /** Asked once: listing fonts takes a moment. */
    private static final class Faces {
        static final String ENGLISH_FACE;
        static final String CHINESE_FACE;
        static final String MONO_FACE;

        static {
            var installed = new HashSet<>(Font.getFamilies());
            ENGLISH_FACE = ENGLISH.stream().filter(installed::contains).findFirst().orElse("System");
            CHINESE_FACE = CHINESE.stream().filter(installed::contains).findFirst().orElse(ENGLISH_FACE);
            MONO_FACE = MONO.stream().filter(installed::contains).findFirst().orElse("Monospaced");
        }
    }

    /** A length that grows with the text. */
    public double px(double at100) {
        return Math.round(at100 * scale);
    }

    /** The whole application's theme. Said before the first control is made: JavaFX would read its own, only to drop it. */
    void theme() {
        Application.setUserAgentStylesheet(
                dark ? new PrimerDark().getUserAgentStylesheet() : new PrimerLight().getUserAgentStylesheet());
    }

    /** Dresses a scene. */
    public void apply(Scene scene) {
        theme();
        scene.getStylesheets().setAll(sheets());
    }

    /** What a scene needs beside the theme that the whole application has. */
    public List<String> sheets() {
        return List.of(sheet("weft.css"), sheet(dark ? "dark.css" : "light.css"), faces());
    }

    private static String sheet(String name) {
        return Objects.requireNonNull(Look.class.getResource(name), name).toExternalForm();
    }

    private String faces() {
        var css = ".root { -fx-font-family: \"" + prose(chinese) + "\"; -fx-font-size: " + BASE * scale + "px; }\n"
                + ".mono { -fx-font-family: \"" + mono() + "\"; }\n";
        return "data:text/css;base64," + Base64.getEncoder().encodeToString(css.getBytes(StandardCharsets.UTF_8));
    }
}
