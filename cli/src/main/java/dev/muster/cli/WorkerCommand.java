package dev.muster.cli;

import dev.muster.error.MusterException;
import dev.muster.worker.WorkerCalls;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code muster worker call}: runs one call of an external worker by hand. */
@Command(
    name = "worker",
    description = "Run one call of an external worker.",
    footer = {
      "",
      "DEFINITION is the file with the call. Its relative paths are taken from TKR_DIR,",
      "else from the folder that the place of the file implies.",
      "",
      "Exit codes: 0 the worker is done, 1 it failed, 2 wrong usage or not a call.",
      "",
      "Examples:",
      "  muster worker call checkpoints/W/-.N2/definition --registry workers",
      "  muster worker call definition --executor uv --worker hello_world_worker"
    })
final class WorkerCommand implements Callable<Integer>, Main.Talking {
  private static final String CALL = "call";

  private final Shell shell;

  @Mixin
  private final OutputOptions output = new OutputOptions();

  @Parameters(index = "0", paramLabel = CALL, description = "What to do: call.")
  private String verb = CALL;

  @Parameters(index = "1", paramLabel = "DEFINITION", description = "The file with the call.")
  private String definition = "";

  @Option(
      names = "--executor",
      paramLabel = "NAME",
      description = {
        "uv, shell, stdinout, memory or one of your own",
        "(default: uv for a main.py, else shell)."
      },
      order = 10)
  private @Nullable String executor;

  @Option(
      names = "--registry",
      paramLabel = "DIR",
      description = {
        "A folder with workers; repeatable, the first wins",
        "(default: the current folder)."
      },
      order = 11)
  private List<String> registries = new ArrayList<>();

  @Option(
      names = "--worker",
      paramLabel = "NAME",
      description = {
        "The worker's name (default: the one that the file",
        "nodedef beside the call has)."
      },
      order = 12)
  private @Nullable String worker;

  WorkerCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public OutputOptions output() {
    return output;
  }

  @Override
  public Integer call() throws Exception {
    if (!verb.equals(CALL)) {
      throw new UsageException("there is nothing called 'muster worker " + verb
          + "'; write muster worker call DEFINITION");
    }
    List<Path> folders = new ArrayList<>();
    registries.forEach(each -> folders.add(shell.directory().resolve(each).normalize()));
    String directory = System.getenv("TKR_DIR");
    WorkerCalls call;
    try {
      call = WorkerCalls.read(
          shell.directory().resolve(definition),
          directory == null || directory.isEmpty() ? null : Path.of(directory),
          executor,
          folders.isEmpty() ? List.of(shell.directory()) : folders,
          worker);
    } catch (MusterException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
    call.run();
    return ExitCode.DONE;
  }
}
