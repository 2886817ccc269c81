package dev.muster.fasthep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.error.Problem;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Execution;
import dev.muster.execution.Layer;
import dev.muster.execution.Pool;
import dev.muster.execution.Staging;
import dev.muster.execution.WorkerEnvironment;
import dev.muster.execution.Workers;
import dev.muster.fasthep.ExecutionMapping.Mapped;
import dev.muster.resource.MemorySize;
import dev.muster.workflow.Retry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** The table of keys of FAST-HEP's execution block. */
class ExecutionMappingTest {
  private static final Path PYTHON = Path.of("/env/bin/python");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Notes notes = new Notes(Texts.of(Map.of()));

  @ParameterizedTest
  @CsvSource({
    "local,  default,  local, local",
    "dask,   default,  dask,  local",
    "dask,   local,    dask,  local",
    "dask,   htcondor, dask,  htcondor",
    "dask,   slurm,    dask,  slurm",
    "muster, default,  local, local",
    "muster, dask,     dask,  local",
    "muster, slurm,    dask,  slurm"
  })
  void mapsBackendAndStrategy(String backend, String strategy, String mapped, String started) {
    Map<String, String> block = Map.of("backend", backend, "strategy", strategy);
    Notes own = new Notes(Texts.of(Map.of("execution", block)));
    Execution execution =
        ExecutionMapping.map(Map.copyOf(block), PYTHON, List.of(), own).execution();

    assertThat(execution.backend()).isEqualTo(mapped);
    assertThat(execution.strategy()).isEqualTo(started);
  }

  @Test
  void whatNobodyWroteIsLeftToSiteFiles() {
    Map<String, Object> block =
        Map.of("backend", "local", "strategy", "default", "staging", Map.of("mode", "shared"));
    Notes plan = new Notes(Texts.of(Map.of(
        "nodes",
        List.of(),
        "partitions",
        List.of(),
        "context",
        Map.of(),
        "registry",
        Map.of(),
        "execution",
        block)));
    for (Notes each : List.of(notes, plan)) {
      Execution execution =
          ExecutionMapping.map(Map.copyOf(block), PYTHON, List.of(), each).execution();

      assertThat(execution.backend()).isNull();
      assertThat(execution.strategy()).isNull();
      assertThat(execution.staging()).isNull();
    }
    Notes written = new Notes(Texts.of(Map.of("execution", block)));
    Execution execution =
        ExecutionMapping.map(Map.copyOf(block), PYTHON, List.of(), written).execution();
    assertThat(execution.backend()).isEqualTo("local");
    assertThat(execution.staging()).isEqualTo(Staging.SHARED);
  }

  @Test
  void aResourceWithAKindIsNoClass() {
    Execution execution = map(json("""
            {"resources": {"big": {"cpus": 1}, "corrections": {"kind": "file", "path": "/a/b.csv"}}}
            """)).execution();

    notes.throwIfAny();
    assertThat(execution.resources()).containsOnlyKeys("big");
  }

  @Test
  void tellsWhatTheCompilerDrops() {
    Notes own = new Notes(Texts.of(Map.of(
        "execution",
        Map.of("backend", "local", "credentials", List.of("x509"), "resorces", Map.of()))));
    ExecutionMapping.map(Map.of("backend", "local"), PYTHON, List.of(), own);

    assertThat(own.warnings())
        .singleElement()
        .asString()
        .contains("execution.resorces: FAST-HEP's compiler drops 'resorces'", "'resources'");
    assertThatExceptionOfType(WorkflowException.class)
        .isThrownBy(own::throwIfAny)
        .satisfies(e -> assertThat(e.problems()).hasSize(1))
        .withMessageContaining("execution.credentials: FAST-HEP's compiler drops 'credentials'")
        .withMessageContaining("--set 'credentials=[x509]'");
  }

