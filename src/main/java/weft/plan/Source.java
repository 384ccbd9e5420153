package weft.plan;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

import org.jspecify.annotations.Nullable;

import weft.arch.Architecture;
import weft.arch.Recognition;
import weft.tensor.TensorInfo;

/**
 * The tensors a plan starts from: names and shapes only.
 *
 * @param recognition the dialect they are written in, or {@code null}
 */
public record Source(String name, List<TensorInfo> tensors, @Nullable Recognition recognition) {

    public Optional<TensorInfo> tensor(String tensor) {
        return tensors.stream().filter(t -> t.name().equals(tensor)).findFirst();
    }

    OptionalLong size(String word) {
        return recognition == null
                ? OptionalLong.empty()
                : Architecture.size(recognition.dialect(), recognition.sizes(), word);
    }
}
