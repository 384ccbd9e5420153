package weft.convert;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import weft.format.Checkpoint;
import weft.format.CheckpointFormat;
import weft.format.CheckpointWriter;
import weft.format.Formats;
import weft.format.ShardWriter;
import weft.format.Written;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;
import weft.io.SourceFile;
import weft.plan.Execution;
import weft.plan.Lossless;
import weft.plan.Producer;
import weft.plan.Row;
import weft.rule.CastLoss;
import weft.rule.Rule;
import weft.tensor.DType;
import weft.tensor.Numbers;
import weft.tensor.Shape;
import weft.tensor.TensorData;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/**
 * Runs a plan into files: one parameter at a time through a streaming writer, into a place nobody sees until it is
 * whole and checked.
 */
public final class Converter {
    private Converter() {
    }

    /**
     * @param source what the plan's sources stand in
     * @param only which parameters to write; the others are left to the model
     * @throws CheckpointException {@code HEAD_NOT_TIED} if a parameter the target leaves out because it is tied isn't
     *         equal to the other one; {@code CRC} or {@code CRC32C} if a checksum says that what a parameter is made of isn't what was
     *         saved; {@code SAME_FILE}, {@code EXISTS}, {@code NO_SPACE}, {@code WRITE_FAILED},
     *         {@code UNSUPPORTED_FORMAT}, or whatever making a value throws; the old target is then untouched
     */
    public static Conversion.Result convert(Execution execution, Checkpoint source, Conversion order,
            Predicate<String> only, Progress progress) throws CheckpointException {
        var format = Formats.byId(order.format());
        var writer = format.flatMap(CheckpointFormat::writer).orElse(null);
        if (format.isEmpty() || writer == null) {
            var problem = Problem.of(Code.UNSUPPORTED_FORMAT).expected(String.join(", ",
                    Formats.all().stream().filter(f -> f.writer().isPresent()).map(CheckpointFormat::id).toList()));
            throw (format.isEmpty()
                    ? problem.found(order.format())
                    : problem.found("only read").field(order.format())).asException();
        }
        if (order.shardSize() > 0 && !writer.isSharded() && !writer.splitsItself()) {
            throw Problem.of(Code.BAD_ARGUMENT).found("--shard-size (" + order.format() + ")")
                    .expected("--to safetensors, --to torch, …").asException();
        }
        var tensors = new ArrayList<TensorSource>();
        var sources = new HashMap<String, TensorSource>();
        source.tensors().forEach(t -> sources.putIfAbsent(t.name(), t));
        boolean lossless = true;
        var casts = new LinkedHashMap<String, CastLoss>();
        for (var row : execution.plan().rows()) {
            var name = row.target().name();
            if (!execution.makes(name) || !only.test(name)) {
                continue;
            }
            if (row.rule() instanceof Rule.Tie tie && tie.compares()) {
                checkTied(execution, row);
            }
            if (execution.isOmitted(name)) {
                continue;
            }
            var inputs = new ArrayList<TensorSource>();
            for (var input : execution.inputs(name)) {
                var doubt = source.doubt(input);
                if (doubt.isPresent()) { throw doubt.get().field(input).asException(); }
                var tensor = sources.get(input);
                if (tensor != null) {
                    var broken = tensor.info().broken();
                    if (broken != null) { throw broken.asException(); }
                    inputs.add(tensor);
                }
            }
            var tensor = tensor(execution, name, row.target().shape(), order, writer, inputs, casts);
            lossless &= CastLoss.widens(execution.dtype(name), tensor.info().dtype());
            tensors.add(tensor);
        }
        order.more().stream().filter(t -> only.test(t.name())).forEach(tensors::add);
        if (tensors.isEmpty()) { throw Problem.of(Code.NOT_COMPLETE).found(0).asException(); }
        lossless = lossless && Lossless.check(execution.plan(), only);
        // What they are now they must still be when the last byte is written.
        var watched = new ArrayList<SourceFile>();
        for (var file : source.files()) {
            watched.add(SourceFile.open(file));
        }
        if (order.part() != null) {
            return writePart(tensors, format.get(), writer, order, order.part(), lossless, casts, watched, progress);
        }
        return write(tensors, format.get(), writer, order, lossless, casts, watched, progress);
    }

