package dev.muster.report.internal;

import dev.muster.error.MusterException;
import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.io.IoErrors;
import dev.muster.internal.journal.JournalTail;
import dev.muster.internal.rundir.RecordedPlan;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The file of a page. Thread-safe. */
public final class PageFile {
  private PageFile() {}

  /**
   * Reads a run's journal and writes its page, in place of the file that is there.
   *
   * @throws dev.muster.error.MusterException if the one cannot be read or the other not written
   */
  public static void write(Path run, RecordedPlan plan, Path file) {
    History history = new History(plan);
    try (JournalTail journal = new JournalTail(run)) {
      journal.read(history);
    }
    try {
      replace(file.toAbsolutePath(), new Page(run.toAbsolutePath().normalize(), plan, history));
    } catch (IOException e) {
      throw new MusterException("cannot write the report " + file + ": " + IoErrors.describe(e), e);
    }
  }

  /** Writes a page beside the one that is there, then replaces it: whoever opens it sees a whole one. */
  private static void replace(Path file, Page page) throws IOException {
    String beside = "." + file.getFileName() + "-" + System.nanoTime();
    Path fresh = OwnFiles.newFile(file.resolveSibling(beside));
    try {
      try (OutputStream out = Files.newOutputStream(fresh)) {
        page.write(out);
      }
      try {
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
      }
    } finally {
      Files.deleteIfExists(fresh);
    }
  }
}
