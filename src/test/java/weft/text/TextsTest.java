package weft.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import weft.io.Code;
import weft.io.Problem;
import weft.plan.Evidence;
import weft.plan.Kind;
import weft.plan.Reason;
import weft.plan.Status;

class TextsTest {
    private static final Path BUNDLES = Path.of("src/main/resources/weft/text");
    private static final Texts EN = Texts.of(Locale.ENGLISH);
    private static final Texts ZH = Texts.of(Locale.SIMPLIFIED_CHINESE);

    private static List<String> bundles() throws IOException {
        try (var files = Files.list(BUNDLES)) {
            return files.map(f -> f.getFileName().toString()).filter(n -> n.endsWith("_en.properties"))
                    .map(n -> n.replace("_en.properties", "")).sorted().toList();
        }
    }

    @Test
    void both_languages_have_the_same_keys_and_no_key_twice() throws IOException {
        for (var bundle : bundles()) {
            assertThat(Texts.load(bundle, Locale.ENGLISH).keySet()).as(bundle)
                    .isEqualTo(Texts.load(bundle, Locale.SIMPLIFIED_CHINESE).keySet());
            for (var language : List.of("en", "zh")) {
                try (var lines = Files.lines(BUNDLES.resolve(bundle + "_" + language + ".properties"))) {
                    assertThat(lines.filter(l -> !l.startsWith("#") && l.contains(" = "))
                            .map(l -> l.substring(0, l.indexOf(" = ")))).as(bundle).doesNotHaveDuplicates();
                }
            }
        }
    }

    @Test
    void both_languages_name_the_same_arguments() throws IOException {
        var argument = Pattern.compile("\\{(\\w+)");
        for (var bundle : bundles()) {
            var english = Texts.load(bundle, Locale.ENGLISH);
            var chinese = Texts.load(bundle, Locale.SIMPLIFIED_CHINESE);
            for (var key : english.keySet()) {
                // Chinese has no plural: an argument that only chooses a form may be absent there.
                var needed = argument.matcher(english.get(key).replaceAll("\\{\\w+:[^}]*}", "")).results()
                        .map(r -> r.group(1)).toList();
                assertThat(argument.matcher(chinese.get(key)).results().map(r -> r.group(1))).as(key)
                        .containsAll(needed);
            }
        }
    }

    @Test
    void every_code_status_kind_and_evidence_has_texts() {
        var needed = new TreeSet<String>();
        for (var code : Code.values()) {
            needed.add(code.name());
            needed.add(code.name() + ".hint");
        }
        Stream.of(Status.values()).forEach(s -> needed.add("status." + s.id()));
        Stream.of(Kind.values()).forEach(k -> needed.add("kind." + k.id()));
        Stream.of(Evidence.values()).forEach(e -> needed.add("evidence." + e.id()));
        Stream.of(Kind.values()).forEach(k -> needed.add("explain.advice." + k.id()));
        Stream.of("hidden", "missing", "unexpected", "adapter", "buffer", "layers")
                .forEach(k -> needed.add("explain.advice." + k));
        Stream.of(Reason.Relation.values()).forEach(r -> needed.add("why.shape." + r.id()));
        Stream.of(Reason.Note.values()).forEach(n -> needed.add("why.note." + n.id()));
        Stream.of(Reason.Open.values()).forEach(o -> needed.add("why.open." + o.id()));
        Stream.of(weft.work.RowsReport.Purpose.values()).forEach(p -> needed.add("rows.purpose." + p.id()));
        Stream.of(weft.work.RowsReport.Extra.values()).forEach(e -> needed.add("rows.extra." + e.id()));
        Stream.of(weft.arch.ErrorLog.Advice.values()).forEach(a -> needed.add("explain.log." + a.name()));
        assertThat(EN.keys()).containsAll(needed);
    }

