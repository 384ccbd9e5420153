package weft.token;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;

/**
 * What a tokenizer looks for in a text. Expressions are written for Oniguruma or Rust's regex library; they are read
 * with Java's, whose flags are set so that both mean the same ({@code \s}, {@code \w}, {@code \d} are Unicode's,
 * {@code ^} and {@code $} are at every line feed, a dot is anything but a line feed).
 */
sealed interface Expression {
    /** @param match whether the expression covers it */
    record Span(int start, int end, boolean match) {
    }

    /** Cuts the whole text into matches and what lies between them; nothing is empty. */
    List<Span> spans(String text, Steps steps) throws CheckpointException;

    /** Each character of some kind is a match of its own. */
    record Characters(IntPredicate kind) implements Expression {
        @Override
        public List<Span> spans(String text, Steps steps) {
            var spans = new ArrayList<Span>();
            int start = 0;
            for (int i = 0; i < text.length();) {
                int c = text.codePointAt(i);
                int end = i + Character.charCount(c);
                if (kind.test(c)) {
                    if (i > start) {
                        spans.add(new Span(start, i, false));
                    }
                    spans.add(new Span(i, end, true));
                    start = end;
                }
                i = end;
            }
            if (start < text.length()) {
                spans.add(new Span(start, text.length(), false));
            }
            return spans;
        }
    }

    /** @param source as its file writes it, for problems */
    record Regex(Pattern pattern, String source, String file) implements Expression {
        private static final int FLAGS = Pattern.UNICODE_CHARACTER_CLASS | Pattern.MULTILINE | Pattern.UNIX_LINES;
        /** Constructs that Java reads as something else without a word. */
        private static final Pattern OTHER_MEANING = Pattern.compile("\\[\\[:|\\\\[hHOyYK]|\\(\\?[A-Za-z]*x");
        private static final Pattern SCRIPT = Pattern
                .compile("\\\\([pP])\\{(\\^?)(Han|Hiragana|Katakana|Hangul|Latin|Greek|Cyrillic|Arabic|Hebrew|Thai"
                        + "|Devanagari|Bengali|Tamil|Telugu|Armenian|Georgian|Khmer|Lao|Tibetan|Myanmar)\\}");

        /** @throws CheckpointException BAD_TOKENIZER for one that is malformed, or that Java would take for another */
        static Regex of(String source, String file, String field) throws CheckpointException {
            var bad = Problem.of(Code.BAD_TOKENIZER).file(file).field(field).found(source).expected("Regex");
            if (OTHER_MEANING.matcher(source).find()) { throw bad.asException(); }
            try {
                // Java writes a script with Is.
                return new Regex(Pattern.compile(SCRIPT.matcher(source).replaceAll("\\\\$1{$2Is$3}"), FLAGS), source,
                        file);
            } catch (PatternSyntaxException | StackOverflowError e) {
                throw bad.asException(e);
            }
        }

        /** One of Weft's own. */
        static Regex known(String source) {
            return new Regex(Pattern.compile(source, FLAGS), source, "");
        }

        /** The text as it stands. */
        static Regex literal(String text, String file) {
            return new Regex(Pattern.compile(text, Pattern.LITERAL), text, file);
        }

        @Override
        public List<Span> spans(String text, Steps steps) throws CheckpointException {
            var spans = new ArrayList<Span>();
            int start = 0;
            try {
                for (var matcher = pattern.matcher(steps.over(text)); matcher.find();) {
                    if (matcher.end() == matcher.start()) {
                        continue;
                    }
                    if (matcher.start() > start) {
                        spans.add(new Span(start, matcher.start(), false));
                    }
                    start = matcher.end();
                    spans.add(new Span(matcher.start(), start, true));
                }
            } catch (Steps.Exceeded | StackOverflowError e) {
                throw Problem.of(Code.BAD_TOKENIZER).file(file).field(source).found("too many steps").asException(e);
            }
            if (start < text.length()) {
                spans.add(new Span(start, text.length(), false));
            }
            return spans;
        }

        String replace(String text, String content, Steps steps) throws CheckpointException {
            var result = new StringBuilder();
            for (var span : spans(text, steps)) {
                result.append(span.match ? content : text.substring(span.start, span.end));
            }
            return result.toString();
        }
    }

    /** The words of the tokenizers that don't write their expressions into a file. */
    Map<String, List<Regex>> WORDS = words();

    private static Map<String, List<Regex>> words() {
        var short3 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
        // GPT-2's: contractions, then letters, digits or other signs with one space before them, then white space. A
        // run of spaces before a word leaves its last space to that word. OpenAI's encoder.py.
        var gpt2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
        // tiktoken's cl100k_base, which Meta took for Llama 3.
        var cl100k = short3 + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
                + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
        // tiktoken's o200k_base.
        var o200k = "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+" + short3
                + "?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
                + short3 + "?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
        return Map.of("gpt2", List.of(Regex.known(gpt2)), "cl100k", List.of(Regex.known(cl100k)),
                "o200k", List.of(Regex.known(o200k)),
                // Qwen's: every digit by itself.
                "qwen2", List.of(Regex.known(cl100k.replace("{1,3}", ""))),
                "starcoder", List.of(Regex.known("\\p{N}"), Regex.known(gpt2)));
    }
}
