package weft.infer;

import weft.io.CheckpointException;
import weft.io.Code;

/** What is asked of ids before work starts. */
final class Prompts {
    private Prompts() {
    }

    /**
     * @param room positions that can be taken
     * @throws CheckpointException BAD_PROMPT for none or too many, ID_RANGE for one that is no row of the embedding
     */
    static void check(int[] ids, int vocabulary, int room) throws CheckpointException {
        if (ids.length == 0 || ids.length > room) {
            throw Loader.bad(Code.BAD_PROMPT, "ids", ids.length, "1 … " + room);
        }
        range(ids, vocabulary);
    }

    static void range(int[] ids, int vocabulary) throws CheckpointException {
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] >= vocabulary) {
                throw Loader.bad(Code.ID_RANGE, "ids[" + i + "]", ids[i], "0 … " + (vocabulary - 1));
            }
        }
    }
}
