package dev.muster.internal.process;

import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.io.IoErrors;
import dev.muster.internal.thread.RunThreads;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A command that this JVM started itself: nothing is known of what it used. Thread-safe. */
public final class PlainCommand implements RunningCommand {
  private static final Logger log = LoggerFactory.getLogger(PlainCommand.class);

  private final ProcessTree tree;
  private final Launch.Logs logs;
  private final String run;
  private @Nullable CommandEnd end;

  private PlainCommand(ProcessTree tree, Launch.Logs logs, String run) {
    this.tree = tree;
    this.logs = logs;
    this.run = run;
  }

  /**
   * Starts a command.
   *
   * @param run the id of the run
   * @throws IOException if it cannot be started
   */
  public static PlainCommand start(Launch launch, String run) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(launch.argv()).directory(launch.cwd().toFile());
    builder.environment().clear();
    builder.environment().putAll(launch.environment().all());
    Path stdin = launch.stdin();
    builder.redirectInput(stdin == null ? new File("/dev/null") : stdin.toFile());
    Launch.Logs logs = launch.logs();
    if (logs.lazy()) {
      OwnFiles.file(logs.stdout());
      OwnFiles.file(logs.stderr());
    }
    builder.redirectOutput(logs.stdout().toFile());
    builder.redirectError(logs.stderr().toFile());
    try {
      ProcessTree tree = launch.marks().isEmpty()
          ? ProcessTree.startUnmarked(builder, launch.grace())
          : ProcessTree.start(builder, launch.grace(), launch.marks());
      return new PlainCommand(tree, logs, run);
    } catch (IOException e) {
      dropEmpty(logs);
      throw e;
    }
  }

  @Override
  public CommandEnd await() throws InterruptedException {
    int unused = tree.waitFor();
    return finish();
  }

  private synchronized CommandEnd finish() {
    CommandEnd known = end;
    if (known == null) {
      tree.close();
      known = new CommandEnd(
          tree.process().exitValue(), null, null, size(logs.stdout()), size(logs.stderr()), null);
      dropEmpty(logs);
      end = known;
    }
    return known;
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0; // somebody has deleted it
    }
  }

  private static void dropEmpty(Launch.Logs logs) {
    for (Path file : new Path[] {logs.stdout(), logs.stderr()}) {
      try {
        if (logs.lazy() && Files.exists(file) && Files.size(file) == 0) {
          Files.delete(file);
        }
      } catch (IOException e) {
        log.warn("an empty log stays: {}", IoErrors.describe(e));
      }
    }
  }

  @Override
  public @Nullable CommandEnd end() {
    return tree.process().isAlive()
        ? null
        : new CommandEnd(tree.process().exitValue(), null, null, 0, 0, null);
  }

  @Override
  public void atEnd(Runnable then) {
    tree.closeAtEnd(run, then);
  }

  @Override
  public void cancel() {
    RunThreads.daemon("cancel-" + tree.process().pid(), run, tree::close).start();
  }

  @Override
  public void close() {
    CommandEnd unused = finish();
  }
}
