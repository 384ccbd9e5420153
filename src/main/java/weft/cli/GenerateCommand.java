package weft.cli;

import java.util.LinkedHashMap;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import weft.infer.Sampling;
import weft.io.CheckpointException;
import weft.io.Progress;
import weft.work.Running;

/** Continues a prompt. */
@CommandLine.Command(name = "generate")
final class GenerateCommand extends Command {
    @Mixin
    ModelOptions model = new ModelOptions();

    @Option(names = "--prompt", paramLabel = "TEXT")
    @Nullable
    String given;

    @Option(names = "--textbook")
    boolean textbook;

    @Option(names = "--max-new-tokens", paramLabel = "N")
    @Nullable
    Integer newTokens;

    @Option(names = "--temperature", paramLabel = "T")
    @Nullable
    Double heat;

    @Option(names = "--top-k", paramLabel = "K")
    @Nullable
    Integer likeliest;

    @Option(names = "--top-p", paramLabel = "P", defaultValue = "1")
    double topP;

    @Option(names = "--repetition-penalty", paramLabel = "R", defaultValue = "1")
    double penalty;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "0")
    long seed;

    @Option(names = "--ignore-eos")
    boolean ignoreEos;

    GenerateCommand(Session session) {
        super(session);
    }

    @Override
    int run(Session session) throws CheckpointException {
        var book = Running.Textbook.SETTING;
        var prompt = given != null ? given : textbook ? book.prompt() : null;
        if (prompt == null) { throw bad("--prompt", "-", "--prompt TEXT, --textbook"); }
        int count = newTokens != null ? newTokens : textbook ? book.count() : 40;
        if (count < 0) { throw bad("--max-new-tokens", count, ">= 0"); }
        var sampling = sampling();
        var ready = model.load(session);
        if (ready == null) { return Exit.NO; }
        ready.running().checked(prompt, count); // before anything is printed
        var streamed = session.json() ? null : session.out();
        if (streamed != null) {
            streamed.print(prompt);
            streamed.flush();
        }
        var made = ready.running().generate(prompt, count, sampling, ignoreEos, piece -> {
            if (streamed != null) {
                streamed.print(piece);
                streamed.flush();
            }
        }, Progress.NONE);
        if (streamed == null) {
            var document = new LinkedHashMap<String, Object>();
            document.put("text", made.text());
            document.put("ids", made.result().ids());
            document.put("promptIds", made.promptIds());
            document.put("tokensPerSecond", made.tokensPerSecond());
            document.put("prefillTokensPerSecond", made.prefillTokensPerSecond());
            document.put("loadMs", ready.loadMillis());
            document.put("stop", switch (made.result().stop()) {
                case LENGTH -> "length";
                case END_OF_TEXT -> "endOfText";
            });
            remark(sampling).ifPresent(key -> document.put("note", session.texts().get(key)));
            session.print(document);
        } else {
            streamed.println();
            session.note(session.texts().get("generate.done", "n", made.result().ids().length, "rate",
                    session.texts().decimal(made.tokensPerSecond(), 3), "load", ready.loadMillis()));
            remark(sampling).ifPresent(key -> session.note(session.texts().get(key)));
        }
        return Exit.FINE;
    }

    /** What to know of how tokens were chosen. */
    private Optional<String> remark(Sampling sampling) {
        if (sampling.temperature() > 0) { return Optional.of("generate.sampled"); }
        boolean idle = sampling.topK() > 0 || sampling.topP() < 1 || sampling.seed() != 0;
        return idle ? Optional.of("generate.greedy") : Optional.empty();
    }

    private Sampling sampling() throws CheckpointException {
        var book = Running.Textbook.SETTING;
        double temperature = heat != null ? heat : textbook ? book.temperature() : 0;
        int topK = likeliest != null ? likeliest : textbook ? book.topK() : 0;
        if (!(penalty > 0) || Double.isInfinite(penalty)) { throw bad("--repetition-penalty", penalty, "> 0"); }
        if (!(temperature >= 0) || Double.isInfinite(temperature)) { throw bad("--temperature", temperature, ">= 0"); }
        if (topK < 0) { throw bad("--top-k", topK, ">= 0"); }
        if (!(topP > 0 && topP <= 1)) { throw bad("--top-p", topP, "0 < P <= 1"); }
        return new Sampling(temperature, topK, topP, penalty, seed);
    }
}
