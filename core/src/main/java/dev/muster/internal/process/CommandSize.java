package dev.muster.internal.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What the operating system takes as arguments and environment of a new process, in bytes of UTF-8: 128 KiB for each
 * text, and a quarter of the stack's limit, at most 6 MiB, for all. Thread-safe.
 *
 * <p>Source: {@code execve(2)}.
 */
public final class CommandSize {
  /** The bytes that one argument, or a variable with its name, may have. */
  public static final int MAX_TEXT = 128 * 1024 - 1;

  // For the programs that look after a command, and what they add.
  private static final int MARGIN = 32 * 1024;
  private static final int POINTER = 8;
  private static final long MOST = 6L << 20;
  private static final long BEYOND = 1L << 40;
  private static final Pattern STACK =
      Pattern.compile("(?m)^Max stack size\\s+(\\d{1,18}|unlimited)\\s");
  private static final long MAX_SUM = sum();

  private CommandSize() {}

  private static long sum() {
    long stack = 8L << 20;
    try {
      Matcher match = STACK.matcher(Files.readString(Path.of("/proc/self/limits")));
      if (match.find()) {
        stack =
            match.group(1).equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(match.group(1));
      }
    } catch (IOException notLinux) {
      stack = 1L << 20; // 256 KiB in all, which every system takes
    }
    return Math.max(128 * 1024, Math.min(MOST, stack / 4)) - MARGIN;
  }

  /** Returns how many bytes a text has in UTF-8. */
  public static long bytes(String text) {
    long bytes = text.length();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        // A surrogate is half of four bytes.
        bytes += c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
      }
    }
    return bytes;
  }

  /** Returns the bytes that all arguments and variables of a command may have on this machine. */
  public static long maxSum() {
    return MAX_SUM;
  }

  /**
   * Says why a command cannot be started with these arguments and variables.
   *
   * @return the reason, short whatever the values are; empty if the system takes them
   */
  public static String excess(List<String> argv, Map<String, String> environment) {
    return most(argv, environment) <= MAX_SUM ? "" : counted(argv, environment);
  }

  /** Says the same where the variables are told by what differs from those of this process. */
  public static String excess(List<String> argv, Variables variables) {
    return Inherited.MOST + most(argv, variables.own()) <= MAX_SUM
        ? ""
        : excess(argv, variables.all());
  }

  /** Looked at when a command is first started. */
  private static final class Inherited {
    static final long MOST = most(List.of(), SystemText.inherited());
  }

  // No character takes more than three bytes in UTF-8, for each of its units.
  /** Returns a number that their bytes are not more than; one beyond any limit if a text may be too long. */
  private static long most(List<String> argv, Map<String, String> environment) {
    long sum = 0;
    for (String argument : argv) {
      if (argument.length() > MAX_TEXT / 3) {
        return BEYOND;
      }
      sum += 3L * argument.length() + 1 + POINTER;
    }
    for (Map.Entry<String, String> variable : environment.entrySet()) {
      int length = variable.getKey().length() + 1 + variable.getValue().length();
      if (length > MAX_TEXT / 3) {
        return BEYOND;
      }
      sum += 3L * length + 1 + POINTER;
    }
    return sum;
  }

  private static String counted(List<String> argv, Map<String, String> environment) {
    Map<String, Long> sizes = new LinkedHashMap<>();
    long sum = 0;
    for (int i = 0; i < argv.size(); i++) {
      long size = bytes(argv.get(i));
      if (size > MAX_TEXT) {
        return tooLong("argument " + i, size);
      }
      sizes.put("argument " + i, size);
      sum += size + 1 + POINTER;
    }
    for (Map.Entry<String, String> variable : environment.entrySet()) {
      long size = bytes(variable.getKey()) + 1 + bytes(variable.getValue());
      if (size > MAX_TEXT) {
        return tooLong("the variable " + variable.getKey(), size);
      }
      sizes.put("the variable " + variable.getKey(), size);
      sum += size + 1 + POINTER;
    }
    return sum <= MAX_SUM ? "" : tooMuch(sum, sizes);
  }

  private static String tooLong(String what, long size) {
    return what + " has " + size + " bytes, and the system takes " + MAX_TEXT;
  }

  private static String tooMuch(long sum, Map<String, Long> sizes) {
    return "its arguments and environment variables have " + sum
        + " bytes in all, and the system takes " + MAX_SUM + "; the largest: "
        + sizes.entrySet().stream()
            .sorted(Comparator.comparing((Map.Entry<String, Long> each) -> -each.getValue()))
            .limit(3)
            .map(each -> each.getKey() + " (" + each.getValue() + ")")
            .collect(Collectors.joining(", "));
  }
}
