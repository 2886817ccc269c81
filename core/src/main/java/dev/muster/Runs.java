package dev.muster;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.muster.error.MusterException;
import dev.muster.internal.io.IoErrors;
import dev.muster.internal.journal.JournalEnds;
import dev.muster.internal.rundir.RunClaim;
import dev.muster.internal.rundir.RunLayout;
import dev.muster.internal.rundir.RunOwner;
import dev.muster.run.RunEvent;
import dev.muster.run.RunState;
import dev.muster.run.RunStatus;
import dev.muster.run.RunSummary;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Tells which runs there are, from their directories: those under way, here or elsewhere, and those that have ended or
 * were killed.
 *
 * <pre>{@code
 * for (RunSummary run : Runs.list(Path.of(".muster", "runs"))) {
 *   System.out.println(run.directory() + " " + run.state());
 * }
 * }</pre>
 *
 * <p>Thread-safe.
 *
 * @since 0.1
 */
@CheckReturnValue
public final class Runs {
  private static final Comparator<RunSummary> NEWEST_FIRST = Comparator.comparing(
          Runs::started, Comparator.nullsLast(Comparator.<Instant>reverseOrder()))
      .thenComparing(RunSummary::directory);

  private Runs() {}

  private static @Nullable Instant started(RunSummary run) {
    return run.started();
  }

  /**
   * Lists the runs whose directories lie in a folder, the newest first. Links, and folders that are no run directories,
   * are left out. A directory that cannot be looked into may be one: its state is {@link RunState#UNKNOWN}.
   *
   * @throws MusterException if there is no such folder, or it cannot be read
   */
  public static List<RunSummary> list(Path folder) {
    Path absolute = folder.toAbsolutePath().normalize();
    List<RunSummary> runs = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(absolute)) {
      for (Path entry : entries) {
        if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS) && mayBeRun(entry)) {
          runs.add(summary(entry));
        }
      }
    } catch (DirectoryIteratorException e) {
      throw unreadable(absolute, Objects.requireNonNull(e.getCause()));
    } catch (IOException e) {
      throw unreadable(absolute, e);
    }
    runs.sort(NEWEST_FIRST);
    return List.copyOf(runs);
  }

  private static MusterException unreadable(Path folder, IOException e) {
    return new MusterException(
        "cannot list the runs in " + folder + ": " + IoErrors.describe(e), e);
  }

  /** Tells whether a folder is the directory of a run, or cannot be looked into. */
  private static boolean mayBeRun(Path folder) {
    return !Files.isReadable(folder)
        || Files.isRegularFile(folder.resolve(RunLayout.FORMAT), LinkOption.NOFOLLOW_LINKS)
        || Files.isRegularFile(folder.resolve(RunLayout.JOURNAL), LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * Returns what the directory of a run says about it.
   *
   * @throws MusterException if it is not the directory of a run
   */
  public static RunSummary of(Path runDirectory) {
    Path directory = runDirectory.toAbsolutePath().normalize();
    if (!Files.isDirectory(directory) || !mayBeRun(directory)) {
      throw new MusterException(directory + " is not the directory of a run");
    }
    return summary(directory);
  }

  private static RunSummary summary(Path directory) {
    try {
      int version = RunLayout.version(directory);
      RunOwner owner = RunClaim.owner(directory); // before the journal: it may end in between
      if (owner == null && RunClaim.isClaimed(directory)) {
        return unknown(directory, "the file that names its process is not whole");
      }
      return summary(directory, version, owner);
    } catch (AccessDeniedException e) {
      return unknown(directory, "it cannot be read: permission denied");
    } catch (IOException e) {
      return unknown(directory, "it cannot be read: " + IoErrors.describe(e));
    } catch (MusterException e) {
      return unknown(
          directory,
          e.getCause() instanceof AccessDeniedException
              ? "it cannot be read: permission denied"
              : e.getMessage());
    }
  }

  private static RunSummary unknown(Path directory, @Nullable String why) {
    return new RunSummary(directory, RunState.UNKNOWN, null, null, 0, null, null, null, 0, why);
  }

  private static RunSummary summary(Path directory, int version, @Nullable RunOwner owner)
      throws IOException {
    JournalEnds first = endsOf(RunLayout.journal(directory, 1));
    JournalEnds journal = first;
    for (int i = RunLayout.lastController(directory); i > 1; i--) {
      JournalEnds found = endsOf(RunLayout.journal(directory, i));
      if (found.first() != null) { // a controller that was killed at once has left nothing
        journal = found;
        break;
      }
    }
    RunEvent.RunStarted begin =
        journal.first() instanceof RunEvent.RunStarted started ? started : null;
    RunEvent.RunFinished end =
        journal.last() instanceof RunEvent.RunFinished finished ? finished : null;
    RunState state = state(version, owner, end);
    return new RunSummary(
        directory,
        state,
        begin == null ? null : begin.run(),
        begin == null ? null : begin.workflow(),
        begin == null ? 0 : begin.tasks(),
        first.first() == null ? null : first.first().time(),
        journal.last() == null ? null : journal.last().time(),
        owner == null ? null : owner.host(),
        owner == null ? 0 : owner.pid(),
        end != null ? end.message() : detail(state, version, owner));
  }

  private static JournalEnds endsOf(Path file) throws IOException {
    try {
      return JournalEnds.of(file);
    } catch (NoSuchFileException e) {
      return new JournalEnds(null, null);
    }
  }

  private static RunState state(
      int version, @Nullable RunOwner owner, RunEvent.@Nullable RunFinished end) {
    if (owner != null) {
      switch (owner.life()) {
        case ALIVE -> {
          return RunState.RUNNING;
        }
        case ELSEWHERE -> {
          return end == null ? RunState.ELSEWHERE : ended(end.status());
        }
        case DEAD -> {
          return end == null ? RunState.KILLED : ended(end.status());
        }
      }
    }
    // Without an owner a run of this version has ended: if it could not write that, it has failed.
    return end != null ? ended(end.status()) : version == 0 ? RunState.UNKNOWN : RunState.FAILED;
  }

  private static RunState ended(RunStatus status) {
    return switch (status) {
      case SUCCEEDED -> RunState.SUCCEEDED;
      case INCOMPLETE -> RunState.INCOMPLETE;
      case FAILED -> RunState.FAILED;
      case CANCELLED -> RunState.CANCELLED;
    };
  }

  private static @Nullable String detail(RunState state, int version, @Nullable RunOwner owner) {
    if (version == 0 && state == RunState.UNKNOWN) {
      return "it was written by an earlier Muster, and has no end";
    }
    return owner == null && state == RunState.FAILED
        ? "its journal has no end: it could not be written, or the run could not start"
        : null;
  }
}
