package weft.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.cli.Run.FIXTURES;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

import weft.docs.Committed;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Json;
import weft.io.Problem;
import weft.text.Texts;
import weft.work.ExportChoices;

/**
 * The command-line reference is made from the commands themselves: what they take from their options, what {@code --json} gives from
 * a run of each, the codes from the one list of them. {@code mvn test -Dtest=CommandReferenceTest -Dweft.docs.write=true} makes it.
 */
class CommandReferenceTest {
    /** Objects whose keys are data. */
    private static final Set<String> DATA = Set.of("config", "metadata", "dtypes", "dims", "provenance", "rules",
            "arguments");

    @TempDir
    Path folder;

    private List<List<Object>> runs;

    @BeforeEach
    void runs() throws IOException {
        var hf = FIXTURES.resolve("gpt2-tiny/hf");
        var tf = FIXTURES.resolve("gpt2-tiny/openai-tf");
        var letters = FIXTURES.resolve("tokenizers/letters");
        var text = Files.writeString(folder.resolve("text.txt"), "the weft crosses the warp");
        Files.writeString(Files.createDirectory(folder.resolve(".~left.part")).resolve("left"), "half");
        runs = List.of(List.of("inspect", hf, "--stats"), List.of("diff", tf, "--target", "gpt2/scratch-split"),
                List.of("suggest", tf, "--target", "gpt2/scratch-split"),
                List.of("convert", tf, "--target", "gpt2/hf", "--dtype", "float16", "-o", folder.resolve("a.pt")),
                List.of("generate", hf, "--tokenizer", letters, "--prompt", "a", "--temperature", "1"),
                List.of("logits", hf, "--tokenizer", letters, "--ids", "1,2"),
                List.of("loss", hf, "--tokenizer", letters, "--text", text), List.of("verify", hf, tf),
                List.of("explain", FIXTURES.resolve("logs/book-assign.txt")),
                List.of("export", tf, "--target", "gpt2/hf", "--as", "torch"),
                List.of("report", tf, "--target", "gpt2/hf", "-o", folder.resolve("report.html")),
                List.of("repair", folder));
    }

    @Test
    void each_command_is_run_once() {
        assertThat(runs.stream().map(r -> r.getFirst().toString())).containsExactlyElementsOf(Cli.commands());
    }

    @ParameterizedTest
    @ValueSource(strings = {"en", "zh"})
    void the_formats_that_can_be_written_are_named(String language) {
        var said = Texts.of(Locale.of(language)).with("help").plain("to");
        assertThat(ExportChoices.formats()).isNotEmpty().allSatisfy(f -> assertThat(said).contains(f));
    }

    @ParameterizedTest
    @ValueSource(strings = {"en", "zh"})
    void the_reference_is_what_the_commands_say(String language) throws Exception {
        var page = Path.of("src/site/markdown", language.equals("zh") ? "commands.zh.md" : "commands.md");
        var silent = new PrintStream(OutputStream.nullOutputStream());
        var texts = Texts.of(Locale.of(language)).with("help");
        var line = Cli.commandLine("1", new String[0], new Session(silent, silent, texts, false));
        var text = new StringBuilder();
        var common = common(line);
        for (var run : runs) {
            var sub = line.getSubcommands().get(run.getFirst().toString());
            text.append("\n## weft ").append(run.getFirst()).append("\n\n");
            text.append(sub.getCommandSpec().usageMessage().description()[0]).append("\n\n");
            text.append("```text\n").append(synopsis(sub.getCommandSpec(), common)).append("\n```\n\n");
            table(text, sub.getCommandSpec(), common);
            text.append("\n`--json`: `").append(keys(run)).append("`\n");
        }
        text.append('\n');
        Committed.part(page, "commands", text.toString());
        var shared = new StringBuilder("\n| | |\n|---|---|\n");
        line.getSubcommands().get("inspect").getCommandSpec().options().stream()
                .filter(o -> common.contains(o.longestName())).forEach(o -> row(shared, o));
        shared.append('\n');
        Committed.part(page, "common", shared.toString());
        Committed.part(page, "codes", codes(Texts.of(Locale.of(language))));
    }

    /** Options that every command has. */
    private static Set<String> common(CommandLine line) {
        var common = new LinkedHashSet<String>();
        line.getSubcommands().get("inspect").getCommandSpec().options().forEach(o -> common.add(o.longestName()));
        line.getSubcommands().values().forEach(sub -> common.retainAll(
                sub.getCommandSpec().options().stream().map(OptionSpec::longestName).toList()));
        assertThat(common).containsExactlyInAnyOrder("--json", "--lang", "--help");
        return common;
    }

