package weft.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import weft.io.CheckpointException;
import weft.io.Progress;

/** How well the model predicts a text. */
@CommandLine.Command(name = "loss")
final class LossCommand extends Command {
    @Mixin
    ModelOptions model = new ModelOptions();

    @Option(names = "--text", paramLabel = "F")
    @Nullable
    Path text;

    LossCommand(Session session) {
        super(session);
    }

    @Override
    int run(Session session) throws CheckpointException {
        var ready = model.load(session);
        if (ready == null) { return Exit.NO; }
        var fixed = ready.workspace().fixedText(text);
        var loss = ready.running().loss(fixed.text(), Progress.NONE);
        if (session.json()) {
            var document = new LinkedHashMap<String, Object>();
            document.put("loss", loss.mean());
            document.put("perplexity", loss.perplexity());
            document.put("tokens", loss.tokens());
            document.put("text", fixed.name());
            document.put("context", ready.running().context());
            document.put("nll", loss.each());
            session.print(document);
        } else {
            var texts = session.texts();
            session.say(texts.get("loss.line", "loss", texts.decimal(loss.mean(), 4), "perplexity",
                    texts.decimal(loss.perplexity(), 4), "n", loss.tokens(), "name", fixed.name()));
        }
        return Exit.FINE;
    }
}
