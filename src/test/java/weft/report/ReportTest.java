package weft.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

import javax.xml.parsers.DocumentBuilderFactory;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import weft.arch.Architecture;
import weft.arch.Dialect;
import weft.arch.Parameter;
import weft.io.Json;
import weft.io.Progress;
import weft.picture.WhyPicture;
import weft.plan.Plan;
import weft.plan.Planner;
import weft.plan.Source;
import weft.rule.RuleSet;
import weft.tensor.AxisSizes;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorInfo;
import weft.text.Texts;
import weft.work.Reports;
import weft.work.Workspace;

/** Reports of a plan, and of names that were made to do harm. */
class ReportTest {
    private static final Texts EN = Texts.of(Locale.ENGLISH);
    private static final Texts ZH = Texts.of(Locale.SIMPLIFIED_CHINESE);

    private static Report report() throws Exception {
        return Reports.of(Workspace.open(Path.of("src/test/resources/fixtures/gpt2-tiny/openai-tf"), Progress.NONE)
                .withTarget("gpt2/scratch-split", Progress.NONE));
    }

    private static Report hostile() {
        var name = "=cmd|'/c calc'!A1\"><script>alert(1)</script>`|\u202E";
        var info = new TensorInfo(name, DType.F32, Shape.of(2, 3), 24);
        var parameter = new Parameter(name, Shape.of(2, 3), Dialect.Presence.REQUIRED, null);
        Plan plan = Planner.plan(new Source("/home/me/secret/model", java.util.List.of(info), null), RuleSet.EMPTY,
                new Architecture("t<b>", null, java.util.List.of(parameter), new AxisSizes(), Map.of()), Map.of());
        return new Report(plan, java.util.List.of(new Report.Group(name, "[2, 3]", name, "[2, 3]", 1, plan.rows())),
                java.util.List.of(), new WhyPicture.Formulas(null, null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"en", "zh"})
    void the_page_is_self_contained_and_its_pictures_are_well_formed(String language) throws Exception {
        var page = report().html(language.equals("zh") ? ZH : EN);
        assertThat(page).startsWith("<!DOCTYPE html>").contains("lang=\"" + (language.equals("zh") ? "zh-Hans" : "en"),
                "prefers-color-scheme: dark", "@media print", "default-src 'none'");
        assertThat(page).doesNotContain("<script", "<link", "src=", "url(", "@import", "href=");
        assertThat(page.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")).doesNotContain("http");
        int pictures = 0;
        for (int at = page.indexOf("<svg"); at >= 0; at = page.indexOf("<svg", at + 1)) {
            var svg = page.substring(at, page.indexOf("</svg>", at) + 6);
            var root = DocumentBuilderFactory.newInstance().newDocumentBuilder()
                    .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8))).getDocumentElement();
            assertThat(root.getElementsByTagName("text").getLength()).isPositive();
            pictures++;
        }
        // Split weights, split biases, the hidden square, and the two halves of the feed-forward part.
        assertThat(pictures).isEqualTo(5);
        assertThat(page).contains(language.equals("zh") ? "待加规则" : "Needs rule", "W_{query,key,value}");
    }

    @Test
    void counts_are_those_of_the_plan() throws Exception {
        var report = report();
        var document = report.document();
        assertThat(document.keySet()).contains("source", "target", "summary", "rows", "config", "rules", "unexpected",
                "ignored",
                "unused", "complete");
        var json = (Map<?, ?>) Json.read(report.json(), "report.json");
        assertThat(((Map<?, ?>) json.get("summary")).get("needsRule")).isEqualTo(report.plan().rows().stream()
                .filter(r -> r.target().required()).count());
        assertThat(((Map<?, ?>) json.get("summary")).get("hidden")).isEqualTo(2L);
        assertThat(report.csv().lines()).hasSize(report.plan().rows().size() + 1);
        assertThat(report.csv()).startsWith("\uFEFFtarget,targetShape,source");
        assertThat(report.markdown(EN)).contains("| Needs rule | `model/h{0,1}/attn/c_proj/w` | [1, 24, 24] |",
                "rearrange");
        assertThat(report.markdown(ZH)).contains("待加规则", "## 规则");
    }

    @Test
    void a_name_cannot_become_markup_a_formula_or_another_cell() {
        var report = hostile();
        assertThat(report.html(EN)).doesNotContain("<script", "<b>t", "t<b>").contains("&lt;script&gt;");
        assertThat(report.csv().lines().skip(1)).singleElement()
                .satisfies(l -> assertThat(l).startsWith("\"'=cmd|").contains("\"\"><script>"));
        assertThat(report.markdown(EN)).contains("\\|").doesNotContain("\u202E");
        // A report is handed on: it doesn't tell where its writer keeps files.
        assertThat(report.html(EN)).doesNotContain("/home/me");
        assertThat(report.markdown(EN)).doesNotContain("/home/me");
    }
}
