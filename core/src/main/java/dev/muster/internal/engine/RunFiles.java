package dev.muster.internal.engine;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.muster.error.MusterException;
import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.io.IoErrors;
import dev.muster.internal.rundir.RunClaim;
import dev.muster.internal.rundir.RunLayout;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.workflow.Dataset;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The files of a run: its directory, or a temporary one that is made when first needed and deleted at the end.
 * Thread-safe.
 */
final class RunFiles {
  private final @Nullable Path given;
  private final @Nullable RunClaim claim;
  private @Nullable Path temporary;
  private @Nullable Path deleted;
  private final BitSet touched = new BitSet();
  private boolean over;

  private RunFiles(@Nullable Path given, @Nullable RunClaim claim) {
    this.given = given;
    this.claim = claim;
  }

  /**
   * Makes the directory of a new run, or takes that of the run to go on with.
   *
   * @throws MusterException if it cannot be used
   */
  static RunFiles open(EngineOptions options, Plan plan) {
    Path directory = options.directory();
    return directory != null && options.resume()
        ? resume(directory, options.takeOver())
        : create(directory, plan);
  }

  /**
   * Makes the directory of a new run.
   *
   * @throws MusterException if it holds a run already, cannot be made, or another user could change what is in it
   */
  static RunFiles create(@Nullable Path directory, Plan plan) {
    if (directory == null) {
      return new RunFiles(null, null);
    }
    Path absolute = directory.toAbsolutePath().normalize();
    try {
      boolean there = Files.exists(absolute);
      OwnFiles.root("run directory", absolute);
      if (there && !Files.exists(absolute.resolve(RunLayout.JOURNAL), LinkOption.NOFOLLOW_LINKS)) {
        checkNames(absolute, plan);
      }
    } catch (FileAlreadyExistsException e) {
      throw refused(absolute, "is not a directory", e);
    } catch (IOException e) {
      throw new MusterException(
          "cannot make the run directory " + absolute + ": " + IoErrors.describe(e), e);
    }
    try {
      return new RunFiles(absolute, RunClaim.first(absolute));
    } catch (FileAlreadyExistsException e) {
      throw refused(absolute, "holds a run already", e);
    } catch (IOException e) {
      throw new MusterException(
          "cannot write to the run directory " + absolute + ": " + IoErrors.describe(e), e);
    }
  }

  /**
   * Takes the directory of a run that has ended, to go on with it.
   *
   * @throws MusterException if it holds no run, a process works on it, or it cannot be used
   */
  static RunFiles resume(Path directory, boolean takeOver) {
    Path absolute = directory.toAbsolutePath().normalize();
    if (!Files.isDirectory(absolute)) {
      throw new MusterException("there is no run in " + absolute + " to go on with");
    }
    try {
      OwnFiles.root("run directory", absolute);
      return new RunFiles(absolute, RunClaim.next(absolute, takeOver));
    } catch (IOException e) {
      throw new MusterException(
          "cannot go on with the run in " + absolute + ": " + IoErrors.describe(e), e);
    }
  }

  private static MusterException refused(Path directory, String why, IOException e) {
    return new MusterException(
        "the run directory " + directory + " " + why + "; choose another", e);
  }

  /** Checks what is there under the names that the run uses. */
  private static void checkNames(Path directory, Plan plan) throws IOException {
    for (String name : RunLayout.names()) {
      OwnFiles.checkAll(directory.resolve(name));
    }
    for (PlannedStage stage : plan.stages()) {
      OwnFiles.checkAll(directory.resolve(RunLayout.fileName(stage.id())));
    }
  }

  /** Returns the directory that the user asked for, or null. */
  @Nullable
  Path given() {
    return given;
  }

  /** Returns the right to write there, or null if the user asked for no directory. */
  @Nullable
  RunClaim claim() {
    return claim;
  }

  /** Gives the run's directory up. Idempotent. */
  void release() {
    if (claim != null) {
      claim.release();
    }
  }

