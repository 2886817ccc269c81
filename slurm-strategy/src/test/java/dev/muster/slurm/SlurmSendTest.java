package dev.muster.slurm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.execution.Staging;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that bring files to a job, run with stand-ins for squeue and for an sbcast that copies here. */
class SlurmSendTest {
  private static final String SQUEUE = """
      #!/bin/sh
      [ -z "$SQUEUE_STATES" ] || exit 0
      case " $* " in *" --jobs=7_0 "*) printf '%-24s\\n' 12 ;; esac
      """;
  private static final String SBCAST = """
      #!/bin/sh
      set -e
      [ "$#" = 4 ] && [ "$1" = --jobid=12 ] && [ "$2" = --preserve ]
      [ ! -e "$4" ]
      cp -- "$3" "$4"
      """;

  @TempDir
  Path folder;

  private Path place;
  private JobSpec spec;

  @BeforeEach
  void setUp() throws IOException {
    Path tools = Files.createDirectory(folder.resolve("bin"));
    for (Map.Entry<String, String> tool :
        Map.of("squeue", SQUEUE, "sbcast", SBCAST).entrySet()) {
      Path file = Files.writeString(tools.resolve(tool.getKey()), tool.getValue());
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }
    Path brought = Files.writeString(folder.resolve("brought"), "x");
    place = folder.resolve("muster-tag-7_0");
    spec = JobSpec.builder("sent", List.of("true"), folder)
        .logs(folder)
        .files(List.of(brought))
        .unless(Map.of(brought, "[ -e /opt/it ]"))
        .staging(Staging.TRANSFER)
        .config("scratch", folder.toString())
        .build();
  }

  private int ask() throws IOException {
    return ask("7_0");
  }

  private int ask(String job) throws IOException {
    List<String> command =
        new ArrayList<>(SlurmTransfer.sendCommands(spec, new JobId(job), "tag").get(0));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder
        .environment()
        .merge("PATH", folder.resolve("bin").toString(), (old, bin) -> bin + ":" + old);
    builder.environment().put("SQUEUE_STATES", "SUSPENDED"); // of the user's shell
    builder.redirectErrorStream(true).redirectOutput(folder.resolve("said").toFile());
    try {
      return builder.start().waitFor();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void make(String name) throws IOException {
    Files.createDirectories(place.resolve(name));
  }

  @Test
  void aFileThatTheJobNeedsIsSent() throws IOException {
    make("needs-0");
    make("files");

    assertThat(ask()).isZero();
    assertThat(place.resolve("files/brought")).hasContent("x");
  }

  @Test
  void aJobWhoseNumberSlurmDoesNotSayIsToldSo() throws IOException {
    make("needs-0");
    make("files");

    assertThat(ask("7_1")).isNotZero();
    assertThat(folder.resolve("said"))
        .hasContent("Slurm does not say which number job 7_1 has: it may be over");
  }

  @Test
  void aFileThatTheNodeHasIsNotSent() throws IOException {
    make("has-0");
    make("files");

    assertThat(ask()).isZero();
    assertThat(place.resolve("files/brought")).doesNotExist();
  }

  @Test
  void aJobThatHasNotAnsweredYetIsAskedAgain() throws IOException {
    make("files");

    assertThat(ask()).isNotZero();
    assertThat(place.resolve("files/brought")).doesNotExist();

    make("has-0");
    assertThat(ask()).isZero();
    assertThat(place.resolve("files/brought")).doesNotExist();
  }

  @Test
  void aSendThatFailedAfterTheQuestionIsDoneAgain() throws IOException {
    make("needs-0");

    assertThat(ask()).isNotZero();

    make("files");
    assertThat(ask()).isZero();
    assertThat(place.resolve("files/brought")).hasContent("x");
  }
}
