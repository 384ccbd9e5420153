package weft.cli;

import java.util.concurrent.Callable;

import picocli.CommandLine.Option;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;

/** What every command has: the options of the answer's form, and a session to answer into. */
abstract class Command implements Callable<Integer> {
    private final Session session;

    @Option(names = "--json")
    boolean json;

    @Option(names = "--lang", paramLabel = "en|zh")
    String lang = "";

    @Option(names = {"-h", "--help"}, usageHelp = true)
    boolean help;

    Command(Session session) {
        this.session = session;
    }

    @Override
    public final Integer call() throws CheckpointException {
        return run(session);
    }

    /** Does it. @return the exit status */
    abstract int run(Session session) throws CheckpointException;

    /** Wrong usage that the option parser can't see. */
    static CheckpointException bad(String option, Object found, String expected) {
        return Problem.of(Code.BAD_ARGUMENT).field(option).found(found).expected(expected).asException();
    }
}
