package dev.muster.cli;

import dev.muster.internal.file.OwnFiles;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The default place of runs: {@code .muster/runs/NAME-TIMESTAMP}, and {@code .muster/runs/latest}, a link to the last
 * one that started.
 */
final class RunDirectory {
  private static final DateTimeFormatter TIMESTAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");
  private static final Logger LOG = LoggerFactory.getLogger(RunDirectory.class);
  private static final int MAX_NAME = 60;
  private static final int MAX_TRIES = 10_000;
  private static final String LATEST = "latest";

  private RunDirectory() {}

  /** Makes a new, empty directory for a run; no two runs get the same one. */
  static Path create(Path workingDirectory, String workflow, LocalDateTime now) throws IOException {
    Path own = workingDirectory.resolve(".muster");
    OwnFiles.root("folder of runs", own);
    Path runs = OwnFiles.root("folder of runs", own.resolve("runs"));
    String name = fileName(workflow) + "-" + TIMESTAMP.format(now);
    for (int i = 1; i <= MAX_TRIES; i++) {
      try {
        return OwnFiles.newFolder(runs.resolve(i == 1 ? name : name + "-" + i));
      } catch (FileAlreadyExistsException e) {
        LOG.trace("another run of the same second has {}", name, e);
      }
    }
    throw new FileAlreadyExistsException(runs.resolve(name).toString());
  }

  /** Returns the directory of the last run of a workflow that has one of the default place, or null. */
  static @Nullable Path latest(Path workingDirectory, String workflow) throws IOException {
    Path runs = workingDirectory.resolve(".muster").resolve("runs");
    if (!Files.isDirectory(runs)) {
      return null;
    }
    Pattern own =
        Pattern.compile(Pattern.quote(fileName(workflow)) + "-(\\d{8}-\\d{6})(?:-(\\d+))?");
    Path latest = null;
    String best = "";
    try (var all = Files.list(runs)) {
      for (Path each : (Iterable<Path>) all::iterator) {
        Matcher name = own.matcher(String.valueOf(each.getFileName()));
        if (name.matches() && Files.exists(each.resolve("journal"))) {
          String number = name.group(2) == null ? "1" : name.group(2);
          String order =
              name.group(1) + "-" + "0".repeat(Math.max(0, 9 - number.length())) + number;
          if (order.compareTo(best) > 0) {
            best = order;
            latest = each;
          }
        }
      }
    }
    return latest;
  }

  /** Makes {@code latest} beside a directory a link to it. Where links are not possible there is none. */
  static void link(Path directory) {
    Path link = directory.resolveSibling(LATEST);
    Path fresh = directory.resolveSibling("." + LATEST + "-" + directory.getFileName());
    try {
      if (Files.exists(link) && !Files.isSymbolicLink(link)) {
        return; // somebody's own file
      }
      Files.deleteIfExists(fresh);
      Files.createSymbolicLink(fresh, directory.getFileName());
      try {
        Files.move(fresh, link, StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(fresh, link, StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException | UnsupportedOperationException e) {
      LOG.debug("no link {} to {}: {}", link, directory, e.toString()); // for developers
    }
  }

  /** Deletes {@code latest} beside a directory that is gone, if it leads nowhere now. */
  static void unlink(Path directory) throws IOException {
    Path link = directory.resolveSibling(LATEST);
    if (Files.isSymbolicLink(link) && !Files.exists(link)) {
      Files.delete(link);
    }
  }

  private static String fileName(String workflow) {
    String name = workflow.replaceAll("[^A-Za-z0-9._-]+", "_").replaceAll("^[.-]+", "");
    name = name.substring(0, Math.min(MAX_NAME, name.length()));
    return name.isEmpty() ? "run" : name;
  }
}
