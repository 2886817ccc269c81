package dev.muster.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.WorkflowFile;
import dev.muster.Workflows;
import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.Strategy;
import dev.muster.batch.spi.StrategyContext;
import dev.muster.batch.spi.Submission;
import dev.muster.error.WorkflowException;
import dev.muster.run.FailureKind;
import dev.muster.run.RunResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Executors whose workers are jobs: with the strategy local, and one that keeps what it is asked for. */
class JobsTest {
  private static final String ONE = """
      analysis:
        stages:
          - {id: A, op: w.f, params: {inputs: {a-b: 5}, outputs: {value: json}}, execution: {%s}}
      execution:
        executors:
          jobs: {type: %s, config: {registry: workers, %s}}
        assignments: {w: jobs}
      """;

  @TempDir
  Path folder;

  private Runs runs;

  @BeforeEach
  void workers() throws IOException {
    runs = new Runs(folder);
    runs.worker("w", """
        #!/bin/bash
        set -eu
        cd "$TKR_DIR"
        cmp "$1" "$worker_call_args_file"
        echo "job ${MUSTER_JOB_INDEX-none} of $FLAVOUR" >&2
        cat "$(env | sed -n 's/^input_a-b_file=//p')" >"$output_value_file"
        """);
  }

  private RunResult run(String stage, String type, String config) throws Exception {
    return runs.run(ONE.formatted(stage, type, config));
  }

  @Test
  void aWorkerIsAJobOfWhateverStrategyThereIs() throws Exception {
    RunResult result = run("", "local", "env: {FLAVOUR: plain}");
    assertThat(result.succeeded()).as(Runs.told(result)).isTrue();
    assertThat(result.stage("A").value()).isEqualTo(Map.of("value", 5L));
    assertThat(runs.run.resolve("A/stderr")).hasContent("job 0 of plain");
    assertThat(runs.run.resolve("A/stdout")).as("it printed nothing").doesNotExist();
    assertThat(runs.run.resolve("A/_done")).isEmptyFile();
  }

  @Test
  void aJobCanFilterStandardInput() throws Exception {
    runs.worker("w", "#!/bin/sh\nsed 's/5/7/'\n");
    RunResult result = run("", "local", "launch: stdinout");
    assertThat(result.stage("A").value()).as(Runs.told(result)).isEqualTo(Map.of("value", 7L));
    runs.worker("w", "#!/bin/sh\necho part; exit 3\n");
    RunResult failed = runs.run(
        ONE.formatted("", "local", "launch: stdinout"),
        RunOptions.builder().directory(folder.resolve("other")).build());
    assertThat(Runs.failure(failed).message()).contains("exit code 3").contains("part");
    assertThat(folder.resolve("other/A/outputs/value")).doesNotExist();
  }

  @Test
  void theCommandOfASpecRunsInTheWorkersFolder() throws Exception {
    Files.delete(folder.resolve("workers/w"));
    runs.worker("w/main.sh", "#!/bin/sh\nexit 9\n");
    Files.writeString(folder.resolve("workers/w/answer"), "42");
    RunResult result = run(
        "",
        "local",
        "spec: {command: 'NEXT=1 bash -c ''cat answer >\"$output_value_file\"; echo \"$2\" >&2'' run', "
            + "environment: {FLAVOUR: blue}, output_path: all.out, error_path: all.err}");
    assertThat(result.stage("A").value()).as(Runs.told(result)).isEqualTo(Map.of("value", 42L));
  }

  @Test
  void whatAJobPrintsIsAddedToTheFilesOfItsSpec() throws Exception {
    Files.writeString(folder.resolve("all.err"), "before\n");
    RunResult result =
        run("", "local", "spec: {environment: {FLAVOUR: blue}, error_path: all.err}");
    assertThat(result.succeeded()).as(Runs.told(result)).isTrue();
    assertThat(folder.resolve("all.err")).hasContent("before\njob 0 of blue");
  }

  @Test
  void aFailureHasExitCodeAndLogAndIsFlagged() throws Exception {
    runs.worker("w", "#!/bin/sh\necho too bad >&2\nexit 7\n");
    RunResult result = run("", "local", "env: {}");
    assertThat(Runs.failure(result).message())
        .contains("the worker w.f failed with exit code 7")
        .contains("too bad");
    assertThat(Runs.failure(result).exitCode()).isEqualTo(7);
    assertThat(runs.run.resolve("A/_error")).exists();
    assertThat(runs.run.resolve("A/_done")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "kill -9 $$ | exit code 137 (SIGKILL)",
        ": >\"$done_path\" | set the flag _done but did not write the output 'value'",
        "echo why >\"$error_path\"; echo 1 >\"$output_value_file\"; : >\"$done_path\""
            + " | it set the flag _error, though also _done",
      })
  void everyWayToFailIsTold(String script, String message) throws Exception {
    runs.worker("w", "#!/bin/bash\n" + script + "\n");
    RunResult result = run("", "local", "env: {}");
    assertThat(Runs.failure(result).message()).contains(message);
    assertThat(runs.run.resolve("A/_error")).exists();
  }

