package dev.muster.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.ParameterException;
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
        Clock.systemDefaultZone(),
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
        shell.err().print(commands.getUsageMessage(commands.getColorScheme()).lines().toList());
        return ExitCode.USAGE;
      }
      int code = commands.execute(arguments);
      if (!help.toString().isEmpty()) {
        shell.out().text(help.toString());
      }
      return code;
    } catch (Throwable e) { // whatever it is, the user gets a line and the caller an exit code
      return new Messages(shell, new OutputOptions()).failed(e);
    }
  }

  /** Returns the commands. */
  static CommandLine commands(Shell shell) {
    CommandLine commands = new CommandLine(new MusterCommand());
    commands.addSubcommand("run", new RunCommand(shell));
    commands.addSubcommand("plan", new PlanCommand(shell));
    commands.addSubcommand("explain", new ExplainCommand(shell));
    commands.addSubcommand("validate", new ValidateCommand(shell));
    commands.addSubcommand("help", new HelpCommand());
    commands.addSubcommand("prime", new PrimeCommand(shell));
    commands.addSubcommand("generate-completion", new AutoComplete.GenerateCompletion());
    for (String hidden : List.of("prime", "generate-completion")) {
      commands.getSubcommands().get(hidden).getCommandSpec().usageMessage().hidden(true);
    }
    boolean color = shell.terminal().style(shell.terminal().out(), ColorMode.AUTO).color();
    commands.setColorScheme(CommandLine.Help.defaultColorScheme(color ? Ansi.ON : Ansi.OFF));
    commands.setUsageHelpWidth(HELP_COLUMNS);
    commands.setCaseInsensitiveEnumValuesAllowed(true);
    commands.setParameterExceptionHandler((e, given) -> wrongUsage(shell, e));
    commands.setExecutionExceptionHandler(
        (e, command, parsed) -> new Messages(shell, output(command)).failed(e));
    commands.setExecutionStrategy(parsed -> {
      CommandLine last = parsed.asCommandLineList().get(parsed.asCommandLineList().size() - 1);
      Logging.verbosity(output(last).verbose.length);
      return new CommandLine.RunLast().execute(parsed);
    });
    return commands;
  }

  private static OutputOptions output(CommandLine command) {
    Object object = command.getCommand();
    return object instanceof Talking talking ? talking.output() : new OutputOptions();
  }

  private static int wrongUsage(Shell shell, ParameterException e) {
    CommandLine command = e.getCommandLine();
    StringBuilder message = new StringBuilder(String.valueOf(e.getMessage()));
    if (e instanceof UnmatchedArgumentException unmatched && !unmatched.getSuggestions().isEmpty()) {
      message.append("; did you mean '").append(unmatched.getSuggestions().get(0)).append("'?");
    }
    String name = command.getCommandSpec().qualifiedName();
    new Messages(shell, output(command)).failed(new UsageException(
        message + "\n'" + name + " --help' lists what there is"));
    return ExitCode.USAGE;
  }

  /** A command with options that say how it talks. */
  interface Talking {
    /** Returns those options. */
    OutputOptions output();
  }
}
