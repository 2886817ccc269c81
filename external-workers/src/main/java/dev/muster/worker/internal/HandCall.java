package dev.muster.worker.internal;

import dev.muster.error.MusterException;
import dev.muster.internal.io.IoErrors;
import dev.muster.internal.process.Launchers;
import dev.muster.internal.process.SystemText;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import dev.muster.value.JsonValues;
import dev.muster.value.ValueException;
import dev.muster.worker.WorkerCall;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One call of a worker that somebody else wrote, as the command {@code muster worker call} runs it. */
public final class HandCall {
  private static final String RUN = "worker-call";

  private final CallPlace place;
  private final String worker;
  private final @Nullable String executor;
  private final WorkerOptions options;
  private final Workers workers;

  private HandCall(
      CallPlace place,
      String worker,
      @Nullable String executor,
      WorkerOptions options,
      Workers workers) {
    this.place = place;
    this.worker = worker;
    this.executor = executor;
    this.options = options;
    this.workers = workers;
  }

  /**
   * Reads a call.
   *
   * @param definition the file of the call
   * @param directory what its relative paths are taken from, or null for what the place of the file implies
   * @param executor the executor's name, or null for the one that the worker's launcher is made for
   * @param registries where workers are looked for
   * @param worker the worker's name, or null for the one that the file {@code nodedef} beside the call has
   * @throws MusterException if it cannot be read, or it is not clear what it means
   */
  public static HandCall read(
      Path definition,
      @Nullable Path directory,
      @Nullable String executor,
      List<Path> registries,
      @Nullable String worker) {
    Path file = definition.toAbsolutePath().normalize();
    WorkerCall call = WorkerCall.read(file);
    Path base =
        directory == null ? call.directory(file) : directory.toAbsolutePath().normalize();
    CallPlace.Contract contract = CallPlace.Contract.of(call);
    CallPlace place = place(base, file, call, contract);
    Path node = place.node();
    if (!Files.isDirectory(node)) {
      throw new MusterException(
          "the call " + file + " is about " + node
              + ", and there is no such folder"
              + (directory == null ? "" : "; its paths were taken from TKR_DIR, " + base),
          null);
    }
    Workers workers = new Workers(List.of());
    if (executor != null) {
      try {
        workers.check(executor, List.of());
      } catch (IllegalArgumentException e) {
        throw new MusterException(String.valueOf(e.getMessage()), e);
      }
    }
    return new HandCall(
        place,
        worker == null ? named(file, call) : worker,
        executor,
        WorkerOptions.of(registries, contract),
        workers);
  }

  private static CallPlace place(
      Path base, Path file, WorkerCall call, CallPlace.Contract contract) {
    Path done = SystemText.resolve(base, call.donePath());
    return new CallPlace(
        base, file, call, contract, java.util.Objects.requireNonNullElse(done.getParent(), base));
  }

  // Tierkreis and Muster write the whole name of the function there.
  private static String named(Path definition, WorkerCall call) {
    Path file = definition.resolveSibling("nodedef");
    String wanted = "." + call.functionName();
    String why;
    try {
      Object node = JsonValues.parse(Files.readAllBytes(file));
      Object name = node instanceof Map<?, ?> fields ? fields.get("function_name") : null;
      if (name instanceof String text && text.endsWith(wanted) && text.length() > wanted.length()) {
        return text.substring(0, text.length() - wanted.length());
      }
      why = "has no function_name that ends with " + wanted;
    } catch (NoSuchFileException e) {
      why = "is not there";
    } catch (IOException e) {
      why = "cannot be read: " + IoErrors.describe(e);
    } catch (ValueException e) {
      why = "is no JSON: " + e.getMessage();
    }
    throw new MusterException(
        "the call does not say which worker it is for, and " + file + " " + why
            + "; name it with --worker",
        null);
  }

  /**
   * Runs it to its end.
   *
   * @throws TaskException if the worker failed or cannot be run
   * @throws Exception if something else went wrong; the flag of a failure is there after all of these
   */
  public void run() throws Exception {
    try (Launchers launchers = new Launchers(RUN);
        JobSystems jobs = new JobSystems(RUN)) {
      place.clear();
      CallRunner runner;
      try {
        runner = workers.runner(
            executor, worker, options, new JobSource(Map.of(), "", place.base()), launchers, jobs);
      } catch (IllegalArgumentException e) {
        throw new TaskException(FailureKind.ENVIRONMENT, String.valueOf(e.getMessage()), e);
      }
      try {
        runner.run(place, CallEnvironment.inherited());
      } finally {
        printed();
      }
    } catch (Exception e) { // whatever it is: who waits for a flag would wait for ever
      try {
        Judge.flag(place, String.valueOf(e.getMessage()));
      } catch (IOException more) {
        e.addSuppressed(more);
      }
      throw e;
    }
  }

  /** Adds what the worker printed to the logs that its contract has for it. */
  private void printed() throws IOException {
    List<Path> out = new ArrayList<>();
    List<Path> err = new ArrayList<>();
    String logs = place.call().logsPath();
    if (logs != null) {
      out.add(place.at(logs));
    }
    if (place.contract() == CallPlace.Contract.LOG) {
      out.add(place.at(place.call().errorPath()));
      err.addAll(out);
    } else {
      err.add(place.node().resolve("errors"));
    }
    move(place.stdout(), out);
    move(place.stderr(), err);
  }

  private static void move(Path from, List<Path> logs) throws IOException {
    if (!Files.exists(from) || logs.isEmpty()) {
      return;
    }
    for (Path log : logs) {
      try (InputStream in = Files.newInputStream(from);
          OutputStream to =
              Files.newOutputStream(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
        in.transferTo(to);
      }
    }
    Files.delete(from);
  }
}
