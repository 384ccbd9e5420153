package weft.work;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import weft.format.Checkpoint;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Json;
import weft.io.Problem;
import weft.io.SourceFile;
import weft.token.Tokenizer;
import weft.token.Tokenizers;

/** Finds the tokenizer that belongs to a model, in any of the files frameworks keep one in. */
final class TokenizerFiles {
    private static final String JSON = "tokenizer.json";
    private static final String MODEL = "tokenizer.model";
    private static final String META = "meta.pkl";
    private static final String GGUF = ".gguf";
    private static final String TIKTOKEN = ".tiktoken";
    /** What one tokenizer consists of, the fullest description first. */
    private static final List<List<String>> SETS = List.of(List.of(JSON), List.of("vocab.json", "merges.txt"),
            List.of("encoder.json", "vocab.bpe"), List.of(MODEL), List.of(META));
    private static final List<String> BYTE_PAIR_HERE = SETS.get(1);
    private static final List<String> BYTE_PAIR_OPENAI = SETS.get(2);
    private static final int GPT2_SIZE = 50257;
    /** Makes of transformers that keep the same two files and cut words another way, which only tokenizer.json says. */
    private static final List<String> OTHER_WORDS = List.of("Qwen", "CLIP", "XLM", "CTRL", "OpenAIGPT", "Herbert",
            "Flaubert",
            "BioGpt", "Phobert", "Speech2Text2");

    private TokenizerFiles() {
    }

    /** The files of the tokenizer beside a checkpoint, or its own file where the vocabulary is inside; else empty. */
    static List<Path> in(Path folder, Checkpoint checkpoint) {
        if (checkpoint.metadata().containsKey("tokenizer.ggml.tokens")) {
            return List.of(checkpoint.files().getFirst());
        }
        return in(folder);
    }

    private static List<Path> in(Path folder) {
        return SETS.stream().map(set -> set.stream().map(folder::resolve).toList())
                .filter(set -> set.stream().allMatch(Files::isRegularFile)).findFirst()
                .orElseGet(() -> tiktoken(folder));
    }

    /** The tokenizer's files, and where more than one description of it lies side by side, the others behind it. */
    static List<List<Path>> each(Model model) {
        var files = model.tokenizer();
        if (files.isEmpty()) { return List.of(); }
        var first = files.getFirst();
        return Stream.concat(Stream.of(files), SETS.stream()
                .map(set -> set.stream().map(first::resolveSibling).toList())
                .filter(set -> !set.equals(files) && set.stream().allMatch(Files::isRegularFile))).toList();
    }

    private static List<Path> tiktoken(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> name(f).endsWith(TIKTOKEN) && Files.isRegularFile(f)).sorted().limit(1).toList();
        } catch (IOException _) {
            return List.of(); // then there is no tokenizer here
        }
    }

    /**
     * The tokenizer of a folder or file that a person named, else the one beside the model or inside it, else GPT-2's
     * own when the vocabulary has its size, else none.
     *
     * @param vocabulary rows of the embedding; 0 if they aren't known
     * @throws CheckpointException NO_TOKENIZER for a folder without one, BAD_TOKENIZER, VOCABULARY_TOO_LARGE for one
     *         that can give ids the embedding has no row for
     */
    static @Nullable Tokenizer load(Model model, @Nullable Path given, long vocabulary) throws CheckpointException {
        var tokenizer = find(model, given, vocabulary);
        if (tokenizer != null && vocabulary > 0 && tokenizer.size() > vocabulary) {
            throw Problem.of(Code.VOCABULARY_TOO_LARGE).file(tokenizer.name()).found(tokenizer.size())
                    .expected(vocabulary).asException();
        }
        return tokenizer;
    }

    /** The same, whatever its size. */
    static @Nullable Tokenizer find(Model model, @Nullable Path given, long vocabulary) throws CheckpointException {
        var files = given == null ? model.tokenizer() : Files.isDirectory(given) ? in(given) : one(given);
        if (given != null && files.isEmpty()) { throw Problem.of(Code.NO_TOKENIZER).file(given).asException(); }
        if (files.isEmpty()) { return vocabulary == GPT2_SIZE ? Tokenizers.gpt2() : null; }
        return read(files);
    }

    private static void requireGpt2Words(Path vocabulary) throws CheckpointException {
        var config = vocabulary.resolveSibling("tokenizer_config.json");
        if (!Files.isRegularFile(config)) { return; }
        var make = Json.read(new String(Folders.bytes(config), StandardCharsets.UTF_8),
                name(config)) instanceof Map<?, ?> map
                && map.get("tokenizer_class") instanceof String word ? word : "";
        if (OTHER_WORDS.stream().anyMatch(make::startsWith)) {
            throw Problem.of(Code.BAD_TOKENIZER).file(vocabulary.getFileName()).field("tokenizer_class").found(make)
                    .expected(JSON).asException();
        }
    }

    /** A file a person named, with the one that belongs to it. */
    private static List<Path> one(Path file) {
        for (var set : SETS) {
            if (set.contains(name(file))) {
                var all = set.stream().map(file::resolveSibling).toList();
                return all.stream().allMatch(Files::isRegularFile) ? all : List.of();
            }
        }
        return Files.isRegularFile(file) ? List.of(file) : List.of();
    }

    /** Of files found here. */
    static @Nullable Tokenizer read(List<Path> files) throws CheckpointException {
        var file = files.getFirst();
        var name = name(file);
        if (files.size() == 2) {
            requireGpt2Words(file);
            return Tokenizers.bytePair(Folders.bytes(file), name, Folders.bytes(files.get(1)), name(files.get(1)));
        }
        if (name.endsWith(GGUF)) {
            var source = SourceFile.open(file);
            return Tokenizers.gguf(source.segment(0, source.size()), name);
        }
        var bytes = Folders.bytes(file);
        if (name.endsWith(".json")) { return Tokenizers.tokenizerJson(bytes, name); }
        if (name.endsWith(".pkl")) { return Tokenizers.characterTable(bytes, name); }
        return name.endsWith(TIKTOKEN) ? Tokenizers.tiktoken(bytes, name) : Tokenizers.tokenizerModel(bytes, name);
    }

    /** The tokenizer's files under the names the target's framework looks for. */
    static Map<String, byte[]> forTarget(Model model, String home) throws CheckpointException {
        var extras = new LinkedHashMap<String, byte[]>();
        var files = model.tokenizer();
        var names = files.size() != 2
                ? files.stream().map(TokenizerFiles::name).toList()
                : home.equals("tensorflow") ? BYTE_PAIR_OPENAI : BYTE_PAIR_HERE;
        for (int i = 0; i < files.size(); i++) {
            if (!names.get(i).endsWith(GGUF)) { // a vocabulary inside the checkpoint stays where it is
                extras.put(names.get(i), Folders.bytes(files.get(i)));
            }
        }
        return extras;
    }

    private static String name(Path file) {
        return file.getFileName().toString();
    }
}
