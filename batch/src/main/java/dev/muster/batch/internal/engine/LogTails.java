package dev.muster.batch.internal.engine;

import dev.muster.batch.spi.BatchDialect;
import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.execution.Staging;
import dev.muster.internal.file.OwnFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings the ends of error logs back that stayed where jobs ran, which see no folder of this host. Not thread-safe. */
final class LogTails {
  private static final Logger log = LoggerFactory.getLogger(LogTails.class);

  private final BatchDialect dialect;
  private final Settings settings;
  private final Duration limit;
  private final JobTable table;

  LogTails(BatchDialect dialect, Settings settings, Duration limit, JobTable table) {
    this.dialect = dialect;
    this.settings = settings;
    this.limit = limit;
    this.table = table;
  }

  /** Writes the error logs of those jobs that did not end well and have none here. All are asked for in one command. */
  void fetch(Map<JobId, JobStatus> told) throws InterruptedException {
    Map<JobId, Path> files = new HashMap<>();
    told.forEach((id, status) -> {
      if (status instanceof JobStatus.Ended ended
          && ended.end() != End.SUCCEEDED
          && ended.end() != End.CANCELLED) {
        JobSpec spec = table.spec(id);
        if (spec != null
            && spec.staging() == Staging.TRANSFER
            && !Files.exists(spec.errFile(id.id()))) {
          files.put(id, spec.errFile(id.id()));
        }
      }
    });
    List<String> command = files.isEmpty() ? null : dialect.logTailsCommand(files.keySet());
    if (command == null) {
      return;
    }
    try {
      CommandResult answer = settings.commands().run(command, null, limit);
      Map<JobId, String> tails = dialect.logTails(answer);
      if (!answer.ok()) {
        log.debug("the ends of error logs cannot be asked for: {}", answer.describe());
      }
      tails.forEach((id, text) -> write(id, files.get(id), text));
    } catch (CommandFailed e) {
      log.debug("the ends of error logs cannot be asked for: {}", e.getMessage());
    }
  }

  private static void write(JobId id, @Nullable Path file, String text) {
    if (file == null) {
      return; // nobody asked
    }
    try {
      Files.writeString(OwnFiles.newFile(file), text);
    } catch (IOException e) {
      log.warn("the end of the error log of job {} cannot be written to {}: {}", id, file, e);
    }
  }
}
