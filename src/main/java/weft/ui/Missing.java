package weft.ui;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

import weft.ui.model.Tasks;
import weft.work.Bookmark;

/** Which of some places aren't there any more. The disk is asked beside the window's thread; until it answers all are. */
final class Missing {
    private Missing() {
    }

    /**
     * @param lane one for each who asks
     * @param told gets those that are gone, on the window's thread; nothing if all are there
     */
    static void among(Tasks tasks, String lane, Collection<Path> places, Consumer<Set<Path>> told) {
        var all = Set.copyOf(places);
        tasks.ask(lane, _ -> all.stream().filter(p -> !Bookmark.isThere(p)).collect(Collectors.toSet()), gone -> {
            if (!gone.isEmpty()) {
                told.accept(gone);
            }
        });
    }
}
