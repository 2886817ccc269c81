package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That the scripts which install packages wait for another apt-get, on lists of their own. */
class AptTest {
  @TempDir
  Path folder;

  @BeforeEach
  void debian() throws IOException {
    assumeThat(Path.of("/usr/bin/apt-get")).as("this is a Debian").exists();
    Files.createDirectory(folder.resolve("lists"));
  }

  private Process update(int patience) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(
            "bash",
            "../scripts/sites/apt.sh",
            "update",
            "-qq",
            "-o",
            "Dir::State::lists=" + folder.resolve("lists"),
            "-o",
            "Dir::Cache=" + folder,
            "-o",
            "Dir::Etc::sourcelist=/dev/null",
            "-o",
            "Dir::Etc::sourceparts=/dev/null")
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("said").toFile());
    builder.environment().put("APT_PATIENCE", String.valueOf(patience));
    return builder.start();
  }

  private FileLock lock() throws IOException {
    return FileChannel.open(
            folder.resolve("lists/lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)
        .lock();
  }

  private String said() throws IOException {
    return Files.readString(folder.resolve("said"));
  }

  @Test
  void waitsForTheLockOfTheLists() throws Exception {
    Process update;
    try (FileChannel channel = lock().channel()) {
      update = update(100);
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> said().contains("waiting for another") || !update.isAlive());
      assertThat(channel.isOpen()).isTrue();
    }
    assertThat(update.waitFor(100, TimeUnit.SECONDS)).isTrue();
    assertThat(said()).startsWith("apt: waiting for another apt-get: E: Could not get lock");
    assertThat(update.exitValue()).as(said()).isZero();
  }

  @Test
  void failsWhenItHasWaitedLongEnough() throws Exception {
    try (FileChannel channel = lock().channel()) {
      Process update = update(0);
      assertThat(update.waitFor(100, TimeUnit.SECONDS)).isTrue();
      assertThat(update.exitValue()).isNotZero();
      assertThat(said()).contains("Could not get lock").doesNotContain("waiting");
      assertThat(channel.isOpen()).isTrue();
    }
  }
}
