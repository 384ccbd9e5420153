package weft.cli;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

import weft.infer.Generator;
import weft.infer.Sampling;
import weft.io.CheckpointException;
import weft.io.Progress;
import weft.text.Texts;
import weft.work.Running;
import weft.work.Workspace;

/**
 * The built-in sample's whole story as text, for where there is no display: what doesn't fit, what PyTorch says, the
 * rules, and the model's own words and loss before and after. Everything is computed there and then.
 */
public final class Story {
    private static final String PROMPT = "Every effort moves you";
    private static final int WORDS = 60;
    private static final int MOST_KEYS = 3;
    private final Session session;
    private final Texts texts;

    private Story(Session session) {
        this.session = session;
        this.texts = session.texts();
    }

    /**
     * Tells it.
     *
     * @param samples folder that holds {@code openai-tf} and {@code trap-hf-linear}
     * @return the exit status
     */
    public static int tell(Path samples, Locale locale, PrintStream out, PrintStream err) {
        var session = new Session(out, err, Texts.of(locale), false);
        try {
            new Story(session).tell(samples);
            return Exit.FINE;
        } catch (CheckpointException e) {
            session.refuse(e.problem(), null);
            return Session.status(e);
        } finally {
            out.flush();
            err.flush();
        }
    }

    /** The same for the samples that ship with Weft, with the line that says why there is no window. */
    public static int tell(Locale locale, PrintStream out, PrintStream err) {
        var texts = Texts.of(locale);
        out.println(texts.get("story.noDisplay"));
        var samples = Workspace.samples();
        if (samples.isEmpty()) {
            err.println(texts.get("refused", "message", texts.get("story.noSamples")));
            return Exit.REFUSED;
        }
        out.println();
        return tell(samples.get(), locale, out, err);
    }

    private void tell(Path samples) throws CheckpointException {
        var plain = Workspace.open(samples.resolve("openai-tf"), Progress.NONE)
                .withTarget("gpt2/scratch-split", Progress.NONE);
        var plan = plain.plan().orElseThrow();
        heading("story.fits");
        var words = new PlanText(texts);
        words.summary(plan).stream().filter(line -> !line.equals(texts.get("diff.next"))).forEach(session::say);
        session.say("");
        words.rows(plan).forEach(session::say);

        heading("story.before");
        var before = plain.before();
        session.say(texts.get("story.refusal"));
        session.say("");
        before.lines(MOST_KEYS).forEach(line -> session.say("    " + line));
        session.say("");
        session.say(texts.get("story.forced"));
        runs(plain, plain.runForced(null));

        heading("story.rules");
        var accepted = plain.acceptAll();
        accepted.rules().rules().forEach(rule -> session.say(Workspace.text(rule)));

        heading("story.after");
        accepted.plan().ifPresent(p -> session.say(words.summary(p).get(1)));
        double after = runs(accepted, accepted.run(null));

        var trap = samples.resolve("trap-hf-linear");
        if (Files.isDirectory(trap)) {
            heading("story.trap");
            var wrong = Workspace.open(trap, Progress.NONE);
            session.say(texts.get("story.trapped"));
            double loss = runs(wrong, wrong.run(null));
            session.say(texts.get("story.end", "loss", texts.decimal(loss, 4), "after", texts.decimal(after, 4)));
        }
    }

    private void heading(String key) {
        session.say("");
        session.say("== " + texts.get(key) + " ==");
        session.say("");
    }

    /** What the model writes and how well it predicts the fixed text. @return the loss, nat/token */
    private double runs(Workspace workspace, Running running) throws CheckpointException {
        var fixed = workspace.fixedText(null);
        if (running.tokenizer() != null) {
            var made = running.generate(PROMPT, WORDS, Sampling.GREEDY, false, _ -> {
            }, Progress.NONE);
            session.say("");
            session.say("    " + PROMPT + Texts.shown(made.text()).replace("\\n", "\n    ")
                    + (made.result().stop() == Generator.Stop.LENGTH ? " …" : ""));
            session.say("");
        }
        var loss = running.loss(fixed.text(), Progress.NONE);
        session.say(texts.get("loss.line", "loss", texts.decimal(loss.mean(), 4), "perplexity",
                texts.decimal(loss.perplexity(), 4), "n", loss.tokens(), "name", fixed.name()));
        return loss.mean();
    }
}
