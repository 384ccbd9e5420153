package weft.lesson;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import weft.name.Pattern;
import weft.rule.Rule;

/**
 * A lesson: something broken on purpose, a question to answer before looking, a task in the real window, hints, a check,
 * an explanation and a picture to take home.
 *
 * @param id what progress is kept under; the same in every language
 * @param folder where its files lie
 * @param words by language, {@code en} and {@code zh}; at least one
 * @param answer the right one of the choices, counted from 1
 * @param task what must hold for the task to be done; all of it
 * @param picture the target parameter the picture to take home shows
 */
public record Lesson(String id, Path folder, Map<String, Words> words, Opening open, int answer, List<Check> task,
        Stage stage, String picture) {

    public Lesson {
        words = Map.copyOf(words);
        task = List.copyOf(task);
    }

    /** What a language has to say, or the other one where nobody wrote it. */
    public Words in(boolean chinese) {
        var wanted = words.get(chinese ? "zh" : "en");
        return wanted != null ? wanted : words.values().iterator().next();
    }

    /**
     * What a lesson says, as Markdown.
     *
     * @param story what happened, before the question
     * @param choices possible answers
     * @param hints one at a time, each saying more
     * @param takeHome what stands under the picture
     */
    public record Words(String title, String story, String question, List<String> choices, String task,
            List<String> hints, String explanation, String takeHome) {
        public Words {
            choices = List.copyOf(choices);
            hints = List.copyOf(hints);
        }
    }

    /**
     * What is on the table when the task begins.
     *
     * @param source a checkpoint, its file or its folder
     * @param target as a person would write it, or {@code null}
     * @param rules arrow text, as if the person had given these rules; empty for none
     */
    public record Opening(Path source, @Nullable String target, String rules) {
    }

    /**
     * What is shown: the rows a class should look at, and what stands beside them.
     *
     * @param select the target parameter that is selected when the task begins, or {@code null}
     * @param tab of the real window: {@code why}, {@code tensor}, {@code rules}, {@code preview}, {@code verify}
     * @param rows target parameters, in this order
     * @param prompt what the model continues, or {@code null} where no text is shown
     * @param log a text to read, or {@code null}
     * @param offers rules beside the suggested one that the big table can try
     */
    public record Stage(@Nullable String select, String tab, List<Pattern> rows, @Nullable String prompt,
            @Nullable String log, List<Rule> offers) {
        public Stage {
            rows = List.copyOf(rows);
            offers = List.copyOf(offers);
        }
    }
}
