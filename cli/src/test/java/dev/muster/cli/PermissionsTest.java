package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Compares the table of docs/security.md with what a run leaves. */
@DisabledOnOs(OS.WINDOWS)
class PermissionsTest {
  private static final Pattern ROW = Pattern.compile("\\| `([^`]+)` \\| .* \\| `([rwx-]{9})` \\|");

  private static final String WORKFLOW = """
      name: w
      data: {datasets: [{name: d, files: [a.txt, b.txt]}]}
      analysis:
        stages:
          - {id: Each, op: shell, params: {command: "echo out; echo err >&2"}}
          - id: Python
            op: python
            needs: []
            from: []
            scope: global
            params: {callable: "ops:write"}
          - id: Fails
            op: shell
            needs: []
            from: []
            scope: global
            params: {command: "cat; exit 3", stdin: text}
      execution: {pools: {default: {workers: 2}}}
      """;

  @TempDir
  private Path folder;

  private static Map<String, String> table() throws IOException {
    Map<String, String> table = new LinkedHashMap<>();
    for (String line : Files.readAllLines(Path.of("../docs/security.md"))) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        table.put(row.group(1), row.group(2));
      }
    }
    return table;
  }

  /** Returns the permissions that the table says: those of the name itself, else those of a pattern. */
  private static String said(Map<String, String> table, Path path) {
    String exact = table.get(path.toString());
    if (exact != null) {
      return exact;
    }
    String best = null;
    for (Map.Entry<String, String> row : table.entrySet()) {
      String pattern =
          row.getKey().replace(".", "\\.").replace("**/", "(.+/)?").replace("*", "[^/]+");
      if (path.toString().matches(pattern)
          && (best == null
              || row.getKey().replace("*", "").length() > best.replace("*", "").length())) {
        best = row.getKey();
      }
    }
    return best == null ? "not in the table" : table.get(best);
  }

  private Path run() throws IOException, InterruptedException {
    Files.writeString(folder.resolve("w.yaml"), WORKFLOW);
    Files.writeString(
        folder.resolve("ops.py"),
        "def write(ctx):\n    print('x')\n    return str(ctx.output_dir)\n");
    Path said = folder.resolve("said");
    Process process = new ProcessBuilder(List.of(
            "sh",
            "-c",
            "umask 000; exec \"$0\" \"$@\"",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.muster.cli.Main",
            "run",
            "--keep-going",
            "w.yaml"))
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .redirectOutput(said.toFile())
        .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(said)).isEqualTo(ExitCode.FAILED);
    return folder.resolve(".muster/runs/latest").toRealPath();
  }

  @Test
  void aRunLeavesWhatTheTableSays() throws Exception {
    Map<String, String> table = table();
    assertThat(table).hasSizeGreaterThan(15);
    Path run = run();
    Map<String, String> wrong = new TreeMap<>();
    List<String> seen = new ArrayList<>();
    try (Stream<Path> files = Files.walk(run)) {
      for (Path file : files.toList()) {
        Path name = file.equals(run) ? Path.of(".") : run.relativize(file);
        seen.add(name.toString());
        String is = PosixFilePermissions.toString(
            Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS));
        if (!is.equals(said(table, name))) {
          wrong.put(name.toString(), is + ", and the table says " + said(table, name));
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(seen)
        .contains(
            "journal",
            "logs",
            "plan.yaml",
            "Each/d.0/outputs/stdout",
            "Fails/outputs/stdin",
            "Fails/errors",
            "Python/outputs/stdout");
    for (Path own : List.of(run.getParent(), run.getParent().getParent())) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(own)))
          .isEqualTo(table.get("."));
    }
  }
}
