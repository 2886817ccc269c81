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

  private Main() {}

  /** Runs the command and ends the process with its exit code. */
  public static void main(String[] arguments) {
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
      CommandLine commands = commands(shell);
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

  /** Returns the commands. */
  static CommandLine commands(Shell shell) {
    CommandLine commands = new CommandLine(new MusterCommand());
    add(commands, "run", new RunCommand(shell), "");
    add(commands, "plan", new PlanCommand(shell), "");
    add(commands, "explain", new ExplainCommand(shell), "[STAGE] ");
    add(commands, "validate", new ValidateCommand(shell), "");
    add(commands, "probe", new ProbeCommand(shell), "");
    add(commands, "runs", new RunsCommand(shell), "[FOLDER]", "");
    add(commands, "status", new StatusCommand(shell), "RUN", "");
    add(commands, "logs", new LogsCommand(shell), "RUN", "[TASK] ");
    add(commands, "attach", new AttachCommand(shell), "RUN", "");
    add(commands, "clean", new CleanCommand(shell), "[RUN...]", "");
    add(commands, "jobs", new JobsCommand(shell), "RUN", "");
    add(commands, "cancel", new CancelCommand(shell), "RUN", "");
    commands.addSubcommand("help", new HelpCommand());
    hide(commands, "prime", new PrimeCommand(shell));
    hide(commands, "generate-completion", new AutoComplete.GenerateCompletion());
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

  private static void add(CommandLine commands, String name, Object command, String more) {
    add(commands, name, command, "FILE", more);
  }

  private static void add(
      CommandLine commands, String name, Object command, String subject, String more) {
    CommandLine added = new CommandLine(command);
    UsageMessageSpec usage = added.getCommandSpec().usageMessage();
    usage.synopsisHeading("Usage: ");
    usage.customSynopsis("muster " + name + " " + subject + " " + more + "[OPTIONS]%n");
    usage.parameterListHeading("%n");
    usage.optionListHeading("%nOptions:%n");
    usage.sortOptions(false);
    commands.addSubcommand(name, added);
  }

  private static void hide(CommandLine commands, String name, Object command) {
    CommandLine added = new CommandLine(command);
    added.getCommandSpec().usageMessage().hidden(true);
    commands.addSubcommand(name, added);
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
