package weft.lesson;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Json;
import weft.io.JsonFields;
import weft.io.JsonFields.Value;
import weft.io.Problem;
import weft.io.SourceFile;
import weft.name.Pattern;
import weft.plan.Kind;
import weft.plan.Status;
import weft.rule.Rule;
import weft.work.Workspace;

/**
 * Reads a lesson: a folder with {@code lesson.json}, with what it says in {@code en.md} or {@code zh.md} or both, and
 * with the files it needs. Names in it stay inside the folder; {@code sample:hf} is one of the built-in samples.
 */
public final class LessonFile {
    /** What makes a folder a lesson. */
    public static final String NAME = "lesson.json";
    private static final String SAMPLE = "sample:";
    private static final int LARGEST = 4 << 20;
    private static final int VERSION = 1;
    private static final List<String> TABS = List.of("why", "tensor", "rules", "preview", "verify");
    private static final String KINDS = "complete | target | rows | cell | given | loss | answer | any";

    private final Path folder;

    private LessonFile(Path folder) {
        this.folder = folder;
    }

    /**
     * @throws CheckpointException {@code BAD_LESSON} with the file, the place in it, what stands there and what was
     *         expected; {@code NOT_READABLE}, {@code LIMIT}, {@code PATH_OUTSIDE}
     */
    public static Lesson read(Path folder) throws CheckpointException {
        return new LessonFile(folder).lesson();
    }

    private Lesson lesson() throws CheckpointException {
        var words = new LinkedHashMap<String, Lesson.Words>();
        for (var language : List.of("en", "zh")) {
            var file = folder.resolve(language + ".md");
            if (Files.exists(file)) {
                words.put(language, LessonWords.read(text(file), shown(file)));
            }
        }
        var file = folder.resolve(NAME);
        if (words.isEmpty()) {
            throw Problem.of(Code.BAD_LESSON).file(shown(file)).expected("en.md | zh.md").asException();
        }
        var fields = new Value(Code.BAD_LESSON, shown(file), "", json(file)).fields();
        var version = fields.get("weftLesson");
        if (!Long.valueOf(VERSION).equals(version.value())) { throw version.bad("" + VERSION); }
        var id = fields.get("id");
        if (!id.text().matches("[a-z0-9][a-z0-9-]{0,63}")) { throw id.bad("a-z 0-9 -"); }
        var open = opening(fields.get("open"));
        var answer = fields.get("answer");
        int choices = words.values().iterator().next().choices().size();
        int right = Math.toIntExact(whole(answer, 1, choices));
        for (var other : words.entrySet()) {
            if (other.getValue().choices().size() != choices) {
                throw Problem.of(Code.BAD_LESSON).file(shown(folder.resolve(other.getKey() + ".md")))
                        .field("## Question").found(other.getValue().choices().size() + " choices")
                        .expected(choices + " choices").asException();
            }
        }
        var task = checks(fields.get("task"));
        var stage = stage(fields.get("show"));
        var picture = fields.get("picture").text();
        fields.done();
        return new Lesson(id.text(), folder, words, open, right, task, stage, picture);
    }

    // ---------------------------------------------------------------- what is open and shown

    private Lesson.Opening opening(Value value) throws CheckpointException {
        var fields = value.fields();
        var source = source(fields.get("source"));
        var target = fields.has("target") ? fields.get("target").text() : null;
        var rules = fields.has("rules") ? text(inside(fields.get("rules"))) : "";
        if (!rules.isEmpty()) {
            arrows(rules, fields.get("rules"));
        }
        fields.done();
        return new Lesson.Opening(source, target, rules);
    }

    private Path source(Value value) throws CheckpointException {
        var text = value.text();
        if (!text.startsWith(SAMPLE)) { return inside(value); }
        var name = text.substring(SAMPLE.length());
        var sample = Workspace.samples().filter(_ -> name.matches("[a-z0-9-]+")).map(s -> s.resolve(name))
                .filter(Files::isDirectory);
        return sample.orElseThrow(() -> value.bad("sample:openai-tf | sample:hf | sample:scratch-split | "
                + "sample:trap-hf-linear"));
    }

    private Path inside(Value value) throws CheckpointException {
        var text = value.text();
        try {
            var path = folder.resolve(text).normalize();
            var real = Files.exists(path) ? path.toRealPath() : null;
            if (text.isBlank() || Path.of(text).isAbsolute() || !path.startsWith(folder.normalize())
                    || real != null && !real.startsWith(folder.toRealPath())) {
                throw Problem.of(Code.PATH_OUTSIDE).file(shown(folder.resolve(NAME))).field(value.path()).found(text)
                        .asException();
            }
            if (real == null && !Files.exists(folder.resolve(text + ".index"))) { throw value.bad("a file beside it"); }
            return path;
        } catch (InvalidPathException | IOException e) {
            throw value.bad("a file beside it");
        }
    }

    private Lesson.Stage stage(Value value) throws CheckpointException {
        var fields = value.fields();
        var select = fields.has("select") ? fields.get("select").text() : null;
        var tab = fields.has("tab") ? fields.get("tab").text() : "why";
        if (!TABS.contains(tab)) { throw fields.get("tab").bad(String.join(" | ", TABS)); }
        var rows = new ArrayList<Pattern>();
        for (var row : fields.get("rows").list()) {
            rows.add(pattern(row));
        }
        if (rows.isEmpty()) { throw fields.get("rows").bad("[\"parameter\", …]"); }
        var prompt = fields.has("prompt") ? fields.get("prompt").text() : null;
        var log = fields.has("log") ? text(inside(fields.get("log"))).strip() : null;
        var offers = new ArrayList<Rule>();
        if (fields.has("offers")) {
            for (var offer : fields.get("offers").list()) {
                offers.addAll(arrows(offer.text(), offer));
            }
        }
        fields.done();
        return new Lesson.Stage(select, tab, rows, prompt, log, offers);
    }

