package dev.muster.batch.backend;

import dev.muster.error.Problem;
import dev.muster.error.WorkflowException;
import dev.muster.internal.file.Wheels;
import dev.muster.plan.Plan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * What the workflow brings and {@code execution.code} names, for jobs that see this host's folders: folders for
 * Python's module path. Thread-safe.
 */
final class CodeFolders {
  private static final String CODE = "execution.code";

  private CodeFolders() {}

  private static List<String> named(Plan plan) {
    return Objects.requireNonNullElse(plan.execution().execution().code(), List.<String>of());
  }

  private static Path base(Plan plan) {
    return plan.workflow().baseDirectory().toAbsolutePath().normalize();
  }

  /** Returns what is named and not there. */
  static List<Problem> problems(Plan plan) {
    List<Problem> problems = new ArrayList<>();
    List<String> code = named(plan);
    for (int i = 0; i < code.size(); i++) {
      Path path = base(plan).resolve(code.get(i)).normalize();
      if (!Files.exists(path)) {
        problems.add(new Problem(
            null,
            CODE + "[" + i + "]",
            "there is no " + path + ", which " + CODE + " names as " + code.get(i),
            "paths are relative to the workflow's folder"));
      }
    }
    return problems;
  }

  /**
   * Returns the folders.
   *
   * @param work the folder into which wheels are unpacked
   * @param unpack whether they are; else it is only told where they would be
   * @throws WorkflowException if something that is named is not there
   */
  static List<Path> find(Plan plan, Path work, boolean unpack) {
    List<Problem> problems = problems(plan);
    if (!problems.isEmpty()) {
      throw new WorkflowException(problems);
    }
    Path base = base(plan);
    Set<Path> folders = new LinkedHashSet<>();
    int wheels = 0;
    for (String text : plan.code()) {
      Path path = base.resolve(text).normalize();
      boolean folder = Files.isDirectory(path);
      if (!folder && text.endsWith(".whl")) {
        Path unpacked = work.resolve("code-" + ++wheels);
        if (unpack) {
          Wheels.unpack(path, unpacked);
        }
        folders.add(unpacked);
      } else if (folder && !Files.exists(path.resolve("__init__.py"))) {
        folders.add(path);
      } else if (folder || text.endsWith(".py")) {
        folders.add(Objects.requireNonNullElse(path.getParent(), path));
      }
    }
    folders.remove(base);
    return List.copyOf(folders);
  }
}
