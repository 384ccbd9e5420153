package weft.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;
import weft.tensor.Statistics;
import weft.tensor.TensorInfo;
import weft.text.Texts;
import weft.work.Instructions;
import weft.work.Workspace;

/** Lists what is in a checkpoint. */
@CommandLine.Command(name = "inspect")
final class InspectCommand extends Command {
    private static final int MOST_SETTINGS = 12;

    @Parameters(index = "0", paramLabel = "PATH", descriptionKey = "path")
    Path path = Path.of("");

    @Option(names = "--stats")
    boolean stats;

    @Option(names = "--grep", paramLabel = "P")
    @Nullable
    String grep;

    @Option(names = "--anyway")
    boolean anyway;

    @Option(names = "--instructions")
    boolean instructions;

    InspectCommand(Session session) {
        super(session);
    }

    @Override
    int run(Session session) throws CheckpointException {
        if (instructions) { return instructions(session); }
        Predicate<String> shown = grep == null ? _ -> true : Workspace.names(grep);
        var workspace = SourceOptions.open(session, path, Map.of(), anyway);
        var tensors = workspace.source().tensors().stream().filter(t -> shown.test(t.name())).toList();
        var statistics = new LinkedHashMap<String, Statistics>();
        var doubts = new LinkedHashMap<String, Problem>();
        for (var tensor : stats ? tensors : List.<TensorInfo>of()) {
            if (tensor.broken() == null && Statistics.canDescribe(tensor.dtype())) {
                describe(workspace, tensor.name(), statistics, doubts);
            }
        }
        doubts.values().forEach(d -> session.note(session.texts().get("warning", "message", session.texts().full(d))));
        if (session.json()) {
            session.print(document(session, workspace, tensors, statistics, doubts));
        } else {
            print(session, workspace, tensors, statistics);
        }
        return Exit.FINE;
    }

    /** Reads a tensor; what is only wrong with this one doesn't keep the others from being described. */
    private static void describe(Workspace workspace, String name, Map<String, Statistics> statistics,
            Map<String, Problem> doubts) throws CheckpointException {
        var model = workspace.source();
        try {
            var doubt = model.doubt(name);
            // What the listing has said already isn't said again.
            doubt.filter(d -> !model.warnings().contains(d)).ifPresent(d -> doubts.put(name, d));
            statistics.put(name, workspace.statistics(name, Progress.NONE));
        } catch (CheckpointException e) {
            if (e.code() == Code.CHANGED || e.code() == Code.CANCELLED) { throw e; }
            doubts.put(name, e.problem());
        }
    }

    /** Every instruction of every pickle in the file, a line each: where, what, with what. */
    private int instructions(Session session) throws CheckpointException {
        var pickles = new ArrayList<Map<String, Object>>();
        Instructions.list(path, new Instructions.Sink() {
            private List<Map<String, Object>> list = new ArrayList<>();

            @Override
            public void pickle(String name) {
                if (!session.json()) {
                    session.say(Texts.shown(name));
                }
                list = new ArrayList<>();
                pickles.add(Documents.object("pickle", name, "instructions", list));
            }

            @Override
            public void instruction(long offset, String name, String argument) {
                if (session.json()) {
                    list.add(Documents.object("offset", offset, "name", name, "argument", argument));
                } else {
                    session.say(String.format(Locale.ROOT, "%10d  %-16s %s", offset, name, argument).stripTrailing());
                }
            }
        });
        if (session.json()) {
            session.print(Map.of("pickles", pickles));
        } else if (pickles.isEmpty()) {
            session.say(session.texts().get("instructions.none"));
        }
        return Exit.FINE;
    }

