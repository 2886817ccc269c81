package dev.muster.dask;

import dev.muster.Muster;
import dev.muster.batch.spi.JobContext;
import dev.muster.batch.spi.PreparedEnvironment;
import dev.muster.batch.spi.Strategy;
import dev.muster.code.PythonCode;
import dev.muster.code.StageCode;
import dev.muster.code.Surroundings;
import dev.muster.execution.Execution;
import dev.muster.execution.Pool;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.run.TaskFailure;
import dev.muster.spi.BackendContext;
import dev.muster.spi.CodeFiles;
import dev.muster.spi.OutputCopy;
import dev.muster.spi.StoredOutput;
import dev.muster.spi.TaskBody;
import dev.muster.spi.TaskSink;
import dev.muster.spi.WorkerCredentials;
import dev.muster.testkit.FakeBatchSystem;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Registry;
import dev.muster.workflow.Workflow;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A run without an engine: it notes what it is told, and its batch system does what a test says. Thread-safe. */
final class FakeRun implements BackendContext, JobContext {
  final FakeBatchSystem system = new FakeBatchSystem();
  final Map<Integer, Object> outputs = new HashMap<>();
  final Map<Integer, OutputCopy> copies = new HashMap<>();
  boolean keepsValues;
  boolean records;
  private @Nullable StoredOutput last;
  private final FixedContext workers;
  private final List<String> told = new ArrayList<>();

  FakeRun(Plan plan, Path directory) {
    workers = new FixedContext(plan, directory);
  }

  FakeRun(Plan plan) {
    this(plan, Path.of("/runs/one"));
  }

  /** Returns a workflow whose operation {@code op} is a Python function. */
  static Workflow.Builder workflow() {
    return Workflow.builder()
        .name("w")
        .baseDirectory(Path.of("/analysis"))
        .registry(new Registry(Map.of("op", "ops:op"), Map.of()));
  }

  /** Returns a plan of one stage with one pool, and some options. */
  static Plan plan(Consumer<Pool.Builder> pool, Map<String, Object> config) {
    Execution.Builder execution = Execution.builder()
        .backend("dask")
        .config("python", "python3")
        .config("poll_interval", "20ms");
    config.forEach(execution::config);
    return Muster.plan(
        workflow().stage("A", s -> s.op("op")).build(),
        execution.pool("gpu", pool).build());
  }

  /** Returns a plan with the pools {@code default}, {@code gpu} and {@code large}. */
  static Plan plan(Workflow.Builder workflow) {
    return Muster.plan(
        workflow.build(),
        Execution.builder()
            .backend("dask")
            .config("python", "python3")
            .config("poll_interval", "20ms")
            .pool("default", pool -> pool.workers(2))
            .pool("gpu", pool -> pool.workers(1).gpus(1))
            .pool("large", pool -> pool.workers(1))
            .build());
  }

  /** Returns what the engine was told since the last call. */
  List<String> told() {
    synchronized (told) {
      List<String> all = List.copyOf(told);
      told.clear();
      return all;
    }
  }

  /** Returns what the engine was told, and leaves it. */
  List<String> toldSoFar() {
    synchronized (told) {
      return List.copyOf(told);
    }
  }

  /** Returns the output that was told of last, of those that do not lie in this JVM. */
  StoredOutput last() {
    return java.util.Objects.requireNonNull(last);
  }

  private void tell(String what) {
    synchronized (told) {
      told.add(what);
    }
  }

  @Override
  public List<PlannedStage> stages() {
    return plan().stages().stream()
        .filter(stage -> stage.route().backend().equals("dask"))
        .toList();
  }

  @Override
  public StageCode code(PlannedStage stage) {
    return new PythonCode(
        "ops:" + stage.stage().op(),
        List.of(),
        stage.stage().params(),
        new Surroundings(List.of(), List.of(), Map.of(), Map.of()));
  }

  @Override
  public boolean keepsValues() {
    return keepsValues;
  }

