package weft.format.torch;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import weft.tensor.DType;
import weft.tensor.TensorInfo;

/**
 * The pickle of a dict from names to tensors (protocol 2, opcodes of Python's {@code pickletools.py}), as Python's
 * pickler writes it for {@code torch.save}: tensor number {@code i} stands, whole and row-major, in storage {@code i}.
 * A word is written once and then taken from the memo.
 */
final class StatePickle {
    private static final int BATCH = 1000; // of the pickler's own

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final Map<String, Integer> known = new HashMap<>();
    private int memo;

    private StatePickle() {
    }

    /** @param tensors of types that {@link TorchWriter#holds} */
    static byte[] of(List<TensorInfo> tensors) {
        var pickle = new StatePickle();
        pickle.dict(tensors);
        return pickle.out.toByteArray();
    }

    private void dict(List<TensorInfo> tensors) {
        out.write(0x80);
        out.write(2);
        out.write('}');
        remember();
        for (int from = 0; from < tensors.size(); from += BATCH) {
            int to = Math.min(from + BATCH, tensors.size());
            if (tensors.size() > 1) {
                out.write('(');
            }
            for (int i = from; i < to; i++) {
                text(tensors.get(i).name());
                tensor(tensors.get(i), i);
            }
            out.write(tensors.size() > 1 ? 'u' : 's');
        }
        out.write('.');
    }

    /** {@code _rebuild_tensor_v2(storage, 0, size, stride, requires_grad, hooks)}, or v3 with the type at the end. */
    private void tensor(TensorInfo info, int key) {
        var storage = storage(info.dtype());
        global("torch._utils", storage != null ? "_rebuild_tensor_v2" : "_rebuild_tensor_v3");
        out.write('(');
        long count = info.shape().count();
        out.write('(');
        word("storage");
        global(storage != null ? "torch" : "torch.storage", storage != null ? storage : "UntypedStorage");
        text(Integer.toString(key));
        word("cpu");
        integer(storage != null ? count : count * info.dtype().bytes());
        out.write('t');
        remember();
        out.write('Q');
        integer(0);
        tuple(info.shape().dims());
        tuple(info.shape().strides());
        out.write(0x89); // False
        global("collections", "OrderedDict");
        out.write(')');
        out.write('R');
        remember();
        if (storage == null) {
            global("torch", info.dtype().title());
        }
        out.write('t');
        remember();
        out.write('R');
        remember();
    }

    /** The typed storage of {@code torch}; null for the types that came after those, which stand in untyped ones. */
    private static @Nullable String storage(DType dtype) {
        return switch (dtype) {
            case F64 -> "DoubleStorage";
            case F32 -> "FloatStorage";
            case F16 -> "HalfStorage";
            case BF16 -> "BFloat16Storage";
            case I64 -> "LongStorage";
            case I32 -> "IntStorage";
            case I16 -> "ShortStorage";
            case I8 -> "CharStorage";
            case U8 -> "ByteStorage";
            case BOOL -> "BoolStorage";
            case C64 -> "ComplexFloatStorage";
            case C128 -> "ComplexDoubleStorage";
            case U64, U32, U16, F8_E4M3, F8_E5M2 -> null;
            case STRING, UNKNOWN -> throw new IllegalArgumentException(dtype.title());
        };
    }

    private void global(String module, String name) {
        var line = module + "\n" + name + "\n";
        if (!recall(line)) {
            out.write('c');
            out.writeBytes(line.getBytes(StandardCharsets.US_ASCII));
            known.put(line, memo);
            remember();
        }
    }

    /** A text that returns. */
    private void word(String word) {
        if (!recall(word)) {
            known.put(word, memo);
            text(word);
        }
    }

    private void text(String text) {
        var utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.write('X');
        number(utf8.length, 4);
        out.writeBytes(utf8);
        remember();
    }

    /** Takes from the memo what is there. */
    private boolean recall(String word) {
        var at = known.get(word);
        if (at == null) { return false; }
        out.write(at < 256 ? 'h' : 'j');
        number(at, at < 256 ? 1 : 4);
        return true;
    }

    private void remember() {
        out.write(memo < 256 ? 'q' : 'r');
        number(memo, memo < 256 ? 1 : 4);
        memo++;
    }

    private void tuple(long[] values) {
        if (values.length == 0) {
            out.write(')');
            return;
        }
        if (values.length > 3) {
            out.write('(');
        }
        for (var value : values) {
            integer(value);
        }
        out.write(values.length > 3 ? 't' : 0x84 + values.length); // TUPLE1 is 0x85
        remember();
    }

    /** @param value not negative */
    private void integer(long value) {
        if (value < 1 << 8) {
            out.write('K');
            number(value, 1);
        } else if (value < 1 << 16) {
            out.write('M');
            number(value, 2);
        } else if (value <= Integer.MAX_VALUE) {
            out.write('J');
            number(value, 4);
        } else {
            int length = (Long.SIZE - Long.numberOfLeadingZeros(value)) / 8 + 1; // room for the sign
            out.write(0x8a);
            out.write(length);
            number(value, length);
        }
    }

    private void number(long value, int length) {
        out.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array(), 0, length);
    }
}
