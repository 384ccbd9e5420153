package weft.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;

import weft.picture.Svg;
import weft.picture.WhyPicture;
import weft.plan.Kind;
import weft.plan.Row;
import weft.plan.Status;
import weft.rule.ArrowText;
import weft.text.Texts;

/** The page. Everything in it is text or drawing; names from files are escaped. */
final class HtmlReport {
    private static final int MOST_PICTURES = 24;
    private static final double HEIGHT = 280;
    private final Report report;
    private final Texts texts;
    private final StringBuilder out = new StringBuilder();

    HtmlReport(Report report, Texts texts) {
        this.report = report;
        this.texts = texts;
    }

    String page() {
        var title = report.title(texts);
        out.append("<!DOCTYPE html>\n<html lang=\"" + (texts.isChinese() ? "zh-Hans" : "en")
                + "\">\n<head>\n<meta charset=\"utf-8\">\n"
                + "<meta name=\"viewport\" content=\"width=device-width\">\n"
                + "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>"
                + Cells.html(title) + "</title>\n<style>\n" + style() + "</style>\n</head>\n<body>\n<main>\n");
        tag("h1", Cells.html(title));
        tiles();
        report.summary(texts).forEach(s -> tag("p", Cells.html(s)));
        groups();
        pictures();
        config();
        notes();
        rules();
        leftovers();
        out.append("</main>\n</body>\n</html>\n");
        return out.toString();
    }

    private static String style() {
        try (var in = HtmlReport.class.getResourceAsStream("report.css")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("report.css", e);
        }
    }

    private void tag(String name, String content) {
        out.append("<" + name + ">" + content + "</" + name + ">\n");
    }

    private void tiles() {
        out.append("<ul class=\"tiles\">\n");
        for (var status : Status.values()) {
            long n = report.plan().count(status);
            if (n > 0) {
                tile(status.id(), n, texts.status(status.id()));
            }
        }
        if (report.plan().hidden() > 0) {
            tile("hidden", report.plan().hidden(), texts.get("hidden"));
        }
        out.append("</ul>\n");
    }

    private void tile(String kind, long n, String words) {
        out.append("<li class=\"" + kind + "\"><b>" + texts.number(n) + "</b> " + Cells.html(words) + "</li>\n");
    }

    private void groups() {
        tag("h2", Cells.html(texts.get("report.rows")));
        out.append("<div class=\"wide\"><table>\n<thead><tr>");
        for (var key : List.of("report.status", "report.source", "report.shape", "report.target", "report.shape",
                "report.remark")) {
            out.append("<th scope=\"col\">" + Cells.html(texts.get(key)) + "</th>");
        }
        out.append("</tr></thead>\n<tbody>\n");
        for (var group : report.groups()) {
            var row = group.first();
            out.append("<tr><td><span class=\"chip " + row.status().id() + "\">"
                    + Cells.html(texts.status(row.status().id()))
                    + "</span></td><td><code>" + breakable(group.source().isEmpty() ? "–" : group.source())
                    + "</code></td><td class=\"shape\">"
                    + Cells.html(group.sourceShape()) + "</td><td><code>" + breakable(group.target())
                    + "</code></td><td class=\"shape\">"
                    + (group.rows().size() > 1 ? group.rows().size() + " × " : "") + Cells.html(group.targetShape())
                    + "</td><td>"
                    + (row.hidden() ? "<span class=\"mark\">◩</span> " : "") + Cells.html(report.remark(group, texts))
                    + "</td></tr>\n");
        }
        out.append("</tbody>\n</table></div>\n");
    }

    /** Long names may break after a dot or a slash. */
    private static String breakable(String name) {
        return Cells.html(name).replace(".", ".<wbr>").replace("/", "/<wbr>");
    }

    /** One picture for each rule that moves numbers; a rename needs none. */
    private void pictures() {
        var seen = new HashSet<String>();
        int drawn = 0;
        var words = texts.with("window");
        for (var group : report.groups()) {
            var first = group.first();
            if (first.kind() == null || first.kind() == Kind.RENAMED || first.kind() == Kind.TIED
                    || first.rule() == null
                    || drawn == MOST_PICTURES) {
                continue;
            }
            var together = together(first);
            if (!seen.add(first.rule() + " " + first.sources().stream().map(s -> s.shape()).toList())) {
                continue;
            }
            var picture = WhyPicture.of(together, report.plan().sizes(), words, report.formulas(), HEIGHT);
            if (picture.isEmpty()) {
                continue;
            }
            if (drawn++ == 0) {
                tag("h2", Cells.html(texts.get("report.why")));
            }
            out.append("<figure>" + Svg.of(picture.get().draw(picture.get().resting()), group.target())
                    + "<figcaption><code>"
                    + Cells.html(ArrowText.print(first.rule())) + "</code></figcaption></figure>\n");
        }
    }

    /** The parameters that one application of the rule makes: Q, K and V of one layer. */
    private List<Row> together(Row row) {
        var sources = row.sources().stream().map(s -> s.name()).toList();
        return report.plan().rows().stream().filter(r -> row.rule() != null && row.rule().equals(r.rule())
                && r.sources().stream().map(s -> s.name()).toList().equals(sources)).toList();
    }

    private void config() {
        if (report.config().isEmpty()) { return; }
        tag("h2", Cells.html(texts.get("report.config")));
        out.append("<table>\n<thead><tr><th></th><th scope=\"col\">" + Cells.html(texts.get("report.source"))
                + "</th><th scope=\"col\">"
                + Cells.html(texts.get("report.target")) + "</th></tr></thead>\n<tbody>\n");
        report.config().forEach(d -> out.append("<tr><td><code>" + Cells.html(d.field()) + "</code></td><td>"
                + Cells.html(String.valueOf(d.source())) + "</td><td>" + Cells.html(String.valueOf(d.target()))
                + "</td></tr>\n"));
        out.append("</tbody>\n</table>\n");
    }

    private void notes() {
        report.notes().forEach((heading, sentences) -> {
            tag("h2", Cells.html(heading));
            out.append("<ul class=\"notes\">\n");
            sentences.forEach(s -> out.append("<li>" + Cells.html(s) + "</li>\n"));
            out.append("</ul>\n");
        });
    }

    private void rules() {
        var rules = report.rules();
        if (rules.isEmpty()) { return; }
        tag("h2", Cells.html(texts.get("report.rules")));
        out.append("<pre>");
        rules.forEach(r -> out.append(Cells.html(r)).append('\n'));
        out.append("</pre>\n");
    }

    private void leftovers() {
        report.leftovers(texts).forEach((heading, names) -> {
            out.append("<details><summary>" + Cells.html(heading) + " (" + names.size() + ")</summary><ul>\n");
            names.forEach(n -> out.append("<li><code>" + Cells.html(n) + "</code></li>\n"));
            out.append("</ul></details>\n");
        });
    }
}
