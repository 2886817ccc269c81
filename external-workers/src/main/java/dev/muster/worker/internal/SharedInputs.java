package dev.muster.worker.internal;

import dev.muster.internal.file.OwnFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The inputs that a stage itself has: files that all of its tasks read, written by the first one. Thread-safe. */
final class SharedInputs {
  private static final String FOLDER = ".inputs";

  private @Nullable Path written;

  /**
   * Returns the folder that has them, or null for a stage of one task, whose inputs are its own.
   *
   * @param base the run directory
   * @param node the folder of a task
   * @param files what they hold, by port
   */
  synchronized @Nullable Path folder(Path base, Path node, Map<String, byte[]> files)
      throws IOException {
    Path stage = node.getParent();
    if (stage == null || stage.equals(base) || files.isEmpty()) {
      return null;
    }
    Path folder = stage.resolve(FOLDER);
    if (!folder.equals(written)) {
      OwnFiles.folder(folder);
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        CallPlace.write(folder.resolve(file.getKey()), file.getValue());
      }
      written = folder;
    }
    return folder;
  }
}
