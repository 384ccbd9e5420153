package weft.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

import weft.format.Formats;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Json;
import weft.rule.RuleFile;
import weft.rule.RuleSet;

/**
 * The documents, held against Weft: every command in them is run and prints what they say, every link leads somewhere.
 *
 * <p>A block {@code console} holds lines {@code $ weft …} with what they print; {@code […]} stands for what is left out, lines or
 * part of a line. Each page has a folder of its own, in which {@code samples} and {@code target/weft/samples} are the samples that
 * ship, and blocks with {@code file=NAME} lie as files. {@code mvn test -Dtest=DocsTest -Dweft.docs.write=true} writes what was
 * printed into the pages, but not where something is left out.
 */
class DocsTest {
    private static final String LEFT_OUT = "[…]";
    private static final Path SHIPPED = Path.of("src/samples/shipped");
    /** By page: what commands that aren't run here would have made. */
    private static final Path MADE = Path.of("src/test/resources/fixtures/docs");

    /** What a block {@code sh} may begin with, and why no test runs it. */
    private static final Map<String, String> NOT_RUN = Map.ofEntries(
            Map.entry("mvn",
                    "builds Weft itself, for minutes and with the network; its profiles and properties are looked up"),
            Map.entry("cp", "puts the samples where the pages have them"),
            Map.entry("export", "puts the start script on the reader's path"),
            Map.entry("python3",
                    "needs PyTorch or another framework; the script's syntax is looked at where there is a Python"),
            Map.entry("TORCH=venv-torch/bin/python", "makes samples with PyTorch and TensorFlow, for minutes"),
            Map.entry("TORCH=$PWD/venv-torch/bin/python", "makes fixtures with PyTorch and TensorFlow, for minutes"),
            Map.entry("venv-torch/bin/python", "makes fixtures with PyTorch"));

    @TempDir
    Path room;

    private static List<Page> pages() {
        return Page.all();
    }

    // commands

    @TestFactory
    Stream<DynamicTest> every_command_prints_what_its_page_says() {
        var pages = pages().stream().filter(p -> p.blocks().stream().anyMatch(b -> b.language().equals("console")))
                .toList();
        assertThat(pages).isNotEmpty();
        return pages.stream().map(p -> DynamicTest.dynamicTest(p.toString(), () -> run(p)));
    }

    private void run(Page page) throws IOException {
        var folder = Files.createDirectory(room.resolve(page.toString().replaceAll("[^A-Za-z0-9.]+", "-")));
        var text = String.join("\n", page.lines());
        for (var place : List.of("target/weft/samples", "samples")) {
            if (text.contains(" " + place + "/") || text.contains("\"" + place + "/")) {
                copy(SHIPPED, folder.resolve(place));
            }
        }
        var made = MADE.resolve(page.file().getFileName().toString().replaceFirst("(\\.zh)?\\.md$", ""));
        if (Files.isDirectory(made)) {
            copy(made, folder);
        }
        try (var shell = new Shell(folder, page.locale())) {
            run(page, folder, shell);
        }
    }

    private static void run(Page page, Path folder, Shell shell) throws IOException {
        var written = new ArrayList<>(page.lines());
        int shift = 0;
        boolean failed = false;
        for (var block : page.blocks()) {
            if (block.saved() != null) {
                var file = folder.resolve(block.saved());
                Files.createDirectories(file.getParent());
                Files.writeString(file, block.text());
            }
            if (!block.language().equals("console")) {
                continue;
            }
            assertThat(block.lines().getFirst()).as("%s:%s", page, block.first() + 1).startsWith("$ ");
            var real = new ArrayList<String>();
            for (var step : steps(block)) {
                assertThat(failed && !step.command().equals("echo $?")).as(
                        "%s: the command before \"%s\" ended with %s, and the page doesn't say so", page,
                        step.command(), shell.status()).isFalse();
                var printed = shell.run(step.command());
                failed = step.command().startsWith("weft ") && shell.status() > 1;
                if (!Boolean.getBoolean("weft.docs.write")) {
                    if (!pattern(step.output()).matcher(printed).matches()) {
                        // Compared once more as text, for the message.
                        assertThat(printed).as("%s: %s", page, step.command()).isEqualTo(step.output());
                    }
                }
                real.addAll(step.typed());
                real.addAll(step.output().contains(LEFT_OUT) && pattern(step.output()).matcher(printed).matches()
                        ? step.output().lines().toList()
                        : printed.lines().toList());
            }
            var place = written.subList(block.first() + shift, block.first() + shift + block.lines().size());
            place.clear();
            place.addAll(real);
            shift += real.size() - block.lines().size();
        }
        assertThat(failed).as("%s: the last command ended with %s, and the page doesn't say so", page, shell.status())
                .isFalse();
        if (Boolean.getBoolean("weft.docs.write") && !written.equals(page.lines())) {
            Files.writeString(page.file(), String.join("\n", written) + "\n");
        }
    }

