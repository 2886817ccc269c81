package dev.muster.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.error.MusterException;
import dev.muster.internal.journal.JournalWriter;
import dev.muster.internal.journal.RunLog;
import dev.muster.internal.rundir.RunClaim;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class RunRecordTest {
  @TempDir
  Path folder;

  @Test
  @EnabledOnOs(OS.LINUX) // has a device that is always full
  void tellsOfAFullDiskOnce() throws Exception {
    List<Throwable> told = new ArrayList<>();
    RunRecord.OpenFiles files = new RunRecord.OpenFiles(
        RunClaim.first(folder),
        folder,
        new JournalWriter(folder.resolve("journal")),
        new RunLog(Path.of("/dev/full")));
    RunRecord record = new RunRecord(files, told::add);
    record.say(Instant.EPOCH, "r1", "Say[a.1]", "something");
    record.pause();
    record.say(Instant.EPOCH, "r1", "Say[a.2]", "something");
    assertThat(told).hasSize(1);
    assertThat(told.get(0))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("cannot write to the run directory " + folder)
        .hasMessageContaining("No space left");
  }
}
