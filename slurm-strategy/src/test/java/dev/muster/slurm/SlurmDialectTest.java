package dev.muster.slurm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobArray;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.ShellCommand;
import dev.muster.batch.spi.StatusSource;
import dev.muster.batch.spi.Submission;
import dev.muster.error.MusterException;
import dev.muster.execution.Staging;
import dev.muster.resource.MemorySize;
import dev.muster.resource.Quantities;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SlurmDialectTest {
  private static final SlurmDialect DIALECT = new SlurmDialect();
  private static final Path RUN = Path.of("/home/ada/run");

  private static JobSpec.Builder job() {
    return JobSpec.builder("gpu", List.of("python3", "-m", "worker"), RUN)
        .logs(RUN.resolve("debug/distributed"));
  }

  private static Submission submission(JobSpec.Builder job, int copies) {
    return DIALECT.submission(job.build(), copies, "gpu.run-1", RUN.resolve("jobs"));
  }

  private static String script(JobSpec.Builder job, int copies) {
    Map<Path, String> files = submission(job, copies).files();
    assertThat(files).containsOnlyKeys(RUN.resolve("jobs/gpu.run-1.sh"));
    return files.get(RUN.resolve("jobs/gpu.run-1.sh"));
  }

  private static Quantities quantities() {
    return Quantities.builder()
        .cpus(4)
        .memory(MemorySize.parse("16GB"))
        .disk(MemorySize.parse("1GiB"))
        .gpus(2)
        .nodes(1)
        .build();
  }

  private static JobSpec.Builder everything() {
    return job()
        .quantities(quantities())
        .variable("DATA", "/data set/$HOME")
        .config("walltime", "1-02:00:00")
        .config("queue", "gpu")
        .config("account", "physics")
        .config("qos", "high")
        .config("constraint", "a100&ib|h100")
        .config("reservation", "school")
        .config(
            "job_extra_directives",
            List.of("--exclusive", "-w 'node 1'", "#SBATCH --hint=nomultithread"))
        .config("job_script_prologue", List.of("module load python", "ulimit -c 0"))
        .config("job_script_epilogue", "date");
  }

  private static JobSpec.Builder hostile() {
    Path folder = Path.of("/home/o'neil/year=2018, 10:00:00 50% \"done\" $(touch x) `y` #1;é");
    return JobSpec.builder("a b/$c", List.of("echo", "it's $HOME\n\"x\""), folder)
        .logs(folder.resolve("logs"))
        .variable("WORDS", "'; rm -rf / #\n$(x)")
        .config("account", "a b\"c\\d #e")
        .config("job_extra_directives", Map.of("comment", "two words # \"quoted\""));
  }

  @Test
  void writesTheScriptOfASimpleJob() {
    assertThat(script(job(), 1)).isEqualTo(Recorded.text("scripts/simple.sh"));
  }

  @Test
  void writesTheScriptOfAJobWithEverything() {
    assertThat(script(everything(), 20)).isEqualTo(Recorded.text("scripts/everything.sh"));
  }

  @Test
  void writesTheScriptOfAJobWithHostileValues() {
    assertThat(script(hostile(), 1)).isEqualTo(Recorded.text("scripts/hostile.sh"));
  }

  @Test
  void asksForMemoryAsTheSiteTakesIt() {
    JobSpec.Builder job = job().quantities(quantities());
    assertThat(script(job, 1)).contains("#SBATCH --mem=15259M\n").doesNotContain("mem-per-cpu");
    assertThat(script(job.config("memory", "per_node"), 1)).contains("#SBATCH --mem=15259M\n");
    assertThat(script(job.config("memory", "per_cpu"), 1))
        .contains("#SBATCH --mem-per-cpu=3815M\n")
        .doesNotContain("--mem=");
    assertThat(submission(job, 1).command()).contains("SBATCH_MEM_PER_NODE");
    assertThat(script(job.config("memory", "none"), 1)).doesNotContain("--mem");
    assertThatThrownBy(() -> script(job.config("memory", "4GB"), 1))
        .hasMessageContaining("per_cpu (--mem-per-cpu) or none");
  }

  @Test
  void submitsAllCopiesWithOneCommand() {
    List<String> command = submission(job(), 1000).command();

    assertThat(command).startsWith("env", "-u", "SBATCH_JOB_NAME");
    assertThat(command.subList(command.indexOf("sbatch"), command.size()))
        .containsExactly("sbatch", "--parsable", "/home/ada/run/jobs/gpu.run-1.sh");
    assertThat(script(job(), 1000)).contains("#SBATCH --array=0-999\n");
  }

  @Test
  void variablesOfTheUsersShellDoNotOverruleWhatAPoolSays() {
    assertThat(submission(everything(), 1).command())
        .contains(
            "SBATCH_PARTITION",
            "SBATCH_ACCOUNT",
            "SBATCH_QOS",
            "SBATCH_TIMELIMIT",
            "SBATCH_MEM_PER_NODE",
            "SBATCH_GRES",
            "SBATCH_EXPORT");
    // What a pool does not say, the user's shell may.
    assertThat(submission(job(), 1).command())
        .doesNotContain("SBATCH_PARTITION", "SBATCH_ACCOUNT", "SBATCH_TIMELIMIT");
  }

  @ParameterizedTest
  @CsvSource({
    "90s, 0-00:01:30",
    "1500ms, 0-00:00:02",
    "04:00:00, 0-04:00:00",
    "2d, 2-00:00:00",
    "100:00:00, 4-04:00:00"
  })
  void writesAWalltime(String given, String written) {
    assertThat(script(job().config("walltime", given), 1))
        .contains("#SBATCH --time=" + written + "\n");
  }

  @ParameterizedTest
  @CsvSource({"4GB, 3815M", "1GiB, 1024M", "1, 1M", "0, 1M", "1048577, 2M"})
  void roundsMemoryUpToMebibytes(String given, String written) {
    Quantities memory = Quantities.builder().memory(MemorySize.parse(given)).build();
    assertThat(script(job().quantities(memory), 1)).contains("#SBATCH --mem=" + written + "\n");
  }

  @Test
  void asksForNoGpuWhereThereIsToBeNone() {
    assertThat(script(job().quantities(Quantities.builder().gpus(0).build()), 1))
        .doesNotContain("gres");
  }

  @Test
  void writesTheScriptOfAJobOfMpi() {
    JobSpec.Builder job =
        job().quantities(quantities().toBuilder().nodes(2).tasksPerNode(8).build());
    assertThat(script(job, 3)).isEqualTo(Recorded.text("scripts/mpi.sh"));
    // Memory is that of a node, on which there are 8 processes with 4 CPUs each.
    assertThat(script(job.config("memory", "per_cpu"), 1)).contains("#SBATCH --mem-per-cpu=477M\n");
  }

  @Test
  void aJobMayHaveSeveralProcessesOnOneNode() {
    Quantities four = Quantities.builder().tasksPerNode(4).build();
    assertThat(script(job().quantities(four), 1))
        .contains("#SBATCH --ntasks-per-node=4\n#SBATCH --nodes=1\n")
        .doesNotContain("--ntasks=");
  }

  @Test
  void aJobWhoseFilesAreSentHasOneNode() {
    JobSpec.Builder job = job().staging(Staging.TRANSFER);
    assertThatThrownBy(() -> script(job.quantities(Quantities.builder().nodes(2).build()), 1))
        .hasMessageContaining(
            "pool gpu.resources: resources.nodes is 2, and with staging: transfer");
    assertThat(script(job.quantities(Quantities.builder().tasksPerNode(2).build()), 1))
        .contains("#SBATCH --ntasks-per-node=2\n");
  }

  @Test
  void takesExtraDirectivesAsAMapping() {
    Map<String, Object> extra = new LinkedHashMap<>();
    extra.put("exclusive", null);
    extra.put("mail-user", "ada@example.org");
    extra.put("L", "matlab:1");
    extra.put("--requeue", true);

    assertThat(script(job().config("job_extra_directives", extra), 1))
        .contains(
            "#SBATCH --exclusive\n#SBATCH --mail-user=ada@example.org\n#SBATCH -L matlab:1\n#SBATCH --requeue\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--array=0-5",
        "-a0-5",
        "-J name",
        "--job-name=x",
        "-o out",
        "--output=x",
        "-e x",
        "--error=x",
        "--chdir=/",
        "-D /",
        "--wait",
        "-W",
        "--wrap=true",
        "-M other",
        "--clusters=other",
        "--test-only"
      })
  void refusesExtraDirectivesThatWouldHideTheJobs(String directive) {
    assertThatThrownBy(() -> script(job().config("job_extra_directives", List.of(directive)), 1))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining(
            "pool gpu.config.job_extra_directives: job_extra_directives must be without --");
  }

  @ParameterizedTest
  @ValueSource(strings = {"exclusive", "rm -rf /", "''"})
  void refusesExtraDirectivesThatAreNone(String directive) {
    assertThatThrownBy(() -> script(job().config("job_extra_directives", List.of(directive)), 1))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("options of sbatch such as --exclusive");
  }

  @Test
  void refusesAWalltimeOfNothing() {
    assertThatThrownBy(() -> script(job().config("walltime", Duration.ZERO.toMillis() + "s"), 1))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("config.walltime: walltime must be more than 0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"queue", "account", "qos", "constraint", "reservation"})
  void refusesALineBreak(String option) {
    assertThatThrownBy(() -> script(job().config(option, "a\n#SBATCH --uid=0"), 1))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining(
            "pool gpu.config." + option + ": " + option + " must be a text in one line");
  }

  @Test
  void refusesFoldersThatSlurmCannotName() {
    assertThatThrownBy(() -> script(job().logs(Path.of("/a\\b")), 1))
        .hasMessageContaining("a backslash in its name: /a\\b/out");
    assertThatThrownBy(() -> script(job().logs(Path.of("/a\nb")), 1))
        .hasMessageContaining("Slurm cannot read a line break");
  }

  @Test
  void asksForAllJobsAtOnce() {
    List<StatusSource> sources = DIALECT.statusSources(List.of(
        new JobArray("a", RUN, SlurmIds.tasks("7", 1000)),
        new JobArray("b", RUN, SlurmIds.tasks("8", 1000))));

    assertThat(sources).hasSize(2);
    assertThat(((StatusSource.Command) sources.get(0)).command())
        .contains(
            "SQUEUE_PARTITION",
            "squeue",
            "--me",
            "--states=all",
            "--array",
            "--jobs=7,8",
            "--name=a,b");
    assertThat(((StatusSource.Command) sources.get(1)).command())
        .contains("sacct", "--jobs=7,8", "--name=a,b");
  }

  @Test
  void aQuestionAboutTensOfThousandsOfSubmissionsFitsOnACommandLine() {
    List<JobArray> arrays = new ArrayList<>();
    for (int number = 0; number < 50_000; number++) {
      arrays.add(new JobArray("t" + number, RUN, SlurmIds.tasks("" + (1_000_000 + number), 1)));
    }

    for (StatusSource source : DIALECT.statusSources(arrays)) {
      assertThat(((StatusSource.Command) source).command())
          .allMatch(word -> word.length() < 100_000);
    }
  }

  @Test
  void cancelsManyJobsWithOneShortCommand() {
    List<String> command =
        DIALECT.cancelCommand(new HashSet<JobId>(SlurmIds.tasks("4711", 10_000)));

    assertThat(command.subList(command.indexOf("scancel"), command.size()))
        .containsExactly("scancel", "4711_[0-9999]");
    assertThat(command).contains("SCANCEL_INTERACTIVE");
  }

  @Test
  void cancelsByTag() {
    assertThat(DIALECT.cancelCommand("gpu.run-1")).endsWith("scancel", "--name=gpu.run-1");
  }

  @Test
  void offersWhatItHonours() {
    assertThat(new SlurmStrategy().name()).isEqualTo("slurm");
    assertThat(new SlurmStrategy().options())
        .contains("walltime", "queue", "submit_rate", "job_script_prologue")
        .doesNotContain("requirements");
  }

  @ParameterizedTest
  @CsvSource({
    "137, 'slurmstepd-cpu1: error: Exceeded job memory limit', OUT_OF_MEMORY",
    "137, 'slurmstepd: error: StepId=143.batch exceeded memory limit (536114176 > 104857600), being killed', OUT_OF_MEMORY",
    "137, 'slurmstepd: error: Detected 1 oom_kill event in StepId=5.batch. Some of the step tasks have been OOM Killed.', OUT_OF_MEMORY",
    "137, 'my own words: out of memory', FAILED",
    "137, '', FAILED",
    "1, 'slurmstepd: error: Exceeded job memory limit', FAILED",
  })
  void theEndOfTheErrorLogTellsOfMemory(int code, String log, JobStatus.End end) {
    JobStatus.Ended told = new JobStatus.Ended(JobStatus.End.FAILED, code, "FAILED");
    assertThat(new SlurmDialect().ended(told, log))
        .isEqualTo(new JobStatus.Ended(end, code, "FAILED"));
  }

  private static JobSpec.Builder sent() {
    return job()
        .staging(Staging.TRANSFER)
        .files(List.of(Path.of("/home/ada/env.tar.gz"), Path.of("/data/it's")));
  }

  @Test
  void writesTheScriptOfAJobWhoseFilesAreSent() {
    assertThat(script(sent(), 20)).isEqualTo(Recorded.text("scripts/sent.sh"));
  }

  @Test
  void sendsFilesIntoTheFolderOfTheJobAndThenSaysThatAllAreThere() {
    assertThat(DIALECT.sendCommands(sent().build(), new JobId("4711_3"), "gpu.run-1"))
        .containsExactly(
            send("/home/ada/env.tar.gz", "/tmp/muster-gpu.run-1-4711_3/files/env.tar.gz"),
            send("/data/it's", "/tmp/muster-gpu.run-1-4711_3/files/it's"),
            send("/dev/null", "/tmp/muster-gpu.run-1-4711_3/sent"));
    assertThat(DIALECT.sendCommands(
            sent().config("scratch", "/local/ada").build(), new JobId("4711_3"), "gpu.run-1"))
        .last()
        .isEqualTo(send("/dev/null", "/local/ada/muster-gpu.run-1-4711_3/sent"));
    assertThat(
            DIALECT.sendCommands(sent().files(List.of()).build(), new JobId("4711_3"), "gpu.run-1"))
        .isEmpty();
  }

  @Test
  void asksOnTheNodeWhetherAJobCanDoWithoutAFile() {
    Path file = Path.of("/data/it's");
    JobSpec.Builder job = sent().unless(Map.of(file, "[ -e /opt/it ]"));

    assertThat(script(job, 1)).contains("""
        if (
        [ -e /opt/it ]
        ); then
          mkdir -m 700 -- "$muster_place/has-1"
          echo muster: 'it'\\''s is not sent: this machine has what it brings' >&2
        else
          mkdir -m 700 -- "$muster_place/needs-1"
        fi
        mkdir -m 700 -- "$muster_place/files" &&""");
    String place = "/tmp/muster-gpu.run-1-4711_3/";
    assertThat(DIALECT.sendCommands(job.build(), new JobId("4711_3"), "gpu.run-1"))
        .containsExactly(
            send("/home/ada/env.tar.gz", place + "files/env.tar.gz"),
            ShellCommand.of(
                "sbcast",
                SlurmTransfer.NUMBER + """
                asked=$(date +%s%N)-$$
                sbcast --jobid="$job" --preserve /dev/null "$2/$asked" 2>/dev/null && exit
                sbcast --jobid="$job" --preserve /dev/null "$3/$asked" || exit
                exec sbcast --jobid="$job" --preserve "$4" "$5"
                """,
                List.of(
                    "4711_3",
                    place + "has-1",
                    place + "needs-1",
                    "/data/it's",
                    place + "files/it's")),
            send("/dev/null", place + "sent"));
  }

  private static List<String> send(String from, String to) {
    return ShellCommand.of(
        "sbcast",
        SlurmTransfer.NUMBER + "exec sbcast --jobid=\"$job\" --preserve \"$2\" \"$3\"\n",
        List.of("4711_3", from, to));
  }

  @Test
  void asksForTheCommentsOfAllJobsAtOnce() {
    List<String> command =
        DIALECT.logTailsCommand(Set.of(new JobId("4711_0"), new JobId("4711_1")));
    assertThat(command).contains("--jobs=4711", "--Format=JobArrayID:40,Comment:1024");
    String out = String.format("%-40s%-1024s\n", "4711_0", "Traceback\\n  C:\\\\new")
        + String.format("%-40s%-1024s\n", "4711_1", "(null)");
    assertThat(DIALECT.logTails(new CommandResult(command, 0, out, "")))
        .containsExactly(Map.entry(new JobId("4711_0"), "Traceback\n  C:\\new\n"));
  }

  @ParameterizedTest
  @CsvSource({"scratch, here", "scratch, /tmp/", "transfer_timeout, 0s"})
  void refusesWhatCannotBeWhereFilesAreSent(String option, String value) {
    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(() -> script(sent().config(option, value), 1))
        .withMessageContaining("config." + option);
  }
}
