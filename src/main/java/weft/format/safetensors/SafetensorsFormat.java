package weft.format.safetensors;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import weft.format.Checkpoint;
import weft.format.CheckpointFormat;
import weft.format.CheckpointWriter;
import weft.io.CheckpointException;
import weft.io.Progress;
import weft.io.SourceFile;

/**
 * safetensors: eight bytes with the header's length (unsigned, little-endian), a JSON header, the values. Offsets in
 * the header are relative to the first byte after it.
 *
 * @see <a href="https://github.com/huggingface/safetensors#format">safetensors, "Format"</a>
 */
public final class SafetensorsFormat implements CheckpointFormat {
    private static final String ENDING = ".safetensors";

    @Override
    public String id() {
        return "safetensors";
    }

    @Override
    public List<String> endings() {
        return List.of(ENDING);
    }

    @Override
    public Match probe(Path path, byte[] head) {
        // A length below 2^32, so four zero bytes, then an opening brace: nothing else starts like this.
        if (head.length > 8 && head[4] == 0 && head[5] == 0 && head[6] == 0 && head[7] == 0
                && new String(head, 8, head.length - 8, StandardCharsets.ISO_8859_1).stripLeading().startsWith("{")) {
            return Match.CONTENT;
        }
        return hasEnding(path) ? Match.NAME : Match.NO;
    }

    @Override
    public Checkpoint open(Path path, Progress progress) throws CheckpointException {
        return SafetensorsHeader.read(SourceFile.open(path), progress);
    }

    @Override
    public Optional<CheckpointWriter> writer() {
        return Optional.of(new SafetensorsWriter());
    }
}