  @Test
  void aWalltimeIsTold() throws Exception {
    runs.worker("w", "#!/bin/bash\nsleep 60\n");
    RunResult result = run("", "local", "spec: {walltime: 1s}");
    assertThat(Runs.failure(result).kind()).isEqualTo(FailureKind.WALLTIME);
    assertThat(Runs.failure(result).message()).contains("of local, which was out of walltime");
  }

  @Test
  void anAttemptThatIsOutOfTimeCannotWriteOverTheNext() throws Exception {
    runs.worker("w", """
        #!/bin/bash
        if mkdir "$TKR_DIR/first"; then
          trap 'echo 1 >"$output_value_file"; : >"$done_path"; exit 0' TERM
          sleep 60 & wait
        fi
        sleep 0.5
        echo 2 >"$output_value_file"
        """);
    RunResult result = run("timeout: 2s, retry: 1", "local", "env: {}");
    assertThat(result.succeeded()).as(Runs.told(result)).isTrue();
    assertThat(result.stage("A").value()).isEqualTo(Map.of("value", 2L));
    assertThat(runs.run.resolve("A/attempt-2/definition")).exists();
  }

  @Test
  void aCancelledRunLeavesNoJob() throws Exception {
    runs.worker("w", "#!/bin/bash\nsleep 300 & echo $! >\"$TKR_DIR/pid\"; wait\n");
    WorkflowFile file = Workflows.fromYaml(
        Files.writeString(folder.resolve("w.yaml"), ONE.formatted("", "local", "env: {}")));
    Path pid = runs.run.resolve("pid");
    try (var running = Muster.start(file, runs.options().build())) {
      for (int i = 0; i < 600 && !Files.exists(pid); i++) {
        java.util.concurrent.TimeUnit.MILLISECONDS.sleep(50);
      }
      running.cancel();
      assertThat(running.await().succeeded()).isFalse();
    }
    assertThat(Runs.alive(pid)).isFalse();
  }

