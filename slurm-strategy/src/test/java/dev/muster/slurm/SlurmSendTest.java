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

/** The commands that bring files to a job, run with a stand-in for sbcast that copies on this machine. */
class SlurmSendTest {
  private static final String SBCAST = """
      #!/bin/sh
      set -e
      [ "$#" = 4 ] && [ "$1" = --jobid=7_0 ] && [ "$2" = --preserve ]
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
    Path sbcast = Files.writeString(tools.resolve("sbcast"), SBCAST);
    Files.setPosixFilePermissions(sbcast, PosixFilePermissions.fromString("rwx------"));
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
    List<String> command = new ArrayList<>(
        SlurmTransfer.sendCommands(spec, new JobId("7_0"), "tag").get(0));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder
        .environment()
        .merge("PATH", folder.resolve("bin").toString(), (old, bin) -> bin + ":" + old);
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
