package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.error.Visible;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names that try to take over a terminal, to turn what is read, or to forge lines, wherever names may stand. */
class HostileNamesTest {
  private static final String[] PARTS = {
    "\033]52;c;cm0gLXJm\007",
    "\033[2J\033[1;1H",
    "\u009b31m",
    "\u202e",
    "\u2066",
    "\u200b",
    "\u2028",
    "\u0085",
    "\nmuster: done",
    "\r",
    "\b\b",
    "\0",
    "\u007f",
    "\ufeff",
    "\033[31m",
    "\u061c",
    "\udb40\udc41",
    "é",
    "日本",
    "x",
    " y",
    "'",
    "\\"
  };

  @TempDir
  private Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Random random = new Random(7);
  private int number;

  private int muster(String... arguments) {
    Screen screen = new Screen(new Output(err));
    Runnable restore = Logging.to(screen::print);
    try {
      return Main.execute(
          new Shell(
              new Library(),
              new Output(out),
              screen,
              new Terminal(false, false, Map.of()),
              Clock.systemUTC(),
              directory),
          arguments);
    } finally {
      restore.run();
    }
  }

  private String name() {
    StringBuilder name = new StringBuilder("n" + number++);
    for (int i = 0; i < 3; i++) {
      name.append(PARTS[random.nextInt(PARTS.length)]);
    }
    return name.toString();
  }

  /** Returns a text as YAML and JSON have it in quotes, in ASCII. */
  private static String quoted(String text) {
    return text.chars()
        .mapToObj(c -> c == '"' || c == '\\'
            ? "\\" + (char) c
            : c < ' ' || c > '~' ? String.format("\\u%04X", c) : String.valueOf((char) c))
        .collect(Collectors.joining("", "\"", "\""));
  }

  private boolean nul = true; // refused, with a message

  private String q() {
    String name = name();
    return quoted(nul ? name : name.replace("\0", "").replace("\n", "").replace("\r", ""));
  }

  private String workflow(int stages, boolean wrong) {
    nul = wrong;
    String pool = q();
    List<String> lines = new ArrayList<>();
    lines.add("name: " + q());
    lines.add(
        "data: {datasets: [{name: " + q() + ", files: [" + q() + "], " + q() + ": " + q() + "}]}");
    lines.add(q() + ": {unknown: section}");
    if (wrong) {
      lines.add("execution_: " + q());
    }
    lines.add("analysis:");
    lines.add("  stages:");
    for (int i = 0; i < stages; i++) {
      String more = wrong
          ? ", " + q() + ": " + q() + "}, execution: {prefer: " + q() + "}}"
          : ", stdin: " + q() + "}}";
      lines.add(
          "    - {id: " + q() + ", op: shell, needs: [], params: {command: [\"true\"]" + more);
    }
    lines.add("    - {id: " + q() + ", op: shell, needs: [], params: {command: [\"sh\", \"-c\", "
        + "\"printf '\\\\033]52;c;x\\\\007\\\\342\\\\200\\\\256\\\\nforged' >&2; exit 3\"]}}");
    lines.add("execution: {pools: {default: {workers: 1}, " + pool + ": {workers: 1"
        + (wrong ? ", config: {" + q() + ": " + q() + "}" : "") + "}}}");
    return String.join("\n", lines) + "\n";
  }

  private void check(String what, String text) {
    List<String> hidden = text.codePoints()
        .filter(point -> point != '\n' && Visible.isHidden(point))
        .mapToObj(point -> String.format("U+%04X", point))
        .toList();
    assertThat(hidden).as("%s: %s", what, text).isEmpty();
    assertThat(text.lines()).as(what).noneMatch(line -> line.startsWith("muster: done"));
  }

  private void all(String... arguments) {
    muster(arguments);
    check(String.join(" ", arguments) + " (out)", out.toString(StandardCharsets.UTF_8));
    check(String.join(" ", arguments) + " (err)", err.toString(StandardCharsets.UTF_8));
    out.reset();
    err.reset();
  }

  @Test
  void nothingHiddenIsShown() throws IOException {
    for (boolean wrong = false; number < 1000; wrong = !wrong) {
      String file = directory.resolve("w.yaml").toString();
      Files.writeString(Path.of(file), workflow(12, wrong));
      all("validate", file);
      all("validate", "--json", file);
      all("plan", file);
      for (String format : List.of("yaml", "json", "dot", "mermaid")) {
        all("plan", "--format", format, file);
      }
      all("explain", file, "n" + number);
      all("run", "--keep-going", "--plain", file);
      all("run", "-d", "x", file, "--set", name().replace("\0", "") + "=1");
    }
    try (var runs = Files.list(directory.resolve(".muster/runs"))) {
      for (Path run : runs.toList()) {
        for (String name : List.of("plan.yaml", "journal", "logs")) {
          if (Files.exists(run.resolve(name))) {
            check(name, Files.readString(run.resolve(name)));
          }
        }
      }
    }
  }
}
