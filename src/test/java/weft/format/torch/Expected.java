package weft.format.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import tools.jackson.databind.JsonNode;

import weft.format.Checkpoint;
import weft.io.Json;
import weft.io.SourceFile;
import weft.tensor.DType;
import weft.tensor.TensorData;
import weft.tensor.TensorSource;

/** What the framework that made a fixture says of it ({@code expected.json}), and how ours is held against that. */
final class Expected {
    static final Path FIXTURES = Path.of("src/test/resources/fixtures");

    private Expected() {
    }

    static JsonNode read(String folder) throws Exception {
        var path = FIXTURES.resolve(folder).resolve("expected.json");
        return Json.parse(Files.readString(path), path.toString());
    }

    static TensorSource tensor(Checkpoint checkpoint, String name) {
        return checkpoint.tensors().stream().filter(t -> t.name().equals(name)).findFirst()
                .orElseThrow(() -> new AssertionError(name + " is not among " + names(checkpoint)));
    }

    static List<String> names(Checkpoint checkpoint) {
        return checkpoint.tensors().stream().map(TensorSource::name).toList();
    }

    /** Exact equality of dtype, shape and every value. */
    static void assertSame(TensorSource tensor, JsonNode expected) throws Exception {
        assertThat(tensor.info().broken()).as(tensor.name()).isNull();
        assertThat(tensor.info().dtype().title()).as(tensor.name()).isEqualTo(expected.path("dtype").stringValue());
        var dims = new ArrayList<Long>();
        expected.path("shape").forEach(d -> dims.add(d.longValue()));
        assertThat(tensor.info().shape()).as(tensor.name()).hasToString(dims.toString());
        assertThat(values(tensor.read())).as(tensor.name()).isEqualTo(texts(expected.path("values")));
    }

    /** Elements in row-major order, each as the shortest text that tells it from others. */
    static List<String> values(TensorData data) {
        var plain = data.contiguous();
        var size = plain.dtype().bytes();
        var values = new ArrayList<String>();
        for (long i = 0; i < plain.shape().count(); i++) {
            var at = plain.offset() + i * size;
            values.add(switch (plain.dtype()) {
                case I64 -> Long.toString(plain.segment().get(SourceFile.I64, at));
                case U64 -> Long.toUnsignedString(plain.segment().get(SourceFile.I64, at));
                case BOOL -> Boolean.toString(plain.dtype().get(plain.segment(), at) != 0);
                case C64 -> List.of(DType.F32.get(plain.segment(), at), DType.F32.get(plain.segment(), at + 4))
                        .toString();
                case C128 -> List.of(DType.F64.get(plain.segment(), at), DType.F64.get(plain.segment(), at + 8))
                        .toString();
                case I32, I16, I8, U32, U16, U8 -> Long.toString((long) plain.dtype().get(plain.segment(), at));
                case F64, F32, F16, BF16, F8_E4M3, F8_E5M2, STRING, UNKNOWN -> Double
                        .toString(plain.dtype().get(plain.segment(), at));
            });
        }
        return values;
    }

    private static List<String> texts(JsonNode values) {
        var texts = new ArrayList<String>();
        values.forEach(v -> texts.add(v.isArray()
                ? List.of(v.get(0).doubleValue(), v.get(1).doubleValue()).toString()
                : v.isBoolean()
                        ? Boolean.toString(v.booleanValue())
                        : v.isIntegralNumber()
                                ? v.bigIntegerValue().toString()
                                : v.isString() ? v.stringValue() : Double.toString(v.doubleValue())));
        return texts;
    }
}