    private static TensorSource tensor(Execution execution, String name, Shape shape,
            Conversion order, CheckpointWriter writer, List<TensorSource> inputs, Map<String, CastLoss> casts)
            throws CheckpointException {
        var own = execution.dtype(name);
        var dtype = order.dtype();
        var asked = dtype != null && own.isFloating() ? dtype : own;
        var vectors = order.vectors();
        var type = vectors != null && shape.rank() <= 1 && asked.isFloating() && CastLoss.widens(asked, vectors)
                ? vectors
                : asked;
        if (!writer.holds(type)) {
            throw Problem.of(Code.UNKNOWN_DTYPE).field(name).found(type).expected(Stream.of(DType.values())
                    .filter(writer::holds).map(DType::name).collect(Collectors.joining(", "))).asException();
        }
        var info = new TensorInfo(name, type, shape, Math.multiplyExact(shape.count(), type.bytes()));
        return new TensorSource() {
            @Override
            public TensorInfo info() {
                return info;
            }

            @Override
            public TensorData read() throws CheckpointException {
                // Here and not before all: the bytes that a checksum goes over are then still in memory to be written.
                for (var input : inputs) {
                    var doubt = input.doubt();
                    if (doubt.isPresent()) { throw doubt.get().asException(); }
                }
                var value = execution.value(name, loss -> casts.put(name, loss));
                if (value.dtype() == type) { return value; }
                var cast = Numbers.cast(value, type);
                if (!CastLoss.widens(value.dtype(), type)) {
                    casts.put(name, CastLoss.between(value, cast));
                }
                return cast;
            }
        };
    }

    /** A parameter that is said to equal another must really equal it, bit for bit. */
    private static void checkTied(Execution execution, Row row) throws CheckpointException {
        if (!(row.producer() instanceof Producer.SameAs same)) { return; }
        // The source's own tensor for this parameter, if it has one, stands among the suggestions' inputs.
        for (var source : row.sources()) {
            if (execution.isDropped(source.name())) {
                continue; // a person has said that it may go
            }
            if (!Execution.sameBits(execution.read(source.name()), execution.value(same.parameter()))) {
                throw Problem.of(Code.HEAD_NOT_TIED).field(row.target().name()).found(source.name())
                        .expected(same.parameter())
                        .asException();
            }
        }
    }

    private static Conversion.Result write(List<TensorSource> tensors, CheckpointFormat format,
            CheckpointWriter writer, Conversion order, boolean lossless, Map<String, CastLoss> casts,
            List<SourceFile> watched, Progress progress)
            throws CheckpointException {
        long total = tensors.stream().mapToLong(t -> t.info().bytes()).sum();
        var file = fileName(order, format);
        try (var output = order.folder()
                ? AtomicOutput.folder(order.target(), order.sources(), order.force())
                : AtomicOutput.file(order.target(), order.sources(), order.force())) {
            output.require(Math.addExact(total, 1 << 16));
            var written = order.shardSize() <= 0
                    ? writer.write(output.stage(file), tensors, order.metadata(), order.hash(), progress)
                    : writer.splitsItself()
                            ? writer.write(output.stage(file), tensors, order.metadata(), order.shardSize(),
                                    order.hash(), progress)
                            : new ShardWriter(writer, output::stage, file).write(tensors, order.metadata(),
                                    order.shardSize(), order.hash(), progress);
            var parts = written.parts();
            var staged = new ArrayList<Path>(parts.stream().map(Written.Part::path).toList());
            var open = staged.getLast();
            var sha256 = order.shardSize() <= 0 || parts.size() == 1 ? parts.getLast().sha256() : null;
            staged.addAll(extras(order, output));
            var infos = tensors.stream().map(TensorSource::info).toList();
            output.publish(staged, () -> {
                WrittenCheck.check(open, infos, written.crc32c(), Progress.NONE);
                checkUnchanged(watched);
            });
            var folder = folder(order);
            var files = new ArrayList<Path>();
            files.add(folder.resolve(open.getFileName().toString()));
            staged.stream().filter(s -> !s.equals(open)).map(s -> folder.resolve(s.getFileName().toString()))
                    .forEach(files::add);
            return new Conversion.Result(files, format.id(), tensors.size(), total, lossless, sha256, casts);
        }
    }