    @Test
    void no_text_is_left_over_and_none_is_missing() throws IOException {
        var source = new StringBuilder();
        try (var files = Files.walk(Path.of("src/main/java"))) {
            for (var file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                source.append(Files.readString(file));
            }
        }
        var literals = new LinkedHashSet<String>();
        Pattern.compile("\"((?:[^\"\\\\\n]|\\\\.)*)\"").matcher(source).results()
                .forEach(r -> literals.add(r.group(1)));
        var known = new TreeSet<String>();
        for (var code : Code.values()) {
            known.add(code.name());
        }
        for (var key : Texts.load("messages", Locale.ENGLISH).keySet()) {
            var stem = key.replaceFirst("\\.hint$", "").replaceFirst("@.*$", "");
            boolean ofAnEnum = known.contains(stem) || key.startsWith("status.") || key.startsWith("kind.")
                    || key.startsWith("evidence.") || key.startsWith("reason.") || key.startsWith("explain.log.")
                    || key.startsWith("explain.advice.") || key.startsWith("why.")
                    || key.startsWith("rows.purpose.") || key.startsWith("rows.extra.");
            assertThat(ofAnEnum || literals.contains(key)).as("%s is used nowhere", key).isTrue();
        }
        var all = new TreeSet<String>();
        for (var bundle : bundles()) {
            all.addAll(Texts.load(bundle, Locale.ENGLISH).keySet());
        }
        Pattern.compile("texts(?:\\(\\))?\\s*\\.get\\(\\s*\"([^\"]+)\"\\s*[,)]").matcher(source).results()
                .forEach(r -> assertThat(all).contains(r.group(1)));
    }

    @Test
    void a_name_of_an_enum_has_no_texts_beyond_its_values() {
        var known = new TreeSet<String>();
        Stream.of(Status.values()).forEach(s -> known.add("status." + s.id()));
        Stream.of(Kind.values()).forEach(k -> known.add("kind." + k.id()));
        Stream.of(Evidence.values()).forEach(e -> known.add("evidence." + e.id()));
        Stream.of(Reason.Relation.values()).forEach(r -> known.add("why.shape." + r.id()));
        Stream.of(Reason.Note.values()).forEach(n -> known.add("why.note." + n.id()));
        Stream.of(Reason.Open.values()).forEach(o -> known.add("why.open." + o.id()));
        Stream.of("why.line", "why.and", "why.from", "why.names", "why.layers").forEach(known::add);
        assertThat(EN.keys().stream().filter(k -> k.matches("(status|kind|evidence|why)\\..*")))
                .allMatch(known::contains);
    }

    /** Every subset of the five arguments: no gap may show. */
    private static List<Problem> problems(Code code) {
        var all = new ArrayList<Problem>();
        for (int set = 0; set < 32; set++) {
            var problem = Problem.of(code);
            problem = (set & 1) == 0 ? problem : problem.file("model.pt");
            problem = (set & 2) == 0 ? problem : problem.at(123456);
            problem = (set & 4) == 0 ? problem : problem.field("h.0.w");
            problem = (set & 8) == 0 ? problem : problem.found("F1");
            problem = (set & 16) == 0 ? problem : problem.expected("E1");
            all.add(problem);
        }
        return all;
    }

    @ParameterizedTest
    @ValueSource(strings = {"en", "zh", "en window", "zh window"})
    void a_message_reads_well_whatever_is_known(String face) {
        var language = face.substring(0, 2);
        var plain = language.equals("en") ? EN : ZH;
        var texts = face.equals(language) ? plain : plain.with("window");
        for (var code : Code.values()) {
            for (var problem : problems(code)) {
                for (var sentence : List.of(texts.message(problem), texts.hint(problem))) {
                    assertThat(sentence).as("%s", problem).isNotBlank().doesNotContain("{", "}", "[", "]", "|", "  ",
                            "()", "（）", "null", "!", "！").doesNotContainPattern(" [.,:]( |$)")
                            .endsWith(language.equals("en") ? "." : "。");
                }
            }
        }
    }

    @Test
    void a_message_says_what_is_known() {
        var problem = Problem.of(Code.TRUNCATED).file("a.pt").field("wte").found(1024).expected(2048576);
        assertThat(EN.message(problem))
                .isEqualTo("The file ends too early: 1,024 bytes are there, 2,048,576 are needed (for wte).");
        assertThat(ZH.message(problem)).isEqualTo("文件不完整：现有 1,024 字节，需要 2,048,576（wte）。");
        assertThat(EN.full(problem)).startsWith("a.pt: The file ends").endsWith("compare its size.");
        assertThat(EN.message(Problem.of(Code.NOT_A_MODEL).found("HTML"))).startsWith("This is a web page");
    }

