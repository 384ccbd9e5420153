package weft.lesson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Json;
import weft.io.Problem;
import weft.io.Progress;
import weft.lesson.Finding.What;
import weft.text.Texts;
import weft.work.Workspace;

/** Lesson files: those that ship are complete, a teacher's own one opens, a broken one says what, where and what was expected. */
class LessonFileTest {
    private static final Path SHIPPED = Path.of("src/samples/shipped/lessons");
    @TempDir
    Path folder;

    // ---------------------------------------------------------------- what ships

    @Test
    void eight_lessons_ship_in_both_languages() throws Exception {
        var course = Course.open(SHIPPED);
        assertThat(course.problems()).isEmpty();
        assertThat(course.lessons()).hasSize(8).allSatisfy(l -> {
            assertThat(l.words().keySet()).containsExactlyInAnyOrder("en", "zh");
            assertThat(l.words().get("en").hints()).hasSameSizeAs(l.words().get("zh").hints()).hasSize(3);
            assertThat(l.words().get("en").story()).isNotBlank();
            assertThat(l.words().get("zh").story()).isNotBlank();
        });
        assertThat(course.lessons().stream().map(l -> l.in(false).title())).containsExactly("Rows or columns",
                "The square that lies", "One matrix, three heads’ worth", "Tied head", "32000 and 32001",
                "Transpose is not reshape", "gamma, beta, embedding_table", "Read an error log");
    }

    @Test
    void their_own_files_are_small() throws IOException {
        try (var files = Files.walk(SHIPPED)) {
            assertThat(files.filter(Files::isRegularFile))
                    .allSatisfy(f -> assertThat(Files.size(f)).isLessThan(10_000));
        }
    }

    /** The house's wording, for what isn't in a bundle. */
    @Test
    void they_keep_to_the_wording_of_the_house() throws IOException {
        try (var files = Files.walk(SHIPPED)) {
            for (var file : files.filter(f -> f.toString().endsWith(".md")).toList()) {
                var text = Files.readString(file).replaceAll("`[^`]*`", "x").replace("**", "").replaceAll("(?m)^1\\. ",
                        "");
                if (file.endsWith("en.md")) {
                    assertThat(text).as("%s", file)
                            .doesNotContainPattern("(?i)\\bplease\\b|\\boops\\b|successful|!|\\bsorry\\b")
                            .doesNotContainPattern("[\\u4e00-\\u9fff]");
                } else {
                    assertThat(text).as("%s", file).doesNotContainPattern("[您请！]|成功").doesNotContainPattern(
                            "[\\u4e00-\\u9fff][,.;:?!()]|[,;?!()][\\u4e00-\\u9fff]")
                            .doesNotContainPattern("[\\u4e00-\\u9fff][A-Za-z0-9]|[A-Za-z0-9][\\u4e00-\\u9fff]");
                }
            }
        }
    }

    /** What a hint calls a button stands on a button: bold words are the window's own. */
    @Test
    void bold_words_of_tasks_and_hints_are_the_windows() throws CheckpointException {
        for (var locale : List.of(Locale.ENGLISH, Locale.SIMPLIFIED_CHINESE)) {
            var texts = Texts.of(locale).with("window");
            var known = texts.keys().stream().map(texts::plain)
                    .map(t -> t.replaceAll("\\{n:[^}]*}", "").replaceAll("\\{\\w+}", "3").strip())
                    .collect(Collectors.toSet());
            for (var lesson : Course.open(SHIPPED).lessons()) {
                var words = lesson.words().get(locale.getLanguage());
                Stream.concat(Stream.of(words.task()), words.hints().stream()).flatMap(t -> Markdown.spans(t).stream())
                        .filter(s -> s.style() == Markdown.Style.STRONG)
                        .forEach(s -> assertThat(known).as(lesson.id()).contains(s.text()));
            }
        }
    }

    @Test
    void the_schema_knows_every_field() throws Exception {
        var schema = Files.readString(Path.of("src/main/resources/weft/lesson/weft-lesson.schema.json"));
        assertThat(Json.read(schema, "schema")).isInstanceOf(java.util.Map.class);
        try (var files = Files.walk(SHIPPED)) {
            for (var file : files.filter(f -> f.endsWith(LessonFile.NAME)).toList()) {
                Pattern.compile("\"([a-zA-Z]+)\":").matcher(Files.readString(file)).results()
                        .forEach(m -> assertThat(schema).contains('"' + m.group(1) + '"'));
            }
        }
    }

    // ---------------------------------------------------------------- a teacher's own