    // ---------------------------------------------------------------- checks

    private static List<Check> checks(Value value) throws CheckpointException {
        var checks = new ArrayList<Check>();
        for (var each : value.list()) {
            checks.add(check(each));
        }
        if (checks.isEmpty()) { throw value.bad("[{\"complete\": true}, …]"); }
        return checks;
    }

    private static Check check(Value value) throws CheckpointException {
        var fields = value.fields();
        var kind = fields.first(KINDS);
        var it = fields.get(kind);
        Check check = switch (kind) {
            case "complete" -> {
                yes(it);
                yield new Check.Complete();
            }
            case "answer" -> {
                yes(it);
                yield new Check.Answer();
            }
            case "target" -> new Check.Target(it.text());
            case "rows" -> rows(it, fields);
            case "cell" -> new Check.Cell(it.text(), index(fields.get("at")), fields.get("tensor").text(),
                    index(fields.get("from")));
            case "given" -> {
                var rules = arrows(it.text(), it);
                if (rules.size() != 1) { throw it.bad("one rule"); }
                yield new Check.Given(rules.getFirst());
            }
            case "loss" -> {
                var loss = it.fields();
                var below = loss.get("below");
                double most = below.as("a number", n -> ((Number) n).doubleValue());
                if (!(most > 0)) { throw below.bad("> 0"); }
                loss.done();
                yield new Check.Loss(most);
            }
            case "any" -> new Check.Any(checks(it));
            default -> throw fields.unknown(kind, KINDS);
        };
        fields.done();
        return check;
    }

    private static Check.Rows rows(Value name, JsonFields fields) throws CheckpointException {
        var pattern = pattern(name);
        var status = new ArrayList<Status>();
        if (fields.has("status")) {
            for (var each : fields.get("status").list()) {
                status.add(constant(each, Status.values(), Status::id));
            }
        }
        var kind = fields.has("kind") ? constant(fields.get("kind"), Kind.values(), Kind::id) : null;
        List<String> ops = null;
        if (fields.has("ops")) {
            ops = new ArrayList<>();
            for (var op : fields.get("ops").list()) {
                ops.add(op.text());
            }
        }
        boolean proved = fields.has("proved");
        if (proved) {
            yes(fields.get("proved"));
        }
        if (status.isEmpty() && kind == null && ops == null && !proved) {
            throw name.bad("status | kind | ops | proved");
        }
        return new Check.Rows(pattern, status, kind, ops, proved);
    }

    private static <T> T constant(Value value, T[] all, Function<T, String> id)
            throws CheckpointException {
        var text = value.text();
        for (var each : all) {
            if (id.apply(each).equals(text)) { return each; }
        }
        throw value.bad(String.join(" | ", Arrays.stream(all).map(id).toList()));
    }

    private static List<Long> index(Value value) throws CheckpointException {
        var index = new ArrayList<Long>();
        for (var each : value.list()) {
            index.add(whole(each, 0, Long.MAX_VALUE));
        }
        return index;
    }

    private static long whole(Value value, long least, long most) throws CheckpointException {
        var expected = most == Long.MAX_VALUE ? least + " …" : least + " … " + most;
        long number = value.as(expected, n -> (Long) n);
        if (number < least || number > most) { throw value.bad(expected); }
        return number;
    }

    private static void yes(Value value) throws CheckpointException {
        if (!Boolean.TRUE.equals(value.value())) { throw value.bad("true"); }
    }

    private static Pattern pattern(Value value) throws CheckpointException {
        try {
            return Pattern.parse(value.text());
        } catch (Pattern.SyntaxException e) {
            throw value.bad("a parameter's name, {i} for any number");
        }
    }

    /** Rules as arrow text; the first that can't be read is told. */
    private static List<Rule> arrows(String text, Value value) throws CheckpointException {
        var reading = Workspace.read(text);
        if (!reading.errors().isEmpty()) {
            var problem = reading.errors().getFirst().problem(null);
            throw Problem.of(Code.BAD_LESSON).file(value.file()).field(value.path() + " " + problem.field())
                    .found(problem.found()).expected(problem.expected()).asException();
        }
        return reading.rules().rules();
    }

    // ---------------------------------------------------------------- files

    private @Nullable Object json(Path file) throws CheckpointException {
        try {
            return Json.read(text(file), shown(file));
        } catch (CheckpointException e) {
            if (e.code() != Code.BAD_HEADER) { throw e; }
            throw Problem.of(Code.BAD_LESSON).file(shown(file)).field(line(text(file), e.problem().offset()))
                    .found(e.problem().found()).asException(e);
        }
    }

    /** Where in a text, as an editor counts. @param at a place in it, negative if nobody knows */
    private static String line(String text, long at) {
        if (at < 0) { return "JSON"; }
        var before = text.substring(0, (int) Math.min(at, text.length()));
        return "JSON, line " + (before.chars().filter(c -> c == '\n').count() + 1);
    }

    private String text(Path file) throws CheckpointException {
        var source = SourceFile.open(file);
        var bytes = ByteBuffer.wrap(source.bytes(0, source.size(), LARGEST));
        try {
            var text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
            return text.startsWith("\ufeff") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw Problem.of(Code.BAD_LESSON).file(shown(file)).at(bytes.position()).found("bytes").expected("UTF-8")
                    .asException(e);
        }
    }

    /** A lesson's file with its folder's name: {@code 2-square/en.md}. */
    private String shown(Path file) {
        var last = folder.getFileName();
        return (last == null ? "" : last + "/") + file.getFileName();
    }

}
