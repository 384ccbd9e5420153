package weft.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import weft.io.CheckpointException;
import weft.io.Progress;
import weft.tensor.Statistics;
import weft.tensor.TensorInfo;
import weft.text.Texts;
import weft.work.Workspace;

/** Lists what is in a checkpoint. */
@picocli.CommandLine.Command(name = "inspect")
final class InspectCommand extends Command {
    private static final int MOST_SETTINGS = 12;

    @Parameters(index = "0", paramLabel = "PATH", descriptionKey = "path")
    Path path = Path.of("");

    @Option(names = "--stats")
    boolean stats;

    @Option(names = "--grep", paramLabel = "P")
    @Nullable
    String grep;

    InspectCommand(Session session) {
        super(session);
    }

    @Override
    int run(Session session) throws CheckpointException {
        Predicate<String> shown = grep == null ? _ -> true : Workspace.names(grep);
        var workspace = Workspace.open(path, Progress.NONE);
        session.warn(workspace.source());
        var tensors = workspace.source().tensors().stream().filter(t -> shown.test(t.name())).toList();
        var statistics = new LinkedHashMap<String, Statistics>();
        for (var tensor : stats ? tensors : List.<TensorInfo>of()) {
            if (tensor.broken() == null && Statistics.canDescribe(tensor.dtype())) {
                statistics.put(tensor.name(), workspace.statistics(tensor.name(), Progress.NONE));
            }
        }
        if (session.json()) {
            session.print(document(session, workspace, tensors, statistics));
        } else {
            print(session, workspace, tensors, statistics);
        }
        return Exit.FINE;
    }

    private static Map<String, @Nullable Object> document(Session session, Workspace workspace,
            List<TensorInfo> tensors, Map<String, Statistics> statistics) {
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
        document.put("warnings", session.warnings(model));
        document.put("files", model.files().stream().map(Path::toString).toList());
        return document;
    }

    /** JSON has no NaN: a number that isn't there is null. */
    private static Map<String, @Nullable Object> document(Statistics numbers) {
        var document = new LinkedHashMap<String, @Nullable Object>();
        document.put("min", finite(numbers.min()));
        document.put("max", finite(numbers.max()));
        document.put("mean", finite(numbers.mean()));
        document.put("std", finite(numbers.std()));
        document.put("nan", numbers.nan());
        document.put("inf", numbers.inf());
        document.put("zeros", numbers.zeros());
        return document;
    }

    private static @Nullable Double finite(double value) {
        return Double.isFinite(value) ? value : null;
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
                String.join(", ", dtypes(model.tensors()).keySet())));
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