  @Test
  void refusesAPlugIn() {
    assertThat(refused("{\"backend\": \"spark\"}"))
        .contains("execution.backend")
        .contains("'spark'")
        .contains("--backend");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      queue: short                       | queue=short
      walltime: 02:00:00                 | walltime=02:00:00
      account: abc                       | account=abc
      local_directory: /scratch          | scratch=/scratch
      dashboard_address: ":8787"         | dashboard=8787
      dashboard_address: ":0"            | dashboard=true
      log_directory: logs                | log_directory=logs
      worker_start_timeout: 120          | worker_start_timeout=120
      address: tls://h:1                 | address=tls://h:1
      scheduler: distributed             |
      processes: true                    |
      nanny: false                       |
      """)
  void mapsOptions(String given, @Nullable String mapped) {
    int colon = given.indexOf(':');
    String value = given.substring(colon + 1).strip();
    Object typed = value.equals("true") || value.equals("false")
        ? (Object) Boolean.valueOf(value)
        : value.replace("\"", "");
    Mapped result = map(dask(Map.of(given.substring(0, colon), typed)));

    assertThat(notes.warnings()).isEmpty();
    notes.throwIfAny();
    Map<String, @Nullable Object> config = result.execution().config();
    assertThat(config).containsEntry("python", PYTHON.toString());
    if (mapped == null) {
      assertThat(config).hasSize(1);
    } else {
      String[] parts = mapped.split("=", 2);
      assertThat(String.valueOf(config.get(parts[0]))).isEqualTo(parts[1]);
    }
  }

  @Test
  void mapsOptionsOfTheScheduler() {
    Map<String, Object> options = Map.of("host", "login1", "dashboard_address", ":8788");
    assertThat(map(dask(Map.of("scheduler_options", options))).execution().config())
        .containsEntry("host", "login1")
        .containsEntry("dashboard", 8788);
    assertThat(map(dask(Map.of("scheduler_options", Map.of("host", "fqdn"))))
            .execution()
            .config())
        .doesNotContainKey("host");
    notes.throwIfAny();
  }

  /** As fasthep_distributed:dask_htcondor_cern has it. */
  @Test
  void mapsThePublishedProfileOfCern() {
    Map<String, @Nullable Object> config = map(json("""
        {"backend": "dask", "strategy": "htcondor", "config": {
          "scheduler_options": {"host": "fqdn", "port": 8786},
          "worker_port_range": "10000:10100",
          "nanny": true,
          "site_directives": {"MY.IsDaskWorker": "true", "JobBatchName": "\\"fasthep-dask-worker\\""}}}
        """)).execution().config();

    notes.throwIfAny();
    assertThat(config)
        .containsOnly(
            Map.entry("python", PYTHON.toString()),
            Map.entry("scheduler_port", 8786),
            Map.entry("worker_ports", "10000:10100"),
            Map.entry("job_extra_directives", Map.of("MY.IsDaskWorker", "true")));
    assertThat(notes.warnings())
        .extracting(Problem::path)
        .containsExactlyInAnyOrder("execution.config.nanny", "execution.config.site_directives");
  }

  @Test
  void refusesANannyThatIsNeitherThereNorNot() {
    assertThat(refused("{\"backend\": \"dask\", \"config\": {\"nanny\": \"x\"}}"))
        .contains("it is neither true nor false");
    map(dask(Map.of("scheduler_options", Map.of("protocol", "tls"))));
  }

  @Test
  void mapsDirectivesOfASite() {
    Map<String, @Nullable Object> config = map(dask(Map.of(
            "job_extra_directives", Map.of("+A", "1"),
            "site_directives", Map.of("MY.IsDaskWorker", "true"))))
        .execution()
        .config();

    assertThat(config.get("job_extra_directives"))
        .isEqualTo(Map.of("+A", "1", "MY.IsDaskWorker", "true"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "submit_command_extra",
        "worker_shutdown_grace",
        "output_destination",
        "output_files",
        "output_directories"
      })
  void refusesWhatItHasNoCounterpartOf(String key) {
    map(dask(Map.of(key, "x")));
    assertThatExceptionOfType(WorkflowException.class)
        .isThrownBy(notes::throwIfAny)
        .satisfies(e -> assertThat(e.problems()).hasSize(1))
        .withMessageContaining("execution.config." + key)
        .withMessageContaining("; set it to null");
  }

  @ParameterizedTest
  @ValueSource(strings = {"interface", "protocol"})
  void refusesOptionsOfTheSchedulerThatItChooses(String key) {
    map(dask(Map.of("scheduler_options", Map.of(key, "8786"))));
    assertThatExceptionOfType(WorkflowException.class)
        .isThrownBy(notes::throwIfAny)
        .withMessageContaining("execution.config.scheduler_options." + key);
  }

  @ParameterizedTest
  @ValueSource(strings = {"synchronous", "sync", "single-threaded"})
  void refusesASchedulerOfOneTaskAtATime(String scheduler) {
    map(dask(Map.of("scheduler", scheduler)));
    assertThatExceptionOfType(WorkflowException.class)
        .isThrownBy(notes::throwIfAny)
        .withMessageContaining("backend: local");
  }

  @Test
  void whatFastHepIgnoresIsAWarning() {
    map(dask(Map.of("wrokers", 3, "scheduler", "threads")));
    map(Map.of("config", Map.of("output_files", List.of("x"))));

    notes.throwIfAny();
    assertThat(notes.warnings())
        .extracting(Problem::path)
        .containsExactlyInAnyOrder(
            "execution.config.wrokers",
            "execution.config.scheduler",
            "execution.config.output_files");
    assertThat(notes.warnings())
        .extracting(Problem::suggestion)
        .contains("did you mean 'workers'?");
  }

  @Test
  void whatIsNullIsNotGiven() {
    java.util.HashMap<String, Object> config = new java.util.HashMap<>();
    config.put("worker_port_range", null);
    map(dask(config));

    notes.throwIfAny();
  }

  @Test
  void mapsClassesAndPools() {
    Execution execution = map(json("""
            {"backend": "dask", "strategy": "slurm", "profiles": ["x"],
             "resources": {"default": {"cpus": 1, "memory": "4GB"}, "gpu": {"gpus": "1", "disk": "20GB"}},
             "pools": {"default": {"resources": "default", "workers": 20, "config": {"queue": "short"}},
                       "gpu": {"resources": "gpu", "workers": null, "config": {"n_workers": 2}}},
             "config": {"threads_per_worker": 2, "memory_limit": "8GB", "cores": 4}}
            """)).execution();

    notes.throwIfAny();
    assertThat(execution.profiles()).isEmpty();
    assertThat(execution.resources().get("gpu").disk()).isEqualTo(MemorySize.parse("20GB"));
    Pool pool = execution.pools().get("default");
    assertThat(pool.workers()).isEqualTo(Workers.of(20));
    assertThat(pool.slots()).isEqualTo(2);
    assertThat(pool.resource()).isEqualTo("default");
    assertThat(pool.config()).containsEntry("queue", "short");
    assertThat(pool.quantities().memory()).isNull(); // its class has one
    Pool gpu = execution.pools().get("gpu");
    assertThat(gpu.workers()).isEqualTo(Workers.of(2));
    assertThat(gpu.quantities().memory()).isEqualTo(MemorySize.parse("8GB"));
    assertThat(gpu.quantities().cpus()).isEqualTo(4);
  }

  @Test
  void aNumberOfWorkersMakesAPool() {
    Execution execution = map(dask(Map.of("n_workers", 3, "workers", 4))).execution();

    assertThat(execution.pools().get("default").workers()).isEqualTo(Workers.of(4));
  }

  @Test
  void refusesWhatAClassDoesNotHave() {
    assertThat(refused("""
        {"resources": {"big": {"walltime": "1h", "memory": 4000, "cpus": "many"}}}
        """))
        .contains("execution.resources.big.walltime")
        .contains("execution.resources.big.memory")
        .contains("execution.resources.big.cpus");
  }

  @Test
  void withoutADefaultPoolTheFirstOneTakesTheRest() {
    String text = """
        {"resources": {"a": {}, "b": {}}, "pools": {"a": {"resources": "a"}, "b": {"resources": "b"}}}
        """;
    assertThat(map(json(text)).anyPool()).isEqualTo("a");
    assertThat(notes.warnings()).hasSize(1);
    Layer site = Layer.of(
        "site", Execution.builder().pool("default", pool -> pool.workers(1)).build());
    assertThat(ExecutionMapping.map(json(text), PYTHON, List.of(site), notes).anyPool())
        .isNull();
  }

  @Test
  void knowsWhetherThereAreNoPools() {
    assertThat(map(Map.of()).unpooled()).isTrue();
    Layer site =
        Layer.of("site", Execution.builder().pool("gpu", pool -> pool.gpus(1)).build());
    assertThat(ExecutionMapping.map(Map.of(), PYTHON, List.of(site), notes).unpooled())
        .isFalse();
  }

  @Test
  void mapsEnvironments() {
    assertThat(environment("{\"type\": \"shared-prefix\", \"prefix\": \"/opt/env\"}"))
        .isEqualTo(new WorkerEnvironment("shared", Map.of("prefix", "/opt/env")));
    assertThat(environment("{\"type\": \"shared-prefix\", \"prefix\": \"current\"}"))
        .isEqualTo(new WorkerEnvironment("shared", Map.of("prefix", "/env")));
    assertThat(environment(
            "{\"type\": \"packed-pixi\", \"mode\": \"prefix\", \"source\": \"current\"}"))
        .isEqualTo(
            new WorkerEnvironment("packed-pixi", Map.of("mode", "prefix", "prefix", "/env")));
    assertThat(environment("""
            {"type": "packed-pixi", "mode": "self-extracting", "environment": "default",
             "archive_path": "env.sh", "worker_env_dir": "worker-env"}"""))
        .isEqualTo(new WorkerEnvironment(
            "packed-pixi",
            Map.of(
                "mode", "lock",
                "environment", "default",
                "archive_path", "env.sh",
                "worker_env_dir", "worker-env")));
  }

  @Test
  void mapsStaging() {
    assertThat(map(json("{\"staging\": {\"mode\": \"transfer\"}}")).execution().staging())
        .isEqualTo(Staging.TRANSFER);
  }

  @Test
  void readsItsOwnSettingsNestedOrDotted() {
    List<Layer> none = List.of();
    assertThat(OwnSettings.read(none, Map.of(), none, notes).compatible()).isFalse();
    assertThat(OwnSettings.read(none, Map.of("fasthep", Map.of("compatible", true)), none, notes)
            .compatible())
        .isTrue();
    assertThat(OwnSettings.read(none, Map.of("fasthep.compatible", true), none, notes)
            .compatible())
        .isTrue();
    Layer set = Layer.of(
        "--set", Execution.builder().config("fasthep.compatible", false).build());
    assertThat(OwnSettings.read(none, Map.of("fasthep.compatible", true), List.of(set), notes)
            .compatible())
        .isFalse();
    Map<String, Object> retry = Map.of("max", 2, "backoff", "10s", "escalate", "big");
    assertThat(OwnSettings.read(none, Map.of("fasthep", Map.of("retry", retry)), none, notes)
            .retry())
        .isEqualTo(new Retry(2, Duration.ofSeconds(10), "big"));
    notes.throwIfAny();
  }

  @Test
  void theSiteMaySetThemToo() {
    Layer site = Layer.of(
        "site",
        Execution.builder().config("fasthep", Map.of("compatible", true)).build());

    assertThat(OwnSettings.read(List.of(site), Map.of(), List.of(), notes).compatible())
        .isTrue();
    assertThat(
            OwnSettings.read(List.of(site), Map.of("fasthep.compatible", false), List.of(), notes)
                .compatible())
        .isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"2", "2.5", "true"})
  void refusesANumberOfRetriesThatIsNone(String max) {
    Object value = max.equals("2") ? max : max.equals("true") ? (Object) true : (Object) 2.5;

    assertThat(OwnSettings.read(
                List.of(),
                Map.of("fasthep", Map.of("retry", Map.of("max", value))),
                List.of(),
                notes)
            .retry())
        .isEqualTo(Retry.never());
    assertThatExceptionOfType(WorkflowException.class)
        .isThrownBy(notes::throwIfAny)
        .withMessageContaining("max is no whole number: " + max);
  }

  @Test
  void refusesWhatItWouldHaveToGuess() {
    assertThat(refused("{\"staging\": {\"mode\": \"trnasfer\"}}"))
        .contains("there is no staging 'trnasfer'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"3\"", "2.5", "true"})
  void refusesANumberOfWorkersThatIsNone(String workers) {
    assertThat(refused(
            "{\"backend\": \"dask\", \"pools\": {\"default\": {\"workers\": " + workers + "}}}"))
        .contains("it must be a whole number, and is");
  }

  @Test
  void refusesSettingsThatItDoesNotKnow() {
    OwnSettings unused = OwnSettings.read(
        List.of(),
        Map.of("fasthep", Map.of("compatibel", true, "compatible", "yes")),
        List.of(),
        notes);

    assertThat(unused.compatible()).isFalse();
    assertThatExceptionOfType(WorkflowException.class)
        .isThrownBy(notes::throwIfAny)
        .withMessageContaining("did you mean 'compatible'")
        .withMessageContaining("expected true or false");
  }

  private @Nullable WorkerEnvironment environment(String text) {
    return map(Map.of("environment", json(text))).execution().environment();
  }

  private String refused(String text) {
    map(json(text));
    try {
      notes.throwIfAny();
    } catch (WorkflowException e) {
      return String.valueOf(e.getMessage());
    }
    throw new AssertionError("nothing was refused");
  }

  private static Map<String, @Nullable Object> dask(Map<String, ?> config) {
    return Map.of("backend", "dask", "strategy", "default", "config", config);
  }

  private Mapped map(Map<String, ? extends @Nullable Object> given) {
    return ExecutionMapping.map(Map.copyOf(given), PYTHON, List.of(), notes);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, @Nullable Object> json(String text) {
    return JSON.readValue(text, Map.class);
  }
}