  /** Returns the run's directory, a temporary one if the user asked for none. */
  Path directory() {
    return given != null ? given : temporary();
  }

  /** Returns the temporary directory that is deleted, or null. */
  synchronized @Nullable Path deleted() {
    return deleted;
  }

  private synchronized Path temporary() {
    if (over) {
      throw new IllegalStateException("the run is over; its temporary folder is deleted");
    }
    if (temporary == null) {
      try {
        temporary = Files.createTempDirectory("muster-");
      } catch (IOException e) {
        throw IoErrors.unchecked("cannot make a temporary folder for the run", e);
      }
    }
    return temporary;
  }

  /** Returns a folder in the run's directory; it exists. */
  Path subdirectory(String first, String... more) {
    Path path = directory().resolve(Path.of(first, more));
    try {
      return OwnFiles.folder(path);
    } catch (IOException e) {
      throw IoErrors.unchecked("cannot make the folder " + path, e);
    }
  }

  /** Returns the folder for the outputs of an attempt, empty. */
  Path outputs(Plan plan, int task) {
    Path node = directory().resolve(location(plan, task));
    Path outputs = node.resolve("outputs");
    touch(task);
    try {
      OwnFiles.folder(node);
      return OwnFiles.emptyFolder(outputs); // an earlier attempt may have left some
    } catch (IOException e) {
      throw IoErrors.unchecked("cannot make the output folder " + outputs, e);
    }
  }

  /** Returns where the outputs of an attempt go; nothing is there, whatever an earlier one has left. */
  Path outputPlace(Plan plan, int task) {
    Path outputs = directory().resolve(location(plan, task)).resolve("outputs");
    touch(task);
    try {
      if (Files.exists(outputs, LinkOption.NOFOLLOW_LINKS)) {
        Files.delete(OwnFiles.emptyFolder(outputs));
      }
      return outputs;
    } catch (IOException e) {
      throw IoErrors.unchecked("cannot empty the output folder " + outputs, e);
    }
  }

  /** Takes note that an attempt of a task has asked for its folder for outputs. */
  void touch(int task) {
    synchronized (touched) {
      touched.set(task);
    }
  }

  /** Returns the folder for the outputs of a task if an attempt has asked for it, or null. */
  @Nullable
  Path touchedOutputs(Plan plan, int task) {
    synchronized (touched) {
      if (!touched.get(task)) {
        return null;
      }
    }
    return directory().resolve(location(plan, task)).resolve("outputs");
  }

  /** Makes the folder for the outputs of an attempt that has begun, unless it is there. */
  Path made(Path outputs) {
    try {
      return OwnFiles.folder(outputs);
    } catch (IOException e) {
      throw IoErrors.unchecked("cannot make the output folder " + outputs, e);
    }
  }

  /**
   * Returns a task's place below the run's directory: {@code <stage>/<dataset>.<n>}, {@code <stage>/<dataset>} or
   * {@code <stage>}. Only the number tells the partitions of a dataset apart: {@link
   * dev.muster.spi.BackendContext#folder} promises it.
   */
  static Path location(Plan plan, int task) {
    String stage = plan.stageOf(task).id();
    Path folder = Path.of(RunLayout.fileName(stage));
    Dataset dataset = plan.datasetOf(task);
    if (dataset == null) {
      return folder;
    }
    String number =
        plan.nameOf(task).substring(stage.length() + 1 + dataset.name().length());
    return folder.resolve(RunLayout.fileName(dataset.name()) + number);
  }

  /** Deletes the temporary directory; there will be no other. */
  synchronized void deleteTemporary() {
    over = true;
    Path path = temporary;
    if (path == null) {
      return;
    }
    temporary = null;
    deleted = path.toAbsolutePath().normalize();
    try {
      if (Files.exists(path)) {
        MoreFiles.deleteRecursively(path, RecursiveDeleteOption.ALLOW_INSECURE);
      }
    } catch (IOException e) {
      throw IoErrors.unchecked("cannot delete the temporary folder " + path, e);
    }
  }
}
