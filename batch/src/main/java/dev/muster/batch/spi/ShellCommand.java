package dev.muster.batch.spi;

import java.util.ArrayList;
import java.util.List;

/**
 * Commands of a dialect that are more than one program: lines for {@code sh}, which get what varies as arguments.
 *
 * <p>The command has a name, which stands before the arguments, and by which its answer is known again.
 *
 * @since 0.1
 */
public final class ShellCommand {
  private static final String FIRST = "muster-";

  private ShellCommand() {}

  /**
   * Returns a command.
   *
   * @param name a word for it, for example {@code qstat}
   * @param lines what {@code sh} runs
   * @param arguments what the lines find as {@code $1}, {@code $2} and so on
   */
  public static List<String> of(String name, String lines, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of("sh", "-c", lines, FIRST + name));
    command.addAll(arguments);
    return command;
  }

  /** Returns a command as people know it: one of these as its name and its arguments, any other as it is. */
  static List<String> shown(List<String> command) {
    if (command.size() < 4 || !command.get(0).equals("sh") || !command.get(3).startsWith(FIRST)) {
      return command;
    }
    List<String> shown = new ArrayList<>(command.subList(3, command.size()));
    shown.set(0, shown.get(0).substring(FIRST.length()));
    return shown;
  }

  /** Tells whether an answer is that of the command of this name. */
  public static boolean named(String name, CommandResult answer) {
    return answer.command().contains(FIRST + name);
  }
}
