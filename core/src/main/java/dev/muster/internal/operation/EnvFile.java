package dev.muster.internal.operation;

import dev.muster.error.Problem;
import dev.muster.error.SourceLocation;
import dev.muster.internal.io.IoErrors;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Variables;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code .env} files: {@code VARIABLE=VALUE}, one per line.
 *
 * <p>Blank lines and lines that begin with {@code #} are left out, as is {@code export} before a name. A value in
 * single quotes is taken as it stands; in double quotes {@code \n}, {@code \t}, {@code \r}, {@code \"}, {@code \\} and
 * {@code \$} have their usual meaning. Quoted values end on their line. In a value without quotes, a {@code #} after a
 * blank begins a comment and blanks at the end are dropped. Nothing is expanded. Values may be secrets: no message
 * repeats one.
 */
final class EnvFile {
  private static final long MAX_BYTES = 1 << 20;

  private final Path file;
  private final List<Problem> problems;
  private final String path;
  private final Map<String, String> values = new LinkedHashMap<>();

  private EnvFile(Path file, String path, List<Problem> problems) {
    this.file = file;
    this.path = path;
    this.problems = problems;
  }

  /** Returns a stage's environment variables, those of its file read. */
  static Map<String, String> variables(Stage stage, Path baseDirectory, List<Problem> problems) {
    Variables variables = stage.environment().variables();
    if (variables instanceof Variables.EnvFile file) {
      return read(
          baseDirectory.resolve(file.path()),
          "stage " + stage.id() + ".environment.variables",
          stage.location(),
          problems);
    }
    return ((Variables.Values) variables).values();
  }

  /**
   * Reads a file; of two lines for one variable the last counts.
   *
   * @param path where the workflow names the file, for messages
   * @param location where that stands, or null
   * @param problems receives every problem, each with file and line
   */
  static Map<String, String> read(
      Path file, String path, @Nullable SourceLocation location, List<Problem> problems) {
    EnvFile env = new EnvFile(file, path, problems);
    String wrong;
    try {
      if (Files.exists(file) && !Files.isRegularFile(file)) { // a pipe or a device may have no end
        wrong = "is not a regular file";
      } else if (Files.size(file) > MAX_BYTES) {
        wrong = "is larger than 1 MiB";
      } else {
        env.parse(Files.readString(file, StandardCharsets.UTF_8));
        return env.values;
      }
    } catch (NoSuchFileException e) {
      wrong = "does not exist";
    } catch (CharacterCodingException e) {
      wrong = "is not UTF-8 text";
    } catch (IOException e) {
      wrong = "cannot be read: " + IoErrors.describe(e);
    }
    problems.add(new Problem(location, path, "the file " + file + " " + wrong, null));
    return Map.of();
  }

  private void parse(String text) {
    String[] lines = text.split("\r\n|\n|\r", -1);
    for (int i = 0; i < lines.length; i++) {
      String line = lines[i];
      if (i == 0 && line.startsWith("\uFEFF")) {
        line = line.substring(1);
      }
      line(line.strip(), i + 1);
    }
  }

  private void line(String given, int number) {
    String line =
        given.matches("export\\s.*") ? given.substring("export".length()).strip() : given;
    if (line.isEmpty() || line.startsWith("#")) {
      return;
    }
    int equals = line.indexOf('=');
    if (equals < 0) {
      problem(number, "there is no '=' in this line", "write VARIABLE=VALUE");
      return;
    }
    String name = line.substring(0, equals).strip();
    if (!name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
      problem(
          number,
          "a variable's name has letters, digits and '_', and does not begin with a digit",
          null);
      return;
    }
    String value = value(name, line.substring(equals + 1).strip(), number);
    if (value != null && value.indexOf('\0') >= 0) {
      problem(
          number,
          "the value of " + name + " has a NUL character, which ends a text in every process",
          null);
    } else if (value != null) {
      values.put(name, value);
    }
  }

  private @Nullable String value(String name, String text, int number) {
    if (text.isEmpty() || text.startsWith("#")) {
      return "";
    }
    char quote = text.charAt(0);
    if (quote != '"' && quote != '\'') {
      for (int i = 1; i < text.length(); i++) {
        if (text.charAt(i) == '#' && Character.isWhitespace(text.charAt(i - 1))) {
          return text.substring(0, i).strip();
        }
      }
      return text;
    }
    StringBuilder value = new StringBuilder();
    int i = 1;
    while (i < text.length() && text.charAt(i) != quote) {
      char c = text.charAt(i);
      if (c == '\\' && quote == '"' && i + 1 < text.length()) {
        i++;
        c = text.charAt(i);
        switch (c) {
          case 'n' -> value.append('\n');
          case 't' -> value.append('\t');
          case 'r' -> value.append('\r');
          case '"', '\\', '$' -> value.append(c);
          default -> value.append('\\').append(c);
        }
      } else {
        value.append(c);
      }
      i++;
    }
    if (i >= text.length()) {
      problem(
          number,
          "the value of " + name + ": the quote " + quote + " is not closed in its line",
          null);
      return null;
    }
    String rest = text.substring(i + 1).strip();
    if (!rest.isEmpty() && !rest.startsWith("#")) {
      problem(
          number,
          "the value of " + name + ": there is more text after the closing quote " + quote,
          null);
      return null;
    }
    return value.toString();
  }

  private void problem(int line, String message, @Nullable String suggestion) {
    problems.add(
        new Problem(new SourceLocation(file.toString(), line, 1), path, message, suggestion));
  }
}
