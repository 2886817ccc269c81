package dev.muster.batch.internal.usercode;

import dev.muster.batch.spi.PreparedEnvironment;
import dev.muster.code.ShellWords;
import dev.muster.spi.WorkerCredentials;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a job to which files are sent does with them before its command starts. Thread-safe. */
public final class SentSetup {
  private SentSetup() {}

  /** Returns the paths of the credentials' copies here, by the names of those that are sent. */
  public static Map<String, String> credentials(WorkerCredentials credentials) {
    Map<String, String> paths = new LinkedHashMap<>();
    credentials
        .variables()
        .values()
        .forEach(path -> paths.put(String.valueOf(Path.of(path).getFileName()), path));
    return paths;
  }

  /**
   * Returns the lines for bash that let the command find the credentials and Muster's own modules.
   *
   * @param modules the name of the archive that has them
   */
  public static List<String> lines(
      PreparedEnvironment environment, WorkerCredentials credentials, String modules) {
    List<String> lines = new ArrayList<>();
    credentials.variables().forEach((variable, path) -> {
      String copy =
          "\"$MUSTER_FILES\"/" + ShellWords.quote(String.valueOf(Path.of(path).getFileName()));
      lines.add("chmod 600 " + copy + " && export " + ShellWords.quote(variable) + "=" + copy);
    });
    String before = environment.variables().get("PYTHONPATH");
    String more =
        before == null || before.isEmpty() ? "" : ShellWords.quote(File.pathSeparator + before);
    // The command starts in that folder, whose name may have a colon.
    lines.add("export PYTHONPATH=\"$MUSTER_FILES\"/" + modules + more
        + "; case $MUSTER_FILES in *:*) PYTHONPATH=" + modules + more + " ;; esac");
    return lines;
  }
}