  @Test
  void noMoreJobsRunAtOnceThanThePoolHasWorkers() throws Exception {
    runs.worker("w", """
        #!/bin/bash
        set -eu
        ps=$TKR_DIR/running; mkdir -p "$ps"; : >"$ps/$$"
        ls "$ps" | wc -l >"$output_value_file"
        sleep 0.3; rm "$ps/$$"
        """);
    RunResult result = runs.run("""
        data: {datasets: [{name: d, files: [x], nevents: 6}], partition: {events: 1}}
        analysis:
          stages:
            - {id: A, op: w.f, params: {inputs: {n: 1}, outputs: {value: json}}}
        execution:
          executors: {jobs: {type: local, pool: two, config: {registry: workers}}}
          assignments: {w: jobs}
          pools: {two: {workers: 2}}
        """);
    assertThat(result.succeeded()).as(Runs.told(result)).isTrue();
    List<Object> counts = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      counts.add(((Map<?, ?>) result.stage("A").values().get(i)).get("value"));
    }
    assertThat(runs.run.resolve("A/.inputs/n")).hasContent("1");
    assertThat(runs.run.resolve("A/d.5/definition"))
        .content()
        .contains("\"inputs\":{\"n\":\"A/.inputs/n\"}");
    assertThat(counts).contains(2L).allMatch(each -> ((Long) each) <= 2);
  }

  @Test
  void aResumedRunMakesNoJobOfWhatIsThere() throws Exception {
    runs.worker("w", "#!/bin/bash\necho x >>\"$TKR_DIR/calls\"; echo 3 >\"$output_value_file\"\n");
    String yaml = ONE.formatted("", "local", "spec: {environment: {X: '1'}}");
    assertThat(runs.run(yaml).succeeded()).isTrue();
    RunOptions again = RunOptions.builder().resume(runs.run).build();
    assertThat(runs.run(yaml, again).succeeded()).isTrue();
    assertThat(runs.run.resolve("calls")).hasContent("x");
    assertThat(runs.run(yaml.replace("X: '1'", "X: '2'"), again).succeeded()).isTrue();
    assertThat(runs.run.resolve("calls")).as("what it asks for counts").hasContent("x\nx");
  }

  /** A strategy of a name that runs nothing, and keeps what it is asked to describe. */
  private static final class Described implements Strategy {
    final List<JobSpec> jobs = new CopyOnWriteArrayList<>();
    private final String name;

    Described(String name) {
      this.name = name;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public Set<String> options() {
      return Set.of("walltime", "queue", "account", "mail", "job_extra_directives", "submit_rate");
    }

    @Override
    public Submission preview(JobSpec spec, int copies, String tag, Path directory) {
      jobs.add(spec);
      return new Submission(spec.command(), Map.of(), null);
    }

    @Override
    public BatchSystem open(StrategyContext context) {
      throw new dev.muster.error.MusterException("it takes no jobs today");
    }
  }

  @Test
  void aSpecInFullReachesTheStrategy() throws Exception {
    Described slurm = new Described("slurm");
    RunResult result = runs.run(
        ONE.formatted("", "SLURMExecutor", """
            submit_rate: 5, spec: {
            job_name: crunch, account: hep, walltime: '02:00:00', queue: long, user: {mail: me@example.org},
            resource: {nodes: 2, cores_per_node: 8, memory_gb: 16, gpus_per_node: 1, gres: ['tmp:10G'], qpus: [q1]},
            mpi: {max_proc_per_node: 4, proc: 8}, modules: [gcc/13, openmpi], environment: {OMP: '2'},
            extra_scheduler_args: {--exclusive: null, --nice: 5}}"""), runs.options().plugin(slurm).build());
    JobSpec job = slurm.jobs.get(0);
    assertThat(job.name()).isEqualTo("crunch");
    assertThat(job.quantities())
        .hasToString("cpus 2, memory 16GiB, gpus 1, nodes 2, tasks_per_node 4");
    assertThat(job.config())
        .containsEntry("account", "hep")
        .containsEntry("queue", "long")
        .containsEntry("walltime", "02:00:00")
        .containsEntry("mail", "me@example.org")
        .containsEntry("submit_rate", 5)
        .containsEntry(
            "job_extra_directives",
            Map.of(
                "--exclusive", "",
                "--nice", "5",
                "--mail-type", "END,FAIL",
                "--gres", "gpu:1,tmp:10G",
                "--qpu", "q1"));
    assertThat(job.setup()).singleElement().asString().endsWith("module load gcc/13 openmpi");
    assertThat(job.environment()).containsEntry("OMP", "2");
    assertThat(Runs.failure(result).message()).contains("it takes no jobs today");
    assertThat(Runs.failure(result).kind()).isEqualTo(FailureKind.BACKEND);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "pbs | env: {} | nothing that is installed has a strategy of that name",
        "PJSUBExecutor | env: {} | jobs of the strategy 'pjsub'",
        "slurm | spec: {walltim: 1h} | did you mean 'walltime'",
        "slurm | spec: {resource: {cores: 2}} | there is no option 'cores' here",
        "slurm | spec: {resource: {nodes: 0}} | 'nodes' must be a whole number of 1 or more",
        "slurm | spec: {resource: {cores_per_node: 3}, mpi: {max_proc_per_node: 2}} | 'cores_per_node' must be a multiple",
        "slurm | spec: {mpi: {max_proc_per_node: 2, proc: 3}} | 'proc' must be 2",
        "slurm | spec: {include_no_check_directory_flag: true} | jobs of pjsub",
        "slurm | spec: {container: {image: x, engine: docker}} | would outlive it",
        "slurm | spec: {extra_scheduler_args: {a: b}}, job_extra_directives: [--x] | cannot be joined",
        "slurm | launch: memory | 'launch' must be uv, shell or stdinout",
        "other | spec: {resource: {gres: [a]}} | only jobs of slurm have 'gres'",
        "local | spec: {queue: long} | jobs of local have no 'queue'",
        "local | spec: {resource: {nodes: 2}} | strategy local starts jobs on this host alone",
      })
  void whatAStrategyHasNoWordsForIsToldBeforeTheStart(String type, String config, String message) {
    RunOptions options = runs.options()
        .plugin(new Described("slurm"))
        .plugin(new Described("other"))
        .build();
    assertThatThrownBy(() -> runs.run(ONE.formatted("", type, config), options))
        .isInstanceOf(WorkflowException.class)
        .hasMessageContaining(message)
        .hasMessageContaining("w.yaml:");
    assertThat(runs.run).doesNotExist();
  }

  @Test
  void aContainerIsWrappedAroundTheWorker() throws Exception {
    Path engine = runs.worker("bin/apptainer", """
        #!/bin/bash
        printf '%s\\n' "$@" >"$TKR_DIR/asked"
        while [[ $1 != image.sif ]]; do shift; done
        exec "${@:2}"
        """);
    RunResult result = run(
        "",
        "local",
        "env: {FLAVOUR: boxed}, spec: {container: {image: image.sif, engine: '" + engine
            + "', extra_args: {nv: null, bind: /cvmfs}}}");
    assertThat(result.succeeded()).as(Runs.told(result)).isTrue();
    assertThat(Files.readAllLines(runs.run.resolve("asked")))
        .startsWith("exec", "--pwd", runs.run.toString(), "--bind", runs.run + ":" + runs.run)
        .containsSequence("--nv", "--bind=/cvmfs", "image.sif");
  }

  @Test
  void manyJobsAreAskedForTogether() throws Exception {
    long start = System.nanoTime();
    RunResult result = runs.run("""
        data: {datasets: [{name: d, files: [x], nevents: 40}], partition: {events: 1}}
        analysis:
          stages:
            - {id: A, op: w.f, params: {inputs: {a-b: 1}, outputs: {value: json}}}
            - {id: B, op: w.f, from: [{node: A, port: value, as: a-b}]}
        execution:
          executors: {jobs: {type: local, config: {registry: workers, env: {FLAVOUR: x}}}}
          assignments: {w: jobs}
          pools: {default: {workers: 4}}
        """);
    assertThat(result.succeeded()).as(Runs.told(result)).isTrue();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMinutes(2));
  }
}
