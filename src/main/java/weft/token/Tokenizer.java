package weft.token;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

import weft.io.CheckpointException;

/**
 * Text to token ids and back. Text is always <em>ordinary</em>: a special token spelled out in a prompt
 * ({@code <|endoftext|>}) is taken as the characters it is written with, as tiktoken's {@code encode_ordinary} does.
 * Implementations can be used by several threads at once.
 */
public interface Tokenizer {
    /** What it is, for people: {@code gpt2}, or the name of the file it was read from. */
    String name();

    /**
     * The ids of a text; an unpaired surrogate counts as U+FFFD.
     *
     * @throws CheckpointException NOT_IN_VOCABULARY for a character there is no token for, BAD_TOKENIZER for an
     *         expression in the tokenizer's file that takes more steps than a text of this length deserves
     */
    int[] encode(String text) throws CheckpointException;

    /** The ids that stand before every text ({@code <s>}), as the tokenizer's own file says; often none. */
    default int[] start() {
        return new int[0];
    }

    /**
     * The bytes one id adds to a text that goes on ({@code ▁the}: a space and three letters); they may end inside a
     * UTF-8 character. An id the vocabulary doesn't hold (a model may have more rows than its vocabulary) gives the
     * bytes of U+FFFD, so that text can always be shown.
     */
    byte[] bytes(int id);

    /** One more than the largest id that a text can give: the rows an embedding needs. */
    int size();

    /** The id that ends a text, where the vocabulary has one. */
    OptionalInt endOfText();

    /**
     * A whole text from its ids; bytes that are no UTF-8 become U+FFFD. Some vocabularies write a space before the
     * first word, which is left out here. For ids that continue a text: {@link TextStream}.
     */
    default String decode(int... ids) {
        var bytes = new ByteArrayOutputStream();
        for (var id : ids) {
            bytes.writeBytes(bytes(id));
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** One id for people to read: what it adds to a text that goes on. */
    default String piece(int id) {
        return new String(bytes(id), StandardCharsets.UTF_8);
    }
}
