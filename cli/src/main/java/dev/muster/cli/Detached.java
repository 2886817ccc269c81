package dev.muster.cli;

import com.google.common.base.Splitter;
import dev.muster.error.MusterException;
import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.journal.JournalTail;
import dev.muster.internal.rundir.LogFile;
import dev.muster.internal.rundir.RunLayout;
import dev.muster.run.RunEvent;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

  private static final Logger log = LoggerFactory.getLogger(Detached.class);

  private final Shell shell;
  private final Path directory;
  private final boolean resumed;
  private final Path console;
  private boolean begun;
  private boolean started;

  /**
   * @param directory the run's directory, which is made if need be
   * @param resumed whether it is that of an earlier run, which goes on
   */
  Detached(Shell shell, Path directory, boolean resumed) throws IOException {
    this.shell = shell;
    this.directory = directory;
    this.resumed = resumed;
    int version = resumed ? RunLayout.version(directory) : RunLayout.VERSION; // or there is no run
    int controller = resumed ? RunLayout.lastController(directory) + 1 : 1;
    this.console = RunLayout.console(directory, controller);
    log.debug("run directory of version {}, controller {}", version, controller);
    this.begun = !resumed;
  }

  /**
   * Starts the run, and waits until its first task was handed over, or it has ended.
   *
   * @param arguments those of the command line that carries it out
   * @return 0, or the exit code of the run if it could not start; then what it said was printed
   */
  int start(List<String> arguments) throws IOException, InterruptedException {
    if (!resumed && hasJournal()) {
      throw new MusterException(
          "the run directory " + directory + " holds a run already; choose another");
    }
    boolean made = !Files.exists(directory);
    List<String> command = new ArrayList<>(session());
    command.addAll(java());
    command.addAll(arguments);
    try (JournalTail journal = new JournalTail(directory)) {
      if (resumed && hasJournal()) {
        journal.read(before -> begun = false); // what is told from here on is the new one's
      }
      makeConsole();
      return start(command, journal, made);
    }
  }

  private int start(List<String> command, JournalTail before, boolean made)
      throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command)
        .directory(shell.directory().toFile())
        .redirectInput(new File("/dev/null"))
        .redirectOutput(ProcessBuilder.Redirect.appendTo(console.toFile()))
        .redirectError(ProcessBuilder.Redirect.appendTo(console.toFile()))
        .start();
    String name = String.valueOf(directory.getFileName());
    try (OnInterrupt left = new OnInterrupt(name, this::left)) {
      awaitStart(process, before);
      left.forget();
      if (started || process.exitValue() == ExitCode.DONE) {
        return ExitCode.DONE;
      }
      shell.err().print(LogFile.tail(console, MOST_LINES));
      if (resumed ? !begun : !hasJournal()) {
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

  private boolean hasJournal() {
    return Files.exists(directory.resolve(RunLayout.JOURNAL), LinkOption.NOFOLLOW_LINKS);
  }

  private void makeConsole() throws IOException {
    if (!resumed) {
      OwnFiles.root("run directory", directory);
      OwnFiles.file(console);
      return;
    }
    try {
      OwnFiles.newFile(console);
    } catch (FileAlreadyExistsException e) {
      throw new MusterException(
          "another process is about to go on with the run in " + directory
              + "; if none is, one was killed at its start: delete " + console,
          e);
    }
  }

  // Of an earlier controller's events those are left out that were there before.
  private void take(RunEvent event) {
    begun |= event instanceof RunEvent.RunStarted;
    started |= begun && event instanceof RunEvent.StageStarted;
  }

  private void awaitStart(Process process, JournalTail journal) throws InterruptedException {
    for (int poll = 0; ; poll++) {
      boolean ended = process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS);
      if (hasJournal()) {
        journal.read(this::take);
      }
      if (started || ended) {
        return;
      }
      if (poll == POLLS_UNTIL_TOLD) {
        shell.err().print("waiting until it has started; Ctrl-C leaves it alone");
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
