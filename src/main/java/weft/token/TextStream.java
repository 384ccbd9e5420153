package weft.token;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Text from ids that arrive one by one. A token may end inside a UTF-8 character: its bytes wait here until the next
 * token completes it, so that nobody sees half a character. The pieces joined are the {@link Tokenizer#bytes bytes} of
 * the ids joined: the continuation of a text, not a text of its own.
 */
public final class TextStream {
    private final Tokenizer tokenizer;
    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE).onUnmappableCharacter(CodingErrorAction.REPLACE);
    private byte[] waiting = {};

    public TextStream(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** The characters that are complete with this id; often a word, sometimes nothing. */
    public String next(int id) {
        return read(tokenizer.bytes(id), false);
    }

    /** What is left when no more ids come: a cut character becomes U+FFFD. */
    public String end() {
        var rest = read(new byte[0], true);
        decoder.reset();
        return rest;
    }

    private String read(byte[] more, boolean end) {
        var in = ByteBuffer.allocate(waiting.length + more.length).put(waiting).put(more).flip();
        var out = CharBuffer.allocate(in.remaining() + 2);
        decoder.decode(in, out, end);
        if (end) {
            decoder.flush(out);
        }
        waiting = new byte[in.remaining()];
        in.get(waiting);
        return out.flip().toString();
    }
}
