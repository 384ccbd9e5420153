package weft.work;

import weft.rule.ArrowText;
import weft.rule.Rule;

/** Rules as arrow text and back, for faces that let people edit them. */
public final class RuleText {
    private RuleText() {
    }

    public static String print(Rule rule) {
        return ArrowText.print(rule);
    }

    /** What a text says as far as it can be read, and what can't be read with its place. */
    public static ArrowText.Reading read(String text) {
        return ArrowText.parse(text);
    }
}
