package weft.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Json;
import weft.io.Problem;
import weft.tensor.TensorInfo;
import weft.text.Texts;
import weft.work.Model;

/**
 * Where a command prints. With {@code --json} stdout gets one document and nothing else; progress and warnings go to
 * stderr either way.
 *
 * @param json whether the command's answer is a JSON document
 */
record Session(PrintStream out, PrintStream err, Texts texts, boolean json) {
    private static final int MOST_WARNINGS = 3;

    /** A line of the answer for people. */
    void say(String line) {
        out.println(line);
    }

    /** A line beside the answer. */
    void note(String line) {
        err.println(line);
    }

    /** The answer as a document. */
    void print(Map<String, ?> document) {
        out.print(Json.print(document));
    }

    /** What is odd about an open file; each thing once and of one kind no more than a few. */
    void warn(Model model) {
        var byCode = new LinkedHashMap<Code, LinkedHashSet<String>>();
        Stream.concat(model.warnings().stream(),
                model.tensors().stream().map(TensorInfo::broken).filter(Objects::nonNull))
                .forEach(p -> byCode.computeIfAbsent(p.code(), _ -> new LinkedHashSet<>()).add(texts.full(p)));
        for (var messages : byCode.values()) {
            messages.stream().limit(MOST_WARNINGS).forEach(m -> note(texts.get("warning", "message", m)));
            if (messages.size() > MOST_WARNINGS) {
                note(texts.get("warnings.more", "n", messages.size() - MOST_WARNINGS));
            }
        }
    }

    /** What a target leaves open; of one kind no more than a few. */
    void warn(List<Problem> problems) {
        var counts = new LinkedHashMap<Code, Integer>();
        for (var problem : problems) {
            if (counts.merge(problem.code(), 1, Integer::sum) <= MOST_WARNINGS) {
                note(texts.get("warning", "message", texts.full(problem)));
            }
        }
        counts.values().stream().filter(n -> n > MOST_WARNINGS)
                .forEach(n -> note(texts.get("warnings.more", "n", n - MOST_WARNINGS)));
    }

    /** The refusal as {@code {"error": …}} on stdout or as a line on stderr. */
    void refuse(Problem problem, @Nullable List<String> open) {
        if (json) {
            var error = describe(problem);
            error.put("hint", texts.hint(problem));
            if (open != null) {
                error.put("open", open);
            }
            print(Map.of("error", error));
        } else {
            note(texts.get("refused", "message", texts.full(problem)));
        }
    }

    /** A problem as the fields of an object; what isn't known is left out, but for file and offset. */
    Map<String, @Nullable Object> describe(Problem problem) {
        var fields = new LinkedHashMap<String, @Nullable Object>();
        fields.put("code", problem.code().id());
        fields.put("message", texts.message(problem));
        fields.put("file", problem.file());
        fields.put("offset", problem.offset() < 0 ? null : problem.offset());
        putIfKnown(fields, "field", problem.field());
        putIfKnown(fields, "found", problem.found());
        putIfKnown(fields, "expected", problem.expected());
        if (problem.rule() > 0) {
            fields.put("rule", problem.rule());
        }
        putIfKnown(fields, "tensor", problem.tensor());
        return fields;
    }

    private static void putIfKnown(Map<String, @Nullable Object> fields, String key, @Nullable String value) {
        if (value != null) {
            fields.put(key, value);
        }
    }

    /** Warnings as they stand in documents: code, message and the tensor that is concerned. */
    List<Map<String, Object>> warnings(Model model) {
        var all = new ArrayList<Map<String, Object>>();
        var names = model.tensors().stream().map(TensorInfo::name).collect(Collectors.toSet());
        for (var problem : model.warnings()) {
            var field = problem.field();
            all.add(warning(problem, field != null && names.contains(field) ? field : null));
        }
        for (var tensor : model.tensors()) {
            if (tensor.broken() != null) {
                all.add(warning(tensor.broken(), tensor.name()));
            }
        }
        return all;
    }

    Map<String, Object> warning(Problem problem, @Nullable String tensor) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("code", problem.code().id());
        fields.put("message", texts.message(problem));
        if (problem.file() != null) {
            fields.put("file", problem.file());
        }
        if (problem.offset() >= 0) {
            fields.put("offset", problem.offset());
        }
        if (tensor != null) {
            fields.put("tensor", tensor);
        }
        return fields;
    }

    /** How a refusal ends the process. */
    static int status(CheckpointException refusal) {
        var problem = refusal.problem();
        return switch (problem.code()) {
            case E_DUP, E_MISSING, E_SIZE, E_COLLECT, E_SHAPE, E_SOURCE, E_NAME, E_GAP, E_CYCLE, E_REGEX, E_LOSS,
                    E_ASSERT, W_UNUSED,
                    W_IDLE, W_OVERFLOW, MERGE_FIRST, NOT_COMPLETE, HEAD_NOT_TIED, OTHER_MODEL, MISNAMED,
                    ROPE_NOT_CARRIED, WINDOW_NOT_CARRIED, NO_VOCABULARY, CANCELLED ->
                Exit.NO;
            case FORMAT_LIMIT, UNKNOWN_TARGET, BAD_TARGET, BAD_ARGUMENT, BAD_PROMPT, NOT_IN_VOCABULARY, ID_RANGE ->
                Exit.USAGE;
            // Without a file it is the output's format that was asked for.
            case UNSUPPORTED_FORMAT -> problem.file() == null ? Exit.USAGE : Exit.REFUSED;
            case EXISTS, NO_SPACE, WRITE_FAILED -> Exit.NOT_WRITTEN;
            // All others speak of a file: what is in it, or what isn't.
            default -> Exit.REFUSED;
        };
    }
}
