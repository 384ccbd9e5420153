package weft.cli;

import java.io.File;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ResourceBundle;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.text.Spelling;
import weft.text.Texts;

/**
 * The command line. Exit statuses are the contract's: 0 fine, 1 the answer is no, 2 wrong usage, 3 unreadable or
 * refused input, 4 output that could not be written. Whatever happens, nobody sees a stack trace, unless the system
 * property {@code weft.debug} asks for it.
 */
public final class Cli {
    private static final Map<String, Function<Session, Command>> COMMANDS = new LinkedHashMap<>();

    static {
        COMMANDS.put("inspect", InspectCommand::new);
        COMMANDS.put("diff", DiffCommand::new);
        COMMANDS.put("suggest", SuggestCommand::new);
        COMMANDS.put("convert", ConvertCommand::new);
        COMMANDS.put("generate", GenerateCommand::new);
        COMMANDS.put("logits", LogitsCommand::new);
        COMMANDS.put("loss", LossCommand::new);
        COMMANDS.put("verify", VerifyCommand::new);
        COMMANDS.put("explain", ExplainCommand::new);
        COMMANDS.put("export", ExportCommand::new);
        COMMANDS.put("report", ReportCommand::new);
        COMMANDS.put("repair", RepairCommand::new);
    }

    private Cli() {
    }

    /**
     * Runs one command.
     *
     * @param version of Weft, for {@code --version}
     * @return the exit status
     */
    public static int run(String version, String[] arguments, PrintStream out, PrintStream err) {
        var session = new Session(out, err, Texts.of(locale(arguments)).with("help"),
                Arrays.asList(arguments).contains("--json"));
        try {
            return commandLine(version, arguments, session).execute(arguments);
        } catch (Exception | VirtualMachineError e) { // memory, stack, a file cut short behind its mapping
            return failed(e, session);
        } finally {
            out.flush();
            err.flush();
        }
    }

