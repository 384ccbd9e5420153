package weft.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.plan.Row;
import weft.rule.CastLoss;
import weft.tensor.DType;
import weft.text.Texts;
import weft.work.ConvertRequest;
import weft.work.OutputName;
import weft.work.Selection;
import weft.work.Workspace;

/** Writes the target side of a plan. */
@CommandLine.Command(name = "convert")
final class ConvertCommand extends Command {
    /** Names of each kind that a person reads; --json has all. */
    private static final int MOST_NAMES = 12;

    private static final Pattern SIZE = Pattern.compile("([0-9]+(?:\\.[0-9]+)?) ?([kKMGT]i?)?[bB]?");

    @Mixin
    SourceOptions source = new SourceOptions();

    @Option(names = {"-o", "--output"}, required = true, paramLabel = "OUT", descriptionKey = "convert.output")
    String output = "";

    @Option(names = "--to", paramLabel = "FORMAT")
    @Nullable
    String to;

    @Option(names = "--dtype", paramLabel = "D")
    @Nullable
    String dtype;

    @Option(names = "--shard-size", paramLabel = "SIZE")
    @Nullable
    String shardSize;

    @Option(names = "--part", paramLabel = "K/N")
    @Nullable
    String part;

    @Option(names = "--only", paramLabel = "P")
    List<String> only = new ArrayList<>();

    @Option(names = "--strict")
    boolean strict;

    @Option(names = "--no-hash")
    boolean noHash;

    @Option(names = "--force")
    boolean force;

    ConvertCommand(Session session) {
        super(session);
    }

    @Override
    int run(Session session) throws CheckpointException {
        source.requireTarget("--target, --rules, --adapter");
        var cast = dtype == null ? null : floating(dtype);
        long shard = shardSize == null ? 0 : size(shardSize);
        var slice = part == null ? null : part(part);
        if (part != null && shard == 0) { throw bad("--part", part, "--shard-size SIZE --part K/N"); }
        var wanted = wanted();
        var workspace = source.prepared(session);
        var plan = strict ? workspace.planWithHeads() : workspace.plan().orElseThrow();
        var open = plan.open().stream().filter(r -> wanted.test(r.target().name())).toList();
        if (!open.isEmpty()) {
            if (!session.json()) {
                PlanText.ofRules(plan).forEach(p -> session.note(session.texts().full(p)));
                plan.problems().forEach(p -> session.note(session.texts().full(p)));
            }
            return unresolved(session, open);
        }
        // Who chooses some parameters has said that the rest is left out.
        for (var problem : plan.problems()) {
            if (only.isEmpty() || problem.code() != Code.E_LOSS) { throw problem.asException(); }
        }
        if (strict && !(plan.unexpected().isEmpty() && plan.unused().isEmpty())) {
            throw Problem.of(Code.W_UNUSED)
                    .field((plan.unexpected().isEmpty() ? plan.unused() : plan.unexpected()).getFirst()).asException();
        }
        var path = Path.of(output);
        boolean folder = output.endsWith("/") || output.endsWith("\\") || Files.isDirectory(path);
        var request = new ConvertRequest(path, folder, to, cast, shard, !noHash, force);
        var result = workspace.convert(slice == null ? request : request.part(slice[0], slice[1]), wanted,
                new Percent(session.err()));
        var selection = Selection.of(plan, wanted);
        if (session.json()) {
            var document = new LinkedHashMap<String, @Nullable Object>();
            document.put("output", output);
            document.put("format", result.format());
            document.put("tensors", result.tensors());
            document.put("bytes", result.bytes());
            document.put("lossless", result.lossless());
            document.put("sha256", result.sha256());
            document.put("written", selection.written());
            document.put("left", selection.left().entrySet().stream()
                    .map(l -> Documents.object("target", l.getKey(), "reason", l.getValue())).toList());
            document.put("unread", selection.unread());
            document.put("casts", result.casts().entrySet().stream().map(c -> cast(c.getKey(), c.getValue())).toList());
            document.put("warnings", result.warnings().stream().map(w -> session.warning(w, w.field())).toList());
            document.put("files", result.files().stream().map(Path::toString).toList());
            session.print(document);
        } else {
            var texts = session.texts();
            session.say(texts.get("convert.done", "output", output, "format", result.format(), "tensors",
                    result.tensors(), "bytes", texts.bytes(result.bytes())));
            left(selection, texts).forEach(session::say);
            session.say(texts.get(result.lossless() ? "convert.lossless" : "convert.lossy"));
            if (result.sha256() != null) {
                session.say("SHA-256 " + result.sha256());
            }
        }
        OutputName.unknownEnding(request).ifPresent(ending -> session.note(session.texts().get("warning", "message",
                session.texts().get("convert.ending", "ending", ending, "format", result.format()))));
        session.warn(result.warnings());
        return Exit.FINE;
    }

