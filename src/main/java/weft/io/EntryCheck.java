package weft.io;

import java.util.Optional;

import org.jspecify.annotations.Nullable;

import weft.io.ZipDirectory.Entry;

/** The checksum of an archive's entry, compared once, when somebody wants to know. */
public final class EntryCheck {
    private final ZipDirectory zip;
    private final Entry entry;
    private @Nullable Optional<Problem> known;

    public EntryCheck(ZipDirectory zip, Entry entry) {
        this.zip = zip;
        this.entry = entry;
    }

    /**
     * What is wrong with the entry's bytes, all of them read.
     *
     * @throws CheckpointException what keeps them from being read
     */
    public synchronized Optional<Problem> run() throws CheckpointException {
        var answer = known;
        if (answer == null) {
            // Files written without checksums have zeros there: then nothing can be said.
            answer = entry.crc() == 0 ? Optional.empty() : Optional.ofNullable(zip.checksumAnyway(entry));
            known = answer;
        }
        return answer;
    }
}