    /** What {@code --lang} says, else the system's language. */
    private static Locale locale(String[] arguments) {
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i].equals("--lang") && i + 1 < arguments.length) {
                return Locale.forLanguageTag(arguments[i + 1]);
            }
            if (arguments[i].startsWith("--lang=")) {
                return Locale.forLanguageTag(arguments[i].substring("--lang=".length()));
            }
        }
        return Locale.getDefault();
    }

    @CommandLine.Command(name = "weft")
    private static final class Root {
        @CommandLine.Option(names = "--lang", paramLabel = "en|zh", descriptionKey = "lang")
        String lang = "";

        @CommandLine.Option(names = {"-h", "--help"}, usageHelp = true, descriptionKey = "help")
        boolean help;

        @CommandLine.Option(names = {"-V", "--version"}, versionHelp = true, descriptionKey = "version")
        boolean version;
    }

    /** Only the command that is named is built: reading the options of all takes longer than listing a file. */
    static CommandLine commandLine(String version, String[] arguments, Session session) {
        var line = new CommandLine(new Root());
        var named = Arrays.stream(arguments).filter(COMMANDS::containsKey).findFirst();
        COMMANDS.forEach((name, make) -> {
            if (named.isEmpty() || named.get().equals(name)) {
                line.addSubcommand(name, make.apply(session));
            }
        });
        line.getCommandSpec().version("weft " + version);
        line.setResourceBundle(new Bundle(session.texts()));
        words(line, session.texts());
        line.setOut(new PrintWriter(session.out(), true)).setErr(new PrintWriter(session.err(), true));
        line.setParameterExceptionHandler((e, _) -> misused(e, session));
        line.setExecutionExceptionHandler((e, _, _) -> failed(e, session));
        line.setExecutionStrategy(parsed -> {
            try {
                return new CommandLine.RunLast().execute(parsed);
            } catch (CommandLine.ParameterException | CommandLine.ExecutionException e) {
                throw e; // the two handlers above
            } catch (RuntimeException e) {
                return failed(e, session); // picocli would print a stack trace
            }
        });
        line.setUsageHelpAutoWidth(true);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        return line;
    }

    /** The headings of the help, which picocli takes from the commands and not from the bundle. */
    private static void words(CommandLine line, Texts texts) {
        var usage = line.getCommandSpec().usageMessage();
        usage.synopsisHeading(texts.get("heading.synopsis") + " ");
        usage.synopsisSubcommandLabel(texts.get("heading.command"));
        usage.parameterListHeading("%n" + texts.get("heading.parameters") + "%n");
        usage.optionListHeading("%n" + texts.get("heading.options") + "%n");
        usage.commandListHeading("%n" + texts.get("heading.commands") + "%n");
        usage.sortOptions(false);
        usage.descriptionHeading("%n");
        line.getSubcommands().values().forEach(sub -> words(sub, texts));
    }

    /** The help texts, by picocli's keys. */
    private static final class Bundle extends ResourceBundle {
        private final Texts texts;

        Bundle(Texts texts) {
            this.texts = texts;
        }

        @Override
        protected @Nullable Object handleGetObject(String key) {
            return texts.has(key) ? texts.plain(key) : null;
        }

        @Override
        public Enumeration<String> getKeys() {
            return Collections.enumeration(texts.keys());
        }
    }

    /** An option that is missing, unknown or not what it should be. */
    private static int misused(CommandLine.ParameterException e, Session session) {
        var problem = Problem.of(Code.BAD_ARGUMENT);
        problem = switch (e) {
            case CommandLine.MissingParameterException missing -> problem.field(String.join(", ", missing.getMissing()
                    .stream().map(Cli::label).toList())).found("-");
            case CommandLine.UnmatchedArgumentException unknown -> unmatched(unknown.getUnmatched(),
                    e.getCommandLine().getCommandSpec());
            default -> e.getArgSpec() == null
                    ? problem.found(e.getMessage())
                    : problem.field(label(e.getArgSpec())).found(e.getValue() == null ? "-" : e.getValue());
        };
        session.refuse(problem, null);
        return Session.status(problem.asException());
    }

    /** A word nobody knows: a misspelt command or option, or a file without the command it is for. */
    private static Problem unmatched(List<String> words, CommandSpec command) {
        var problem = Problem.of(Code.BAD_ARGUMENT);
        var first = words.getFirst();
        var options = command.options().stream().map(CommandLine.Model.OptionSpec::longestName).toList();
        var known = command.subcommands().isEmpty() ? options : List.copyOf(COMMANDS.keySet());
        var near = Spelling.near(first.replaceFirst("=.*", ""), first.startsWith("-") ? options : known);
        if (near != null) { return problem.field(first).expected(near); }
        if (!command.subcommands().isEmpty() && !first.startsWith("-")) {
            if (new File(first).exists()) { return problem.field(first).expected("weft inspect " + first); }
            if (first.matches(".*[./\\\\].*")) {
                return Problem.of(Code.NOT_READABLE).file(first).found("NoSuchFileException");
            }
        }
        return problem.found(String.join(" ", words)).expected(String.join(", ", known));
    }

    private static String label(CommandLine.Model.ArgSpec argument) {
        return argument instanceof CommandLine.Model.OptionSpec option ? option.longestName() : argument.paramLabel();
    }

    /** A refusal with its own status; anything else is a defect, told in one line. */
    private static int failed(Throwable e, Session session) {
        if (Boolean.getBoolean("weft.debug")) {
            e.printStackTrace(session.err());
        }
        if (e instanceof CheckpointException refusal) {
            session.refuse(refusal.problem(), null);
            return Session.status(refusal);
        }
        var problem = switch (e) {
            case OutOfMemoryError _ -> Problem.of(Code.NO_MEMORY)
                    .found(session.texts().bytes(Runtime.getRuntime().totalMemory()));
            case InternalError _ -> Problem.of(Code.CHANGED);
            default -> Problem.of(Code.INTERNAL).found(e.getClass().getSimpleName()
                    + (e.getMessage() == null ? "" : " " + e.getMessage()));
        };
        session.refuse(problem, null);
        return Exit.REFUSED;
    }

    /** The commands there are, for tests of the help. */
    static List<String> commands() {
        return List.copyOf(COMMANDS.keySet());
    }
}
