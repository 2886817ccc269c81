package dev.muster.examples.plugin;

import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobContext;
import dev.muster.batch.spi.PreparedEnvironment;
import dev.muster.batch.spi.Strategy;
import dev.muster.code.StageCode;
import dev.muster.execution.Execution;
import dev.muster.execution.Layer;
import dev.muster.execution.Pool;
import dev.muster.plan.Machine;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.plan.Planner;
import dev.muster.resource.MemorySize;
import dev.muster.run.TaskFailure;
import dev.muster.spi.BackendContext;
import dev.muster.spi.TaskBody;
import dev.muster.spi.TaskSink;
import dev.muster.spi.WorkerCredentials;
import dev.muster.workflow.Workflow;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The engine's side of a backend: one stage per plan, and reports in a queue. */
final class FakeBackendContext implements BackendContext, JobContext, TaskSink {
  private final Plan plan;
  private final Path directory;
  private final TaskBody body;
  private final BatchSystem processes;
  final BlockingQueue<Report> reports = new LinkedBlockingQueue<>();
  final BlockingQueue<String> workers = new LinkedBlockingQueue<>();
  final BlockingQueue<Throwable> broken = new LinkedBlockingQueue<>();
  boolean operationsOpened;

  record Report(
      int task,
      int attempt,
      @Nullable Object output,
      @Nullable String failure) {}

  FakeBackendContext(
      Workflow workflow,
      Execution execution,
      Path directory,
      TaskBody body,
      BatchSystem processes) {
    this.plan = Planner.plan(
        workflow, List.of(Layer.of("test", execution)), new Machine(2, MemorySize.parse("1GB")));
    this.directory = directory;
    this.body = body;
    this.processes = processes;
  }

  @Override
  public PreparedEnvironment environment() {
    return new PreparedEnvironment(List.of(), List.of(), null, Map.of());
  }

  @Override
  public Strategy strategy() {
    throw new AssertionError("the backend asks for its processes");
  }

  Report next() throws InterruptedException {
    Report report = reports.poll(30, TimeUnit.SECONDS);
    if (report == null) {
      throw new AssertionError("no report came; broken: " + broken);
    }
    return report;
  }

  @Override
  public String runId() {
    return "test";
  }

  @Override
  public Plan plan() {
    return plan;
  }

  @Override
  public List<Pool> pools() {
    return plan.stages().get(0).route().pools();
  }

  @Override
  public List<PlannedStage> stages() {
    return plan.stages();
  }

  @Override
  public StageCode code(PlannedStage stage) {
    throw new AssertionError("the tasks' bodies have it");
  }

  @Override
  public boolean keepsValues() {
    return false;
  }

  @Override
  public Path folder(int task) {
    return directory.resolve(Integer.toString(task));
  }

  @Override
  public Map<String, @Nullable Object> config() {
    return Map.of();
  }

  @Override
  public Path directory() {
    return directory;
  }

  @Override
  public TaskSink sink() {
    return this;
  }

  @Override
  public void openOperations() {
    operationsOpened = true;
  }

  @Override
  public TaskBody body(String pool, String worker) {
    return body;
  }

  @Override
  public @Nullable Object output(int task) {
    throw new IllegalArgumentException("task " + task + " has no output");
  }

  @Override
  public WorkerCredentials credentials() {
    return WorkerCredentials.none();
  }

  @Override
  public BatchSystem processes() {
    return processes;
  }

  @Override
  public boolean started(int task, int attempt, String pool, String worker) {
    workers.add(worker);
    return true;
  }

  @Override
  public void succeeded(int task, int attempt, @Nullable Object output) {
    reports.add(new Report(task, attempt, output, null));
  }

  @Override
  public void failed(int task, int attempt, TaskFailure failure) {
    reports.add(new Report(task, attempt, null, failure.kind() + ": " + failure.message()));
  }

  @Override
  public void failed(int task, int attempt, Throwable error) {
    reports.add(new Report(task, attempt, null, error.toString()));
  }

  @Override
  public void diagnostic(int task, String name, @Nullable Object value) {}

  @Override
  public void workerStarted(String pool, String worker) {}

  @Override
  public void workerEnded(String pool, String worker, @Nullable String reason) {}

  @Override
  public void notice(String message) {}

  @Override
  public void broken(Throwable error) {
    broken.add(error);
  }
}