  /** Returns a folder that nobody could guess from names. */
  @Override
  public Path folder(int task) {
    PlannedStage stage = plan().stageOf(task);
    Path folder = directory().resolve("folder" + (stage.index() + 70));
    Dataset dataset = plan().datasetOf(task);
    if (dataset == null) {
      return folder;
    }
    String name = plan().nameOf(task);
    String number = name.substring(stage.id().length() + 1 + dataset.name().length());
    return folder.resolve("data" + plan().workflow().datasets().indexOf(dataset) + number);
  }

  @Override
  public TaskSink sink() {
    return new Sink();
  }

  @Override
  public void openOperations() {
    throw new UnsupportedOperationException();
  }

  @Override
  public TaskBody body(String pool, String worker) {
    throw new UnsupportedOperationException();
  }

  @Override
  public @Nullable Object output(int task) {
    return outputs.get(task);
  }

  @Override
  public @Nullable OutputCopy copyInFile(int task) {
    return copies.get(task);
  }

  @Override
  public boolean keepsRecords() {
    return records;
  }

  @Override
  public FakeBatchSystem processes() {
    return system;
  }

  @Override
  public String runId() {
    return workers.runId();
  }

  @Override
  public Plan plan() {
    return workers.plan();
  }

  @Override
  public List<Pool> pools() {
    return workers.pools();
  }

  @Override
  public Map<String, @Nullable Object> config() {
    return workers.config();
  }

  @Override
  public Path directory() {
    return workers.directory();
  }

  @Override
  public Strategy strategy() {
    return workers.strategy();
  }

  @Override
  public PreparedEnvironment environment() {
    return workers.environment();
  }

  @Override
  public WorkerCredentials credentials() {
    return workers.credentials();
  }

  private final class Sink implements TaskSink {
    @Override
    public boolean started(int task, int attempt, String pool, String worker) {
      tell("started " + task + "/" + attempt + " on " + worker + " of " + pool);
      return true;
    }

    @Override
    public void succeeded(int task, int attempt, @Nullable Object output) {
      if (output instanceof StoredOutput stored) {
        last = stored;
      }
      String what = output instanceof StoredOutput stored
          ? (stored.kept() ? stored.read() + " kept" : "elsewhere")
          : String.valueOf(output);
      tell("succeeded " + task + "/" + attempt + ": " + what);
    }

    @Override
    public void failed(int task, int attempt, TaskFailure failure) {
      Integer code = failure.exitCode();
      tell("failed " + task + "/" + attempt + ": " + failure.kind() + " " + failure.message()
          + (code == null ? "" : " (" + code + ")"));
    }

    @Override
    public void failed(int task, int attempt, Throwable error) {
      tell("failed " + task + "/" + attempt + ": " + error.getMessage());
    }

    @Override
    public void measured(int task, int attempt, Instant began, Duration took) {
      tell("measured " + task + "/" + attempt + " " + began + " " + took);
    }

    @Override
    public void code(int task, CodeFiles files) {
      tell("code " + task + ": "
          + files.files().stream().map(CodeFiles.CodeFile::path).toList());
    }

    @Override
    public void wroteFiles(int task) {
      tell("files of " + task);
    }

    @Override
    public void log(int task, String message) {
      tell("log " + task + ": " + message);
    }

    @Override
    public void diagnostic(int task, String name, @Nullable Object value) {
      tell("diagnostic " + task + ": " + name + "=" + value);
    }

    @Override
    public void workerStarted(String pool, String worker) {
      tell("worker " + worker + " of " + pool + " is there");
    }

    @Override
    public void workerEnded(String pool, String worker, @Nullable String reason) {
      tell("worker " + worker + " of " + pool + " is gone");
    }

    @Override
    public void notice(String message) {
      tell("notice " + message);
    }

    @Override
    public void broken(Throwable error) {
      tell("broken " + error.getMessage());
    }
  }
}