    @Test
    void wording_keeps_to_the_house_rules() throws IOException {
        for (var bundle : bundles()) {
            Texts.load(bundle, Locale.ENGLISH).forEach((key, text) -> assertThat(text).as(key)
                    .doesNotContainPattern("(?i)\\bplease\\b|\\boops\\b|successful|!(?![=\"])|\\bsorry\\b"));
            Texts.load(bundle, Locale.SIMPLIFIED_CHINESE).forEach((key, whole) -> {
                assertThat(whole).as(key).doesNotContainPattern("[您请！]|成功");
                var text = whole.replaceAll("\\{\\w+:[^}]*}", "").replaceAll("\\{\\w+\\?[^}]*}", "{x}");
                assertThat(text).as(key + ": half-width punctuation").doesNotContainPattern(
                        "[\\u4e00-\\u9fff][,.;:?!()]|[,;?!()][\\u4e00-\\u9fff]");
                assertThat(text).as(key + ": no space between Chinese and Latin").doesNotContainPattern(
                        "[\\u4e00-\\u9fff][A-Za-z0-9{]|[A-Za-z0-9}][\\u4e00-\\u9fff]");
            });
        }
    }

    @Test
    void nothing_in_a_name_can_hide() {
        assertThat(EN.message(Problem.of(Code.E_SOURCE).found("a\u202eb\u0007"))).contains("a\\u202eb\\u0007");
        assertThat(EN.message(Problem.of(Code.E_SOURCE).found("x".repeat(70_000)))).hasSizeLessThan(400);
    }

    @Test
    void templates_choose_forms_and_leave_out_clauses() {
        assertThat(Template.fill("{n} {n:file|files}", Map.of("n", "1"))).isEqualTo("1 file");
        assertThat(Template.fill("{n} {n:file|files}", Map.of("n", "2"))).isEqualTo("2 files");
        assertThat(Template.fill("a[: {x} and {y}|: {x}|: none].", Map.of("x", "1"))).isEqualTo("a: 1.");
        assertThat(Template.fill("a[: {x} and {y}|: {x}|: none].", Map.of())).isEqualTo("a: none.");
        assertThat(Template.fill("a[ b[ {y}] {x}] [[{x?c}]]", Map.of("x", "1"))).isEqualTo("a b 1 [1]");
        assertThat(Template.fill("[[{x?c}]]", Map.of())).isEqualTo("[c]");
        assertThatThrownBy(() -> Template.fill("{x}", Map.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Template.fill("a[b", Map.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void numbers_read_as_people_write_them() {
        assertThat(EN.number(589_824)).isEqualTo("589,824");
        assertThat(EN.bytes(497_759_232)).isEqualTo("497.8 MB");
        assertThat(EN.bytes(999)).isEqualTo("999 B");
        assertThat(EN.bytes(999_999)).isEqualTo("1.0 MB");
        assertThat(EN.count(124_439_808)).isEqualTo("124.4 million");
        assertThat(ZH.count(124_439_808)).isEqualTo("1.244 亿");
        assertThat(ZH.count(99_999_999)).isEqualTo("1 亿");
        assertThat(ZH.count(755_840)).isEqualTo("75.58 万");
        assertThat(ZH.count(148)).isEqualTo("148");
        assertThat(EN.decimal(3.14159, 4)).isEqualTo("3.142");
        assertThat(EN.decimal(1.234e-7, 3)).isEqualTo("1.23e-07");
        assertThat(EN.decimal(Double.NEGATIVE_INFINITY, 3)).isEqualTo("-Inf");
        assertThat(EN.decimal(0, 4)).isEqualTo("0.000");
    }

    @Test
    void any_chinese_locale_reads_chinese_and_any_other_english() {
        assertThat(Texts.of(Locale.TRADITIONAL_CHINESE).isChinese()).isTrue();
        assertThat(Texts.of(Locale.GERMAN).isChinese()).isFalse();
        assertThat(Set.of(EN.status("needsRule"), ZH.status("needsRule"))).containsExactlyInAnyOrder("Needs rule",
                "待加规则");
    }
}
