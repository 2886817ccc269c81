package dev.muster.cli;

import dev.muster.error.MusterException;
import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.io.IoErrors;
import dev.muster.internal.rundir.RecordedPlan;
import dev.muster.internal.rundir.RunClaim;
import dev.muster.internal.rundir.RunLayout;
import dev.muster.run.RunState;
import dev.muster.run.RunSummary;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Removes the directory of a run, or what of it is no result. The run is taken first, as by a controller, so that none
 * starts on it meanwhile.
 *
 * @param run the run
 * @param keepResults whether its record and the folders of its last stages stay
 */
record RunRemoval(RunSummary run, boolean keepResults) {
  /**
   * What was removed.
   *
   * @param bytes the sizes of the files, added up
   * @param files how many
   * @param problems what could not be removed, and why
   */
  record Freed(long bytes, long files, List<String> problems) {
    Freed {
      problems = List.copyOf(problems);
    }
  }

  /** Tells whether nothing speaks against it. */
  boolean isAllowed() {
    return refused() == null;
  }

  /** Returns why it stays, or null if it may go. */
  @Nullable
  String refused() {
    if (run.state() == RunState.RUNNING) {
      return "it is under way: process " + run.pid() + " has it";
    }
    if (run.state() == RunState.ELSEWHERE) {
      return "it may be under way: process " + run.pid() + " of host "
          + Text.harmless(String.valueOf(run.host())) + " has it";
    }
    if (!run.state().isOver()) {
      return "it is not certain to be over: " + Text.firstLine(String.valueOf(run.detail()));
    }
    try {
      if (!OwnFiles.isMine(run.directory())) {
        return "it belongs to another user";
      }
      return RunLayout.isShared(run.directory())
          ? "the folder may have files from before the run; remove by hand what you do not need"
          : null;
    } catch (IOException e) {
      return Text.harmless(IoErrors.describe(e));
    }
  }

  /** Removes it, or only adds up what would go. */
  Freed carryOut(boolean dryRun) throws IOException {
    List<Path> going = new ArrayList<>();
    if (keepResults) {
      going.addAll(leftovers());
    } else {
      going.addAll(entries(run.directory()));
      going.removeIf(path -> isLast(path)); // what says that it is a run goes at the end
    }
    if (dryRun) {
      Walk walk = new Walk(false);
      for (Path path : keepResults ? going : entries(run.directory())) {
        Files.walkFileTree(path, walk);
      }
      return walk.freed();
    }
    RunClaim claim;
    try {
      claim = RunClaim.next(run.directory(), RunLayout.version(run.directory()) == 0);
    } catch (MusterException e) {
      return new Freed(0, 0, List.of(String.valueOf(e.getMessage())));
    }
    Walk walk = new Walk(true);
    try {
      for (Path path : going) {
        Files.walkFileTree(path, walk);
      }
    } finally {
      Files.deleteIfExists(claim.journal());
      claim.release();
    }
    if (!keepResults && walk.problems.isEmpty()) {
      for (Path path : entries(run.directory())) {
        Files.walkFileTree(path, walk);
      }
      Files.deleteIfExists(run.directory());
    }
    return walk.freed();
  }

  private static boolean isLast(Path path) {
    String name = String.valueOf(path.getFileName());
    return RunLayout.isReserved(name) && !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
  }

  private static List<Path> entries(Path folder) throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
      all.forEach(entries::add);
    }
    return entries;
  }

  /** Returns what is no result: folders of stages that others wait for, and those of workers and environments. */
  private List<Path> leftovers() {
    RecordedPlan plan = RecordedPlan.read(run.directory());
    Set<String> awaited = new HashSet<>();
    plan.stages().forEach(stage -> awaited.addAll(stage.after()));
    List<Path> going = new ArrayList<>();
    awaited.forEach(stage -> going.add(run.directory().resolve(RunLayout.fileName(stage))));
    going.add(run.directory().resolve("debug"));
    going.add(run.directory().resolve("environment"));
    going.removeIf(path -> !Files.exists(path, LinkOption.NOFOLLOW_LINKS));
    return going;
  }

  private static final class Walk extends SimpleFileVisitor<Path> {
    private final boolean remove;
    private final List<String> problems = new ArrayList<>();
    private long bytes;
    private long files;

    Walk(boolean remove) {
      this.remove = remove;
    }

    Freed freed() {
      return new Freed(bytes, files, problems);
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (remove(file)) {
        files++;
        bytes += attributes.size();
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) {
      if (!(e instanceof NoSuchFileException)) {
        problems.add(IoErrors.describe(e));
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) {
      if (e != null) {
        problems.add(IoErrors.describe(e));
      } else if (problems.isEmpty()) {
        files += remove(folder) ? 1 : 0;
      }
      return FileVisitResult.CONTINUE;
    }

    private boolean remove(Path path) {
      if (!remove) {
        return true;
      }
      try {
        Files.deleteIfExists(path);
        return true;
      } catch (IOException e) {
        problems.add(IoErrors.describe(e));
        return false;
      }
    }
  }
}
