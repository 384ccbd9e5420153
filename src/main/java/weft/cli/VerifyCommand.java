package weft.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import weft.io.CheckpointException;
import weft.prove.Verification;
import weft.prove.Verification.Module;
import weft.prove.Verification.Step;
import weft.work.ReferenceCheck;
import weft.work.StepText;
import weft.work.Workspace;

/** Whether two checkpoints are the same model, and where they part. */
@CommandLine.Command(name = "verify")
final class VerifyCommand extends Command {
    private static final int MOST = 12;

    @Parameters(index = "0", paramLabel = "A", descriptionKey = "path")
    Path first = Path.of("");

    @Parameters(index = "1", arity = "0..1", paramLabel = "B", descriptionKey = "path")
    @Nullable
    Path second;

    @Option(names = "--reference", paramLabel = "F")
    @Nullable
    Path reference;

    @Mixin
    TextOptions given = new TextOptions();

    @Option(names = "--anyway")
    boolean anyway;

    @Option(names = "--set", paramLabel = "K=V")
    Map<String, String> set = new LinkedHashMap<>();

    VerifyCommand(Session session) {
        super(session);
    }

    @Override
    int run(Session session) throws CheckpointException {
        if ((second == null) == (reference == null)) {
            throw second == null
                    ? bad("B", "-", "A B, A --reference F")
                    : bad("verify", "A B --reference", "A B, A --reference F");
        }
        var other = given.text != null ? given.text : given.tokenizer;
        if (reference != null && other != null) { // what was recorded was recorded on its own ids
            throw bad(other == given.text ? "--text" : "--tokenizer", other, "A B, A --reference F");
        }
        var values = SourceOptions.values(set);
        var a = SourceOptions.open(session, first, values, anyway);
        var verification = reference != null
                ? ReferenceCheck.of(a, reference, new Percent(session.err()))
                : against(session, a, values);
        if (session.json()) {
            session.print(document(session, verification));
        } else {
            words(session, verification);
        }
        return verification.passed() ? Exit.FINE : Exit.NO;
    }

    private Verification against(Session session, Workspace a, Map<String, Object> values) throws CheckpointException {
        var b = SourceOptions.open(session, Objects.requireNonNull(second), values, anyway);
        return a.verify(b, a.fixedText(given.text), given.tokenizer, new Percent(session.err()));
    }

    private Map<String, @Nullable Object> document(Session session, Verification verification) {
        var document = new LinkedHashMap<String, @Nullable Object>();
        document.put("passed", verification.passed());
        document.put("ladder", verification.ladder().stream().map(step -> {
            var fields = new LinkedHashMap<String, @Nullable Object>();
            fields.put("step", id(step));
            fields.put("passed", step.passed());
            fields.put("detail", StepText.of(step, session.texts(), reference != null));
            return fields;
        }).toList());
        var wrong = verification.first();
        document.put("first", wrong == null ? null : wrong.name());
        document.put("sameFunction", verification.sameFunction());
        document.put("faults", verification.faults().stream().map(Module::name).toList());
        document.put("modules", verification.modules().stream().map(module -> {
            var fields = new LinkedHashMap<String, @Nullable Object>();
            fields.put("name", module.name());
            fields.put("passed", module.passed());
            fields.put("maxAbs", Documents.finite(module.maxAbs()));
            fields.put("maxRel", Documents.finite(module.maxRel()));
            fields.put("cosine", Documents.finite(module.cosine()));
            fields.put("alone", module.alone());
            return fields;
        }).toList());
        document.put("top", verification.top().stream().map(t -> {
            var fields = new LinkedHashMap<String, @Nullable Object>();
            fields.put("id", t.id());
            fields.put("a", Documents.finite(t.a()));
            fields.put("b", Documents.finite(t.b()));
            return fields;
        }).toList());
        return document;
    }

    private static String id(Step step) {
        return step.rung().name().toLowerCase(Locale.ROOT);
    }

    private static String alone(Module module) {
        if (module.alone() == null) { return "verify.alone.unknown"; }
        return module.alone() ? "verify.alone" : "verify.alone.not";
    }

    private void words(Session session, Verification verification) {
        var texts = session.texts();
        var ladder = new Table("<<<");
        for (var step : verification.ladder()) {
            ladder.row(step.passed() == null ? "–" : step.passed() ? "✓" : "✗", id(step),
                    StepText.of(step, texts, reference != null));
        }
        ladder.lines().forEach(session::say);
        var wrong = verification.modules().stream().filter(m -> !m.passed() || !Boolean.TRUE.equals(m.alone()))
                .filter(m -> !m.passed() || m.alone() != null).toList();
        if (!wrong.isEmpty()) {
            session.say("");
            var table = new Table("<>><");
            wrong.stream().limit(MOST).forEach(m -> table.row(m.name(), texts.decimal(m.maxAbs(), 3),
                    texts.decimal(m.cosine(), 4), texts.get(alone(m))));
            table.lines().forEach(session::say);
            if (wrong.size() > MOST) {
                session.say("…");
            }
        }
        session.say("");
        var first = verification.first();
        var faults = new ArrayList<String>();
        verification.faults().forEach(m -> faults.add(m.name()));
        session.say(verification.passed()
                ? texts.get(reference != null ? "verify.recorded.passed" : "verify.passed")
                : texts.get(reference != null ? "verify.recorded.failed" : "verify.failed", "first",
                        first == null ? null : first.name(), "faults",
                        faults.isEmpty() ? null : String.join(", ", faults)));
        if (verification.sameFunction()) {
            session.say(texts.get("verify.function"));
        }
    }
}
