package dev.muster.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IExecutionStrategy;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Where the {@code muster} command starts. */
public final class Main {
  private static final int HELP_COLUMNS = 84;
  private static final String HELP = "help";
  private static final String PRIME = "prime";
  private static final String COMPLETION = "generate-completion";

  /** In the order of the help. */
  private static final List<String> NAMES = List.of(
      "run",
      "plan",
      "explain",
      "validate",
      "probe",
      "runs",
      "status",
      "logs",
      "report",
      "attach",
      "clean",
      "jobs",
      "cancel",
      "worker",
      HELP,
      PRIME,
      COMPLETION);

  private Main() {}

  /** Runs the command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    Logging.install();
    Signals.install();
    Shell shell = new Shell(
        new Library(),
        new Output(new FileOutputStream(FileDescriptor.out)),
        new Screen(new Output(new FileOutputStream(FileDescriptor.err))),
        Terminal.ofThisProcess(),
        Clock.system(ZoneId.systemDefault()),
        Path.of("").toAbsolutePath());
    System.exit(execute(shell, arguments));
  }

  /** Runs a command and returns its exit code. */
  static int execute(Shell shell, String... arguments) {
    try {
      CommandLine commands = commands(shell, arguments);
      StringWriter help = new StringWriter();
      commands.setOut(new PrintWriter(help));
      if (arguments.length == 0) {
        shell
            .err()
            .print(commands.getUsageMessage(commands.getColorScheme()).lines().toList());
        return ExitCode.USAGE;
      }
      for (String argument : arguments) {
        if (argument.indexOf('\uFFFD') >= 0
            && !System.getProperty("sun.jnu.encoding").equals("UTF-8")) {
          throw new UsageException("Java cannot read the argument '" + argument
              + "': it was started under a locale whose encoding is "
              + System.getProperty("sun.jnu.encoding")
              + "\nstart it under a UTF-8 locale that is installed, for example LC_ALL=C.UTF-8");
        }
      }
      int code = commands.execute(ResumeChoice.attached(arguments));
      if (!help.toString().isEmpty()) {
        shell.out().raw(help.toString());
      }
      return code;
    } catch (Throwable e) { // whatever it is, the user gets a line and the caller an exit code
      return new Messages(shell, new OutputOptions()).failed(e);
    }
  }

  /** Returns all commands. */
  static CommandLine commands(Shell shell) {
    CommandLine commands = new CommandLine(new MusterCommand());
    for (String name : NAMES) {
      commands.addSubcommand(name, command(shell, name));
    }
    return prepared(commands, shell);
  }

  // What a command does, how it is called and what its help says depend on no other one: where the
  // first word is its
  // name, the others would only be described to be thrown away.
  private static CommandLine commands(Shell shell, String[] arguments) {
    boolean alone = arguments.length > 0 && NAMES.contains(arguments[0]);
    if (!alone || arguments[0].equals(HELP) || arguments[0].equals(COMPLETION)) {
      return commands(shell);
    }
    CommandLine commands = new CommandLine(new MusterCommand());
    commands.addSubcommand(arguments[0], command(shell, arguments[0]));
    return prepared(commands, shell);
  }

  private static CommandLine prepared(CommandLine commands, Shell shell) {
    boolean color =
        shell.terminal().style(shell.terminal().out(), ColorMode.AUTO).color();
    commands.setColorScheme(CommandLine.Help.defaultColorScheme(color ? Ansi.ON : Ansi.OFF));
    commands.setUsageHelpWidth(HELP_COLUMNS);
    Handlers handlers = new Handlers(shell);
    commands.setParameterExceptionHandler(handlers);
    commands.setExecutionExceptionHandler(handlers);
    commands.setExecutionStrategy(handlers);
    return commands;
  }

  private static CommandLine command(Shell shell, String name) {
    return switch (name) {
      case "run" -> shown(name, new RunCommand(shell), "FILE", "");
      case "plan" -> shown(name, new PlanCommand(shell), "FILE", "");
      case "explain" -> shown(name, new ExplainCommand(shell), "FILE", "[STAGE] ");
      case "validate" -> shown(name, new ValidateCommand(shell), "FILE", "");
      case "probe" -> shown(name, new ProbeCommand(shell), "FILE", "");
      case "runs" -> shown(name, new RunsCommand(shell), "[FOLDER]", "");
      case "status" -> shown(name, new StatusCommand(shell), "RUN", "");
      case "logs" -> shown(name, new LogsCommand(shell), "RUN", "[TASK] ");
      case "report" -> shown(name, new ReportCommand(shell), "RUN", "");
      case "attach" -> shown(name, new AttachCommand(shell), "RUN", "");
      case "clean" -> shown(name, new CleanCommand(shell), "[RUN...]", "");
      case "jobs" -> shown(name, new JobsCommand(shell), "RUN", "");
      case "cancel" -> shown(name, new CancelCommand(shell), "RUN", "");
      case "worker" -> shown(name, new WorkerCommand(shell), "call DEFINITION", "");
      case HELP -> new CommandLine(new HelpCommand());
      case PRIME -> hidden(new PrimeCommand(shell));
      case COMPLETION -> hidden(new AutoComplete.GenerateCompletion());
      default -> throw new IllegalArgumentException("no command " + name);
    };
  }

  private static CommandLine shown(String name, Object command, String subject, String more) {
    CommandLine shown = new CommandLine(command);
    UsageMessageSpec usage = shown.getCommandSpec().usageMessage();
    usage.synopsisHeading("Usage: ");
    usage.customSynopsis("muster " + name + " " + subject + " " + more + "[OPTIONS]%n");
    usage.parameterListHeading("%n");
    usage.optionListHeading("%nOptions:%n");
    usage.sortOptions(false);
    return shown;
  }

  private static CommandLine hidden(Object command) {
    CommandLine hidden = new CommandLine(command);
    hidden.getCommandSpec().usageMessage().hidden(true);
    return hidden;
  }

  private static OutputOptions output(CommandLine command) {
    Object object = command.getCommand();
    return object instanceof Talking talking ? talking.output() : new OutputOptions();
  }

  // A class, not lambdas: the JVM's class archives cannot hold lambdas of interfaces as old as
  // picocli's.
  private static final class Handlers
      implements IParameterExceptionHandler, IExecutionExceptionHandler, IExecutionStrategy {
    private final IExecutionStrategy runLast = new CommandLine.RunLast();
    private final Shell shell;

    Handlers(Shell shell) {
      this.shell = shell;
    }

    @Override
    public int execute(ParseResult parsed) {
      List<CommandLine> given = parsed.asCommandLineList();
      Logging.verbosity(output(given.get(given.size() - 1)).verbose.length);
      return runLast.execute(parsed);
    }

    @Override
    public int handleParseException(ParameterException e, String[] arguments) {
      CommandLine command = e.getCommandLine();
      String message = String.valueOf(e.getMessage());
      if (e instanceof UnmatchedArgumentException unmatched
          && !unmatched.getSuggestions().isEmpty()) {
        message += "; did you mean '" + unmatched.getSuggestions().get(0) + "'?";
      }
      String hint = "'" + command.getCommandSpec().qualifiedName() + " --help' lists what there is";
      return new Messages(shell, output(command)).failed(new UsageException(message + "\n" + hint));
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
      return new Messages(shell, output(command)).failed(e);
    }
  }

  /** A command with options that say how it talks. */
  interface Talking {
    /** Returns those options. */
    OutputOptions output();
  }
}
