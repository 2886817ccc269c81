package dev.muster.gridengine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.batch.spi.BatchDialect;
import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobArray;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.StatusReport;
import dev.muster.batch.spi.StatusSource;
import dev.muster.testkit.BatchDialectContract;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GridEngineDialectContractTest extends BatchDialectContract {
  @Override
  protected BatchDialect dialect() {
    return new GridEngineDialect();
  }

  @Override
  protected Map<String, Object> options() {
    return Map.of(
        "walltime", "02:00:00",
        "queue", "all.q",
        "project", "physics",
        "account", "me",
        "reservation", "17",
        "mail", "me@example.org",
        "parallel_environment", "smp",
        "memory_resource", "mem_free",
        "gpu_resource", "ngpus",
        "job_extra_directives", List.of("-l fast=true"));
  }

  @Override
  protected Map<String, String> jobEnvironment(int index) {
    return Map.of("SGE_TASK_ID", Integer.toString(index + 1), "JOB_ID", "12");
  }

  @Override
  protected List<JobId> ids(int copies) {
    return IntStream.rangeClosed(1, copies).mapToObj(i -> new JobId("12." + i)).toList();
  }

  @Override
  protected CommandResult listed(List<JobId> jobs) {
    String number = GridEngineIds.number(jobs.get(0));
    String text = "job_number:                 " + number + "\nowner: me\nmuster: end\n";
    return new CommandResult(List.of("sh"), 0, text, "");
  }

  @Override
  protected CommandResult accepted(List<JobId> jobs) {
    return new CommandResult(List.of("qsub"), 0, "12.1-" + jobs.size() + ":1\n", "");
  }

  @Override
  protected List<CommandResult> rejections() {
    return List.of(
        Recorded.answer("qsub-no-queue", 1, "qsub"), Recorded.answer("qsub-bad-option", 2, "qsub"));
  }

  @Override
  protected List<CommandResult> unclear() {
    return List.of(Recorded.answer("qsub-no-qmaster", 1, "qsub"));
  }

  @Override
  protected List<CommandResult> answers(List<JobId> jobs) {
    return List.of(
        queue(jobs, "r"),
        queue(jobs, "hqw"),
        queue(jobs, "Eqw"),
        queue(jobs, "dr"),
        queue(jobs, "t"),
        accounts(jobs, "0    ", 0),
        accounts(jobs, "0    ", 7),
        accounts(jobs, "100 : assumedly after job", 137),
        accounts(jobs, "37  : qmaster enforced h_rt, h_cpu, or h_vmem limit", 137));
  }

  @Override
  protected List<CommandResult> held(JobId job, String why) {
    CommandResult bad = queue(List.of(job), "Eqw");
    String reason = "job_number:                 12\n"
        + "error reason          1:      11/30/2026 02:14:01 [0:946150]: error: " + why + "\n";
    return List.of(new CommandResult(
        bad.command(), 0, bad.out().replace("muster: end\n", reason + "muster: end\n"), ""));
  }

  @Test
  void saysThatTheHostOfAJobIsLost() {
    JobId job = ids(1).get(0);
    CommandResult runs = queue(List.of(job), "r");
    for (String host : List.of("cpu1", "cpu2")) {
      String silent = "muster: silent all.q@" + host + "\nmuster: end\n";
      CommandResult answer =
          new CommandResult(runs.command(), 0, runs.out().replace("muster: end\n", silent), "");
      assertThat(((StatusReport.Answered) dialect().statuses(answer, Set.of(job))).statuses())
          .containsEntry(
              job,
              host.equals("cpu1")
                  ? new JobStatus.Held("its host cpu1 does not answer (queue state u)")
                  : new JobStatus.Running("cpu1"));
    }
  }

  @Override
  protected CommandResult unknownState(JobId job) {
    return queue(List.of(job), "dreaming");
  }

  /** Returns the command of a source for job 12. */
  private List<String> command(int source) {
    JobArray array = new JobArray("pool.run-1", Path.of("/logs"), ids(3));
    return ((StatusSource.Command) dialect().statusSources(List.of(array)).get(source)).command();
  }

  private CommandResult queue(List<JobId> jobs, String state) {
    String entries = jobs.stream()
        .map(job -> """
                <job_list state="running">
                  <JB_job_number>12</JB_job_number>
                  <JB_name>muster.pool.run-1</JB_name>
                  <state>%s</state>
                  <queue_name>all.q@cpu1</queue_name>
                  <tasks>%s</tasks>
                </job_list>
            """.formatted(state, job.id().substring(3)))
        .collect(Collectors.joining());
    String out = """
        <?xml version='1.0'?>
        <job_info  xmlns:xsd="x">
          <queue_info>
        %s  </queue_info>
          <job_info>
          </job_info>
        </job_info>

        muster: end
        """.formatted(entries);
    return new CommandResult(command(0), 0, out, "");
  }

  private CommandResult accounts(List<JobId> jobs, String failed, int code) {
    String records = jobs.stream()
        .map(job -> """
            ==============================================================
            qname        all.q
            jobname      muster.pool.run-1
            jobnumber    12
            taskid       %s
            failed       %s
            exit_status  %d
            ru_wallclock 5s
            ru_minflt    735
            category     -l h_rt=4
            """.formatted(job.id().substring(3), failed, code))
        .collect(Collectors.joining());
    return new CommandResult(command(1), 0, records + "muster: end\n", "");
  }
}
