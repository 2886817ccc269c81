package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code muster worker call} with programs that run. */
class WorkerCommandTest {
  @TempDir
  Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int muster(String... arguments) {
    return Main.execute(
        new Shell(
            new Library(),
            new Output(out),
            new Screen(new Output(err)),
            new Terminal(false, false, Map.of()),
            Clock.systemUTC(),
            directory),
        arguments);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private Path node(String script) throws IOException {
    Path program = Files.writeString(directory.resolve("w"), "#!/bin/sh\n" + script + "\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    Path node = Files.createDirectories(directory.resolve("run/-.N1"));
    Files.createDirectories(node.resolve("outputs"));
    Files.writeString(node.resolve("definition"), """
        {"function_name":"f","inputs":{},"outputs":{"x":"run/-.N1/outputs/x"},"output_dir":"run/-.N1/outputs",\
        "done_path":"run/-.N1/_done","error_path":"run/-.N1/_error","logs_path":null}""");
    return node;
  }

  @Test
  void aWorkerThatIsDoneIsZero() throws IOException {
    Path node = node("echo 1 >\"$output_x_file\"");
    assertThat(muster("worker", "call", "run/-.N1/definition", "--worker", "w"))
        .as(this::err)
        .isEqualTo(ExitCode.DONE);
    assertThat(node.resolve("_done")).exists();
    assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
    assertThat(err()).isEmpty();
  }

  @Test
  void aWorkerThatFailsIsOneWithReasonAndLog() throws IOException {
    Path node = node("printf 'no \\033[31mluck\\n' >&2; exit 4");
    assertThat(muster("worker", "call", "run/-.N1/definition", "--worker", "w"))
        .isEqualTo(ExitCode.FAILED);
    assertThat(err())
        .startsWith("muster: the worker w.f failed with exit code 4")
        .contains("no ")
        .contains("luck")
        .doesNotContain("\033");
    assertThat(node.resolve("_error")).exists();
  }

  @Test
  void aWorkerThatIsNotThereIsOneAndFlagged() throws IOException {
    Path node = node("");
    assertThat(muster("worker", "call", "run/-.N1/definition", "--worker", "v"))
        .isEqualTo(ExitCode.FAILED);
    assertThat(err()).contains("there is no worker 'v'").contains("tkr-v");
    assertThat(node.resolve("_error")).exists();
  }

  @Test
  void whatIsNoCallIsTwo() throws IOException {
    Path node = node("");
    assertThat(muster("worker", "call", "nothing")).isEqualTo(ExitCode.USAGE);
    assertThat(err()).contains("there is no such file");
    Files.writeString(node.resolve("definition"), "{\"function_name\":\"f\"}");
    assertThat(muster("worker", "call", "run/-.N1/definition")).isEqualTo(ExitCode.USAGE);
    assertThat(err()).contains("'inputs' must be a mapping");
    assertThat(node.resolve("_error")).doesNotExist();
    assertThat(muster("worker", "cal", "x")).isEqualTo(ExitCode.USAGE);
    assertThat(muster("worker")).isEqualTo(ExitCode.USAGE);
  }
}
