package weft.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
 * @param others tensors of further sources by alias ({@code adapter}), under their own names
 * @param merges what is done to tensors before they are what their names say; the recognition speaks of the result
 * @param packed what is stored quantised
 */
public record Source(String name, List<TensorInfo> tensors, @Nullable Recognition recognition,
        Map<String, List<TensorInfo>> others, Map<String, Merge> merges, Packed packed) {
    public Source(String name, List<TensorInfo> tensors, @Nullable Recognition recognition) {
        this(name, tensors, recognition, Map.of(), Map.of(), Packed.NONE);
    }

    /** Every tensor under the name a plan has for it: those of other sources with their alias in front. */
    public List<TensorInfo> all() {
        var all = new ArrayList<>(tensors);
        others.forEach((alias, list) -> list.forEach(t -> all.add(t.named(SourceNames.key(alias, t.name())))));
        return all;
    }

    public Optional<TensorInfo> tensor(String tensor) {
        return tensors.stream().filter(t -> t.name().equals(tensor)).findFirst();
    }

    OptionalLong size(String word) {
        return recognition == null
                ? OptionalLong.empty()
                : Architecture.size(recognition.dialect(), recognition.sizes(), word);
    }
}
