package weft.token;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Byte-level BPE: the text is cut into words by patterns, each word's UTF-8 bytes are the first symbols, and merges
 * join them. Source: Radford et al., <em>Language Models are Unsupervised Multitask Learners</em> (2019), §2.2.
 */
final class ByteLevelBpe implements Tokenizer {
    /** As the frameworks' expressions mean it: {@code \s} is all of Unicode's white space, (?i) folds all of Unicode. */
    static final int FLAGS = Pattern.UNICODE_CHARACTER_CLASS;
    /**
     * GPT-2's words: contractions, then letters, digits or other signs with one space before them, then white space. A
     * run of spaces before a word leaves its last space to that word. Source: OpenAI's {@code encoder.py}.
     */
    static final Pattern GPT2_WORDS = Pattern
            .compile("'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+", FLAGS);

    /**
     * What happens to a text before its words are merged.
     *
     * @param literal tokens taken as they stand wherever they occur, or null; the longest first
     * @param forms Unicode normal forms, in order
     * @param prefixSpace whether each stretch of text gets a space before it if it doesn't start with one
     * @param cuts one after the other: each match and each stretch between matches becomes a piece
     * @param whole whether a word that is a token itself is taken as it is, whatever the merges say
     */
    record Words(@Nullable Pattern literal, List<Normalizer.Form> forms, boolean prefixSpace, List<Pattern> cuts,
            boolean whole) {
        /** GPT-2's way. */
        static final Words GPT2 = new Words(null, List.of(), false, List.of(GPT2_WORDS), false);
    }

    private final String name;
    private final Words words;
    private final Vocabulary vocabulary;
    private final Merges merges;
    private final int[] byteIds = new int[256];

    ByteLevelBpe(String name, Words words, Vocabulary vocabulary, Merges merges) {
        this.name = name;
        this.words = words;
        this.vocabulary = vocabulary;
        this.merges = merges;
        for (int b = 0; b < 256; b++) {
            byteIds[b] = vocabulary.id(String.valueOf(ByteAlphabet.character(b)));
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int[] encode(String text) {
        var ids = new Ids();
        var known = new HashMap<String, int[]>();
        var plain = Utf8.wellFormed(text);
        int start = 0;
        if (words.literal != null) {
            for (var matcher = words.literal.matcher(plain); matcher.find(); start = matcher.end()) {
                stretch(plain.substring(start, matcher.start()), ids, known);
                ids.add(vocabulary.id(matcher.group()));
            }
        }
        stretch(plain.substring(start), ids, known);
        return ids.toArray();
    }

    private void stretch(String text, Ids ids, HashMap<String, int[]> known) {
        if (text.isEmpty()) { return; }
        for (var form : words.forms) {
            text = Normalizer.normalize(text, form);
        }
        var pieces = List.of(words.prefixSpace && !text.startsWith(" ") ? " " + text : text);
        for (var cut : words.cuts) {
            pieces = cut(cut, pieces);
        }
        for (var piece : pieces) {
            ids.add(known.computeIfAbsent(piece, this::word));
        }
    }

    private static List<String> cut(Pattern pattern, List<String> pieces) {
        var result = new ArrayList<String>();
        for (var piece : pieces) {
            int start = 0;
            for (var matcher = pattern.matcher(piece); matcher.find();) {
                if (matcher.end() == matcher.start()) {
                    continue;
                }
                if (matcher.start() > start) {
                    result.add(piece.substring(start, matcher.start()));
                }
                result.add(matcher.group());
                start = matcher.end();
            }
            if (start < piece.length()) {
                result.add(piece.substring(start));
            }
        }
        return result;
    }

    /** The ids of one word. A byte the vocabulary doesn't hold is left out, as Hugging Face's tokenizers do. */
    private int[] word(String word) {
        var bytes = word.getBytes(StandardCharsets.UTF_8);
        if (words.whole) {
            var spelling = new StringBuilder();
            for (var b : bytes) {
                spelling.append(ByteAlphabet.character(b));
            }
            int id = vocabulary.id(spelling.toString());
            if (id >= 0) { return new int[]{id}; }
        }
        var symbols = new int[bytes.length];
        int count = 0;
        for (var b : bytes) {
            int id = byteIds[b & 0xFF];
            if (id >= 0) {
                symbols[count++] = id;
            }
        }
        return merges.apply(symbols, count);
    }

    @Override
    public byte[] bytes(int id) {
        return vocabulary.bytes(id);
    }

    @Override
    public int size() {
        return vocabulary.size();
    }

    @Override
    public OptionalInt endOfText() {
        return vocabulary.endOfText();
    }
}
