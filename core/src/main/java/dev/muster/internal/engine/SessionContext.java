package dev.muster.internal.engine;

import dev.muster.batch.BatchSystem;
import dev.muster.code.StageCode;
import dev.muster.error.Problem;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Pool;
import dev.muster.internal.batch.RunStrategyContext;
import dev.muster.internal.discovery.Providers;
import dev.muster.internal.operation.StageCodes;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.spi.BackendContext;
import dev.muster.spi.PreparedEnvironment;
import dev.muster.spi.Strategy;
import dev.muster.spi.TaskBody;
import dev.muster.spi.TaskSink;
import dev.muster.spi.WorkerCredentials;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one session knows of its run. The code of stages and the strategy are opened when they are first asked for. Thread-safe. */
final class SessionContext implements BackendContext, AutoCloseable {
  private final SessionNeed need;
  private final Plan plan;
  private final Providers providers;
  private final RunSupport support;
  private final RunEnvironment environment;
  private final RunCredentials credentials;
  private @Nullable StageRuntimes runtimes;
  private @Nullable StageCodes codes;
  private @Nullable BatchSystem processes;

  SessionContext(
      SessionNeed need,
      Plan plan,
      Providers providers,
      RunSupport support,
      RunEnvironment environment,
      RunCredentials credentials,
      @Nullable StageCodes codes) {
    this.codes = codes;
    this.need = need;
    this.plan = plan;
    this.providers = providers;
    this.support = support;
    this.environment = environment;
    this.credentials = credentials;
  }

  SessionKey key() {
    return need.key();
  }

  @Override
  public String runId() {
    return support.runId();
  }

  @Override
  public Plan plan() {
    return plan;
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
  public synchronized StageCode code(PlannedStage stage) {
    return resolved().code(stage.stage());
  }

  private StageCodes resolved() {
    StageCodes known = codes;
    if (known == null) {
      List<Problem> problems = new ArrayList<>();
      known = need.codes(plan, providers, problems);
      codes = known;
      if (!problems.isEmpty()) {
        throw new WorkflowException(problems);
      }
    }
    return known;
  }

  @Override
  public boolean keepsValues() {
    return support.keepsValues();
  }

  @Override
  public Path folder(int task) {
    return support.files().directory().resolve(RunFiles.location(plan, task));
  }

  @Override
  public Map<String, @Nullable Object> config() {
    return need.config();
  }

  @Override
  public Path directory() {
    return support.files().directory();
  }

  @Override
  public TaskSink sink() {
    return support.sink();
  }

  @Override
  public synchronized void openOperations() {
    if (runtimes == null) {
      resolved().open(support.runId(), credentials::told);
      runtimes = new StageRuntimes(plan, need.stages(), resolved());
    }
  }

  @Override
  public TaskBody body(String pool, String worker) {
    StageRuntimes opened;
    synchronized (this) {
      openOperations();
      opened = java.util.Objects.requireNonNull(runtimes);
    }
    JvmTaskBody body = new JvmTaskBody(plan, opened, support, pool, worker);
    support.made(body);
    return body;
  }

  @Override
  public @Nullable Object output(int task) {
    return support.output(task);
  }

  @Override
  public Strategy strategy() {
    return providers.strategy(need.key().strategy());
  }

  @Override
  public PreparedEnvironment environment() {
    return environment.prepared();
  }

  @Override
  public WorkerCredentials credentials() {
    return credentials.told();
  }

  @Override
  public synchronized BatchSystem processes() {
    if (processes == null) {
      Path scratch = support.files().subdirectory("debug", "distributed");
      processes = strategy().open(new RunStrategyContext(support.runId(), scratch, need.config()));
    }
    return processes;
  }

  @Override
  public synchronized void close() {
    try {
      if (processes != null) {
        processes.close();
      }
    } finally {
      if (codes != null) {
        codes.close();
      }
    }
  }
}
