package weft.prove;

import java.util.LinkedHashMap;
import java.util.Map;

import org.ejml.data.FMatrixRMaj;

import weft.infer.LanguageModel;
import weft.infer.Trace;
import weft.io.CheckpointException;
import weft.io.Progress;

/** What a model's modules got, [n, in], and gave, [n, out], in the order they ran; {@code head} is the last. */
final class Activations implements Trace {
    private final Map<String, FMatrixRMaj> inputs = new LinkedHashMap<>();
    private final Map<String, FMatrixRMaj> outputs = new LinkedHashMap<>();

    static Activations of(LanguageModel model, int[] ids, Progress progress) throws CheckpointException {
        var recorded = new Activations();
        var hidden = model.hidden(ids, model.cache(), recorded, progress); // [n, d]
        recorded.module("head", hidden, model.head(hidden)); // [n, v]
        return recorded;
    }

    @Override
    public void module(String name, FMatrixRMaj input, FMatrixRMaj output) {
        if (outputs.isEmpty()) {
            outputs.put("embed", input); // [n, d]: the first block's norm gets it as it is
        }
        inputs.put(name, input);
        outputs.put(name, output);
    }

    Map<String, FMatrixRMaj> inputs() {
        return inputs;
    }

    Map<String, FMatrixRMaj> outputs() {
        return outputs;
    }
}
