package dev.muster.batch.spi;

import dev.muster.code.ShellWords;
import java.util.List;

/**
 * What a command of a batch system answered.
 *
 * <p>Immutable and thread-safe.
 *
 * @param command the program and its arguments
 * @param exitCode its exit code, 128 plus the number of a signal that ended it
 * @param out what it wrote to standard output
 * @param err what it wrote to standard error
 * @since 0.1
 */
public record CommandResult(List<String> command, int exitCode, String out, String err) {
  private static final int MOST = 2000;
  private static final int MOST_COMMAND = 300;

  public CommandResult {
    command = List.copyOf(command);
  }

  /** Tells whether the exit code is 0. */
  public boolean ok() {
    return exitCode == 0;
  }

  /**
   * Returns the words of the command that matter to people: standard error, else standard output, at most 2,000
   * characters, without blanks around.
   */
  public String words() {
    String text = err.isBlank() ? out.strip() : err.strip();
    return text.length() <= MOST ? text : "..." + text.substring(text.length() - MOST);
  }

  /**
   * Returns for example {@code sbatch --parsable: exit code 1: sbatch: error: invalid partition}; a long command is
   * shortened.
   */
  public String describe() {
    String words = words();
    return describe(command) + ": exit code " + exitCode + (words.isEmpty() ? "" : ": " + words);
  }

  /**
   * Returns a command as a shell would read it, or the beginning of one that has more than 300 characters. Variables
   * that are taken from it, {@code env -u A -u B} before its name, are left out, and of a {@link ShellCommand} the lines
   * for the shell.
   */
  public static String describe(List<String> words) {
    List<String> command = ShellCommand.shown(words);
    String whole = ShellWords.join(command.subList(bare(command), command.size()));
    return whole.length() <= MOST_COMMAND
        ? whole
        : whole.substring(0, MOST_COMMAND) + "... (" + command.size() + " words)";
  }

  private static int bare(List<String> command) {
    int at = command.get(0).equals("env") ? 1 : 0;
    while (at > 0 && at + 2 < command.size() && command.get(at).equals("-u")) {
      at += 2;
    }
    return at == 1 ? 0 : at;
  }
}