    /** A command as typed, as one line, and what it prints. */
    record Step(List<String> typed, String command, String output) {
    }

    private static List<Step> steps(Page.Block block) {
        var steps = new ArrayList<Step>();
        var lines = new ArrayDeque<>(block.lines());
        while (!lines.isEmpty()) {
            var typed = new ArrayList<>(List.of(lines.removeFirst()));
            var command = new StringBuilder(typed.getFirst().substring(2));
            while (command.toString().endsWith("\\") && !lines.isEmpty()) {
                command.setLength(command.length() - 1);
                typed.add(lines.removeFirst());
                command.append(typed.getLast().strip());
            }
            var output = new StringBuilder();
            while (!lines.isEmpty() && !lines.getFirst().startsWith("$ ")) {
                output.append(lines.removeFirst()).append('\n');
            }
            steps.add(new Step(List.copyOf(typed), command.toString(), output.toString()));
        }
        return steps;
    }

    private static Pattern pattern(String output) {
        var regex = new StringBuilder();
        for (var line : output.lines().toList()) {
            if (line.equals(LEFT_OUT)) {
                regex.append("(?:.*\n)*?");
                continue;
            }
            var parts = line.split(Pattern.quote(LEFT_OUT), -1);
            for (int i = 0; i < parts.length; i++) {
                regex.append(i == 0 ? "" : ".*").append(Pattern.quote(parts[i]));
            }
            regex.append('\n');
        }
        return Pattern.compile(regex.toString());
    }

