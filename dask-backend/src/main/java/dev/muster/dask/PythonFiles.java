package dev.muster.dask;

import dev.muster.batch.internal.usercode.CodeArchive;
import dev.muster.internal.io.IoErrors;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The Python side of the backend, which travels in the jar. Thread-safe. */
final class PythonFiles {
  private static final Logger log = LoggerFactory.getLogger(PythonFiles.class);
  private static final List<String> FILES = List.of(
      "muster_start.py",
      "muster_task/__init__.py",
      "muster_task/calls.py",
      "muster_task/captured.py",
      "muster_task/children.py",
      "muster_task/codefiles.py",
      "muster_task/commands.py",
      "muster_task/commandsize.py",
      "muster_task/container.py",
      "muster_task/context.py",
      "muster_task/encoding.py",
      "muster_task/errors.py",
      "muster_task/failures.py",
      "muster_task/gpu.py",
      "muster_task/imports.py",
      "muster_task/launcher.py",
      "muster_task/launching.py",
      "muster_task/logtail.py",
      "muster_task/measuring.py",
      "muster_task/memorykills.py",
      "muster_task/modifiers.py",
      "muster_task/ownfiles.py",
      "muster_task/passing.py",
      "muster_task/paths.py",
      "muster_task/programs.py",
      "muster_task/protocol.py",
      "muster_task/records.py",
      "muster_task/shell.py",
      "muster_task/slots.py",
      "muster_task/stage.py",
      "muster_task/standard.py",
      "muster_task/strays.py",
      "muster_task/streams.py",
      "muster_task/surroundings.py",
      "muster_task/usage.py",
      "muster_task/usercode.py",
      "muster_task/worker.py",
      "muster_dask/__init__.py",
      "muster_dask/adaptive.py",
      "muster_dask/bridge.py",
      "muster_dask/certificate.py",
      "muster_dask/cluster.py",
      "muster_dask/courier.py",
      "muster_dask/credentials.py",
      "muster_dask/decisions.py",
      "muster_dask/files.py",
      "muster_dask/flow.py",
      "muster_dask/grouping.py",
      "muster_dask/held.py",
      "muster_dask/incoming.py",
      "muster_dask/keeper.py",
      "muster_dask/lifecycle.py",
      "muster_dask/loading.py",
      "muster_dask/lostworkers.py",
      "muster_dask/network.py",
      "muster_dask/output.py",
      "muster_dask/outputs.py",
      "muster_dask/payloads.py",
      "muster_dask/probe.py",
      "muster_dask/recording.py",
      "muster_dask/reports.py",
      "muster_dask/runtime.py",
      "muster_dask/sizes.py",
      "muster_dask/stagecode.py",
      "muster_dask/tasks.py",
      "muster_dask/telling.py",
      "muster_dask/transitions.py",
      "muster_dask/values.py",
      "muster_dask/watch.py",
      "muster_dask/worker.py");

  private PythonFiles() {}

  /** Deletes a folder with all that it holds; what cannot be deleted stays, and is logged. */
  static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (UncheckedIOException e) { // while the folder was listed
      log.warn("{} cannot be deleted: {}", folder, IoErrors.reason(e));
    } catch (IOException e) {
      log.warn("{} cannot be deleted: {}", folder, IoErrors.describe(e));
    }
  }

  /** Writes the files into a folder, which is to be on the module path of Python. */
  static void extract(Path folder) {
    try {
      for (String name : FILES) {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        try (InputStream in = PythonFiles.class.getResourceAsStream("python/" + name)) {
          if (in == null) {
            throw new IllegalStateException("the jar lacks " + name);
          }
          Files.copy(in, file);
        }
      }
    } catch (IOException e) {
      throw IoErrors.unchecked("cannot write the Python files of the Dask backend to " + folder, e);
    }
  }

  /** Writes the files of an extracted folder into an archive, from which Python can import them. */
  static void archive(Path folder, Path archive) {
    Map<String, Path> files = new LinkedHashMap<>();
    FILES.forEach(name -> files.put(name, folder.resolve(name)));
    CodeArchive.write(archive, files, Map.of());
  }
}