    private static String synopsis(CommandSpec spec, Set<String> common) {
        var words = new ArrayList<>(List.of("weft", spec.name()));
        spec.positionalParameters()
                .forEach(p -> words.add(p.arity().min() == 0 ? "[" + p.paramLabel() + "]" : p.paramLabel()));
        spec.options().stream().filter(o -> !common.contains(o.longestName()))
                .sorted(java.util.Comparator.comparing(o -> !o.required()))
                .forEach(o -> words.add(o.required() ? spelled(o) : "[" + spelled(o) + "]" + (many(o) ? "…" : "")));
        var lines = new ArrayList<>(List.of(""));
        for (var word : words) {
            var last = lines.getLast();
            if (last.length() + word.length() > 100) {
                lines.add("     " + word);
            } else {
                lines.set(lines.size() - 1, last.isEmpty() ? word : last + " " + word);
            }
        }
        return String.join("\n", lines);
    }

    private static boolean many(OptionSpec option) {
        return option.isMultiValue() && option.splitRegex().isEmpty();
    }

    private static String spelled(OptionSpec option) {
        return option.shortestName() + (option.arity().max() == 0 ? "" : " " + option.paramLabel());
    }

    private static void table(StringBuilder text, CommandSpec spec, Set<String> common) {
        text.append("| | |\n|---|---|\n");
        spec.positionalParameters().forEach(
                p -> text.append("| `").append(p.paramLabel().replace("|", "\\|")).append("` | ")
                        .append(said(p.description()[0]))
                        .append(" |\n"));
        spec.options().stream().filter(o -> !common.contains(o.longestName())).forEach(o -> row(text, o));
    }

    private static void row(StringBuilder text, OptionSpec option) {
        text.append("| ")
                .append(Arrays.stream(option.names()).map(n -> "`" + n + "`").collect(Collectors.joining(", ")));
        if (option.arity().max() > 0) {
            text.append(" `").append(option.paramLabel().replace("|", "\\|")).append('`');
        }
        text.append(" | ").append(said(option.description()[0])).append(" |\n");
    }

    /** As Markdown: what a shell would see in a name stays what it is. */
    private static String said(String text) {
        return text.replace("%%", "%").replace("|", "\\|").replace("*", "\\*").replace("{i}", "`{i}`").replace("<",
                "&lt;");
    }

    private String keys(List<Object> run) throws CheckpointException {
        var words = new ArrayList<>(run);
        words.add("--json");
        var ended = Run.weft(words.toArray());
        assertThat(ended.status()).as(ended.err()).isLessThan(2);
        return shape("", Json.read(ended.out(), "stdout"));
    }

    /** The keys of a document: {@code format, totals{tensors, bytes}, tensors[{name, shape}]}. */
    private static String shape(String name, Object value) {
        if (value instanceof Map<?, ?> map) {
            var inner = DATA.contains(name)
                    ? ""
                    : map.entrySet().stream().map(e -> shape(e.getKey().toString(), e.getValue()))
                            .collect(Collectors.joining(", "));
            return name.isEmpty() ? inner : name + "{" + inner + "}";
        }
        if (value instanceof List<?> list) {
            var all = new LinkedHashMap<String, Object>();
            list.stream().filter(Map.class::isInstance).map(e -> (Map<?, ?>) e)
                    .forEach(m -> m.forEach((k, v) -> all.merge(k.toString(), v == null ? "" : v,
                            (a, b) -> a instanceof List<?> l && l.isEmpty() ? b : a)));
            return name + "["
                    + (all.isEmpty() || DATA.contains(name) ? "" : shape("", all).transform(s -> "{" + s + "}"))
                    + "]";
        }
        return name;
    }

    /** Every code there is, with what it says where nothing more is known, and how a refusal with it ends. */
    private static String codes(Texts texts) {
        var text = new StringBuilder(texts.isChinese()
                ? "\n| 代码 | 状态 | 说明 | 接下来 |\n|---|---|---|---|\n"
                : "\n| code | status | says | next |\n|---|---|---|---|\n");
        for (var code : Code.values()) {
            var problem = Problem.of(code);
            String message;
            String hint;
            try {
                message = texts.message(problem);
                hint = texts.hint(problem);
            } catch (IllegalArgumentException e) { // this one always has something to name
                problem = problem.field("…").found("…").expected("…");
                message = texts.message(problem);
                hint = texts.hint(problem);
            }
            text.append("| `").append(code.id()).append("` | ").append(Session.status(problem.asException()))
                    .append(" | ")
                    .append(said(message)).append(" | ").append(said(hint)).append(" |\n");
        }
        return text.append('\n').toString();
    }
}
