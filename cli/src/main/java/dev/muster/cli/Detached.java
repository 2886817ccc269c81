package dev.muster.cli;

import com.google.common.base.Splitter;
import dev.muster.error.MusterException;
import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.journal.JournalTail;
import dev.muster.internal.rundir.RunLayout;
import dev.muster.run.RunEvent;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A run in a process of its own, which a logout does not end: in a session of its own, without a terminal. What it says
 * goes to the file {@code console} of the run's directory. Used by one thread.
 */
final class Detached {
  private static final Duration POLL = Duration.ofMillis(50);
  private static final int POLLS_UNTIL_TOLD = 60;
  private static final int MOST_LINES = 10_000;
  private static final Splitter FOLDERS = Splitter.on(File.pathSeparatorChar).omitEmptyStrings();
  private static final String SESSION =
      "import os, sys; os.setsid(); os.execvp(sys.argv[1], sys.argv[1:])";

  private final Shell shell;
  private final Path directory;
  private final Path console;

  /** @param directory the run's directory, which is made if need be */
  Detached(Shell shell, Path directory) {
    this.shell = shell;
    this.directory = directory;
    this.console = directory.resolve(RunLayout.CONSOLE);
  }

  /**
   * Starts the run, and waits until its first task was handed over, or it has ended.
   *
   * @param arguments those of the command line that carries it out
   * @return 0, or the exit code of the run if it could not start; then what it said was printed
   */
  int start(List<String> arguments) throws IOException, InterruptedException {
    if (Files.exists(directory.resolve(RunLayout.JOURNAL), LinkOption.NOFOLLOW_LINKS)) {
      throw new MusterException(
          "the run directory " + directory + " holds a run already; choose another");
    }
    boolean made = !Files.exists(directory);
    OwnFiles.root("run directory", directory);
    OwnFiles.file(console);
    List<String> command = new ArrayList<>(session());
    command.addAll(java());
    command.addAll(arguments);
    Process process = new ProcessBuilder(command)
        .directory(shell.directory().toFile())
        .redirectInput(new File("/dev/null"))
        .redirectOutput(ProcessBuilder.Redirect.appendTo(console.toFile()))
        .redirectError(ProcessBuilder.Redirect.appendTo(console.toFile()))
        .start();
    String name = String.valueOf(directory.getFileName());
    try (OnInterrupt left = new OnInterrupt(name, this::left)) {
      boolean started = awaitStart(process);
      left.forget();
      if (started || process.exitValue() == ExitCode.DONE) {
        return ExitCode.DONE;
      }
      shell.err().print(LogFile.tail(console, MOST_LINES));
      if (!Files.exists(directory.resolve(RunLayout.JOURNAL), LinkOption.NOFOLLOW_LINKS)) {
        Files.deleteIfExists(console);
        if (made) {
          Files.deleteIfExists(directory);
        }
      }
      return process.exitValue();
    }
  }

  private void left() {
    shell
        .err()
        .print("left alone while it starts: it goes on; what it says is in "
            + Text.harmless(console.toString()));
  }

  private boolean awaitStart(Process process) throws InterruptedException {
    boolean[] started = {false};
    try (JournalTail journal = new JournalTail(directory)) {
      for (int poll = 0; ; poll++) {
        boolean ended = process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS);
        if (Files.exists(directory.resolve(RunLayout.JOURNAL), LinkOption.NOFOLLOW_LINKS)) {
          journal.read(event -> started[0] |= event instanceof RunEvent.StageStarted);
        }
        if (started[0] || ended) {
          return started[0];
        }
        if (poll == POLLS_UNTIL_TOLD) {
          shell.err().print("waiting until it has started; Ctrl-C leaves it alone");
        }
      }
    }
  }

  /** Returns the command that makes a session, in front of another. */
  private List<String> session() {
    if (found("setsid")) {
      return List.of("setsid");
    }
    if (found("python3")) {
      return List.of("python3", "-c", SESSION);
    }
    throw new UsageException(
        "--detach needs setsid or python3 on the PATH, to make a session of its own");
  }

  private boolean found(String program) {
    String path = shell.terminal().environment().get("PATH");
    for (String folder : FOLDERS.split(path == null ? System.getenv("PATH") : path)) {
      if (Files.isExecutable(Path.of(folder, program))) {
        return true;
      }
    }
    return false;
  }

  /** Returns the command that starts this Java with this program. */
  private static List<String> java() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (!option.startsWith("-Dmuster.out=") && !option.startsWith("-Dmuster.err=")) {
        command.add(option);
      }
    }
    @Nullable String modules = System.getProperty("jdk.module.path");
    if (System.getProperty("jdk.module.main") != null && modules != null) {
      command.addAll(List.of("-p", modules, "-m", "dev.muster.cli/" + Main.class.getName()));
    } else {
      command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    }
    return command;
  }
}
