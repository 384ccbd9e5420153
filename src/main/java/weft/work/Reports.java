package weft.work;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.picture.WhyPicture;
import weft.report.Report;

/** What a report is made of. */
public final class Reports {
    private Reports() {
    }

    /** The workspace's plan as a report. @throws CheckpointException {@code UNKNOWN_TARGET} without a target */
    public static Report of(Workspace workspace) throws CheckpointException {
        var plan = workspace.plan().orElseThrow(() -> Problem.of(Code.UNKNOWN_TARGET).asException());
        var groups = RowGroup.of(plan).stream().map(g -> new Report.Group(RowGroup.join(g.sources()), g.sourceShape(),
                RowGroup.join(g.targets()), g.targetShape(), g.layers(), g.rows())).toList();
        var config = ConfigComparison.of(workspace).stream().filter(f -> !f.same())
                .map(d -> new Report.Difference(d.field(), d.source(), d.target())).toList();
        var recognition = plan.source().recognition();
        var dialect = plan.target().dialect();
        return new Report(plan, groups, config,
                new WhyPicture.Formulas(recognition == null ? null : recognition.dialect().computes(),
                        dialect == null ? null : dialect.computes()));
    }

    /** Why unknown names are paired as they are, and which rows of tokens or positions differ. */
    private static Map<String, List<String>> notes(Workspace workspace, weft.text.Texts texts)
            throws CheckpointException {
        var notes = new LinkedHashMap<String, List<String>>();
        var rows = Resize.lines(RowsReport.whole(workspace), texts);
        if (!rows.isEmpty()) {
            notes.put(texts.get("report.resized"), rows);
        }
        var why = Reasons.lines(workspace.plan().orElseThrow(), texts);
        if (!why.isEmpty()) {
            notes.put(texts.get("report.pairs"), why);
        }
        return notes;
    }

    /** The content of a report file, its form by the file's ending: HTML, Markdown, CSV or JSON. */
    public static String text(Workspace workspace, String fileName, weft.text.Texts texts) throws CheckpointException {
        var report = of(workspace).with(notes(workspace, texts));
        var name = fileName.toLowerCase(java.util.Locale.ROOT);
        int dot = name.lastIndexOf('.');
        return switch (dot < 0 ? "" : name.substring(dot)) {
            case ".html", ".htm" -> report.html(texts);
            case ".md", ".markdown" -> report.markdown(texts);
            case ".csv" -> report.csv();
            case ".json" -> report.json();
            default -> throw Problem.of(Code.BAD_ARGUMENT).field("--output").found(fileName)
                    .expected("report.html, .md, .csv, .json")
                    .asException();
        };
    }
}
