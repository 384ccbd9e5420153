package weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.TreeSet;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import weft.text.Texts;

class HelpTest {

    @ParameterizedTest
    @ValueSource(strings = {"en", "zh"})
    void every_command_and_option_is_described_and_no_description_is_left_over(String language) {
        var silent = new PrintStream(OutputStream.nullOutputStream());
        var texts = Texts.of(Locale.of(language)).with("help");
        var line = Cli.commandLine("1", new String[0], new Session(silent, silent, texts, false));
        var used = new TreeSet<String>();
        assertThat(line.getSubcommands().keySet()).containsExactlyElementsOf(Cli.commands());
        var commands = new LinkedHashMap<>(line.getSubcommands());
        commands.put("", line);
        commands.forEach((name, command) -> {
            assertThat(command.getCommandSpec().usageMessage().description()).as(name).isNotEmpty();
            for (var argument : command.getCommandSpec().args()) {
                assertThat(argument.description()).as("%s %s", name, argument).hasSize(1);
                used.add(argument.description()[0]);
            }
            used.add(command.getCommandSpec().usageMessage().description()[0]);
            var words = name.isEmpty()
                    ? new Object[]{"--help", "--lang", language}
                    : new Object[]{name, "--help", "--lang", language};
            assertThat(Run.weft(words).status()).isZero();
        });
        var plain = Texts.of(Locale.of(language));
        assertThat(texts.keys().stream().filter(k -> !plain.has(k) && !k.startsWith("heading.")).map(texts::plain))
                .allSatisfy(text -> assertThat(used).contains(text.replace("%%", "%")));
    }
}
