package weft.work;

import java.nio.file.Path;

import weft.format.Formats;
import weft.io.CheckpointException;
import weft.io.Progress;
import weft.prove.Recording;
import weft.prove.ReferenceVerifier;
import weft.prove.Verification;

/** Holds a model against activations that were recorded in its own framework. */
public final class ReferenceCheck {
    private ReferenceCheck() {
    }

    /**
     * @param file a {@code .npz} or {@code .safetensors} file with {@code ids}, {@code logits} and modules' outputs
     * @throws CheckpointException BAD_REFERENCE for a file without them, and whatever opening or running throws
     */
    public static Verification of(Workspace model, Path file, Progress progress) throws CheckpointException {
        var tensors = Formats.open(file, progress).tensors();
        return ReferenceVerifier.verify(model.side(), Recording.read(tensors, String.valueOf(file.getFileName())),
                progress);
    }
}
