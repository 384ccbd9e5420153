package weft.cli;

import java.nio.file.Path;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a proof runs on where the fixed texts aren't wanted, and whose tokenizer makes ids of it. */
final class TextOptions {
    @Option(names = "--text", paramLabel = "F")
    @Nullable
    Path text;

    @Option(names = "--tokenizer", paramLabel = "DIR")
    @Nullable
    Path tokenizer;
}
