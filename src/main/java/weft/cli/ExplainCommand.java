package weft.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Json;
import weft.io.Problem;
import weft.text.Texts;
import weft.work.Explain;
import weft.work.Explanation;
import weft.work.Explanation.Finding;
import weft.work.Workspace;

/** What a framework's error log means. */
@CommandLine.Command(name = "explain")
final class ExplainCommand extends Command {
    private static final int LONGEST = 64 << 20;

    @Parameters(index = "0", paramLabel = "FILE|-", descriptionKey = "explain.file")
    String file = "";

    ExplainCommand(Session session) {
        super(session);
    }

    @Override
    int run(Session session) throws CheckpointException {
        var explained = file.equals("-") ? Explain.of(standardInput()) : Explain.of(Path.of(file));
        if (session.json()) {
            session.print(document(session, explained));
        } else if (explained.isEmpty()) {
            session.say(session.texts().get("explain.nothing"));
        } else {
            lines(session.texts(), explained.get()).forEach(session::say);
        }
        return explained.isEmpty() ? Exit.NO : Exit.FINE;
    }

    private static String standardInput() throws CheckpointException {
        try {
            var bytes = System.in.readNBytes(LONGEST + 1);
            if (bytes.length > LONGEST) {
                throw Problem.of(Code.LIMIT).field("-").found(bytes.length).expected(LONGEST).asException();
            }
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw Problem.of(Code.NOT_READABLE).file("-").found(e.getClass().getSimpleName()).asException(e);
        }
    }

    private static Map<String, @Nullable Object> document(Session session, Optional<Explanation> explained)
            throws CheckpointException {
        var texts = session.texts();
        var document = new LinkedHashMap<String, @Nullable Object>();
        if (explained.isPresent() && explained.get().checkpointDialect() != null) {
            var dialects = new LinkedHashMap<String, @Nullable Object>();
            dialects.put("checkpoint", explained.get().checkpointDialect());
            dialects.put("model", explained.get().modelDialect());
            document.put("dialects", dialects);
        }
        document.put("frameworks", explained.map(e -> List.copyOf(e.frameworks())).orElse(List.of()));
        document.put("findings", explained.map(e -> e.findings().stream().map(f -> finding(texts, f)).toList())
                .orElse(List.of()));
        document.put("sizes", explained.map(e -> e.sizes().stream().map(d -> {
            var fields = new LinkedHashMap<String, Object>();
            fields.put("field", d.word());
            fields.put("checkpoint", d.checkpoint());
            fields.put("model", d.model());
            return fields;
        }).toList()).orElse(List.of()));
        var rules = new ArrayList<@Nullable Object>();
        var arrows = new ArrayList<String>();
        if (explained.isPresent()) {
            if (Json.read(Workspace.text(explained.get().rules(), "rules.json"), "rules.json") instanceof Map<?, ?> set
                    && set.get("rules") instanceof List<?> list) {
                rules.addAll(list);
            }
            explained.get().rules().rules().forEach(r -> arrows.add(Workspace.text(r)));
        }
        document.put("rules", rules);
        document.put("rulesText", arrows);
        document.put("advice", explained.map(e -> e.advice().stream().map(a -> {
            var fields = new LinkedHashMap<String, Object>();
            fields.put("code", a.name());
            fields.put("message", texts.get("explain.log." + a.name()));
            return fields;
        }).toList()).orElse(List.of()));
        return document;
    }

    private static Map<String, @Nullable Object> finding(Texts texts, Finding finding) {
        var fields = new LinkedHashMap<String, @Nullable Object>();
        fields.put("parameter", finding.parameter());
        fields.put("checkpointShape", finding.checkpoint() == null ? null : finding.checkpoint().dims());
        fields.put("modelShape", finding.model() == null ? null : finding.model().dims());
        fields.put("kind", finding.kind());
        fields.put("hidden", finding.hidden());
        fields.put("reported", finding.reported());
        fields.put("other", finding.other());
        if (finding.cut() != null) {
            fields.put("cut", finding.cut());
        }
        fields.put("advice", finding.advice(texts));
        return fields;
    }

    private static List<String> lines(Texts texts, Explanation explanation) {
        var lines = new ArrayList<String>();
        lines.add(texts.get("explain.head", "n", explanation.findings().stream().filter(Finding::reported).count(),
                "frameworks", String.join(", ", explanation.titles()), "from", explanation.checkpointDialect(),
                "to",
                explanation.modelDialect()));
        for (var size : explanation.sizes()) {
            lines.add(texts.get("explain.size", "word", size.word(), "found", size.checkpoint(), "expected",
                    size.model()));
        }
        lines.add("");
        for (var group : explanation.groups()) {
            var first = group.getFirst();
            var names = Explanation.names(group, texts);
            lines.add((first.reported() ? "" : texts.get("explain.unseen") + " ")
                    + (names.isEmpty() ? texts.get("explain.unnamed") : names));
            lines.add("    " + first.advice(texts));
        }
        if (!explanation.rules().rules().isEmpty()) {
            lines.add("");
            lines.add(texts.get("explain.rules"));
            explanation.rules().rules().forEach(r -> lines.add("    " + Workspace.text(r)));
        }
        if (!explanation.advice().isEmpty()) {
            lines.add("");
            explanation.advice().forEach(a -> lines.add(texts.get("explain.log." + a.name())));
        }
        return lines;
    }
}
