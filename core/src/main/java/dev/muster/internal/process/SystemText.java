package dev.muster.internal.process;

import dev.muster.error.MusterException;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Whether texts reach the system as they are. Java passes arguments, variables and names of files in the encoding of
 * the locale that it was started under, and replaces what that encoding lacks. Everything else of a run is UTF-8, so
 * other encodings take ASCII only. Thread-safe.
 */
public final class SystemText {
  private static final Charset FILES = charset(System.getProperty("sun.jnu.encoding"));
  // Java 17 starts processes in the default encoding.
  private static final Charset PROCESSES =
      Runtime.version().feature() < 18 ? Charset.defaultCharset() : FILES;

  private static final Map<String, String> INHERITED = Map.copyOf(System.getenv());

  private SystemText() {}

  /** Returns the environment variables of this process. */
  static Map<String, String> inherited() {
    return INHERITED;
  }

  private static Charset charset(String name) {
    try {
      return Charset.forName(name);
    } catch (IllegalCharsetNameException | UnsupportedCharsetException unknown) {
      return StandardCharsets.US_ASCII;
    }
  }

  /** Tells whether a text reaches a process as it is. */
  static boolean passes(String text, Charset charset) {
    boolean unicode = charset.equals(StandardCharsets.UTF_8);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        continue;
      }
      if (!unicode) {
        return false;
      }
      if (Character.isSurrogate(c)) {
        if (i + 1 == text.length() || !Character.isSurrogatePair(c, text.charAt(i + 1))) {
          return false;
        }
        i++;
      }
    }
    return true;
  }

  /**
   * Says which argument or variable of a process would not reach it as it is.
   *
   * @param environment its variables; those that this process has too are passed on in any case
   * @return what is wrong and what to do; empty if all reach it. Values of variables are not shown
   */
  public static String problem(List<String> argv, Map<String, String> environment) {
    for (int i = 0; i < argv.size(); i++) {
      if (argv.get(i).indexOf('\0') >= 0) {
        return "argument " + i + " has a NUL character, which ends a text in every process";
      }
      if (!passes(argv.get(i), PROCESSES)) {
        return "argument " + i + " cannot be passed on: " + why(argv.get(i), PROCESSES);
      }
    }
    for (Map.Entry<String, String> variable : environment.entrySet()) {
      String value = variable.getValue();
      if (value.equals(INHERITED.get(variable.getKey()))) {
        continue;
      }
      if (variable.getKey().indexOf('\0') >= 0 || value.indexOf('\0') >= 0) {
        return "the variable " + variable.getKey().replace("\0", "\\0")
            + " has a NUL character, which ends a text in every process";
      }
      if (!passes(variable.getKey(), PROCESSES) || !passes(value, PROCESSES)) {
        return "the variable " + variable.getKey() + " cannot be passed on: "
            + why(value, PROCESSES);
      }
    }
    return "";
  }

  /** Says the same where the variables are told by what differs from those of this process. */
  public static String problem(List<String> argv, Variables variables) {
    return problem(argv, variables.own());
  }

  /**
   * Resolves a name of a file.
   *
   * @throws MusterException if the system's encoding has no such name; says what to do
   */
  public static Path resolve(Path folder, String name) {
    if (name.indexOf('\0') < 0 && !passes(name, FILES)) {
      throw new MusterException(
          "the file name '" + name + "' cannot be passed to the system: " + why(name, FILES));
    }
    try {
      return folder.resolve(name);
    } catch (InvalidPathException e) {
      throw new MusterException(
          "the file name '" + name.replace("\0", "\\0") + "' is none: " + e.getReason(), e);
    }
  }

  private static String why(String text, Charset charset) {
    if (charset.equals(StandardCharsets.UTF_8)) {
      return "it has half a character (a surrogate without its pair), which UTF-8 cannot hold";
    }
    int first = text.codePoints().filter(c -> c >= 0x80).findFirst().orElse('?');
    return "it has the letter " + String.format("U+%04X", first)
        + ", and Java was started under a locale whose encoding is " + charset.name() + " ("
        + settings()
        + "); start it under a UTF-8 locale that is installed, for example LC_ALL=C.UTF-8";
  }

  private static String settings() {
    StringBuilder settings = new StringBuilder();
    for (String name : List.of("LC_ALL", "LC_CTYPE", "LANG")) {
      String value = System.getenv(name);
      if (value != null && !value.isEmpty()) {
        settings.append(settings.isEmpty() ? "" : ", ").append(name).append('=').append(value);
      }
    }
    return settings.isEmpty() ? "LC_ALL, LC_CTYPE and LANG are not set" : settings.toString();
  }
}
