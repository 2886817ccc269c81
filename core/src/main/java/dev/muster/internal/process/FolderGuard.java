package dev.muster.internal.process;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.muster.error.MusterException;
import dev.muster.internal.io.IoErrors;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes a folder when it is closed, and when this JVM is gone, however it went.
 *
 * <p>A small shell process that ignores signals reads from a pipe. When the JVM ends, the kernel closes the pipe, and
 * the shell deletes the folder, and once more when processes that may have written to it have had time to end. Not
 * thread-safe.
 */
public final class FolderGuard implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FolderGuard.class);
  private static final String SCRIPT =
      "trap '' HUP INT QUIT TERM PIPE; echo ready; while read -r line; do exit 0; done; rm -rf -- \"$1\"; [ -z \"$2\" ] || { sleep \"$2\"; exec rm -rf -- \"$1\"; }";

  /** How long what this JVM has started takes to end when it is gone. */
  private static final String SECONDS_TO_END = "10";

  private final Path folder;
  private final Process shell;

  private FolderGuard(Path folder, Process shell) {
    this.folder = folder;
    this.shell = shell;
  }

  /**
   * Starts to guard a folder that need not exist yet.
   *
   * @throws MusterException if the shell cannot be started: without it, secrets might be left
   */
  public static FolderGuard of(Path folder) {
    return of(folder, "");
  }

  /** Starts to guard a folder to which processes of this JVM write. */
  public static FolderGuard ofJobs(Path folder) {
    return of(folder, SECONDS_TO_END);
  }

  private static FolderGuard of(Path folder, String again) {
    ProcessBuilder builder = new ProcessBuilder(
            "/bin/sh", "-c", SCRIPT, "muster-guard", folder.toString(), again)
        .directory(new File("/"))
        .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().keySet().retainAll(List.of("PATH"));
    Path setsid = Path.of("/usr/bin/setsid");
    if (Files.isExecutable(setsid)) {
      builder.command().add(0, setsid.toString()); // no signal to our group reaches it
    }
    try {
      Process shell = ChildProcess.start(builder);
      if (shell.getInputStream().read() < 0) { // before that, a signal would still end it
        throw new IOException("it ended at once");
      }
      return new FolderGuard(folder, shell);
    } catch (IOException e) {
      throw new MusterException(
          "cannot start the shell that deletes " + folder + " when this process is gone: "
              + IoErrors.describe(e),
          e);
    }
  }

  @Override
  public void close() {
    try {
      if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
        MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
      }
      shell.getOutputStream().write('\n'); // it need not delete what is deleted
    } catch (IOException e) {
      log.warn("{} cannot be deleted, and may hold secrets: {}", folder, IoErrors.describe(e));
    }
    try {
      shell.getOutputStream().close();
    } catch (IOException e) {
      log.debug("the shell that guards a folder had ended before: {}", IoErrors.describe(e));
    }
  }
}