    private static Map<String, @Nullable Object> document(Session session, Workspace workspace,
            List<TensorInfo> tensors, Map<String, Statistics> statistics, Map<String, Problem> doubts) {
        var model = workspace.source();
        var document = new LinkedHashMap<String, @Nullable Object>();
        document.put("format", model.format());
        document.put("dialect", model.dialect());
        document.put("config", workspace.config());
        var totals = new LinkedHashMap<String, Object>();
        totals.put("tensors", model.tensors().size());
        totals.put("parameters", model.parameters());
        totals.put("bytes", model.bytes());
        totals.put("dtypes", dtypes(model.tensors()));
        document.put("totals", totals);
        var rows = new ArrayList<Map<String, Object>>();
        for (var tensor : tensors) {
            var row = new LinkedHashMap<String, Object>();
            row.put("name", tensor.name());
            row.put("dtype", tensor.dtype().name());
            row.put("shape", tensor.shape().dims());
            row.put("bytes", tensor.bytes());
            if (tensor.sharesWith() != null) {
                row.put("sharesWith", tensor.sharesWith());
            }
            var numbers = statistics.get(tensor.name());
            if (numbers != null) {
                row.put("stats", document(numbers));
            }
            rows.add(row);
        }
        document.put("tensors", rows);
        document.put("metadata", model.metadata());
        document.put("ignored", model.ignored().stream().map(Documents::left).toList());
        var warnings = new ArrayList<>(session.warnings(model));
        doubts.forEach((tensor, problem) -> warnings.add(session.warning(problem, tensor)));
        document.put("warnings", warnings);
        document.put("files", model.files().stream().map(Path::toString).toList());
        return document;
    }

    private static Map<String, @Nullable Object> document(Statistics numbers) {
        var document = new LinkedHashMap<String, @Nullable Object>();
        document.put("min", Documents.finite(numbers.min()));
        document.put("max", Documents.finite(numbers.max()));
        document.put("mean", Documents.finite(numbers.mean()));
        document.put("std", Documents.finite(numbers.std()));
        document.put("nan", numbers.nan());
        document.put("inf", numbers.inf());
        document.put("zeros", numbers.zeros());
        return document;
    }

    private static Map<String, Integer> dtypes(List<TensorInfo> tensors) {
        var types = new TreeMap<String, Integer>();
        tensors.forEach(t -> types.merge(t.dtype().name(), 1, Integer::sum));
        return types;
    }

    private static void print(Session session, Workspace workspace, List<TensorInfo> tensors,
            Map<String, Statistics> statistics) {
        var texts = session.texts();
        var model = workspace.source();
        session.say(texts.get("inspect.head", "path", Texts.shown(model.path().toString()), "format", model.format(),
                "dialect", model.dialect(), "tensors", model.tensors().size(), "parameters",
                texts.count(model.parameters()), "bytes", texts.bytes(model.bytes()), "dtypes",
                model.tensors().isEmpty() ? null : String.join(", ", dtypes(model.tensors()).keySet())));
        var recognition = model.recognition();
        if (recognition != null && recognition.told() != null) {
            session.say(texts.get("inspect.told", "name", Texts.shown(recognition.told())));
        }
        var config = workspace.config().entrySet().stream()
                .filter(e -> recognition == null || recognition.dialect().configWords().containsValue(e.getKey()))
                .filter(e -> e.getValue() instanceof Number || e.getValue() instanceof String).limit(MOST_SETTINGS)
                .map(e -> Texts.shown(e.getKey() + " " + e.getValue())).toList();
        if (!config.isEmpty()) {
            session.say(texts.get("inspect.config", "config", String.join(", ", config)));
        }
        session.say("");
        var table = new Table(statistics.isEmpty() ? "<<><" : "<<><>>>>>>>");
        if (!statistics.isEmpty()) {
            table.row("", "", "", "", "min", "max", "mean", "std", "NaN", "Inf", "0");
        }
        for (var tensor : tensors) {
            var remark = tensor.sharesWith() != null
                    ? texts.get("inspect.shares", "name", Texts.shown(tensor.sharesWith()))
                    : tensor.broken() != null ? tensor.broken().code().id() : "";
            var cells = new ArrayList<Object>(List.of(Texts.shown(tensor.name()), tensor.dtype().name(),
                    tensor.shape(), remark));
            var s = statistics.get(tensor.name());
            if (s != null) {
                cells.addAll(List.of(texts.decimal(s.min(), 4), texts.decimal(s.max(), 4), texts.decimal(s.mean(), 4),
                        texts.decimal(s.std(), 4), texts.number(s.nan()), texts.number(s.inf()),
                        texts.number(s.zeros())));
            }
            table.row(cells.toArray());
        }
        table.lines().forEach(session::say);
        for (var left : model.ignored()) {
            session.say(texts.get("inspect.ignored", "name", Texts.shown(left.name()), "reason",
                    texts.get("reason." + left.reason())));
        }
    }
}
