package weft.work;

import java.util.ArrayList;
import java.util.List;

import weft.token.TextStream;

/**
 * A text as the tokens it consists of.
 *
 * @param ids [n]
 * @param texts the characters each of them adds, [n]; joined they are the text. One that ends inside a character adds
 *        nothing, and the one that completes it adds it all
 */
public record TokenText(int[] ids, List<String> texts) {
    public static final TokenText EMPTY = new TokenText(new int[0], List.of());

    /** The ids with their characters; without a tokenizer {@code #id} each. */
    public static TokenText of(Running running, int[] ids) {
        var words = running.tokenizer();
        var texts = new ArrayList<String>();
        if (words == null) {
            for (var id : ids) {
                texts.add("#" + id);
            }
        } else {
            var stream = new TextStream(words);
            for (var id : ids) {
                texts.add(stream.next(id));
            }
            var rest = stream.end();
            if (!texts.isEmpty() && !rest.isEmpty()) {
                texts.add(texts.removeLast() + rest);
            }
        }
        return new TokenText(ids.clone(), List.copyOf(texts));
    }

    public int size() {
        return ids.length;
    }

    /** What stands before a token. */
    public String before(int position) {
        return String.join("", texts.subList(0, position));
    }
}
