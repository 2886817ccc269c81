package dev.muster.internal.engine;

import dev.muster.code.StageCode;
import dev.muster.execution.Pool;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.spi.BackendContext;
import dev.muster.spi.SessionSite;
import dev.muster.spi.TaskBody;
import dev.muster.spi.TaskSink;
import dev.muster.spi.WorkerCredentials;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a backend knows of a plan that is checked: there is no run, so nothing can be opened or made. Not thread-safe.
 *
 * @param site checks what workers need
 * @param operations checks the stages as those whose tasks this JVM runs
 * @param codes returns the code of a stage, or throws what is wrong with it
 */
record CheckContext(
    Plan plan,
    SessionNeed need,
    SessionSite site,
    Runnable operations,
    Function<PlannedStage, StageCode> codes)
    implements BackendContext {
  static final String RUN = "check"; // stands for the id of a run

  @Override
  public String runId() {
    return RUN;
  }

  @Override
  public List<Pool> pools() {
    return need.pools();
  }

  @Override
  public List<PlannedStage> stages() {
    return need.stages().stream().map(stage -> plan.stage(stage.id())).toList();
  }

  @Override
  public <T> T service(Class<T> type) {
    T offered = site.service(type);
    return offered == null ? BackendContext.super.service(type) : offered;
  }

  @Override
  public Map<String, @Nullable Object> config() {
    return need.config();
  }

  @Override
  public Path directory() {
    return directory(plan);
  }

  /** Returns where a run's directory might be. */
  static Path directory(Plan plan) {
    return plan.workflow().baseDirectory().toAbsolutePath().normalize().resolve("muster-run");
  }

  @Override
  public Path folder(int task) {
    return directory().resolve(RunFiles.location(plan, task));
  }

  @Override
  public StageCode code(PlannedStage stage) {
    return codes.apply(stage);
  }

  @Override
  public boolean keepsValues() {
    return false;
  }

  @Override
  public void openOperations() {
    operations.run();
  }

  @Override
  public WorkerCredentials credentials() {
    return WorkerCredentials.none();
  }

  @Override
  public TaskSink sink() {
    throw noRun();
  }

  @Override
  public TaskBody body(String pool, String worker) {
    throw noRun();
  }

  @Override
  public @Nullable Object output(int task) {
    throw noRun();
  }

  private static IllegalStateException noRun() {
    return new IllegalStateException("a plan is being checked: there is no run");
  }
}
