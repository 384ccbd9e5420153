package weft.ui;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The fixture gpt2-tiny with a tokenizer that fits its 61 ids: one letter a token. */
final class Tiny {
    private Tiny() {
    }

    /** A copy of one of its folders in {@code folder}. */
    static Path with(Path folder, String dialect) throws IOException {
        var made = Files.createDirectories(folder.resolve(dialect));
        try (var files = Files.list(Path.of("src/test/resources/fixtures/gpt2-tiny", dialect))) {
            for (var file : files.toList()) {
                Files.copy(file, made.resolve(file.getFileName()));
            }
        }
        var letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.,!?:;-\u0120\u010a";
        Files.writeString(made.resolve("vocab.json"), IntStream.range(0, 61)
                .mapToObj(i -> "\"" + (i < letters.length() ? "" + letters.charAt(i) : i) + "\": " + i)
                .collect(Collectors.joining(", ", "{", "}")));
        Files.writeString(made.resolve("merges.txt"), "#version: 0.2\n");
        Files.writeString(made.resolve("weft-text.txt"), "The cat sat, and the dog ran. Who was glad?");
        return made;
    }
}
