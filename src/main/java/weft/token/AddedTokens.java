package weft.token;

import java.util.ArrayList;
import java.util.List;

/** Tokens that are found in a text as they stand, before anything is cut. Those that are special aren't among them. */
final class AddedTokens {
    /**
     * @param alone whether it must not touch another word's letters
     * @param left whether it swallows white space before it
     * @param right whether it swallows white space behind it
     * @param normalized whether it is looked for in the rewritten text
     */
    record Added(String content, int id, boolean alone, boolean left, boolean right, boolean normalized) {
    }

    /** @param id of an added token, or -1 for a stretch that is still text */
    record Stretch(String text, int start, int id) {
    }

    private final List<Added> tokens;
    private final Trie trie = new Trie();

    AddedTokens(List<Added> tokens) {
        this.tokens = List.copyOf(tokens);
        for (int i = 0; i < tokens.size(); i++) {
            trie.put(tokens.get(i).content, i);
        }
    }

    List<Added> tokens() {
        return tokens;
    }

    List<Stretch> find(String text) {
        if (tokens.isEmpty()) { return List.of(new Stretch(text, 0, -1)); }
        var stretches = new ArrayList<Stretch>();
        int done = 0;
        for (int at = 0; at < text.length();) {
            int end = trie.longest(text, at);
            if (end < 0) {
                at++;
                continue;
            }
            var token = token(text, at, end);
            int start = at;
            at = end;
            if (token.alone && (start > 0 && isWord(text.codePointBefore(start))
                    || end < text.length() && isWord(text.codePointAt(end)))) {
                continue;
            }
            while (token.left && start > done && Cut.isSpace(text.codePointBefore(start))) {
                start--;
            }
            while (token.right && end < text.length() && Cut.isSpace(text.codePointAt(end))) {
                end++;
            }
            if (start > done) {
                stretches.add(new Stretch(text.substring(done, start), done, -1));
            }
            stretches.add(new Stretch("", start, token.id));
            done = end;
            at = Math.max(at, end);
        }
        if (done < text.length()) {
            stretches.add(new Stretch(text.substring(done), done, -1));
        }
        return stretches;
    }

    private Added token(String text, int from, int to) {
        return tokens.get(trie.value(text, from, to));
    }

    /** Rust's {@code \w}. */
    private static boolean isWord(int c) {
        return Character.isAlphabetic(c) || Rewrite.isMark(c) || Character.isDigit(c)
                || Character.getType(c) == Character.CONNECTOR_PUNCTUATION || c == 0x200C || c == 0x200D;
    }
}
