package dev.muster.dask;

import com.google.common.base.Ticker;
import dev.muster.batch.spi.JobContext;
import dev.muster.error.MusterException;
import dev.muster.execution.Pool;
import dev.muster.execution.Workers;
import dev.muster.internal.process.LogTail;
import dev.muster.plan.Annotations;
import dev.muster.resource.MemorySize;
import dev.muster.spi.BackendContext;
import dev.muster.spi.BackendSession;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One session on its way up. */
final class Opening implements BridgeProcess.Listener {
  private static final Logger log = LoggerFactory.getLogger(Opening.class);
  private static final long START_SECONDS = 120;

  private final BackendContext context;
  private final DaskConfig config;
  private final StageTable table;
  private final WorkerJobs jobs;
  private final Path work;
  private final String python;
  private final CompletableFuture<Map<String, @Nullable Object>> ready = new CompletableFuture<>();
  private final CompletableFuture<@Nullable DaskSession> session = new CompletableFuture<>();

  Opening(
      BackendContext context, DaskConfig config, StageTable table, WorkerJobs jobs, String python) {
    this.context = context;
    this.config = config;
    this.table = table;
    this.jobs = jobs;
    this.work = jobs.work();
    this.python = python;
  }

  BackendSession open() {
    BridgeProcess bridge = BridgeProcess.start(
        context.runId(),
        python,
        jobs.modules(),
        work,
        work.resolveSibling("logs").resolve("bridge.log"),
        this);
    WorkerPools pools = null;
    try {
      boolean local = "local".equals(JobContext.of(context).strategy().name());
      pools = new WorkerPools(
          context,
          config,
          jobs,
          local,
          (pool, reason) -> bridge.send(Map.of("op", "dead", "pool", pool, "reason", reason)),
          Ticker.systemTicker());
      return open(bridge, pools, local);
    } catch (RuntimeException | Error e) {
      release(e, pools, bridge);
      throw e;
    } catch (InterruptedException e) {
      MusterException error =
          new MusterException("interrupted while the Dask bridge was started", e);
      release(error, pools, bridge);
      Thread.currentThread().interrupt();
      throw error;
    }
  }

  private DaskSession open(BridgeProcess bridge, WorkerPools pools, boolean local)
      throws InterruptedException {
    bridge.send(message(local));
    boolean own = config.address() == null;
    if (own && !jobs.sent()) {
      pools.start(); // they wait for what the bridge will say
    }
    Map<String, @Nullable Object> answer = answer();
    log.debug("the Dask bridge is ready: {}", answer);
    if (own && jobs.sent()) {
      pools.start();
    }
    if (answer.get("dashboard") != null) {
      context.sink().notice("the Dask dashboard is at " + answer.get("dashboard"));
    }
    DaskSession opened = new DaskSession(context, table, bridge, pools, work);
    session.complete(opened);
    if (own) {
      pools.watch(); // what the bridge has said of workers by now is told before they are looked at
    }
    return opened;
  }

  private Map<String, @Nullable Object> answer() throws InterruptedException {
    try {
      return ready.get(START_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new MusterException(String.valueOf(cause.getMessage()), cause);
    } catch (TimeoutException e) {
      throw new MusterException(
          "the Dask bridge was not ready within " + START_SECONDS + " s"
              + LogTail.named("stderr", work.resolveSibling("logs").resolve("bridge.log")),
          e);
    }
  }

  private void release(Throwable error, @Nullable WorkerPools pools, BridgeProcess bridge) {
    session.complete(null); // what the bridge still says reaches nobody, and its reader goes on
    if (pools == null) {
      Teardown.after(error, bridge::close);
    } else {
      Teardown.after(error, pools::closing, bridge::close, pools::close);
    }
  }

  @Override
  public void message(Map<String, @Nullable Object> message) {
    Object kind = message.get("ev");
    if ("ready".equals(kind)) {
      ready.complete(message);
    } else if ("error".equals(kind)
        && ready.completeExceptionally(
            new MusterException(String.valueOf(message.get("message"))))) {
      log.debug("the Dask bridge could not start");
    } else {
      DaskSession opened = session.join();
      if (opened != null) {
        opened.message(message);
      }
    }
  }

  @Override
  public void ended(String how) {
    MusterException error = new MusterException(how);
    if (!ready.completeExceptionally(error)) {
      context.sink().broken(error);
    }
  }

  private Map<String, @Nullable Object> message(boolean local) {
    Map<String, @Nullable Object> message = new LinkedHashMap<>();
    message.put("op", "open");
    message.put("run", context.runId());
    message.put(
        "base_dir",
        context.plan().workflow().baseDirectory().toAbsolutePath().normalize().toString());
    message.put("directory", context.directory().toString());
    message.put("work", work.toString());
    message.put("mark", work.resolve("mark").toString());
    message.put("transfer", jobs.sent());
    message.put("archive", jobs.archive());
    message.put("credentials", jobs.credentials());
    message.put(
        "code",
        jobs.sent()
            ? List.of()
            : jobs.code().folders(work).stream().map(Path::toString).toList());
    message.put("address", config.address());
    message.put("tls", config.tls());
    message.put("security", config.secure() ? "tls" : "none");
    message.put("host", config.host() != null ? config.host() : local ? "127.0.0.1" : null);
    message.put("scheduler_port", config.schedulerPort());
    message.put("dashboard", config.dashboard());
    message.put("dashboard_port", config.dashboardPort());
    message.put("batch", config.batch());
    message.put("batch_seconds", config.batchTime().toMillis() / 1e3);
    message.put("death_timeout", config.deathTimeout().toSeconds());
    message.put("records", context.keepsRecords() && !jobs.sent());
    message.put("stages", table.stages());
    message.put("routes", table.routes().described());
    message.put("datasets", table.topology().datasets());
    List<Map<String, @Nullable Object>> pools = new ArrayList<>();
    for (Pool pool : context.pools()) {
      pools.add(pool(pool));
    }
    message.put("pools", pools);
    return message;
  }

  private Map<String, @Nullable Object> pool(Pool pool) {
    int slots = pool.slotsOrDefault();
    Workers workers = pool.workersOrDefault();
    Map<String, Object> resources = new LinkedHashMap<>();
    resources.put(Annotations.LABEL_PREFIX + pool.name(), slots);
    if (pool.resource() != null) {
      resources.put(Annotations.LABEL_PREFIX + pool.resource(), slots);
    }
    Integer gpus = pool.quantities().gpus();
    if (gpus != null && gpus > 0) {
      resources.put(Annotations.GPU, gpus);
    }
    MemorySize memory = pool.quantities().memory();
    Map<String, @Nullable Object> made = new LinkedHashMap<>();
    made.put("name", pool.name());
    made.put("resources", resources);
    made.put("slots", slots);
    made.put("workers", workers.max());
    made.put("memory", memory == null ? null : memory.bytes());
    PoolConfig own = PoolConfig.of(context, pool);
    Duration lifetime = own.lifetime();
    made.put("threads", own.threads());
    made.put("lifetime", lifetime == null ? null : lifetime.toMillis() / 1e3);
    Duration drain = own.drain();
    made.put("drain", drain == null ? null : drain.toMillis() / 1e3);
    made.put("scratch", own.scratch() != null || jobs.sent() ? own.scratch() : work.toString());
    made.put("ports", own.ports());
    made.put(
        "adaptive",
        workers.adaptive()
            ? Map.of(
                "min", workers.min(),
                "max", workers.max(),
                "idle", config.idleTimeout().toMillis() / 1e3)
            : null);
    return made;
  }
}
