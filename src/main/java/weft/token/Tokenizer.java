package weft.token;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/**
 * Text to token ids and back. Text is always <em>ordinary</em>: a special token spelled out in a prompt
 * ({@code <|endoftext|>}) is taken as the characters it is written with, as tiktoken's {@code encode_ordinary} does.
 * Implementations can be used by several threads at once.
 */
public interface Tokenizer {
    /** What it is, for people: {@code gpt2}, or the name of the file it was read from. */
    String name();

    /** The ids of a text; an unpaired surrogate counts as U+FFFD. */
    int[] encode(String text);

    /**
     * The bytes one id stands for; they may end inside a UTF-8 character. An id the vocabulary doesn't hold (a model
     * may have more rows than its vocabulary) gives the bytes of U+FFFD, so that text can always be shown.
     */
    byte[] bytes(int id);

    /** One more than the largest id: the rows an embedding needs. */
    int size();

    /** The id that ends a text, where the vocabulary has one. */
    OptionalInt endOfText();

    /** The text of some ids; bytes that are no UTF-8 become U+FFFD. For ids that arrive one by one: {@link TextStream}. */
    default String decode(int... ids) {
        var bytes = new ByteArrayOutputStream();
        for (var id : ids) {
            bytes.writeBytes(bytes(id));
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
