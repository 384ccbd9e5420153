package weft.format.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

import weft.format.CheckpointFormat;
import weft.format.CheckpointFormatSuite;
import weft.format.Formats;
import weft.io.Code;
import weft.io.Json;
import weft.tensor.DType;
import weft.tensor.Shape;

/** The suite every format runs, over what TensorFlow and Keras wrote. */
class TensorFlowFormatTest extends CheckpointFormatSuite {
    @Override
    protected CheckpointFormat format() {
        return new TensorFlowFormat();
    }

    @Override
    protected List<Sample> samples() throws Exception {
        var samples = new ArrayList<Sample>();
        for (var prefix : List.of("two-shards/model.ckpt", "dtypes/model.ckpt", "partitioned/model.ckpt",
                "adam/model.ckpt-1")) {
            samples.add(sample("tf-misc", prefix, prefix + ".index"));
        }
        for (var prefix : List.of("slots/ckpt-1", "far-slices/model.ckpt", "big-endian/model.ckpt")) {
            samples.add(sample("tf-more", prefix, prefix + ".index"));
        }
        samples.add(sample("tf-more", "v1/model.ckpt", "v1/model.ckpt"));
        samples.add(sample("tf-more", "frozen/net.pb", "frozen/net.pb", "matmul/ReadVariableOp/resource",
                "add/ReadVariableOp/resource"));
        samples.add(sample("tf-more", "frozen/lists.pb", "frozen/lists.pb", "all", "one", "tail", "none", "halves",
                "yes", "big", "pair"));
        return samples;
    }

    /** @param order names in file order; none if the file sorts them */
    private static Sample sample(String folder, String key, String path, String... order) throws Exception {
        var file = fixtures().resolve(folder).resolve("expected.json");
        var tensors = Json.parse(Files.readAllBytes(file), file.toString(), 0).get(key).get("tensors");
        var names = new ArrayList<>(List.of(order));
        if (names.isEmpty()) {
            tensors.properties().forEach(e -> names.add(e.getKey()));
            names.removeIf(name -> name.matches(".*power|.*/Adam(_1)?|global_step|string"));
        }
        var expected = new ArrayList<Expected>();
        for (var name : names) {
            expected.add(expected(name, Objects.requireNonNull(tensors.get(name))));
        }
        return new Sample(fixtures().resolve(folder).resolve(path), expected);
    }

    private static Expected expected(String name, JsonNode tensor) {
        var dims = new ArrayList<Long>();
        tensor.get("shape").forEach(d -> dims.add(d.longValue()));
        var values = (List<?>) Json.plain(tensor.get("values"));
        return new Expected(name, DType.parse(tensor.get("dtype").stringValue()),
                Shape.of(dims.stream().mapToLong(Long::longValue).toArray()), null, values);
    }

    @Override
    protected List<Hazard> hazards() throws Exception {
        var index = Files.readAllBytes(fixtures().resolve("gpt2-tiny/openai-tf/model.ckpt.index"));
        var cut = Arrays.copyOf(index, index.length - 1);
        var flipped = index.clone();
        flipped[20] ^= 1;
        var footer = index.clone();
        Arrays.fill(footer, index.length - 48, index.length - 40, (byte) 0xff);
        return List.of(
                new Hazard("an index without its data", index, Verdict.WARN, Code.DATA_MISSING, -1, null),
                new Hazard("an index cut by a byte", cut, Verdict.REFUSE, Code.TRUNCATED, cut.length - 8,
                        "table footer"),
                new Hazard("a flipped bit in the index", flipped, Verdict.REFUSE, Code.CRC32C, 0, "block"),
                new Hazard("a footer that points nowhere", footer, Verdict.REFUSE, Code.BAD_HEADER,
                        footer.length - 48, "block"));
    }

    @Test
    void the_format_is_found_as_a_service() {
        assertThat(Formats.byId("tensorflow")).containsInstanceOf(TensorFlowFormat.class);
        assertThat(Formats.byName(Path.of("model.ckpt.index"))).containsInstanceOf(TensorFlowFormat.class);
    }
}
