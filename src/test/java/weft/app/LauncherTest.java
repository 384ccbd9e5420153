package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LauncherTest {
    @Test
    void theBuildHasFilledInTheVersion() {
        assertThat(Launcher.version()).matches("\\d+\\.\\d+\\.\\d+(-SNAPSHOT)?");
    }
}
