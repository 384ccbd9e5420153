package weft.token;

import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.IntArrayList;

/**
 * GPT-2's own byte-level BPE, built in: 50256 tokens and {@code <|endoftext|>} as 50256. The vocabulary is jtokkit's
 * {@code r50k_base}, which is the same table.
 */
final class Gpt2Tokenizer implements Tokenizer {
    private static final int END = 50256;
    private static final byte[] END_TEXT = "<|endoftext|>".getBytes(StandardCharsets.US_ASCII);

    private final Encoding encoding = Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE);

    @Override
    public String name() {
        return "gpt2";
    }

    @Override
    public int[] encode(String text) {
        return encoding.encodeOrdinary(Utf8.wellFormed(text)).toArray();
    }

    @Override
    public byte[] bytes(int id) {
        // jtokkit answers an unknown id with a NullPointerException.
        if (id < 0 || id > END) { return Utf8.REPLACEMENT.clone(); }
        if (id == END) { return END_TEXT.clone(); }
        var one = new IntArrayList(1);
        one.add(id);
        return encoding.decodeBytes(one);
    }

    @Override
    public int size() {
        return END + 1;
    }

    @Override
    public OptionalInt endOfText() {
        return OptionalInt.of(END);
    }
}
