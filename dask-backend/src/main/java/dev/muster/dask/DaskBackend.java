package dev.muster.dask;

import com.google.common.base.Ticker;
import dev.muster.batch.JobSpec;
import dev.muster.code.Carries;
import dev.muster.error.MusterException;
import dev.muster.error.Problem;
import dev.muster.error.Visible;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Credentials;
import dev.muster.execution.Pool;
import dev.muster.execution.Workers;
import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.io.IoErrors;
import dev.muster.plan.Annotations;
import dev.muster.resource.MemorySize;
import dev.muster.spi.Backend;
import dev.muster.spi.BackendContext;
import dev.muster.spi.BackendSession;
import dev.muster.spi.OptionProblems;
import dev.muster.spi.PreparedEnvironment;
import dev.muster.spi.ProbeContext;
import dev.muster.spi.WorkerContext;
import dev.muster.spi.WorkerCredentials;
import dev.muster.spi.WorkerJob;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The backend {@code dask}: tasks run on Dask workers, one group of workers for each pool, started by the execution's strategy.
 *
 * <p>It needs a Python with {@code distributed}, 2022.12 or newer, here and where the workers run. Operations are Python functions or shell commands.
 * Options in {@code execution.config}: {@code python} (default: the first of {@code python3} and {@code /usr/bin/python3} that has {@code distributed}), {@code address} of an existing scheduler, {@code security} ({@code tls},
 * the default, or {@code none}), {@code host}, {@code dashboard} (default false), {@code worker_start_timeout} (default 5 min), {@code death_timeout},
 * {@code idle_timeout} (for adaptive pools, default 10 s) and {@code batch} (default true). Source: "Resource Pools and Dask" of FAST-HEP's resource pools.
 * Thread-safe.
 *
 * @since 0.1
 */
public final class DaskBackend implements Backend {
  /** The name of this backend. */
  static final String NAME = "dask";

  private static final Logger log = LoggerFactory.getLogger(DaskBackend.class);
  private static final long START_SECONDS = 120;

  /** Creates the backend; {@link java.util.ServiceLoader} does so too. */
  public DaskBackend() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void check(BackendContext context) {
    List<Problem> problems = new ArrayList<>();
    collect(problems, () -> {
      StageTable table = new StageTable(context);
      log.debug("stages: {}", table);
    });
    Map<String, @Nullable Object> own = new LinkedHashMap<>(context.config());
    own.keySet().retainAll(DaskConfig.OPTIONS);
    List<Problem> wrong = OptionProblems.of(own, options -> {
      DaskConfig config = DaskConfig.of(options);
      log.debug("options: {}", config);
    });
    problems.addAll(wrong);
    if (wrong.isEmpty() && DaskConfig.of(context.config()).address() == null) {
      PreparedEnvironment checked = context.environment();
      log.trace("the workers' environment is checked: {}", checked);
    }
    if (wrong.isEmpty()) {
      collect(problems, () -> Transfers.check(context.plan(), DaskConfig.of(context.config())));
    }
    collect(problems, () -> UserCode.checkNames(context.plan()));
    context.pools().forEach(pool -> problems.addAll(PoolConfig.problems(context, pool)));
    if (!problems.isEmpty()) {
      throw new WorkflowException(problems);
    }
  }

  private static void collect(List<Problem> problems, Runnable check) {
    try {
      check.run();
    } catch (WorkflowException e) {
      problems.addAll(e.problems());
    }
  }

