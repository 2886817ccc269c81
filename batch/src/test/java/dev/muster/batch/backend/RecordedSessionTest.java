package dev.muster.batch.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.batch.backend.RecordedSession.Maker;
import dev.muster.error.MusterException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Who has a run counts, and not only the lock on the record of its jobs. */
@EnabledOnOs(OS.LINUX)
class RecordedSessionTest {
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final String SESSION =
      "{\"type\":\"session\",\"run\":\"r\",\"strategy\":\"local\",\"config\":{}}\n";

  @TempDir
  Path run;

  private Path folder;

  @BeforeEach
  void record() throws IOException {
    folder = Files.createDirectories(run.resolve("debug/batch"));
    Files.writeString(folder.resolve(JobRecord.FILE), SESSION);
    Files.writeString(run.resolve("format"), "muster run directory 1\n");
    Files.createFile(run.resolve("journal"));
  }

  private void owner(String host, long pid, long start) throws IOException {
    Files.writeString(
        run.resolve("owner"),
        "host=" + host + "\nboot=" + line("/proc/sys/kernel/random/boot_id") + "\nspace="
            + Files.readSymbolicLink(Path.of("/proc/self/ns/pid")) + "\npid=" + pid + "\nstart="
            + start + "\nsince=2026-01-31T10:00:00Z\n");
  }

  private static String line(String file) throws IOException {
    return Files.readString(Path.of(file)).strip();
  }

  private Maker maker() {
    return RecordedSession.read(folder).maker();
  }

  @Test
  void aRunWithoutOwnerHasEnded() {
    assertThat(maker()).isEqualTo(Maker.GONE);
  }

  @Test
  void whoHoldsTheRecordIsAtWork() throws IOException {
    try (FileChannel channel =
            FileChannel.open(folder.resolve(JobRecord.FILE), StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      assertThat(lock).isNotNull();
      assertThat(maker()).isEqualTo(Maker.AT_WORK);
    }
  }

  @Test
  void aProcessOfAnotherHostIsNotTakenForGoneForItsLockIsNotSeen() throws Exception {
    owner("node7", 4711, 1);
    assertThat(maker()).isEqualTo(Maker.UNKNOWN);
    assertThatThrownBy(() -> RunJobs.of(run, SHORT).cancel())
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("process 4711 of host node7 has the run")
        .hasMessageContaining("--take-over");
    assertThat(folder.resolve(JobRecord.END)).exists();
    assertThat(RunJobs.of(run, SHORT).cancel(true)).isZero(); // it does not wait, and there is none
    assertThat(maker()).isEqualTo(Maker.GONE);
    assertThat(Files.readString(folder.resolve(JobRecord.FILE))).endsWith("{\"type\":\"ended\"}\n");
  }

  @Test
  void aProcessThatEndsItsJobsIsWaitedForWhereverItIs() throws Exception {
    owner("node7", 4711, 1);
    Thread other = new Thread(() -> {
      try {
        while (!Files.exists(folder.resolve(JobRecord.END))) {
          Thread.sleep(10);
        }
        Files.writeString(
            folder.resolve(JobRecord.FILE), "{\"type\":\"ended\"}\n", StandardOpenOption.APPEND);
      } catch (IOException | InterruptedException e) {
        throw new IllegalStateException(e);
      }
    });
    other.start();
    assertThat(RunJobs.of(run).cancel()).isEqualTo(-1);
    other.join();
  }

  @Test
  void aDeadProcessOfThisHostIsGone() throws Exception {
    Process process = new ProcessBuilder("sleep", "0").start();
    process.waitFor();
    owner(line("/proc/sys/kernel/hostname"), process.pid(), 1);
    assertThat(maker()).isEqualTo(Maker.GONE);
  }
}
