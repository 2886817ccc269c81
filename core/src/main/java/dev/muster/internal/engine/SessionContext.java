package dev.muster.internal.engine;

import dev.muster.code.StageCode;
import dev.muster.error.Problem;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Pool;
import dev.muster.internal.discovery.Providers;
import dev.muster.internal.operation.StageCodes;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.spi.BackendContext;
import dev.muster.spi.OutputCopy;
import dev.muster.spi.ResultKeys;
import dev.muster.spi.RunShare;
import dev.muster.spi.SessionSite;
import dev.muster.spi.Site;
import dev.muster.spi.TaskBody;
import dev.muster.spi.TaskSink;
import dev.muster.spi.WorkerCredentials;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one session knows of its run. The code of stages and the strategy are opened when they are first asked for.
 * Thread-safe.
 */
final class SessionContext implements BackendContext, AutoCloseable {
  private final SessionNeed need;
  private final Plan plan;
  private final Providers providers;
  private final RunSupport support;
  private final Site site;
  private final SessionSite own;
  private @Nullable StageRuntimes runtimes;
  private @Nullable StageCodes codes;

  SessionContext(
      SessionNeed need,
      Plan plan,
      Providers providers,
      RunSupport support,
      Site site,
      @Nullable StageCodes codes) {
    this.codes = codes;
    this.need = need;
    this.plan = plan;
    this.providers = providers;
    this.support = support;
    this.site = site;
    this.own = site.session(need.site());
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
  public boolean keepsRecords() {
    return support.keepsRecords();
  }

  @Override
  public RunShare share() {
    return support.share();
  }

  @Override
  public @Nullable ResultKeys resultKeys() {
    return support.resultKeys();
  }

  @Override
  public @Nullable OutputCopy copyInFile(int task) {
    return support.copyInFile(task);
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
      EngineSite shared = support.engineSite();
      resolved()
          .open(
              support.runId(),
              site::credentials,
              shared == null ? null : shared.python(),
              () -> support.files().subdirectory("debug", "lists"));
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
  public boolean isMissing(int task) {
    return support.isMissing(task);
  }

  @Override
  public <T> T service(Class<T> type) {
    T offered = own.service(type);
    return offered == null ? BackendContext.super.service(type) : offered;
  }

  @Override
  public WorkerCredentials credentials() {
    return site.credentials();
  }

  @Override
  public synchronized void close() {
    try {
      own.close();
    } finally {
      if (codes != null) {
        codes.close();
      }
    }
  }
}