    /** Some of the shards, beside those that other runs write into the same folder. */
    private static Conversion.Result writePart(List<TensorSource> tensors, CheckpointFormat format,
            CheckpointWriter writer, Conversion order, ShardWriter.Part part, boolean lossless,
            Map<String, CastLoss> casts,
            List<SourceFile> watched, Progress progress) throws CheckpointException {
        if (writer.splitsItself()) {
            throw Problem.of(Code.BAD_ARGUMENT).found("--part (" + order.format() + ")")
                    .expected("--to safetensors, --to torch, …").asException();
        }
        var folder = folder(order);
        var file = fileName(order, format);
        try (var output = AtomicOutput.shared(folder, file + "." + part, order.sources(), order.force())) {
            output.require(Math.addExact(ShardWriter.bytes(tensors, order.shardSize(), part), 1 << 16));
            var crc32c = new HashMap<String, Integer>();
            var shards = new ShardWriter(writer, output::stage, file).write(tensors, order.metadata(),
                    order.shardSize(), part,
                    order.hash(), crc32c, progress);
            var staged = new ArrayList<Path>(shards.stream().map(s -> s.file().path()).toList());
            if (part.isFirst()) {
                staged.addAll(extras(order, output));
            }
            output.publish(staged, () -> {
                for (var shard : shards) {
                    if (!shard.tensors().isEmpty()) {
                        var infos = shard.tensors().stream().map(TensorSource::info).toList();
                        var mine = new HashMap<String, Integer>();
                        infos.stream().filter(i -> crc32c.containsKey(i.name()))
                                .forEach(i -> mine.put(i.name(), crc32c.get(i.name())));
                        WrittenCheck.check(shard.file().path(), infos, mine, Progress.NONE);
                    }
                }
                checkUnchanged(watched);
            });
            var written = shards.stream().flatMap(s -> s.tensors().stream()).toList();
            return new Conversion.Result(staged.stream().map(s -> folder.resolve(s.getFileName().toString())).toList(),
                    format.id(),
                    written.size(), written.stream().mapToLong(t -> t.info().bytes()).sum(), lossless,
                    shards.size() == 1 ? shards.getFirst().file().sha256() : null, casts);
        }
    }

    /** Where the files appear. */
    private static Path folder(Conversion order) {
        return order.folder()
                ? order.target()
                : Objects.requireNonNull(order.target().toAbsolutePath().getParent());
    }

    /** Writes what lies beside the weights: a configuration, a tokenizer's files. */
    private static List<Path> extras(Conversion order, AtomicOutput output) throws CheckpointException {
        var paths = new ArrayList<Path>();
        for (var extra : order.extras().entrySet()) {
            var path = output.stage(extra.getKey());
            save(path, extra.getValue());
            paths.add(path);
        }
        return paths;
    }

    private static void checkUnchanged(List<SourceFile> watched) throws CheckpointException {
        for (var file : watched) {
            file.checkUnchanged();
        }
    }

    private static void save(Path path, byte[] bytes) throws CheckpointException {
        try {
            Files.write(path, bytes);
        } catch (IOException e) {
            throw Problem.of(Code.WRITE_FAILED).file(path).found(e.getClass().getSimpleName()).asException(e);
        }
    }

    private static String fileName(Conversion order, CheckpointFormat format) {
        if (!order.folder()) { return order.target().getFileName().toString(); }
        if (order.file() != null) { return order.file(); }
        return switch (format.id()) {
            case "torch" -> "pytorch_model.bin";
            case "tensorflow" -> "model.ckpt";
            default -> "model" + format.endings().getFirst();
        };
    }
}