  @Override
  public BackendSession open(BackendContext context) {
    DaskConfig config = DaskConfig.of(context.config());
    Interpreters.Choice python = config.python();
    if (python.notice() != null) {
      context.sink().notice(python.notice());
    }
    StageTable table = new StageTable(context);
    if (!config.secure() && config.address() == null) {
      String warning =
          "TLS is off (execution.config.security: none): whoever reaches the Dask scheduler's port can run"
              + " code as this user";
      log.warn("{}", Visible.text(warning));
      context.sink().notice(warning);
    }
    if (config.address() == null) {
      WorkerCredentials credentials = context.credentials();
      log.debug("credentials of the workers: {}", credentials);
      PreparedEnvironment prepared = context.environment(); // may take long: before anything starts
      log.debug("the workers' environment is ready: {}", prepared);
    } else if (namesCredentials(context)) {
      context
          .sink()
          .notice(
              "the workers of the existing cluster at " + config.address()
                  + " get no credentials (execution.credentials): only workers that this run starts do");
    }
    UserCode code = UserCode.of(context);
    Transfers.check(context.plan(), config);
    Transfers.warn(context, config);
    Path work = folder(context);
    try {
      WorkerJobs jobs = new WorkerJobs(context, work, code);
      jobs.write();
      return new Opening(context, config, table, jobs, python.command()).open();
    } catch (RuntimeException | Error e) {
      Teardown.after(e, () -> PythonFiles.delete(work));
      throw e;
    }
  }

  private static boolean namesCredentials(WorkerContext context) {
    Credentials wanted = context.plan().execution().execution().credentials();
    return wanted != null && !wanted.kinds().isEmpty();
  }

  /** Makes the session's folder. */
  private static Path folder(BackendContext context) {
    try {
      Path debug = OwnFiles.folder(debug(context));
      OwnFiles.folder(debug.resolve("logs"));
      for (int number = 1; ; number++) {
        try {
          Path work =
              OwnFiles.newSecretFolder(debug.resolve(number == 1 ? "dask" : "dask-" + number));
          OwnFiles.newFile(work.resolve("mark"));
          return work;
        } catch (FileAlreadyExistsException e) {
          log.debug("the run has another session on Dask: {}", e.getMessage());
        }
      }
    } catch (IOException e) {
      throw IoErrors.unchecked("cannot write to the run's directory " + context.directory(), e);
    }
  }

  private static Path debug(WorkerContext context) {
    return context.directory().resolve("debug").resolve("distributed");
  }

  @Override
  public Carries carries() {
    return WorkerCode.CARRIES;
  }

  @Override
  public Set<String> options() {
    return Stream.of(DaskConfig.OPTIONS, PoolConfig.OPTIONS, ContainerConfig.OPTIONS)
        .flatMap(Set::stream)
        .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public List<WorkerJob> workers(WorkerContext context) {
    if (DaskConfig.of(context.config()).address() != null) {
      return List.of();
    }
    WorkerJobs jobs = new WorkerJobs(context, debug(context).resolve("dask"));
    List<WorkerJob> workers = new ArrayList<>();
    int number = 0;
    for (Pool pool : context.pools()) {
      JobSpec job = jobs.job(pool, number++, 0);
      workers.add(new WorkerJob(pool, job, pool.workersOrDefault().min(), jobs.described(job)));
    }
    return workers;
  }

  @Override
  public void probe(ProbeContext context) throws InterruptedException {
    DaskProbe.run(context);
  }

  /** One session on its way up. */
  private static final class Opening implements BridgeProcess.Listener {
    private final BackendContext context;
    private final DaskConfig config;
    private final StageTable table;
    private final WorkerJobs jobs;
    private final Path work;
    private final String python;
    private final CompletableFuture<Map<String, @Nullable Object>> ready =
        new CompletableFuture<>();
    private final CompletableFuture<@Nullable DaskSession> session = new CompletableFuture<>();

    Opening(
        BackendContext context,
        DaskConfig config,
        StageTable table,
        WorkerJobs jobs,
        String python) {
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
        boolean local = "local".equals(context.strategy().name());
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
                + BridgeProcess.tail(work.resolveSibling("logs").resolve("bridge.log")),
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
      message.put("dashboard", config.dashboard());
      message.put("dashboard_port", config.dashboardPort());
      message.put("batch", config.batch());
      message.put("batch_seconds", config.batchTime().toMillis() / 1e3);
      message.put("death_timeout", config.deathTimeout().toSeconds());
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
}
