package dev.muster.batch.backend;

import dev.muster.error.Visible;
import dev.muster.spi.CodeFiles;
import dev.muster.value.ValueEncoding;
import dev.muster.value.ValueException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the files in which jobs say what their Python code came from: jobs that have run the same code have the same
 * few files. Not thread-safe.
 */
final class ToldCode {
  private static final Logger log = LoggerFactory.getLogger(ToldCode.class);

  private final Map<CodeFiles, CodeFiles> known = new HashMap<>();
  private final Map<Path, Object> read = new HashMap<>();
  private final Map<String, Boolean> absent = new HashMap<>();

  /**
   * Returns what a job has told before and what a file says. A file that cannot be read counts as code that has
   * changed.
   *
   * @param name the name of the file in the folder of the job's submission
   */
  CodeFiles and(Job job, String name) {
    Path file = job.array.folder.resolve(name);
    CodeFiles all = job.code.and(read.computeIfAbsent(file, this::read));
    CodeFiles before = known.putIfAbsent(all, all);
    return before == null ? all : before;
  }

  private Object read(Path file) {
    try {
      Object told = ValueEncoding.decode(file);
      return told instanceof List<?> list
          ? withoutLink(list.stream().map(this::placed).toList())
          : List.of(file.toString());
    } catch (ValueException e) {
      log.warn("what a job has told of its code cannot be read: {}", Visible.text(e.toString()));
      return List.of(file.toString());
    }
  }

  /**
   * Leaves out the link by which a process started its interpreter, which it tells next to that, where this host has no
   * such interpreter: here the same name leads to another.
   */
  static List<Object> withoutLink(List<Object> files) {
    boolean elsewhere = files.size() > 1
        && files.get(0) instanceof List<?> interpreter
        && CodeFiles.ELSEWHERE.equals(interpreter.get(0))
        && files.get(1) instanceof List<?> link
        && link.size() == 3
        && "times".equals(link.get(0))
        && String.valueOf(link.get(1)).matches("(?s).*/python[0-9.]*");
    List<Object> left = new ArrayList<>(files);
    if (elsewhere) {
      left.remove(1);
    }
    return left;
  }

  /** Marks a file of an installed package that only the machines of jobs have. */
  private Object placed(Object told) {
    boolean elsewhere = told instanceof List<?> parts
        && parts.size() == 3
        && "times".equals(parts.get(0))
        && parts.get(2) != null
        && absent.computeIfAbsent(String.valueOf(parts.get(1)), ToldCode::isAbsent);
    return elsewhere
        ? List.of(CodeFiles.ELSEWHERE, ((List<?>) told).get(1), ((List<?>) told).get(2))
        : told;
  }

  private static boolean isAbsent(String path) {
    try {
      return Files.notExists(Path.of(path));
    } catch (InvalidPathException e) {
      log.debug("a job has told of code in no path of this host: {}", path, e);
      return false;
    }
  }
}
