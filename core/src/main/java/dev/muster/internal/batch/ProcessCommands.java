package dev.muster.internal.batch;

import dev.muster.batch.CommandResult;
import dev.muster.internal.process.ProcessTree;
import dev.muster.internal.process.Programs;
import dev.muster.resource.Walltime;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs commands as child processes.
 *
 * <p>What they write goes through temporary files: whoever keeps them open, a command is over when its process is. Thread-safe.
 */
final class ProcessCommands implements Commands {
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
              + " was not found on the PATH " + environment.getOrDefault("PATH", "(none)")
              + "; is the batch system's software installed here, and its environment set up?",
          false);
    }
    List<String> argv = new ArrayList<>(command);
    argv.set(0, program.toString());
    try (Streams streams = Streams.create(input)) {
      return run(command, argv, streams, limit);
    } catch (IOException e) {
      throw new CommandFailed(
          CommandResult.describe(command) + ": its output cannot be kept: " + e, true);
    }
  }

  private CommandResult run(
      List<String> command, List<String> argv, Streams streams, Duration limit)
      throws IOException, CommandFailed, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(argv);
    builder.environment().clear();
    builder.environment().putAll(environment);
    builder.redirectInput(streams.in == null ? new File("/dev/null") : streams.in.toFile());
    builder.redirectOutput(streams.out.toFile());
    builder.redirectError(streams.err.toFile());
    ProcessTree tree;
    try {
      tree = ProcessTree.start(builder, ProcessTree.DEFAULT_GRACE);
    } catch (IOException e) {
      throw new CommandFailed(
          CommandResult.describe(command) + ": it cannot be started: " + e.getMessage(), false);
    }
    boolean over = false;
    try {
      String trouble = await(tree.process(), streams, limit);
      if (trouble != null) {
        tree.close();
        String words = new CommandResult(
                command, 0, streams.text(streams.out), streams.text(streams.err))
            .words();
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
        command, tree.process().exitValue(), streams.text(streams.out), streams.text(streams.err));
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
      if (Files.size(streams.out) + Files.size(streams.err) > MOST_BYTES) {
        return "more than " + MOST_BYTES + " bytes of output, ended";
      }
    }
  }

  /** The files that stand in for a command's standard streams. */
  private static final class Streams implements AutoCloseable {
    final @Nullable Path in;
    final Path out;
    final Path err;

    private Streams(@Nullable Path in, Path out, Path err) {
      this.in = in;
      this.out = out;
      this.err = err;
    }

    static Streams create(@Nullable String input) throws CommandFailed {
      List<Path> made = new ArrayList<>();
      try {
        for (String end : List.of(".out", ".err", ".in")) {
          if (input != null || !end.equals(".in")) {
            made.add(Files.createTempFile("muster-command-", end));
          }
        }
        if (input != null) {
          Files.writeString(made.get(2), input, StandardCharsets.UTF_8);
        }
        return new Streams(input == null ? null : made.get(2), made.get(0), made.get(1));
      } catch (IOException e) {
        made.forEach(Streams::delete);
        throw new CommandFailed("a temporary file cannot be written: " + e, false);
      }
    }

    // Whatever is in it: what is no UTF-8 becomes a replacement character.
    String text(Path file) throws IOException {
      long size = Files.size(file);
      if (size > MOST_BYTES) {
        throw new IOException("more than " + MOST_BYTES + " bytes");
      }
      return size == 0 ? "" : new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }

    private static void delete(Path file) {
      boolean gone = file.toFile().delete();
      if (!gone) {
        file.toFile().deleteOnExit();
      }
    }

    @Override
    public void close() {
      delete(out);
      delete(err);
      if (in != null) {
        delete(in);
      }
    }
  }
}
