package weft.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;

import weft.io.CheckpointException;

/** Views against the slow truth: a list of elements with their indices. */
class TensorDataTest {
    private static final List<DType> TYPES = List.of(DType.U8, DType.F16, DType.F32, DType.F64, DType.C128);

    /** A view and what its elements are, in row-major order. */
    private record Known(TensorData data, List<List<Byte>> elements) {
    }

    private static Known fresh(Random random, DType type, long... dims) {
        var shape = Shape.of(dims);
        var bytes = new byte[(int) shape.count() * type.bytes()];
        random.nextBytes(bytes);
        var segment = Arena.ofAuto().allocate(bytes.length + 5L);
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 5, bytes.length);
        var elements = new ArrayList<List<Byte>>();
        for (int i = 0; i < shape.count(); i++) {
            var element = new ArrayList<Byte>();
            for (int b = 0; b < type.bytes(); b++) {
                element.add(bytes[i * type.bytes() + b]);
            }
            elements.add(element);
        }
        return new Known(TensorData.strided(segment, type, 5, shape, shape.strides()), elements);
    }

    private static int place(long[] index, Shape shape) {
        long place = 0;
        for (int axis = 0; axis < index.length; axis++) {
            place = place * shape.dim(axis) + index[axis];
        }
        return (int) place;
    }

    private static List<long[]> indices(Shape shape) {
        var all = new ArrayList<long[]>();
        for (int i = 0; i < shape.count(); i++) {
            var index = new long[shape.rank()];
            long rest = i;
            for (int axis = shape.rank() - 1; axis >= 0; axis--) {
                index[axis] = rest % shape.dim(axis);
                rest /= shape.dim(axis);
            }
            all.add(index);
        }
        return all;
    }

    private static Known permuted(Known known, Random random) {
        int rank = known.data.shape().rank();
        var order = new ArrayList<Integer>();
        for (int axis = 0; axis < rank; axis++) {
            order.add(axis);
        }
        Collections.shuffle(order, random);
        var axes = order.stream().mapToInt(i -> i).toArray();
        var data = known.data.permute(axes);
        var elements = new ArrayList<List<Byte>>();
        for (var index : indices(data.shape())) {
            var old = new long[rank];
            for (int i = 0; i < rank; i++) {
                old[axes[i]] = index[i];
            }
            elements.add(known.elements.get(place(old, known.data.shape())));
        }
        return new Known(data, elements);
    }

    private static Known sliced(Known known, Random random) {
        int axis = random.nextInt(known.data.shape().rank());
        long size = known.data.shape().dim(axis);
        long start = random.nextLong(size + 1);
        long stop = start + random.nextLong(size - start + 1);
        long step = 1 + random.nextInt(3);
        var data = known.data.slice(axis, start, stop, step);
        var elements = new ArrayList<List<Byte>>();
        for (var index : indices(data.shape())) {
            var old = index.clone();
            old[axis] = start + index[axis] * step;
            elements.add(known.elements.get(place(old, known.data.shape())));
        }
        return new Known(data, elements);
    }

    private static Known reshaped(Known known, Random random) {
        long count = known.data.shape().count();
        var dims = new ArrayList<Long>();
        if (count == 0) {
            dims.addAll(List.of(3L, 0L, 2L));
        } else {
            for (long rest = count; rest > 1;) {
                long factor = rest;
                for (long f = 2; f <= rest; f++) {
                    if (rest % f == 0 && random.nextInt(3) > 0) {
                        factor = f;
                        break;
                    }
                }
                dims.add(factor);
                rest /= factor;
            }
            for (int ones = random.nextInt(3); ones > 0; ones--) {
                dims.add(random.nextInt(dims.size() + 1), 1L);
            }
        }
        return new Known(known.data.reshape(Shape.of(dims.stream().mapToLong(d -> d).toArray())), known.elements);
    }

    private static Known expanded(Known known) {
        // A stride of 0 on a new last axis.
        var shape = known.data.shape();
        var dims = Arrays.copyOf(shape.dims(), shape.rank() + 1);
        dims[shape.rank()] = 2;
        var strides = new long[dims.length];
        for (int axis = 0; axis < shape.rank(); axis++) {
            strides[axis] = known.data.stride(axis);
        }
        var elements = new ArrayList<List<Byte>>();
        known.elements.forEach(e -> elements.addAll(List.of(e, e)));
        return new Known(TensorData.strided(known.data.segment(), known.data.dtype(), known.data.offset(),
                Shape.of(dims), strides), elements);
    }

    private static List<List<Byte>> copied(TensorData data) {
        var target = Arena.ofAuto().allocate(data.byteSize() + 3);
        target.fill((byte) 77);
        data.copyInto(target);
        for (long i = data.byteSize(); i < target.byteSize(); i++) {
            assertThat(target.get(ValueLayout.JAVA_BYTE, i)).as("written past the end").isEqualTo((byte) 77);
        }
        var elements = new ArrayList<List<Byte>>();
        int size = data.dtype().bytes();
        for (long i = 0; i < data.shape().count(); i++) {
            var element = new ArrayList<Byte>();
            for (int b = 0; b < size; b++) {
                element.add(target.get(ValueLayout.JAVA_BYTE, i * size + b));
            }
            elements.add(element);
        }
        return elements;
    }

    @Test
    void views_of_views_hold_the_elements_they_should() throws CheckpointException {
        var random = new Random(23);
        for (int round = 0; round < 3000; round++) {
            var type = TYPES.get(random.nextInt(TYPES.size()));
            var dims = new long[random.nextInt(5)];
            Arrays.setAll(dims, i -> new long[]{1, 1, 2, 3, 4, 5, 0}[random.nextInt(random.nextInt(9) == 0 ? 7 : 6)]);
            var known = fresh(random, type, dims);
            var story = new StringBuilder(known.data.toString());
            for (int step = random.nextInt(5); step >= 0; step--) {
                known = switch (random.nextInt(4)) {
                    case 0 -> permuted(known, random);
                    case 1 -> known.data.shape().rank() == 0 ? known : sliced(known, random);
                    case 2 -> reshaped(known, random);
                    default -> known.data.shape().count() < 200 && random.nextInt(4) == 0 ? expanded(known) : known;
                };
                story.append(" → ").append(known.data.shape());
            }
            assertThat(copied(known.data)).as(story.toString()).isEqualTo(known.elements);
            assertThat(copied(known.data.contiguous())).as(story.toString()).isEqualTo(known.elements);
            assertThat(known.data.contiguous().isContiguous()).isTrue();
            assertThat(chunked(known.data, random)).as(story.toString()).isEqualTo(known.elements);
        }
    }

    private static List<List<Byte>> chunked(TensorData data, Random random) throws CheckpointException {
        int size = data.dtype().bytes();
        var scratch = Arena.ofAuto().allocate((long) size * (1 + random.nextInt(9)));
        var bytes = new ArrayList<Byte>();
        data.forEachChunk(scratch, chunk -> {
            assertThat(chunk.byteSize()).isLessThanOrEqualTo(scratch.byteSize());
            for (var b : chunk.toArray(ValueLayout.JAVA_BYTE)) {
                bytes.add(b);
            }
        });
        var elements = new ArrayList<List<Byte>>();
        for (int i = 0; i < bytes.size(); i += size) {
            elements.add(List.copyOf(bytes.subList(i, i + size)));
        }
        return elements;
    }

    /** Sizes around the edges of blocks and vectors, in both directions and with a stride between rows. */
    @Test
    void transposes_of_all_sizes_are_exact() {
        var random = new Random(29);
        long[] sizes = {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 130};
        for (var type : TYPES) {
            for (int round = 0; round < 60; round++) {
                long rows = sizes[random.nextInt(sizes.length)];
                long columns = sizes[random.nextInt(sizes.length)];
                var whole = fresh(random, type, rows, columns + 3).data;
                var data = whole.slice(1, 2, 2 + columns, 1).permute(1, 0);
                var target = Arena.ofAuto().allocate(data.byteSize());
                data.copyInto(target);
                var copy = TensorData.of(target, type, data.shape());
                int size = type.bytes();
                for (long r = 0; r < columns; r++) {
                    for (long c = 0; c < rows; c++) {
                        long from = whole.offset() + (c * (columns + 3) + r + 2) * size;
                        assertThat(MemorySegment.mismatch(whole.segment(), from, from + size, copy.segment(),
                                (r * rows + c) * size, (r * rows + c + 1) * size)).isEqualTo(-1);
                    }
                }
            }
        }
    }

    @Test
    void a_reshape_that_needs_no_copy_makes_none() {
        var data = TensorData.ofFloats(new float[24], 2, 3, 4);
        assertThat(data.permute(1, 0, 2).reshape(Shape.of(3, 2, 2, 2)).segment()).isSameAs(data.segment());
        assertThat(data.reshape(Shape.of(1, 6, 1, 4)).segment()).isSameAs(data.segment());
        assertThat(data.permute(2, 1, 0).reshape(Shape.of(2, 2, 3, 1, 2)).segment()).isSameAs(data.segment());
        assertThat(data.permute(1, 0, 2).reshape(Shape.of(6, 4)).segment()).isNotSameAs(data.segment());
    }

    @Test
    void refuses_what_lies_outside() {
        var segment = Arena.ofAuto().allocate(16);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TensorData.strided(segment, DType.F32, 0, Shape.of(5), new long[]{1}));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TensorData.strided(segment, DType.F32, 4, Shape.of(2, 2), new long[]{2, 1}));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TensorData.strided(segment, DType.F32, 0, Shape.of(2), new long[]{-1}));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TensorData.strided(segment, DType.F32, -4, Shape.of(2), new long[]{1}));
        assertThatThrownBy(() -> TensorData.strided(segment, DType.F32, 0, Shape.of(2, 2),
                new long[]{Long.MAX_VALUE, 2})).isInstanceOf(ArithmeticException.class);
        var data = TensorData.of(segment, DType.F32, Shape.of(4));
        assertThatThrownBy(() -> data.slice(0, 1, 5, 1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> data.at(4)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatIllegalArgumentException().isThrownBy(() -> data.at(0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> data.reshape(Shape.of(5)));
        assertThat(TensorData.of(segment, DType.F32, Shape.of(0, 9)).contiguous().byteSize()).isZero();
    }
}
