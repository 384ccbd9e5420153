package weft.text;

import java.util.Collection;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/** What somebody meant who wrote a word that isn't known. */
public final class Spelling {
    /** More letters to change than this make another word. */
    private static final int MOST = 2;

    private Spelling() {
    }

    /** The known word that was most likely meant, capitals aside; null if none is near. */
    public static @Nullable String near(String found, Collection<String> known) {
        String best = null;
        int least = MOST + 1;
        for (var word : known) {
            int distance = distance(found.toLowerCase(Locale.ROOT), word.toLowerCase(Locale.ROOT));
            if (distance < least && distance < Math.max(1, word.length() / 2 + 1)) {
                best = word;
                least = distance;
            }
        }
        return best;
    }

    /** Letters to add, take away or change (Levenshtein). */
    static int distance(String a, String b) {
        var row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int above = row[j];
                row[j] = Math.min(Math.min(above, row[j - 1]) + 1,
                        diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1));
                diagonal = above;
            }
        }
        return row[b.length()];
    }
}