    private static final String JSON = """
            {
              "weftLesson": 1,
              "id": "mine",
              "open": {"source": "tiny", "target": "gpt2/hf-linear", "rules": "start.weft"},
              "answer": 1,
              "show": {"rows": ["transformer.h.{i}.attn.c_proj.weight"], "tab": "why"},
              "task": [
                {"any": [{"given": "transformer.wte.weight => transformer.wte.weight"}, {"complete": true}]},
                {"target": "gpt2/hf-linear"},
                {"rows": "transformer.h.0.attn.c_proj.weight", "ops": ["rearrange"], "kind": "transposed", "proved": true},
                {"answer": true}
              ],
              "picture": "transformer.h.0.attn.c_proj.weight"
            }
            """;
    private static final String WORDS = """
            # Meine Stunde
            Was geschah.

            ## Question
            Warum?
            - Darum
              und deshalb.
            - Nein.

            ## Task
            Tu **es**.
            ## Hints
            1. Erst so.
            2. Dann so.
            ## Explanation
            So ist es.
            ## Take home
            Merke.
            """;

    private Path lesson(String json, String words) throws IOException {
        var made = Files.createDirectories(folder.resolve("mine"));
        Files.writeString(made.resolve(LessonFile.NAME), json);
        Files.writeString(made.resolve("en.md"), words);
        Files.writeString(made.resolve("start.weft"),
                "transformer.h.{i}.attn.c_attn.weight : rearrange \"a b -> b a\" => transformer.h.{i}.attn.c_attn.weight\n");
        var tiny = Files.createDirectories(made.resolve("tiny"));
        try (var files = Files.list(Path.of("src/test/resources/fixtures/gpt2-tiny/hf"))) {
            for (var file : files.toList()) {
                var to = tiny.resolve(file.getFileName());
                if (!Files.exists(to)) {
                    Files.copy(file, to);
                }
            }
        }
        return made;
    }

    @Test
    void a_teachers_own_lesson_opens_and_its_checks_look() throws Exception {
        var lesson = LessonFile.read(lesson(JSON, WORDS));
        var words = lesson.in(true);
        assertThat(words.title()).isEqualTo("Meine Stunde");
        assertThat(words.choices()).containsExactly("Darum und deshalb.", "Nein.");
        assertThat(words.hints()).containsExactly("Erst so.", "Dann so.");
        assertThat(Course.isHere(folder)).isTrue();
        assertThat(Course.open(folder).lessons()).containsExactly(lesson);
        assertThat(Course.open(folder.resolve("mine")).lessons()).hasSize(1);
        assertThat(Course.isHere(folder.resolve("mine/lesson.json"))).isTrue();
        assertThat(Course.open(folder.resolve("mine/lesson.json")).lessons()).hasSize(1);

        var open = Workspace.open(lesson.open().source(), Progress.NONE).withTarget(lesson.open().target(),
                Progress.NONE).withRules(Workspace.read(lesson.open().rules()).rules());
        var found = Checks.of(lesson, new Checks.Standing(open, 2), Progress.NONE);
        assertThat(found.stream().map(Finding::what)).containsExactly(What.GIVEN, What.TARGET, What.ROW, What.ANSWER);
        assertThat(found.stream().map(Finding::passed)).containsExactly(false, true, false, false);
        var done = open.acceptAll();
        found = Checks.of(lesson, new Checks.Standing(done, 1), Progress.NONE);
        assertThat(found.stream().map(Finding::what)).containsExactly(What.COMPLETE, What.TARGET, What.PROVED,
                What.ANSWER);
        assertThat(found.stream().map(Finding::passed)).containsExactly(true, true, false, true);
        var proved = done.withEvidence(
                java.util.Map.of("transformer.h.0.attn.c_proj.weight", weft.plan.Evidence.FORWARD));
        assertThat(Checks.of(lesson, new Checks.Standing(proved, 1), Progress.NONE)).allMatch(Finding::passed);
        assertThat(Checks.of(lesson, new Checks.Standing(null, 1), Progress.NONE).getFirst().what())
                .isEqualTo(What.NOTHING_OPEN);
    }

    @Test
    void chinese_headings_are_headings() throws Exception {
        var words = LessonWords.read("""
                # 题目
                ## 问题
                为什么？
                - 甲
                - 乙
                ## 任务
                做。
                ## 提示
                1. 看。
                ## 解释
                因为。
                ## 带回家
                记住。
                """, "zh.md");
        assertThat(words.question()).isEqualTo("为什么？");
        assertThat(words.takeHome()).isEqualTo("记住。");
    }

    // ---------------------------------------------------------------- broken ones

