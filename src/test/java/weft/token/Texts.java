package weft.token;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Strings of every kind a tokenizer has to cut the way its reference does. */
final class Texts {
    private static final String[] PIECES = {"Every effort moves you", " the", "don't", "I'LL", "we'd've", "'s", "''s",
        "x'll", "2026", " 3.14", "1,000", "½", "Ⅷ", "٣", "五", "naïve", "Straße", "Ελλάδα", "привет", "हिन्दी",
        "你好", "世界。", "日本語", "한국어", "العربية", "🙂", "👩‍👩‍👧", "🇨🇳", "e\u0301", "\u200b", "\u00a0",
        "\u3000", "\u2028", "\u0085", "\t", "\n", "\r\n", "\n\n\n", " ", "  ", "        ", "if (x[i] != 0) {", "->",
        "/* */", "def f(x):\n    return x\n", "<|endoftext|>", "http://a.b/c?d=e&f", "____", "----", "#$%^&*",
        "\u0000", "\u0007", "\u001c", "\u001f", "\ufffd", "\ud800", "\udc00x", "𝒳", "𠮷", "aaaaaaaaaaaaaaaaaaaa",
        "ZZZ", "iPhone", "e.g.", "\"quoted\"", "“curly”", "—", "…"};

    private Texts() {
    }

    /** Joined pieces, random characters of all planes, and runs of one character. */
    static List<String> varied(int count, Random random) {
        var texts = new ArrayList<String>(List.of("", " ", "\n", " a", "a "));
        while (texts.size() < count) {
            var text = new StringBuilder();
            switch (texts.size() % 4) {
                case 0, 1 -> {
                    for (int i = random.nextInt(1, 12); i > 0; i--) {
                        text.append(PIECES[random.nextInt(PIECES.length)]);
                    }
                }
                case 2 -> {
                    int limit = List.of(0x80, 0x250, 0x3000, 0xD800).get(random.nextInt(4));
                    for (int i = random.nextInt(1, 20); i > 0; i--) {
                        var c = random.nextInt(limit);
                        if (Character.isDefined(c)) {
                            text.appendCodePoint(c);
                        }
                    }
                }
                default -> text.append(PIECES[random.nextInt(PIECES.length)].repeat(random.nextInt(1, 40)))
                        .append(PIECES[random.nextInt(PIECES.length)]);
            }
            texts.add(text.toString());
        }
        return texts;
    }
}
