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

    private static final Path UNKNOWN = Path.of("src/test/resources/fixtures/unknown/encoder");

    /** A safetensors file lists k before q; in the fused tensor q comes first, and so it does in the picture. */
    @Test
    void pieces_stand_in_the_order_in_which_they_lie_and_pairs_have_their_reasons() throws Exception {
        var workspace = Workspace.open(UNKNOWN.resolve("source.safetensors"), Progress.NONE)
                .withTarget(UNKNOWN.resolve("target.safetensors").toString(), Progress.NONE);
        var names = workspace.plan().orElseThrow().rows().stream().map(r -> r.target().name()).toList();
        assertThat(names.indexOf("stack.0.attn.k_proj.weight")).isLessThan(names.indexOf("stack.0.attn.q_proj.weight"));
        var page = Reports.text(workspace, "r.html", EN);
        var pictures = page.substring(page.indexOf("<svg"), page.lastIndexOf("</svg>"));
        assertThat(pictures.indexOf(">q_proj.weight<")).isPositive()
                .isLessThan(pictures.indexOf(">k_proj.weight<"));
        assertThat(pictures.indexOf(">k_proj.weight<")).isLessThan(pictures.indexOf(">v_proj.weight<"));
        assertThat(page).contains("Why these names are pairs", "no rule, more than one could be meant");
        assertThat(Reports.text(workspace, "r.md", ZH)).contains("## 为什么这样配对", "- stack.");
    }

    /** Nothing is cut off at the top or the bottom, and nothing but what is drawn takes room. */
    @ParameterizedTest
    @ValueSource(strings = {"gpt2/scratch-split", "gpt2/hf", "gpt2/scratch-fused", "gpt2/mindspore"})
    void every_word_lies_inside_its_picture(String target) throws Exception {
        var page = Reports.of(Workspace.open(Path.of("src/test/resources/fixtures/gpt2-tiny/openai-tf"), Progress.NONE)
                .withTarget(target, Progress.NONE)).html(ZH);
        int pictures = 0;
        for (int at = page.indexOf("<svg"); at >= 0; at = page.indexOf("<svg", at + 1)) {
            var root = DocumentBuilderFactory.newInstance().newDocumentBuilder()
                    .parse(new ByteArrayInputStream(
                            page.substring(at, page.indexOf("</svg>", at) + 6).getBytes(StandardCharsets.UTF_8)))
                    .getDocumentElement();
            var box = root.getAttribute("viewBox").split(" ");
            double top = Double.parseDouble(box[1]);
            double bottom = top + Double.parseDouble(box[3]);
            var texts = root.getElementsByTagName("text");
            double lowest = 0;
            for (int i = 0; i < texts.getLength(); i++) {
                var text = (org.w3c.dom.Element) texts.item(i);
                double y = Double.parseDouble(text.getAttribute("y"));
                lowest = Math.max(lowest, y);
                if (!text.hasAttribute("transform")) {
                    assertThat(y - 11).as(text.getTextContent()).isGreaterThanOrEqualTo(top);
                    assertThat(y + 3).as(text.getTextContent()).isLessThanOrEqualTo(bottom);
                }
            }
            assertThat(bottom - lowest).isLessThan(60);
            pictures++;
        }
        assertThat(pictures).isPositive();
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
