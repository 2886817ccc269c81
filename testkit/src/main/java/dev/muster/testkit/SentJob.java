package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.batch.spi.BatchDialect;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.Submission;
import dev.muster.execution.Staging;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A job whose files are sent, with names that a careless dialect takes for code, and what becomes of it in a real
 * shell.
 */
final class SentJob {
  private static final String TAG = "sent.run.a1b2c3-8";
  private static final String COMMAND =
      "cat \"$MUSTER_FILES\"/* >&3 && [ \"$(pwd -P)\" = \"$(cd \"$MUSTER_FILES\" && pwd -P)\" ] && exit $((30 + MUSTER_JOB_INDEX))";

  /** Brings the files of a job and says in which environment it runs. */
  interface Delivery {
    Map<String, String> deliver(JobSpec spec, int index) throws IOException;
  }

  private final BatchDialect dialect;
  private final Path base;
  private final Delivery delivery;
  private final JobSpec spec;

  SentJob(BatchDialect dialect, Path base, Consumer<JobSpec.Builder> prepare, Delivery delivery)
      throws IOException {
    this.dialect = dialect;
    this.base = base;
    this.delivery = delivery;
    Path other = Files.createDirectories(base.resolve("it's $(touch pwned)"));
    Path first = Files.writeString(base.resolve("a"), "first\n");
    Path second = Files.writeString(other.resolve("b $(touch pwned) \"'`x;&|#"), "second\n");
    Path spared = Files.writeString(other.resolve("c $(touch pwned) \"'`x;&|#"), "");
    JobSpec.Builder builder = JobSpec.builder(
            "sent", List.of("bash", "-c", "exec 3>\"$SENT_SEEN\"; " + COMMAND), base)
        .logs(base.resolve("logs"))
        .files(List.of(first, second, spared))
        .unless(Map.of(second, "cd /\nexit 1", spared, "cd /\nexit 0"))
        .staging(Staging.TRANSFER);
    prepare.accept(builder);
    this.spec = builder.build();
  }

  /** Runs each copy, and checks that it had its files, was told its index, and ended as it should. */
  void check(List<JobId> ids) throws Exception {
    Path directory = base.resolve("scripts");
    Submission submission = dialect.submission(spec, ids.size(), TAG, directory);
    Path script = HostileJob.script(submission);
    assertThat(Files.readString(script))
        .as("paths of the submit host in the script")
        .doesNotContain(directory.toString(), spec.logs().toString());
    for (int index = 0; index < ids.size(); index++) {
      Path seen = base.resolve("seen-" + index);
      Map<String, String> environment = delivery.deliver(spec, index);
      ProcessBuilder builder = new ProcessBuilder("/bin/bash", script.toString())
          .directory(Path.of("/").toFile())
          .redirectErrorStream(true)
          .redirectOutput(base.resolve("said-" + index).toFile());
      builder.environment().putAll(environment);
      builder.environment().put("SENT_SEEN", seen.toString());
      Process process = builder.start();
      send(ids.get(index), environment, process);
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue())
          .as("exit code of %s: %s", script, Files.readString(base.resolve("said-" + index)))
          .isEqualTo(30 + index);
      assertThat(seen).hasContent("first\nsecond\n");
    }
    assertThat(base.resolve("pwned")).doesNotExist();
    assertThat(directory.resolve(TAG + ".0.exit"))
        .as("a file that a node cannot write")
        .doesNotExist();
  }

  /** Sends the files as the engine does: what fails again, and then what comes after it. */
  private void send(JobId job, Map<String, String> environment, Process process) throws Exception {
    List<List<String>> commands = dialect.sendCommands(spec, job, TAG);
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    int sent = 0;
    while (sent < commands.size() && process.isAlive()) {
      assertThat(System.nanoTime() - until).as("sending %s", commands).isNegative();
      if (run(commands.get(sent), environment) == 0) {
        sent++;
      }
    }
  }

  private int run(List<String> command, Map<String, String> environment) throws Exception {
    // The program is looked for on the PATH of this process.
    List<String> words = new ArrayList<>(List.of("env"));
    words.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(words)
        .redirectErrorStream(true)
        .redirectOutput(base.resolve("sent").toFile());
    builder.environment().putAll(environment);
    return builder.start().waitFor();
  }
}
