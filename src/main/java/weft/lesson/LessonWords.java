package weft.lesson;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;

/** Takes a lesson's Markdown apart: a title, then sections of known names, in English or in Chinese. */
final class LessonWords {
    private enum Section {
        STORY("", ""), QUESTION("Question", "问题"), TASK("Task", "任务"), HINTS("Hints", "提示"), EXPLANATION(
                "Explanation", "解释"),
        TAKE_HOME("Take home", "带回家");

        private final String english;
        private final String chinese;

        Section(String english, String chinese) {
            this.english = english;
            this.chinese = chinese;
        }
    }

    private final String file;
    private final Map<Section, List<String>> lines = new LinkedHashMap<>();
    private String title = "";

    private LessonWords(String file) {
        this.file = file;
    }

    static Lesson.Words read(String markdown, String file) throws CheckpointException {
        var words = new LessonWords(file);
        words.sections(markdown);
        return words.words();
    }

    private void sections(String markdown) throws CheckpointException {
        var now = Section.STORY;
        int number = 0;
        for (var line : markdown.lines().toList()) {
            number++;
            if (line.startsWith("# ") && title.isEmpty()) {
                title = line.substring(2).strip();
            } else if (line.startsWith("#")) {
                now = section(line, number);
                if (lines.containsKey(now)) { throw bad(line.strip() + " (" + number + ")", "twice", null); }
                lines.put(now, new ArrayList<>());
            } else if (title.isEmpty() && !line.isBlank()) {
                throw bad("line " + number, line.strip(), "# …");
            } else {
                lines.computeIfAbsent(now, _ -> new ArrayList<>()).add(line);
            }
        }
        if (title.isEmpty()) { throw bad("line 1", null, "# …"); }
    }

    private Section section(String line, int number) throws CheckpointException {
        var name = line.replaceFirst("^#+", "").strip();
        for (var each : Section.values()) {
            if (each != Section.STORY && (each.english.equalsIgnoreCase(name) || each.chinese.equals(name))) {
                return each;
            }
        }
        throw bad("line " + number, line.strip(),
                "## Question | ## Task | ## Hints | ## Explanation | ## Take home");
    }

    private Lesson.Words words() throws CheckpointException {
        var question = lines.getOrDefault(Section.QUESTION, List.of());
        var choices = items(question, "- ");
        if (choices.size() < 2 || choices.size() > 6) {
            throw bad("## " + Section.QUESTION.english, choices.size() + " choices", "2 … 6: - …");
        }
        var asked = text(question.stream().takeWhile(l -> !l.startsWith("- ")).toList());
        var hints = items(lines.getOrDefault(Section.HINTS, List.of()), "1. ");
        if (hints.isEmpty()) { throw bad("## " + Section.HINTS.english, null, "1. …"); }
        return new Lesson.Words(title, text(lines.getOrDefault(Section.STORY, List.of())),
                need(Section.QUESTION, asked), choices, need(Section.TASK), hints, need(Section.EXPLANATION),
                need(Section.TAKE_HOME));
    }

    private String need(Section section) throws CheckpointException {
        return need(section, text(lines.getOrDefault(section, List.of())));
    }

    private String need(Section section, String text) throws CheckpointException {
        if (text.isBlank()) { throw bad("## " + section.english, null, "…"); }
        return text;
    }

    private static String text(List<String> some) {
        return String.join("\n", some).strip();
    }

    /** The items of a list, a line each or several; a numbered list may number as it likes. */
    private static List<String> items(List<String> some, String mark) {
        var items = new ArrayList<String>();
        for (var line : some) {
            boolean begins = mark.equals("- ") ? line.startsWith("- ") : line.matches("\\d+\\. .*");
            if (begins) {
                items.add(line.replaceFirst("^(- |\\d+\\. )", "").strip());
            } else if (!items.isEmpty() && !line.isBlank()) {
                items.add(items.removeLast() + " " + line.strip());
            }
        }
        return items;
    }

    private CheckpointException bad(String where, @Nullable String found,
            @Nullable String expected) {
        return Problem.of(Code.BAD_LESSON).file(file).field(where).found(found).expected(expected).asException();
    }
}
