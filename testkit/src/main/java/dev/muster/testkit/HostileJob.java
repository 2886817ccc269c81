package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.Submission;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A job in which every text is one that a careless dialect takes for code, and what becomes of it in a real shell. */
final class HostileJob {
  /** Texts that break what does not quote them. */
  static final List<String> WORDS = List.of(
      "two words",
      "it's",
      "\"quoted\"",
      "$(touch pwned)",
      "`touch pwned`",
      "${HOME}",
      "line\nbreak",
      "-n",
      "--help",
      "a;b&&c|d",
      "*?[a]",
      "back\\slash\\",
      "größe 中 🎉",
      "#hash",
      "%d {x} %%",
      "tab\there",
      "");

  // Writes what it sees, each word ended by NUL, into a file.
  private static final String SEEN =
      "{ pwd; printf '\\0'; for w; do printf '%s\\0' \"$w\"; done; for n in %NAMES%; do eval \"printf '%s\\\\0' \\\"\\$$n\\\"\"; done; } >\"$HOSTILE_SEEN\"";

  private final Path base;
  private final Path seen;
  private final Path directory;
  private final JobSpec spec;

  HostileJob(Path base) throws IOException {
    this.base = base;
    this.seen = base.resolve("seen by the job");
    this.directory = Files.createDirectories(base.resolve("it's a \"folder\" $(touch pwned)"));
    Map<String, String> variables = variables();
    List<String> command = new ArrayList<>(List.of(
        "/bin/sh", "-c", SEEN.replace("%NAMES%", String.join(" ", variables.keySet())), "sh"));
    command.addAll(WORDS);
    JobSpec.Builder builder = JobSpec.builder("-pool $(touch pwned) 'x'", command, directory)
        .logs(base.resolve("lo gs"))
        .variable("HOSTILE_SEEN", seen.toString());
    variables.forEach(builder::variable);
    this.spec = builder.build();
  }

  private static Map<String, String> variables() {
    Map<String, String> variables = new LinkedHashMap<>();
    for (String word : WORDS) {
      variables.put("HOSTILE_" + variables.size(), word);
    }
    return variables;
  }

  JobSpec spec() {
    return spec;
  }

  /** Runs its script as the batch system would, and checks that the job has seen every word as it was. */
  void run(Path script, Map<String, String> environment) throws Exception {
    ProcessBuilder builder = new ProcessBuilder("/bin/bash", script.toString())
        .directory(base.toFile())
        .redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as("exit code of %s: %s", script, said).isZero();
    List<String> expected = new ArrayList<>(List.of(directory.toRealPath() + "\n"));
    expected.addAll(WORDS);
    expected.addAll(WORDS);
    assertThat(Files.readString(seen).split("\0", -1))
        .as("folder, arguments and variables")
        .startsWith(expected.toArray(String[]::new));
    notPwned();
  }

  /** Checks that none of its words was run. */
  void notPwned() throws IOException {
    for (Path folder : List.of(base, directory, Path.of(""))) {
      assertThat(folder.resolve("pwned").toAbsolutePath())
          .as("made by a word that was run as code")
          .doesNotExist();
    }
  }

  /** Writes a submission's files; returns the only one that is a script. */
  static Path script(Submission submission) throws IOException {
    List<Path> scripts = new ArrayList<>();
    for (Map.Entry<Path, String> file : submission.files().entrySet()) {
      Files.createDirectories(file.getKey().toAbsolutePath().getParent());
      Files.writeString(file.getKey(), file.getValue());
      if (file.getValue().startsWith("#!")) {
        scripts.add(file.getKey());
      }
    }
    assertThat(scripts).as("scripts of %s", submission.files().keySet()).hasSize(1);
    return scripts.get(0);
  }
}