    private Problem refusal(String json, String words) throws IOException {
        var made = lesson(json, words);
        try {
            LessonFile.read(made);
        } catch (CheckpointException e) {
            for (var locale : List.of(Locale.ENGLISH, Locale.SIMPLIFIED_CHINESE)) {
                assertThat(Texts.of(locale).full(e.problem())).isNotBlank();
            }
            return e.problem();
        }
        throw new AssertionError("it opened");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '#', value = {
        "\"answer\": 1 # \"answer\": 3 # answer # 3 # 1 … 2",
        "\"weftLesson\": 1 # \"weftLesson\": 2 # weftLesson # 2 # 1",
        "\"id\": \"mine\" # \"id\": \"Mine own\" # id # \"Mine own\" # a-z 0-9 -",
        "\"tab\": \"why\" # \"tab\": \"news\" # show.tab # \"news\" # why | tensor | rules | preview | verify",
        "\"source\": \"tiny\" # \"source\": \"gone\" # open.source # \"gone\" # a file beside it",
        "\"source\": \"tiny\" # \"source\": \"sample:none\" # open.source # \"sample:none\" # sample:openai-tf | sample:hf | sample:scratch-split | sample:trap-hf-linear",
        "{\"answer\": true} # {\"answered\": true} # task[3].answered # answered # complete | target | rows | cell | given | loss | answer | any",
        "\"kind\": \"transposed\" # \"kind\": \"turned\" # task[2].kind # \"turned\" #",
        "\"complete\": true # \"complete\": \"yes\" # task[0].any[1].complete # \"yes\" # true",
        "\"rows\": [\"transformer.h.{i}.attn.c_proj.weight\"] # \"rows\": [] # show.rows # [] #",
        "\"answer\": 1, # \"answer\": 1, \"answr\": 2, # answr # answr #"})
    void a_broken_lesson_says_what_where_and_what_was_expected(String right, String wrong, String field, String found,
            String expected) throws IOException {
        assertThat(JSON).contains(right);
        var problem = refusal(JSON.replace(right, wrong), WORDS);
        assertThat(problem.code()).isEqualTo(Code.BAD_LESSON);
        assertThat(problem.file()).isEqualTo("mine/lesson.json");
        assertThat(problem.field()).isEqualTo(field);
        assertThat(problem.found()).isEqualTo(found);
        if (expected != null) {
            assertThat(problem.expected()).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '@', value = {"## Task @ ## Tasks @ line 10 @ ## Tasks",
        "- Nein. @ Nein. @ ## Question @ 1 choices",
        "# Meine Stunde @ Meine Stunde @ line 1 @ Meine Stunde", "1. Erst so. @ Erst so. @ @",
        "So ist es. @ '' @ ## Explanation @"})
    void a_broken_text_says_where(String right, String wrong, String field, String found) throws IOException {
        assertThat(WORDS).contains(right);
        var words = WORDS.replace(right, wrong);
        var problem = refusal(JSON, right.startsWith("1.") ? words.replace("2. Dann so.", "Dann so.") : words);
        assertThat(problem.code()).isEqualTo(Code.BAD_LESSON);
        assertThat(problem.file()).isEqualTo("mine/en.md");
        assertThat(problem.field()).isEqualTo(field == null ? "## Hints" : field);
        assertThat(problem.found()).isEqualTo(found);
    }

    @Test
    void what_lies_outside_is_not_opened() throws IOException {
        assertThat(refusal(JSON.replace("\"tiny\"", "\"../../etc\""), WORDS).code()).isEqualTo(Code.PATH_OUTSIDE);
        assertThat(refusal(JSON.replace("\"tiny\"", "\"/etc\""), WORDS).code()).isEqualTo(Code.PATH_OUTSIDE);
        assertThat(refusal(JSON.replace("\"start.weft\"", "\"../x.weft\""), WORDS).code()).isEqualTo(Code.PATH_OUTSIDE);
    }

    @Test
    void json_that_is_none_says_in_which_line() throws IOException {
        var problem = refusal(JSON.replace("\"id\"", "id"), WORDS);
        assertThat(problem.code()).isEqualTo(Code.BAD_LESSON);
        assertThat(problem.field()).isEqualTo("JSON, line 3");
        assertThat(refusal(JSON.replace("c_proj.weight\", \"ops\"", "c_proj.{weight\", \"ops\""), WORDS).field())
                .isEqualTo("task[2].rows");
        assertThat(refusal(JSON.replace("transformer.wte.weight => ", "transformer.wte.weight => => "), WORDS).field())
                .startsWith("task[0].any[0].given 1:");
    }

    @Test
    void one_broken_lesson_does_not_keep_the_others_back() throws Exception {
        lesson(JSON, WORDS);
        Files.createDirectories(folder.resolve("other"));
        Files.writeString(folder.resolve("other/lesson.json"), "{}");
        var course = Course.open(folder);
        assertThat(course.lessons()).hasSize(1);
        assertThat(course.problems()).hasSize(1);
        assertThat(course.problems().getFirst().expected()).isEqualTo("en.md | zh.md");
        var empty = Files.createDirectories(folder.resolve("empty"));
        assertThatThrownBy(() -> Course.open(empty)).isInstanceOf(CheckpointException.class);
        assertThat(Course.isHere(empty)).isFalse();
    }

    // ---------------------------------------------------------------- Markdown

    @Test
    void markdown_is_read_as_far_as_it_goes() {
        assertThat(Markdown.plain("One *two*\n**three** `a*b`\n\n- item\n- other\n\n1. first"))
                .isEqualTo("One two three a*b\n• item\n• other\n1. first");
        assertThat(Markdown.plain("转置，\n不是")).isEqualTo("转置，不是");
        assertThat(Markdown.spans("2 * 3 and **open")).containsExactly(
                new Markdown.Span("2 * 3 and **open", Markdown.Style.PLAIN));
    }
}
