package weft.format.torch;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

import weft.format.CheckpointWriter;
import weft.format.FileSink;
import weft.format.Written;
import weft.format.ZipSink;
import weft.io.CheckpointException;
import weft.io.Progress;
import weft.tensor.DType;
import weft.tensor.TensorSource;

/**
 * Writes what {@code torch.save} makes of a dict from names to tensors (PyTorch 2.13, {@code torch/serialization.py},
 * {@code caffe2/serialize/inline_container.cc}): byte for byte, but for one number in a hash nobody checks. A dict of
 * tensors has no room for metadata: a loader would take it for a parameter too many.
 */
final class TorchWriter implements CheckpointWriter {
    private static final int ALIGNMENT = 64;
    /** File names that may stand inside the archive; for others PyTorch too calls it {@code archive}. */
    private static final Pattern ROOT = Pattern.compile("(?!\\.+$)[ -~&&[^/\\\\:]]+");

    @Override
    public boolean isSharded() {
        return true;
    }

    @Override
    public boolean holds(DType dtype) {
        return switch (dtype) {
            case STRING, UNKNOWN -> false;
            case F64, F32, F16, BF16, F8_E4M3, F8_E5M2, I64, I32, I16, I8, U64, U32, U16, U8, BOOL, C64, C128 -> true;
        };
    }

    @Override
    public Written write(Path target, List<TensorSource> tensors, Map<String, ?> metadata, boolean hash,
            Progress progress) throws CheckpointException {
        var file = String.valueOf(target.getFileName());
        check(target, tensors);
        long total = tensors.stream().mapToLong(t -> t.info().valueBytes()).sum();
        try (var sink = FileSink.create(target, hash, hash, progress, total)) {
            var archive = new Archive(sink, file);
            archive.add("data.pkl", StatePickle.of(tensors.stream().map(TensorSource::info).toList()));
            archive.add(".format_version", "1");
            archive.add(".storage_alignment", Integer.toString(ALIGNMENT));
            archive.add("byteorder", "little");
            for (int i = 0; i < tensors.size(); i++) {
                var tensor = tensors.get(i);
                archive.add("data/" + i, tensor.info().valueBytes(), () -> sink.write(tensor));
            }
            archive.add("version", "3\n");
            archive.add(".data/serialization_id", archive.id());
            archive.zip.finish();
            return new Written(List.of(sink.finish()), sink.crc32c());
        }
    }

    /** The file's name without its ending: the folder everything in the archive stands in. */
    static String root(String file) {
        int dot = file.lastIndexOf('.');
        var stem = dot < 0 ? file : file.substring(0, dot);
        return ROOT.matcher(stem).matches() ? stem : "archive";
    }

    /** The entries, all under one root, and the hash over what they hold. */
    private static final class Archive {
        private final FileSink sink;
        private final ZipSink zip;
        private final String root;
        private long names;
        private long contents;

        Archive(FileSink sink, String file) {
            this.sink = sink;
            this.zip = new ZipSink(sink, file);
            this.root = root(file);
        }

        @FunctionalInterface
        interface Content {
            void write() throws CheckpointException;
        }

        void add(String name, String ascii) throws CheckpointException {
            add(name, ascii.getBytes(StandardCharsets.US_ASCII));
        }

        void add(String name, byte[] bytes) throws CheckpointException {
            add(name, bytes.length, () -> sink.write(bytes));
        }

        void add(String name, long bytes, Content content) throws CheckpointException {
            zip.begin(root + "/" + name, bytes, ALIGNMENT);
            content.write();
            long crc = zip.end();
            if (bytes > 0) {
                contents = combine(contents, crc);
            }
            var word = new CRC32();
            word.update(name.getBytes(StandardCharsets.US_ASCII));
            names = combine(names, word.getValue());
        }

        /**
         * Two numbers of twenty digits: one from the names, one from the bytes. PyTorch's first one depends on the order
         * of the C++ library's hash table; ours follows the order of the entries.
         */
        String id() {
            return digits(names) + digits(contents);
        }

        private static String digits(long number) {
            var text = Long.toUnsignedString(number);
            return "0".repeat(20 - text.length()) + text;
        }

        /** {@code c10::hash_combine}. */
        private static long combine(long seed, long value) {
            return seed ^ (value + 0x9e3779b9L + (seed << 6) + (seed >>> 2));
        }
    }
}
