package weft.plan;

import java.util.ArrayList;
import java.util.Map;

import weft.arch.Architecture;
import weft.arch.DialectFiles;
import weft.arch.Recognition;
import weft.arch.TargetSpec;
import weft.io.CheckpointException;
import weft.tensor.AxisSizes;
import weft.tensor.DType;
import weft.tensor.TensorInfo;

/**
 * A GPT-2 of many layers as Hugging Face's file and as the textbook's model, for benchmarks: 8334 layers are 100,012
 * tensors and 141,683 parameters. There are names and shapes, and no values.
 */
public record DeepModel(Source source, Architecture target) {
    public static DeepModel of(int layers) throws CheckpointException {
        var dialects = DialectFiles.shipped();
        var sizes = new AxisSizes();
        for (var size : Map.of("v", 50257L, "c", 1024L, "d", 768L, "h", 12L, "k", 64L, "f", 3072L, "i", (long) layers)
                .entrySet()) {
            sizes.put(size.getKey(), size.getValue());
        }
        var tensors = new ArrayList<TensorInfo>();
        for (var parameter : Architecture.of(TargetSpec.parse("gpt2/hf", dialects), sizes).parameters()) {
            if (parameter.required()) {
                tensors.add(new TensorInfo(parameter.name(), DType.F32, parameter.shape(),
                        parameter.shape().count() * 4));
            }
        }
        var source = new Source("bench", tensors, Recognition.of(tensors, dialects.dialects()).orElseThrow());
        return new DeepModel(source, Architecture.of(TargetSpec.parse("gpt2/scratch-split", dialects),
                source.recognition().sizes()));
    }
}
