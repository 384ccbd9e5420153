package weft.rule;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.tensor.Shape;
import weft.tensor.TensorData;

/**
 * Rows by a map: index {@code i} of the result is index {@code ids.get(i)} of the input, {@code take @0 [2, 0..1]}.
 * So a vocabulary is put in another order, cut down or repeated; a map between two tokenizers is written out as ids.
 * Law: every id is inside the axis.
 */
public record Take(int axis, List<Integer> ids) implements Op {
    /** No vocabulary is longer; a rule file may not fill the memory with {@code 0..2000000000}. */
    static final int MOST = 1 << 24;

    public Take {
        ids = Ids.of(ids);
    }

    private void check(Shape in) throws CheckpointException {
        Op.axis(this, axis, in);
        for (var run : runs()) {
            if (run[0] < 0 || run[1] >= in.dim(axis)) {
                throw Problem.of(Code.E_SIZE).field("take @" + axis)
                        .found(run[0] < 0 ? run[0] : Math.max(run[0], in.dim(axis))).expected("< " + in.dim(axis))
                        .asException();
            }
        }
    }

    @Override
    public List<Shape> shapes(List<Shape> in, Sizes sizes) throws CheckpointException {
        var out = new ArrayList<Shape>();
        for (var shape : in) {
            check(shape);
            out.add(shape.with(axis, ids.size()));
        }
        return out;
    }

    @Override
    public List<TensorData> apply(List<TensorData> in, Sizes sizes) throws CheckpointException {
        var out = new ArrayList<TensorData>();
        for (var data : in) {
            check(data.shape());
            out.add(gather(data));
        }
        return out;
    }

    /** Copies run after run with the axis outermost, and sees the result the other way round. */
    private TensorData gather(TensorData data) throws CheckpointException {
        var turned = data.moveAxis(axis, 0);
        var shape = turned.shape().with(0, ids.size());
        var memory = Arena.ofAuto().allocate(Math.max(1, shape.count() * data.dtype().bytes()), 64);
        long at = 0;
        for (var run : runs()) {
            var rows = turned.slice(0, run[0], run[1] + 1L, 1);
            rows.copyInto(memory.asSlice(at, rows.byteSize()));
            at += rows.byteSize();
        }
        return TensorData.of(memory, data.dtype(), shape).moveAxis(0, axis);
    }

    /** First and last id of each run of ids that follow each other. */
    private List<int[]> runs() {
        var all = (Ids) ids;
        return IntStream.range(0, all.runs()).mapToObj(r -> new int[]{all.first(r), all.last(r)}).toList();
    }

    /** Takes every row back from its first place; empty if one was left out. */
    @Override
    public Optional<Op> inverse(List<Shape> in, Sizes sizes) throws CheckpointException {
        Op.axis(this, axis, in.getFirst());
        long size = in.getFirst().dim(axis);
        if (in.stream().anyMatch(s -> s.dim(axis) != size) || size > ids.size()) { return Optional.empty(); }
        var places = new HashMap<Integer, Integer>();
        for (int i = 0; i < ids.size(); i++) {
            places.putIfAbsent(ids.get(i), i);
        }
        return places.size() < size
                ? Optional.empty()
                : Optional.of(new Take(axis, IntStream.range(0, (int) size).mapToObj(places::get).toList()));
    }

    @Override
    public Place origin(Place out, List<Shape> in, Sizes sizes) {
        var index = out.index().clone();
        index[axis] = ids.get(Math.toIntExact(index[axis]));
        return new Place(out.tensor(), index);
    }

    /** Ids as they are written, runs of three and more as {@code first..last}. */
    List<Object> written() {
        var words = new ArrayList<Object>();
        for (var run : runs()) {
            if (run[1] - run[0] >= 2) {
                words.add(run[0] + ".." + run[1]);
            } else {
                IntStream.rangeClosed(run[0], run[1]).forEach(id -> words.add((long) id));
            }
        }
        return words;
    }

    /**
     * A map between two vocabularies, {@code {"0": 5, "1": 3}}: new ids, from 0 on and none left out, and the old ids
     * whose rows they take.
     */
    static List<Integer> tokenMap(Map<?, ?> map) {
        var ids = new Integer[map.size()];
        map.forEach((key, value) -> {
            int id = OpReader.id((String) key);
            if (id >= ids.length || ids[id] != null || map.size() > MOST) { throw new IllegalArgumentException(); }
            ids[id] = OpReader.id(((Long) value).toString());
        });
        return List.of(ids);
    }

    /** The same of words: {@code 0:5}. */
    static List<Integer> tokenMap(List<String> words) {
        var map = new HashMap<String, Long>();
        for (var word : words) {
            var pair = word.split(":", -1);
            if (pair.length != 2 || map.put(pair[0], (long) OpReader.id(pair[1])) != null) {
                throw new IllegalArgumentException(word);
            }
        }
        return tokenMap(map);
    }

    /** @throws IllegalArgumentException for a word that is neither an id nor a run */
    static List<Integer> read(List<String> words) {
        var ids = new Ids.Builder();
        for (var word : words) {
            if (!word.matches("[0-9]{1,9}(\\.\\.[0-9]{1,9})?")) { throw new IllegalArgumentException(word); }
            var ends = word.split("\\.\\.");
            int first = Integer.parseInt(ends[0]);
            int last = Integer.parseInt(ends[ends.length - 1]);
            if (last < first || last - first >= MOST - ids.size()) { throw new IllegalArgumentException(word); }
            ids.add(first, last);
        }
        return ids.build();
    }

    @Override
    public String toString() {
        return "take @" + axis + written().stream().map(Object::toString).collect(Collectors.joining(", ", " [", "]"));
    }
}