    /** What was left to the model and why, and what of the source went nowhere. */
    private static List<String> left(Selection selection, Texts texts) {
        var lines = new ArrayList<String>();
        if (!selection.left().isEmpty()) {
            var byReason = new LinkedHashMap<String, List<String>>();
            selection.left().forEach((name, why) -> byReason.computeIfAbsent(why, _ -> new ArrayList<>()).add(name));
            lines.add(texts.get("convert.left", "n", selection.left().size(), "names",
                    Names.few(texts, List.copyOf(selection.left().keySet()), 3)));
            byReason.forEach((why, names) -> lines.add(texts.get("convert.left.reason", "reason", switch (why) {
                case "only" -> texts.get("convert.left.only");
                case "kept" -> texts.get("convert.left.kept");
                case "tied" -> texts.get("convert.left.tied");
                default -> texts.status(why);
            }, "n", names.size(), "names", Names.few(texts, names, MOST_NAMES))));
        }
        if (!selection.unread().isEmpty()) {
            lines.add(texts.get("convert.unread", "n", selection.unread().size(), "names",
                    Names.few(texts, selection.unread(), MOST_NAMES)));
        }
        return lines;
    }

    private static Map<String, Object> cast(String name, CastLoss loss) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("tensor", name);
        fields.put("from", loss.from().title());
        fields.put("to", loss.to().title());
        fields.put("elements", loss.elements());
        fields.put("changed", loss.changed());
        fields.put("overflowed", loss.overflowed());
        fields.put("vanished", loss.vanished());
        fields.put("largest", loss.largest());
        return fields;
    }

    /** Nothing is written while anything is open: the answer names it. */
    static int unresolved(Session session, List<Row> open) {
        var first = open.getFirst();
        var problem = Problem.of(Code.NOT_COMPLETE).field(first.target().name()).found(open.size());
        session.refuse(problem, open.stream().map(r -> r.target().name()).toList());
        if (!session.json()) {
            noteOpen(session, open);
        }
        return Exit.NO;
    }

    /** The parameters nothing makes, each with its shape and why. */
    static void noteOpen(Session session, List<Row> open) {
        open.forEach(row -> session.note(session.texts().get("suggest.unresolved", "name", row.target().name(),
                "shape", row.target().shape(), "status", session.texts().status(row.status().id()))));
    }

    private Predicate<String> wanted() throws CheckpointException {
        Predicate<String> wanted = _ -> only.isEmpty();
        for (var pattern : only) {
            wanted = wanted.or(Workspace.names(pattern));
        }
        return wanted;
    }

    /** {@code 2/8}: the second of eight. */
    private static int[] part(String text) throws CheckpointException {
        var match = Pattern.compile("([1-9][0-9]{0,6})/([1-9][0-9]{0,6})").matcher(text.trim());
        if (match.matches()) {
            int k = Integer.parseInt(match.group(1));
            int n = Integer.parseInt(match.group(2));
            if (k <= n) { return new int[]{k, n}; }
        }
        throw bad("--part", text, "1/4, 2/4, 3/4, 4/4");
    }

    private static DType floating(String text) throws CheckpointException {
        var type = DType.parse(text);
        if (type == null || !type.isFloating()) { throw bad("--dtype", text, "float32, float16, bfloat16, float64"); }
        return type;
    }

    /** {@code 500MB}, {@code 1.5 GB}, {@code 2GiB}, {@code 100000}: bytes. */
    static long size(String text) throws CheckpointException {
        var match = SIZE.matcher(text.trim());
        if (!match.matches()) { throw bad("--shard-size", text, "500MB, 2GB, 1.5GiB"); }
        var unit = match.group(2) == null ? "" : match.group(2).toLowerCase(Locale.ROOT);
        int power = unit.isEmpty() ? 0 : "kmgt".indexOf(unit.charAt(0)) + 1;
        double bytes = Double.parseDouble(match.group(1)) * Math.pow(unit.endsWith("i") ? 1024 : 1000, power);
        if (!(bytes >= 1) || bytes > Long.MAX_VALUE / 2) { throw bad("--shard-size", text, "500MB, 2GB, 1.5GiB"); }
        return (long) bytes;
    }
}
