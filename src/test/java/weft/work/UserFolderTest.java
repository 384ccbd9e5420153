package weft.work;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;

import org.junit.jupiter.api.Test;

class UserFolderTest {
    @Test
    void each_system_has_its_own_place() {
        assertThat(UserFolder.of(null, "Linux", "/home/a", Map.of())).isEqualTo(Path.of("/home/a/.config/weft"));
        assertThat(UserFolder.of(null, "Linux", "/home/a", Map.of("XDG_CONFIG_HOME", "/x")))
                .isEqualTo(Path.of("/x/weft"));
        assertThat(UserFolder.of(null, "Mac OS X", "/Users/a", Map.of()))
                .isEqualTo(Path.of("/Users/a/Library/Application Support/Weft"));
        assertThat(UserFolder.of(null, "Windows 11", "/u", Map.of("APPDATA", "/u/roaming")))
                .isEqualTo(Path.of("/u/roaming/Weft"));
        assertThat(UserFolder.of("/here", "Linux", "/home/a", Map.of())).isEqualTo(Path.of("/here"));
    }
}
