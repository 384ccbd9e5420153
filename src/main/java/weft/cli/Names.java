package weft.cli;

import java.util.List;

import weft.text.Texts;

/** Lists of names that may be long. */
final class Names {
    private Names() {
    }

    /** The first few, and how many more there are. */
    static String few(Texts texts, List<String> names, int most) {
        var shown = String.join(", ", names.stream().limit(most).map(Texts::shown).toList());
        return names.size() <= most ? shown : texts.get("names.more", "names", shown, "n", names.size() - most);
    }
}
