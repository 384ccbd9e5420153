package weft.token;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Byte-level BPE: the text is cut into words by a pattern, each word's UTF-8 bytes are the first symbols, and merges
 * join them. Source: Radford et al., <em>Language Models are Unsupervised Multitask Learners</em> (2019), §2.2.
 */
final class ByteLevelBpe implements Tokenizer {
    /**
     * GPT-2's words: contractions, then letters, digits or other signs with one space before them, then white space. A
     * run of spaces before a word leaves its last space to that word. Source: OpenAI's {@code encoder.py}.
     */
    static final Pattern GPT2_WORDS = Pattern.compile("'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+"
            + "| ?[^\\p{IsWhite_Space}\\p{L}\\p{N}]+|\\p{IsWhite_Space}+(?!\\P{IsWhite_Space})|\\p{IsWhite_Space}+");

    private final String name;
    private final Pattern words;
    private final Vocabulary vocabulary;
    private final Merges merges;
    private final int[] byteIds = new int[256];

    ByteLevelBpe(String name, Pattern words, Vocabulary vocabulary, Merges merges) {
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
        var matcher = words.matcher(Utf8.wellFormed(text));
        while (matcher.find()) {
            ids.add(known.computeIfAbsent(matcher.group(), this::word));
        }
        return ids.toArray();
    }

    /** The ids of one word. A byte the vocabulary doesn't hold is left out, as Hugging Face's tokenizers do. */
    private int[] word(String word) {
        var bytes = word.getBytes(StandardCharsets.UTF_8);
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
