package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;

import org.junit.jupiter.api.Test;

class LauncherTest {
    @Test
    void theBuildHasFilledInTheVersion() {
        assertThat(Launcher.version()).matches("\\d+\\.\\d+\\.\\d+(-SNAPSHOT)?");
    }

    @Test
    void a_display_is_found_without_starting_javafx() {
        assertThat(Launcher.hasDisplay("Linux", Map.of(), "")).isFalse();
        assertThat(Launcher.hasDisplay("Linux", Map.of("DISPLAY", ""), "")).isFalse();
        assertThat(Launcher.hasDisplay("Linux", Map.of("DISPLAY", ":0"), "")).isTrue();
        assertThat(Launcher.hasDisplay("Linux", Map.of("WAYLAND_DISPLAY", "wayland-0"), "")).isTrue();
        assertThat(Launcher.hasDisplay("Linux", Map.of(), "Headless")).isTrue();
        assertThat(Launcher.hasDisplay("Windows 11", Map.of(), "")).isTrue();
        assertThat(Launcher.hasDisplay("Mac OS X", Map.of(), "")).isTrue();
    }
}
