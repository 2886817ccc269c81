package dev.muster.batch.backend;

import dev.muster.internal.io.IoErrors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What carries out tasks inside of jobs: Python files, which travel in the jar. Thread-safe. */
final class RunnerFiles {
  private static final List<String> FILES = List.of(
      "muster_start.py",
      "muster_task/__init__.py",
      "muster_task/calls.py",
      "muster_task/captured.py",
      "muster_task/children.py",
      "muster_task/commands.py",
      "muster_task/commandsize.py",
      "muster_task/container.py",
      "muster_task/context.py",
      "muster_task/encoding.py",
      "muster_task/errors.py",
      "muster_task/failures.py",
      "muster_task/gpu.py",
      "muster_task/imports.py",
      "muster_task/logtail.py",
      "muster_task/measuring.py",
      "muster_task/memorykills.py",
      "muster_task/modifiers.py",
      "muster_task/ownfiles.py",
      "muster_task/passing.py",
      "muster_task/programs.py",
      "muster_task/protocol.py",
      "muster_task/shell.py",
      "muster_task/slots.py",
      "muster_task/stage.py",
      "muster_task/standard.py",
      "muster_task/strays.py",
      "muster_task/streams.py",
      "muster_task/surroundings.py",
      "muster_task/usage.py",
      "muster_task/worker.py",
      "muster_batch/__init__.py",
      "muster_batch/calls.py",
      "muster_batch/events.py",
      "muster_batch/probe.py",
      "muster_batch/runner.py");

  private RunnerFiles() {}

  /** Writes the files into a folder, which is to be on the module path of Python. */
  static void extract(Path folder) {
    try {
      for (String name : FILES) {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        try (InputStream in = RunnerFiles.class.getResourceAsStream("python/" + name)) {
          if (in == null) {
            throw new IllegalStateException("the jar lacks " + name);
          }
          Files.copy(in, file);
        }
      }
    } catch (IOException e) {
      throw IoErrors.unchecked("cannot write the Python files of the jobs to " + folder, e);
    }
  }
}
