package dev.muster.batch.internal.local;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.muster.internal.io.IoErrors;
import dev.muster.internal.process.FolderGuard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Folders of jobs whose files are sent: each has copies, and is deleted when its job has ended; all go when this JVM is
 * gone, however it went. They lie in the machine's temporary folder, readable by this user only. Thread-safe.
 */
final class JobFolders implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(JobFolders.class);

  private @Nullable Path root;
  private @Nullable FolderGuard guard;

  /** Makes the folder of a job, with copies of files. */
  Path make(String name, List<Path> files) throws IOException {
    Path folder = Files.createDirectory(root().resolve(name));
    for (Path file : files) {
      Files.copy(file, folder.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
    }
    return folder;
  }

  private synchronized Path root() throws IOException {
    Path made = root;
    if (made == null) {
      made = Files.createTempDirectory("muster-jobs-");
      guard = FolderGuard.ofJobs(made);
      root = made;
    }
    return made;
  }

  /** Deletes the folder of a job. */
  synchronized void delete(Path folder) {
    try {
      if (Files.exists(folder)) {
        MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
      }
    } catch (IOException e) {
      if (Files.exists(folder)) {
        log.warn("the folder of a job, {}, cannot be deleted: {}", folder, IoErrors.describe(e));
      }
    }
  }

  @Override
  public synchronized void close() {
    if (guard != null) {
      guard.close();
    }
  }
}