    @Test
    void what_is_left_out_is_all_that_may_differ() {
        assertThat("one\ntwo\nthree\n").matches(pattern("one\n[…]\nthree\n")).matches(pattern("one\nt[…]o\nthree\n"))
                .doesNotMatch(pattern("one\n[…]\nfour\n")).doesNotMatch(pattern("one\nt[…]x\nthree\n"))
                .doesNotMatch(pattern("one\ntwo\n"));
        assertThat(Shell.words("weft generate \"a b\" --x='c d' # e")).containsExactly("weft", "generate", "a b",
                "--x=c d");
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (var file : files.toList()) {
                var place = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(place);
                } else {
                    Files.copy(file, place);
                }
            }
        }
    }

    @Test
    void commands_that_are_not_run_are_known_and_exist() throws IOException {
        var pom = Files.readString(Path.of("pom.xml"));
        var begun = new TreeSet<String>();
        for (var page : pages()) {
            for (var block : page.blocks().stream().filter(b -> b.language().equals("sh")).toList()) {
                for (var line : block.text().replace("\\\n", " ").lines().filter(l -> !l.isBlank()).toList()) {
                    var words = Shell.words(line);
                    assertThat(NOT_RUN).as("%s: %s", page, line).containsKey(words.getFirst());
                    begun.add(words.getFirst());
                    if (words.getFirst().equals("mvn")) {
                        maven(page, words, pom);
                    }
                    if (words.getFirst().endsWith("weft")) {
                        assertThat(words).as("%s: a command belongs into a block console, where it is run", page)
                                .hasSize(1);
                    }
                }
            }
        }
        assertThat(begun).as("reasons for nothing").containsExactlyInAnyOrderElementsOf(NOT_RUN.keySet());
    }

    /** A profile of the build is in it, and so is a property of its own. */
    private static void maven(Page page, List<String> words, String pom) {
        for (int i = 1; i < words.size(); i++) {
            if (words.get(i).equals("-P")) {
                for (var profile : words.get(i + 1).split(",")) {
                    assertThat(pom).as("%s: %s", page, words).contains("<id>" + profile + "</id>");
                }
            }
            var property = Pattern.compile("-D(weft[a-z.]*)(=.*)?").matcher(words.get(i));
            if (property.matches() && !property.group(1).equals("weft.docs.write")
                    && !property.group(1).startsWith("weft.fuzz")) {
                assertThat(pom).as("%s: %s", page, words).contains(property.group(1));
            }
        }
    }

    @Test
    void commands_and_options_in_running_text_exist() throws IOException {
        var pom = Files.readString(Path.of("pom.xml"));
        var helps = new java.util.HashMap<String, String>();
        for (var command : commands()) {
            helps.put(command, help(command));
        }
        var all = String.join("\n", helps.values());
        for (var page : pages()) {
            for (var code : page.code()) {
                if (code.startsWith("mvn ")) {
                    maven(page, Shell.words(code), pom);
                }
                if (code.matches("--[a-z][a-z-]+( .*)?")) {
                    assertThat(all + String.join("\n", FOREIGN)).as("%s: %s", page, code)
                            .containsPattern(Pattern.quote(code.split(" ")[0]) + "\\b");
                }
                if (!code.matches("weft [a-z]+( .*)?")) {
                    continue;
                }
                var words = Shell.words(code);
                assertThat(helps).as("%s: %s", page, code).containsKey(words.get(1));
                for (var word : words.subList(2, words.size())) {
                    if (word.startsWith("-") && word.length() > 1) {
                        assertThat(helps.get(words.get(1))).as("%s: %s", page, code)
                                .containsPattern("(?<![a-z-])" + Pattern.quote(word) + "\\b");
                    }
                }
            }
        }
    }

    @Test
    void codes_tests_and_files_that_are_named_exist() throws IOException {
        var codes = Stream.of(Code.values()).map(Code::id).collect(Collectors.toSet());
        Set<String> tests;
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            tests = files.map(f -> f.getFileName().toString().replace(".java", "")).collect(Collectors.toSet());
        }
        var named = new TreeSet<String>();
        for (var page : pages()) {
            for (var code : page.code()) {
                var place = page + ": " + code;
                if (codes.contains(code)) {
                    named.add(code);
                } else if (code.matches("[A-Z]+(_[A-Z]+)+|[EW]-[A-Z]+|[A-Z]{5,}")) {
                    assertThat(NO_CODES).as(place).contains(code);
                }
                if (code.matches("[A-Z][A-Za-z0-9]*Test")) {
                    assertThat(tests).as(place).contains(code);
                }
                if (code.matches("(src|packaging|icons)/[A-Za-z0-9_./-]*")) {
                    assertThat(Path.of(code)).as(place).exists();
                }
            }
        }
        assertThat(named).as("every code stands in the reference").containsAll(codes);
    }

    /** Words in capitals that are no codes of Weft. */
    private static final Set<String> NO_CODES = Set.of("WEFT_DIALECTS", "WEFT_JAVA", "WEFT_JAVA_OPTS", "JAVA_HOME",
            "XDG_CONFIG_HOME", "UNKNOWN", "SIGKILL", "SOURCE", "FOLDER", "FORMAT");

    /** The table of formats against the formats there are: none is missing, and what is said to write does. */
    @Test
    void the_table_of_formats_has_them_all() throws IOException {
        var page = Files.readString(Page.SITE.resolve("formats.md"));
        var rows = page.lines().filter(l -> l.startsWith("| **")).toList();
        var formats = Formats.all().stream().filter(f -> !f.id().equals("index")).toList(); // a set's list is no format
        for (var format : formats) {
            var row = rows.stream().filter(r -> r.split("\\|")[1].toLowerCase(java.util.Locale.ROOT)
                    .replace("pytorch", "torch").contains(format.id())).toList();
            assertThat(row).as(format.id()).hasSize(1);
            assertThat(row.getFirst().split("\\|")[3].strip().equals("no")).as(format.id())
                    .isEqualTo(format.writer().isEmpty());
            var tests = new StringBuilder();
            try (Stream<Path> files = Files.list(Path.of("src/test/java/weft/format", format.id()))) {
                for (var file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                    tests.append(Files.readString(file));
                }
            }
            var codes = Pattern.compile("`([A-Z][A-Z0-9_]+)`").matcher(row.getFirst()).results().map(m -> m.group(1))
                    .filter(c -> Stream.of(Code.values()).anyMatch(k -> k.name().equals(c))).toList();
            for (var code : codes) {
                assertThat(tests).as("%s: what is refused with %s is refused by a test", format.id(), code)
                        .contains("Code." + code);
            }
        }
        assertThat(rows).hasSameSizeAs(formats);
        var scripts = Pattern.compile("`(check_[a-z_]+\\.py)`").matcher(page).results().map(m -> m.group(1)).toList();
        assertThat(scripts).isNotEmpty().allSatisfy(s -> assertThat(Path.of("src/test/fixtures", s)).exists());
        for (var row : rows) {
            for (var fixture : Pattern.compile("`([a-z0-9-]+-[a-z0-9]+)`").matcher(row.split("\\|")[4]).results()
                    .map(m -> m.group(1)).toList()) {
                assertThat(Path.of("src/test/resources/fixtures", fixture)).exists();
            }
        }
    }

    /** Options of other programs that pages speak of. */
    private static final List<String> FOREIGN = List.of("--add-modules");

    private static List<String> commands() {
        return help("").lines().dropWhile(l -> !l.startsWith("Commands:")).skip(1).filter(l -> l.matches("  [a-z]+ .*"))
                .map(l -> l.strip().split(" ")[0]).toList();
    }

    private static String help(String command) {
        try (var shell = new Shell(Path.of("."), java.util.Locale.ENGLISH)) {
            return shell.help(command);
        }
    }

    // blocks that aren't commands

    @TestFactory
    Stream<DynamicTest> every_block_is_of_a_kind_that_is_looked_at() {
        return pages().stream().filter(p -> !p.blocks().isEmpty())
                .map(p -> DynamicTest.dynamicTest(p.toString(), () -> {
                    for (var block : p.blocks()) {
                        var place = p + ":" + block.first();
                        switch (block.language()) {
                            case "console", "sh" -> assertThat(block.lines()).as(place).isNotEmpty(); // above
                            case "json" -> assertThat(Json.read(block.text(), place)).isNotNull();
                            case "weft" -> assertThat(rules(block.text(), place).rules()).as(place)
                                    .isNotEmpty();
                            case "python" -> python(block, place);
                            case "ebnf", "text" -> assertThat(block.lines()).as(place).isNotEmpty(); // for people
                            default -> throw new AssertionError(place + ": say what this block is");
                        }
                    }
                }));
    }

    private static RuleSet rules(String text, String place) throws CheckpointException {
        return RuleFile.read(text.getBytes(StandardCharsets.UTF_8), place);
    }

    /** Whether Python can read it; where there is none, nobody knows. */
    private void python(Page.Block block, String place) throws IOException, InterruptedException {
        var python = Stream.of("/usr/bin/python3", "/usr/local/bin/python3").map(Path::of)
                .filter(Files::isExecutable).findFirst();
        assumeTrue(python.isPresent(), "no Python here");
        var file = Files.writeString(room.resolve("block.py"), block.text());
        var process = new ProcessBuilder(python.get().toString(), "-c",
                "import ast, sys; ast.parse(open(sys.argv[1], encoding='utf-8').read())", file.toString())
                .redirectErrorStream(true).start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as("%s: %s", place, said).isZero();
    }

    // links and pictures

    @TestFactory
    Stream<DynamicTest> every_link_leads_somewhere() {
        return pages().stream().filter(p -> !p.links().isEmpty())
                .map(p -> DynamicTest.dynamicTest(p.toString(), () -> {
                    for (var link : p.links()) {
                        if (link.startsWith("https://")) {
                            continue;
                        }
                        var file = link.startsWith("#") ? p.file() : p.resolve(link);
                        assertThat(file).as("%s: %s", p, link).exists();
                        int cut = link.indexOf('#');
                        if (cut >= 0) {
                            var page = new Page(file, Files.readAllLines(file));
                            assertThat(page.anchors()).as("%s: %s", p, link).contains(link.substring(cut + 1));
                        }
                    }
                }));
    }

    @Test
    void every_decision_is_in_the_index_and_their_numbers_follow_each_other() throws IOException {
        var folder = Page.SITE.resolve("decisions");
        var index = new Page(folder.resolve("README.md"), Files.readAllLines(folder.resolve("README.md")));
        try (Stream<Path> files = Files.list(folder)) {
            var records = files.map(f -> f.getFileName().toString()).filter(f -> f.matches("[0-9]{4}-.*\\.md")).sorted()
                    .toList();
            assertThat(index.links()).containsExactlyElementsOf(records);
            for (int i = 0; i < records.size(); i++) {
                assertThat(records.get(i)).startsWith("%04d-".formatted(i + 1));
                assertThat(Files.readAllLines(folder.resolve(records.get(i))).getFirst()).startsWith("# ");
            }
        }
    }

    @Test
    void every_page_is_found_from_the_first_one_and_every_picture_is_shown() throws IOException {
        var pages = pages();
        var seen = new HashSet<Path>();
        var pictures = new TreeSet<Path>();
        var open = new ArrayDeque<>(List.of(Path.of("README.md")));
        while (!open.isEmpty()) {
            var file = open.removeFirst();
            if (seen.add(file)) {
                pages.stream().filter(p -> p.file().equals(file)).findFirst().ifPresent(p -> p.links().stream()
                        .filter(l -> !l.startsWith("https://") && !l.startsWith("#")).map(p::resolve).forEach(l -> {
                            open.add(l);
                            pictures.add(l);
                        }));
            }
        }
        assertThat(seen).containsAll(pages.stream().map(Page::file).toList());
        try (Stream<Path> images = Files.walk(Path.of("src/site/resources/images"))) {
            assertThat(pictures).as("pictures nobody shows").containsAll(images.filter(Files::isRegularFile).toList());
        }
    }

    // both languages

    @TestFactory
    Stream<DynamicTest> a_page_in_chinese_runs_the_same_commands() {
        var pairs = pages().stream().filter(Page::isChinese).toList();
        assertThat(pairs).isNotEmpty();
        return pairs.stream().map(zh -> DynamicTest.dynamicTest(zh.toString(), () -> {
            var english = zh.file().getFileName().toString().equals("README.zh.md")
                    ? Path.of("README.md")
                    : Path.of(zh.toString().replace(".zh.md", ".md"));
            var en = new Page(english, Files.readAllLines(english));
            assertThat(typed(zh)).isEqualTo(typed(en));
            assertThat(saved(zh)).isEqualTo(saved(en));
            assertThat(en.links()).as("linked from its English page").anySatisfy(
                    l -> assertThat(en.resolve(l)).isEqualTo(zh.file()));
        }));
    }

    /** The plan of the lesson speaks of every lesson there is, by its own title. */
    @Test
    void the_teachers_page_names_the_lessons_as_they_are_called() throws IOException {
        for (var language : List.of("en", "zh")) {
            var page = Files.readString(Page.SITE.resolve(
                    language.equals("zh") ? "tutorial-teacher.zh.md" : "tutorial-teacher.md"))
                    .toLowerCase(java.util.Locale.ROOT);
            try (Stream<Path> lessons = Files.list(SHIPPED.resolve("lessons"))) {
                var titles = new ArrayList<String>();
                for (var lesson : lessons.filter(Files::isDirectory).sorted().toList()) {
                    titles.add(Files.readAllLines(lesson.resolve(language + ".md")).getFirst().replace("# ", "")
                            .replace('’', '\'').toLowerCase(java.util.Locale.ROOT));
                }
                assertThat(titles).hasSize(8).allSatisfy(title -> assertThat(page).contains(title));
            }
        }
    }

    private static List<String> typed(Page page) {
        var lines = new ArrayList<String>();
        for (var block : page.blocks()) {
            if (block.language().equals("console")) {
                steps(block).forEach(s -> lines.add(String.join(" ", Shell.words(s.command()))));
            }
            if (block.language().equals("sh")) {
                block.lines().forEach(l -> lines.add(String.join(" ", Shell.words(l))));
            }
        }
        return lines;
    }

    private static Set<String> saved(Page page) {
        var names = new TreeSet<String>();
        page.blocks().stream().filter(b -> b.saved() != null).forEach(b -> names.add(b.saved()));
        return names;
    }

    /** Wording rules of the project hold for its pages too. */
    @TestFactory
    Stream<DynamicTest> a_page_in_chinese_keeps_the_rules_of_its_language() {
        return pages().stream().filter(Page::isChinese).map(p -> DynamicTest.dynamicTest(p.toString(), () -> {
            for (var line : p.prose()) {
                var text = line.replaceAll("`[^`]*`", "`x`").replaceAll("\\]\\([^)]*\\)", "]");
                assertThat(text).as(p.toString()).doesNotContainPattern("[请您！]|成功");
                assertThat(text).as(p + ": half-width punctuation")
                        .doesNotContainPattern("\\p{IsHan}[,;:?!]|[,;:?!]\\p{IsHan}");
                assertThat(text).as(p + ": a space between Chinese and Latin")
                        .doesNotContainPattern("\\p{IsHan}[A-Za-z0-9`]|[A-Za-z0-9`]\\p{IsHan}");
            }
        }));
    }
}
