package dev.muster.batch.internal.engine;

import dev.muster.batch.spi.CommandResult;
import dev.muster.internal.io.IoErrors;
import dev.muster.internal.process.ProcessTree;
import dev.muster.internal.process.Programs;
import dev.muster.resource.Walltime;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs commands as child processes.
 *
 * <p>What they write goes through temporary files: whoever keeps them open, a command is over when its process is.
 * Thread-safe.
 */
final class ProcessCommands implements Commands {
  private static final Logger log = LoggerFactory.getLogger(ProcessCommands.class);
  private static final long MOST_BYTES = 256L << 20;
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final Map<String, String> environment;

  /**
   * Makes a runner.
   *
   * @param environment all environment variables of the commands, their {@code PATH} among them
   */
  ProcessCommands(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  @Override
  public CommandResult run(List<String> command, @Nullable String input, Duration limit)
      throws CommandFailed, InterruptedException {
    Path program = Programs.find(command.get(0), environment.get("PATH"), null);
    if (program == null) {
      throw new CommandFailed(
          CommandResult.describe(command) + ": the program " + command.get(0)
              + " " + Programs.missing(command.get(0), environment.get("PATH"), null)
              + " on the PATH " + environment.getOrDefault("PATH", "(none)")
              + "; is the batch system's software installed here, and its environment set up?",
          false);
    }
    List<String> argv = new ArrayList<>(command);
    argv.set(0, program.toString());
    try (Streams streams = Streams.create(input)) {
      return run(command, argv, streams, limit);
    } catch (IOException e) {
      throw new CommandFailed(
          CommandResult.describe(command) + ": its output cannot be kept: " + IoErrors.describe(e),
          true);
    }
  }

  private CommandResult run(
      List<String> command, List<String> argv, Streams streams, Duration limit)
      throws IOException, CommandFailed, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(argv);
    builder.environment().clear();
    builder.environment().putAll(environment);
    builder.redirectInput(streams.in == null ? new File("/dev/null") : streams.in.toFile());
    builder.redirectOutput(streams.out.path.toFile());
    builder.redirectError(streams.err.path.toFile());
    ProcessTree tree;
    try {
      tree = ProcessTree.startUnmarked(builder, ProcessTree.DEFAULT_GRACE);
      streams.unlink();
    } catch (IOException e) {
      throw new CommandFailed(
          CommandResult.describe(command) + ": it cannot be started: " + IoErrors.describe(e),
          false);
    }
    boolean over = false;
    try {
      String trouble = await(tree.process(), streams, limit);
      if (trouble != null) {
        tree.close();
        String words =
            new CommandResult(command, 0, streams.out.text(), streams.err.text()).words();
        throw new CommandFailed(
            CommandResult.describe(command) + ": " + trouble
                + (words.isEmpty() ? "" : ", having said: " + words),
            true);
      }
      over = true;
    } finally {
      if (over) {
        tree.release();
      } else {
        tree.close();
      }
    }
    return new CommandResult(
        command, tree.process().exitValue(), streams.out.text(), streams.err.text());
  }

  /** Returns why the process has to be ended, or null if it ended by itself. */
  private static @Nullable String await(Process process, Streams streams, Duration limit)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    while (true) {
      long left = limit.toNanos() - (System.nanoTime() - start);
      if (process.waitFor(Math.min(left, LOOK.toNanos()), TimeUnit.NANOSECONDS)) {
        return null;
      }
      if (left <= LOOK.toNanos()) {
        return "no answer within " + Walltime.format(limit) + " (command_timeout), ended";
      }
      if (streams.out.size() + streams.err.size() > MOST_BYTES) {
        return "more than " + MOST_BYTES + " bytes of output, ended";
      }
    }
  }

  /**
   * The files that stand in for a command's standard streams. Their names are gone once it runs: nothing is left behind
   * if this process is killed.
   */
  private static final class Streams implements AutoCloseable {
    final Written out;
    final Written err;
    final @Nullable Path in;

    private Streams(Written out, Written err, @Nullable Path in) {
      this.out = out;
      this.err = err;
      this.in = in;
    }

    static Streams create(@Nullable String input) throws CommandFailed {
      Written out = null;
      Written err = null;
      Path in = null;
      try {
        out = Written.create(".out");
        err = Written.create(".err");
        if (input != null) {
          in = temporary(".in");
          Files.writeString(in, input, StandardCharsets.UTF_8);
        }
        return new Streams(out, err, in);
      } catch (IOException e) {
        delete(in);
        Written.close(out);
        Written.close(err);
        throw new CommandFailed(
            "a temporary file cannot be written: " + IoErrors.describe(e), false);
      }
    }

    void unlink() {
      delete(out.path);
      delete(err.path);
      delete(in);
    }

    @Override
    public void close() {
      Written.close(out);
      Written.close(err);
      delete(in);
    }
  }

  /** A file that a command writes, and its name as long as it has one. */
  private record Written(Path path, RandomAccessFile file) {
    static Written create(String end) throws IOException {
      Path path = temporary(end);
      try {
        return new Written(path, new RandomAccessFile(path.toFile(), "r"));
      } catch (IOException e) {
        delete(path);
        throw e;
      }
    }

    long size() throws IOException {
      return file.length();
    }

    // Whatever is in it: what is no UTF-8 becomes a replacement character.
    String text() throws IOException {
      long size = size();
      if (size > MOST_BYTES) {
        throw new IOException("more than " + MOST_BYTES + " bytes");
      }
      byte[] bytes = new byte[(int) size];
      file.seek(0);
      file.readFully(bytes);
      return new String(bytes, StandardCharsets.UTF_8);
    }

    static void close(@Nullable Written written) {
      if (written != null) {
        delete(written.path);
        try {
          written.file.close();
        } catch (IOException e) {
          log.warn("{} cannot be closed: {}", written.path, IoErrors.describe(e));
        }
      }
    }
  }

  private static Path temporary(String end) throws IOException {
    return Files.createTempFile("muster-command-", end);
  }

  private static void delete(@Nullable Path file) {
    if (file != null) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        log.warn("{} cannot be deleted: {}", file, IoErrors.describe(e));
      }
    }
  }
}
