package dev.muster.worker.internal;

import dev.muster.batch.spi.JobScript;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.Strategy;
import dev.muster.error.WorkflowException;
import dev.muster.internal.process.SystemText;
import dev.muster.resource.MemorySize;
import dev.muster.resource.Quantities;
import dev.muster.resource.Walltime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the job of a call asks for: the option {@code spec} of an executor, in the words of Tierkreis' {@code JobSpec},
 * and the options of its strategy. Immutable and thread-safe.
 *
 * @param strategy the strategy's name
 * @param name the job's name, or null for the worker's
 * @param command a command, as a shell has it, that gets the call as its last word, or null for the launcher's
 * @param quantities what it needs
 * @param ranks how many processes {@code mpiexec} starts, or null if the worker is one process
 * @param container what it runs in, or null
 * @param environment more variables
 * @param modules environment modules to load
 * @param output a file that what the worker prints is added to, or null
 * @param errors the same for what it prints to standard error, or null
 * @param config the options for the strategy
 * @param heldTimeout how long a held job is waited for
 */
record JobRequest(
    String strategy,
    @Nullable String name,
    @Nullable String command,
    Quantities quantities,
    @Nullable Integer ranks,
    @Nullable JobContainer container,
    Map<String, String> environment,
    List<String> modules,
    @Nullable Path output,
    @Nullable Path errors,
    Map<String, @Nullable Object> config,
    Duration heldTimeout) {
  static final String SPEC = "spec";
  static final String HELD_TIMEOUT = "held_timeout";

  private static final String EXTRA = "job_extra_directives";
  private static final String EXTRA_ARGS = "extra_scheduler_args";
  private static final String RESOURCE = "resource";
  private static final String MPI = "mpi";
  private static final String USER = "user";
  private static final String NO_CHECK = "include_no_check_directory_flag";
  private static final Set<String> FIELDS = Set.of(
      "job_name",
      "command",
      RESOURCE,
      "account",
      MPI,
      USER,
      "container",
      "walltime",
      "queue",
      "output_path",
      "error_path",
      EXTRA_ARGS,
      "environment",
      "modules",
      NO_CHECK);

  /** How systems are told to write also when a job ends well: their option {@code mail} is about failures. */
  private static final Map<String, Map<String, String>> MAIL_AT_END = Map.of(
      "slurm", Map.of("--mail-type", "END,FAIL"),
      "htcondor", Map.of("notification", "Always"),
      "gridengine", Map.of("-m", "ae"),
      "pbs", Map.of("-m", "ae"),
      "pjsub", Map.of("-m", "e"));

  /**
   * Reads what the job of a call asks for.
   *
   * @param config the options of the executor, above those of the execution
   * @param path their path, for messages
   * @param base what relative paths are taken from
   * @throws WorkflowException if one is wrong, or the strategy has no words for it
   */
  static JobRequest read(
      Strategy strategy, Map<String, ? extends @Nullable Object> config, String path, Path base) {
    OptionReader all = new OptionReader(config, path);
    OptionReader spec = all.inner(SPEC);
    spec.only(FIELDS);
    Map<String, @Nullable Object> options = new LinkedHashMap<>();
    config.forEach((name, value) -> {
      if (strategy.options().contains(name)) {
        options.put(name, value);
      }
    });
    Map<String, String> extra = spec.mapping(EXTRA_ARGS);
    for (String name : List.of("account", "walltime", "queue")) {
      put(strategy, options, name, spec.text(name), spec.path() + "." + name);
    }
    OptionReader user = spec.inner(USER);
    user.only(Set.of("mail"));
    String mail = user.text("mail");
    if (mail != null) {
      put(strategy, options, "mail", mail, user.path() + ".mail");
      MAIL_AT_END.getOrDefault(strategy.name(), Map.of()).forEach(extra::putIfAbsent);
    }
    OptionReader mpi = spec.inner(MPI);
    OptionReader resource = spec.inner(RESOURCE);
    Quantities quantities = quantities(resource, mpi);
    special(strategy, spec, resource, quantities, extra);
    if (!extra.isEmpty()) {
      extra(strategy, options, extra, spec);
    }
    return new JobRequest(
        strategy.name(),
        spec.text("job_name"),
        spec.text("command"),
        quantities,
        mpi.config().isEmpty() ? null : Integer.valueOf(quantities.ranks()),
        JobContainer.read(spec, base),
        spec.variables("environment"),
        spec.texts("modules", "a list of modules"),
        file(spec, "output_path", base),
        file(spec, "error_path", base),
        options,
        duration(all));
  }

  private static void put(
      Strategy strategy,
      Map<String, @Nullable Object> options,
      String name,
      @Nullable String value,
      String path) {
    if (value == null) {
      return;
    }
    if (!strategy.options().contains(name)) {
      throw new WorkflowException(
          path,
          "jobs of " + strategy.name() + " have no '" + name + "'",
          "leave it out, or say it in the batch system's own words in " + EXTRA_ARGS);
    }
    options.put(name, value);
  }

  private static Quantities quantities(OptionReader resource, OptionReader mpi) {
    resource.only(Set.of("nodes", "cores_per_node", "memory_gb", "gpus_per_node", "gres", "qpus"));
    mpi.only(Set.of("max_proc_per_node", "proc"));
    Quantities.Builder quantities = Quantities.builder();
    Integer nodes = resource.number("nodes", 1);
    if (nodes != null) {
      quantities.nodes(nodes);
    }
    int processes = 1;
    if (!mpi.config().isEmpty()) {
      Integer most = mpi.number("max_proc_per_node", 1);
      processes = most == null ? 1 : most;
      quantities.tasksPerNode(processes);
      Integer all = mpi.number("proc", 1);
      int ranks = Math.multiplyExact(processes, nodes == null ? 1 : nodes);
      if (all != null && all != ranks) {
        throw mpi.wrong(
            "proc", ranks + ", which is max_proc_per_node on each of resource.nodes, or left out");
      }
    }
    Integer cores = resource.number("cores_per_node", 1);
    if (cores != null) {
      if (cores % processes != 0) {
        throw resource.wrong(
            "cores_per_node",
            "a multiple of mpi.max_proc_per_node, " + processes
                + ": each process has as many cores as another");
      }
      quantities.cpus(cores / processes);
    }
    Integer memory = resource.number("memory_gb", 1);
    if (memory != null) {
      quantities.memory(MemorySize.parse(memory + "GiB"));
    }
    Integer gpus = resource.number("gpus_per_node", 0);
    if (gpus != null) {
      quantities.gpus(gpus);
    }
    return quantities.build();
  }

  /** Adds what only one batch system has. */
  private static void special(
      Strategy strategy,
      OptionReader spec,
      OptionReader resource,
      Quantities quantities,
      Map<String, String> extra) {
    List<String> gres = resource.texts("gres", "a list such as [\"gpu:a100:2\"]");
    List<String> qpus = resource.texts("qpus", "a list of names");
    boolean slurm = strategy.name().equals("slurm");
    if (!slurm && !(gres.isEmpty() && qpus.isEmpty())) {
      String name = gres.isEmpty() ? "qpus" : "gres";
      throw new WorkflowException(
          resource.path() + "." + name,
          "only jobs of slurm have '" + name + "', not those of " + strategy.name(),
          "leave it out, or say it in the batch system's own words in " + EXTRA_ARGS);
    }
    if (!gres.isEmpty()) {
      String gpus = quantities.hasGpus() ? "gpu:" + quantities.gpus() + "," : "";
      extra.putIfAbsent("--gres", gpus + String.join(",", gres));
    }
    if (!qpus.isEmpty()) {
      extra.putIfAbsent("--qpu", String.join(",", qpus));
    }
    if (spec.truth(NO_CHECK)) {
      if (!strategy.name().equals("pjsub")) {
        throw spec.wrong(NO_CHECK, "false, but with jobs of pjsub");
      }
      extra.putIfAbsent("--no-check-directory", "");
    }
  }

  private static void extra(
      Strategy strategy,
      Map<String, @Nullable Object> options,
      Map<String, String> extra,
      OptionReader spec) {
    if (!strategy.options().contains(EXTRA)) {
      throw new WorkflowException(
          spec.path() + "." + EXTRA_ARGS,
          "jobs of " + strategy.name() + " take no other words of a batch system",
          "leave " + extra.keySet() + " out");
    }
    Object own = options.get(EXTRA);
    if (own != null && !(own instanceof Map)) {
      throw new WorkflowException(
          spec.path() + "." + EXTRA_ARGS,
          "there is also " + EXTRA + ", which is a list of lines, and the two cannot be joined",
          "say all of it in " + EXTRA_ARGS + ", or make " + EXTRA + " a mapping");
    }
    Map<String, @Nullable Object> joined = new LinkedHashMap<>();
    if (own instanceof Map<?, ?> map) {
      map.forEach((name, value) -> joined.put(String.valueOf(name), value));
    }
    joined.putAll(extra);
    options.put(EXTRA, joined);
  }

  private static @Nullable Path file(OptionReader spec, String name, Path base) {
    String text = spec.text(name);
    return text == null ? null : SystemText.resolve(base, text).normalize();
  }

  private static Duration duration(OptionReader all) {
    String text = all.text(HELD_TIMEOUT);
    try {
      return text == null ? Duration.ofMinutes(5) : Walltime.parse(text);
    } catch (IllegalArgumentException e) {
      throw all.wrong(HELD_TIMEOUT, "a time such as 90s, 15m or 02:00:00");
    }
  }

  /**
   * Returns the job.
   *
   * @param worker the worker's name
   * @param command what it runs
   * @param directory the folder in which it starts, absolute
   * @param logs the folder for the batch system's own logs
   */
  JobSpec job(String worker, List<String> command, Path directory, Path logs) {
    JobSpec.Builder job = JobSpec.builder(name == null ? worker : name, command, directory)
        .logs(logs)
        .quantities(quantities)
        .setup(modules.isEmpty() ? List.of() : List.of(JobScript.modules(modules)));
    environment.forEach(job::variable);
    config.forEach(job::config);
    return job.build();
  }
}
