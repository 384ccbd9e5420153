package weft.io;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * What a pickle describes, as inert data: nothing here was built by the file's classes, and nothing can be called.
 * Containers compare by identity, since a pickle may hold a list that holds itself; plain values compare by value.
 */
public sealed interface PickleValue {
    /** Python's {@code None}. */
    enum None implements PickleValue {
        NONE
    }

    record Bool(boolean value) implements PickleValue {
    }

    /** Values of keys are comparable, so that a file can't slow a map down with equal hash codes. */
    record Int(long value) implements PickleValue, Comparable<Int> {
        @Override
        public int compareTo(Int other) {
            return Long.compare(value, other.value);
        }
    }

    /** An integer beyond 64 bits. */
    record BigInt(BigInteger value) implements PickleValue {
    }

    record Real(double value) implements PickleValue, Comparable<Real> {
        @Override
        public int compareTo(Real other) {
            return Double.compare(value, other.value);
        }
    }

    record Text(String value) implements PickleValue, Comparable<Text> {
        @Override
        public int compareTo(Text other) {
            return value.compareTo(other.value);
        }
    }

    /** A byte string; the array is not copied and must not be written. */
    @SuppressWarnings("ArrayRecordComponent")
    record Bytes(byte[] value) implements PickleValue {
    }

    /** A list, tuple, set or frozen set. */
    final class Sequence implements PickleValue {
        /** What Python would have made of it. */
        public enum Kind {
            LIST, TUPLE, SET
        }

        private final Kind kind;
        private final List<PickleValue> items;

        Sequence(Kind kind, List<PickleValue> items) {
            this.kind = kind;
            this.items = items;
        }

        public Kind kind() {
            return kind;
        }

        public List<PickleValue> items() {
            return Collections.unmodifiableList(items);
        }

        void add(PickleValue item) {
            items.add(item);
        }
    }

    /** A dict of any kind ({@code OrderedDict}, {@code defaultdict}, {@code Counter}), in the file's order. */
    final class Dict implements PickleValue {
        private final Map<PickleValue, PickleValue> entries = new LinkedHashMap<>();
        private @Nullable PickleValue state;

        Dict() {
        }

        public Map<PickleValue, PickleValue> entries() {
            return Collections.unmodifiableMap(entries);
        }

        /** The value under a text key, or null. */
        public @Nullable PickleValue get(String key) {
            return entries.get(new Text(key));
        }

        /** Attributes set on an {@code OrderedDict} ({@code _metadata} of a state dict), or null. */
        public @Nullable PickleValue state() {
            return state;
        }

        void put(PickleValue key, PickleValue value) {
            entries.put(key, value);
        }

        void state(PickleValue value) {
            state = value;
        }
    }

    /** A class or function, by name only; it was neither looked up nor loaded. */
    final class Global implements PickleValue {
        private final String module;
        private final String name;
        private final long offset;

        Global(String module, String name, long offset) {
            this.module = module;
            this.name = name;
            this.offset = offset;
        }

        public String module() {
            return module;
        }

        public String name() {
            return name;
        }

        /** Where the file names it. */
        public long offset() {
            return offset;
        }

        /** {@code torch._utils._rebuild_tensor_v2} */
        public String qualified() {
            return module + "." + name;
        }

        @Override
        public String toString() {
            return qualified();
        }
    }

    /** What the file keeps outside the pickle, under an identifier (torch: a storage). */
    final class Persistent implements PickleValue {
        private final PickleValue id;
        private final long offset;

        Persistent(PickleValue id, long offset) {
            this.id = id;
            this.offset = offset;
        }

        public PickleValue id() {
            return id;
        }

        public long offset() {
            return offset;
        }
    }

    /** Something a class or function would have made: its name, what it would have been given, and nothing more. */
    final class Opaque implements PickleValue {
        private final Global type;
        private final boolean called;
        private final PickleValue arguments;
        private final long offset;
        private final List<PickleValue> items = new ArrayList<>(0);
        private @Nullable Dict entries;
        private @Nullable PickleValue state;

        Opaque(Global type, boolean called, PickleValue arguments, long offset) {
            this.type = type;
            this.called = called;
            this.arguments = arguments;
            this.offset = offset;
        }

        public Global type() {
            return type;
        }

        /** Whether the file wants {@link #type()} called ({@code REDUCE}), rather than an object of that class. */
        public boolean called() {
            return called;
        }

        /** The arguments, a tuple unless the file is odd. */
        public PickleValue arguments() {
            return arguments;
        }

        /** Argument {@code index}, or null if there are fewer. */
        public @Nullable PickleValue argument(int index) {
            return arguments instanceof Sequence tuple && index < tuple.items().size()
                    ? tuple.items().get(index)
                    : null;
        }

        public long offset() {
            return offset;
        }

        /** Items appended to it, as to a list. */
        public List<PickleValue> items() {
            return Collections.unmodifiableList(items);
        }

        /** Entries set in it, as in a dict, or null. */
        public @Nullable Dict entries() {
            return entries;
        }

        /** What {@code BUILD} would have set: usually a dict of its attributes, or null. */
        public @Nullable PickleValue state() {
            return state;
        }

        void add(PickleValue item) {
            items.add(item);
        }

        void put(PickleValue key, PickleValue value) {
            if (entries == null) {
                entries = new Dict();
            }
            entries.put(key, value);
        }

        void state(PickleValue value) {
            state = value;
        }

        @Override
        public String toString() {
            return type.qualified();
        }
    }
}
