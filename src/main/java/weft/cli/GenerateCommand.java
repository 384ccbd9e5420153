package weft.cli;

import java.util.LinkedHashMap;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import weft.infer.Sampling;
import weft.io.CheckpointException;
import weft.io.Progress;

/** Continues a prompt. */
@picocli.CommandLine.Command(name = "generate")
final class GenerateCommand extends Command {
    @Mixin
    ModelOptions model = new ModelOptions();

    @Option(names = "--prompt", required = true, paramLabel = "TEXT")
    String prompt = "";

    @Option(names = "--max-new-tokens", paramLabel = "N", defaultValue = "40")
    int count;

    @Option(names = "--temperature", paramLabel = "T", defaultValue = "0")
    double temperature;

    @Option(names = "--top-k", paramLabel = "K", defaultValue = "0")
    int topK;

    @Option(names = "--top-p", paramLabel = "P", defaultValue = "1")
    double topP;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "0")
    long seed;

    @Option(names = "--ignore-eos")
    boolean ignoreEos;

    GenerateCommand(Session session) {
        super(session);
    }

    @Override
    int run(Session session) throws CheckpointException {
        if (count < 0) { throw bad("--max-new-tokens", count, "0, 1, …"); }
        var sampling = sampling();
        var ready = model.load(session);
        if (ready == null) { return Exit.NO; }
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
            session.print(document);
        } else {
            streamed.println();
            session.note(session.texts().get("generate.done", "n", made.result().ids().length, "rate",
                    session.texts().decimal(made.tokensPerSecond(), 3), "load", ready.loadMillis()));
        }
        return Exit.FINE;
    }

    private Sampling sampling() throws CheckpointException {
        if (!(temperature >= 0) || Double.isInfinite(temperature)) { throw bad("--temperature", temperature, ">= 0"); }
        if (topK < 0) { throw bad("--top-k", topK, ">= 0"); }
        if (!(topP > 0 && topP <= 1)) { throw bad("--top-p", topP, "0 < P <= 1"); }
        return new Sampling(temperature, topK, topP, 1, seed);
    }
}
