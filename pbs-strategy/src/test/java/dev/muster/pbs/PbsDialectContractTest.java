package dev.muster.pbs;

import dev.muster.batch.spi.BatchDialect;
import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobArray;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.StatusSource;
import dev.muster.testkit.BatchDialectContract;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

class PbsDialectContractTest extends BatchDialectContract {
  @Override
  protected BatchDialect dialect() {
    return new PbsDialect();
  }

  @Override
  protected Map<String, Object> options() {
    return Map.of(
        "walltime", "02:00:00",
        "queue", "workq",
        "account", "physics",
        "constraint", "model=rome",
        "gpu_resource", "nvidia",
        "mail", "me@example.org",
        "flavour", "pro",
        "job_extra_directives", List.of("-l place=excl"));
  }

  @Override
  protected Map<String, String> jobEnvironment(int index) {
    return Map.of("PBS_ARRAY_INDEX", Integer.toString(index), "PBS_JOBID", "12[" + index + "].pbs");
  }

  @Override
  protected List<JobId> ids(int copies) {
    return copies == 1
        ? List.of(new JobId("12.pbs"))
        : IntStream.range(0, copies)
            .mapToObj(i -> new JobId("12[" + i + "].pbs"))
            .toList();
  }

  @Override
  protected CommandResult listed(List<JobId> jobs) {
    return Recorded.answer(
        0, (jobs.size() == 1 ? "12.pbs" : "12[].pbs") + "\nmuster: end\n", "", "qselect");
  }

  @Override
  protected CommandResult accepted(List<JobId> jobs) {
    return Recorded.answer(0, jobs.size() == 1 ? "12.pbs\n" : "12[].pbs\n", "", "qsub");
  }

  @Override
  protected List<CommandResult> rejections() {
    return List.of(
        Recorded.answer(170, "", "qsub: Unknown queue\n", "qsub"),
        Recorded.answer(
            2, "", "qsub: The -J option can only be used in conjunction with -P\n", "qsub"),
        Recorded.answer(1, "", Recorded.text("qsub-slurm-refused"), "qsub"));
  }

  @Override
  protected List<CommandResult> unclear() {
    return List.of(
        Recorded.answer(162, "", "qsub: cannot connect to server pbs01 (errno=15010)\n", "qsub"),
        Recorded.answer(1, "", Recorded.text("qsub-slurm-away"), "qsub"));
  }

  @Override
  protected List<CommandResult> answers(List<JobId> jobs) {
    return List.of(
        table(jobs, "Q"),
        table(jobs, "R"),
        table(jobs, "H"),
        table(jobs, "E"),
        records(jobs, "F", "\n    Exit_status = 0"),
        records(jobs, "F", "\n    Exit_status = 3"),
        records(jobs, "F", "\n    Exit_status = 271"),
        records(jobs, "C", "\n    exit_status = -1"),
        records(jobs, "R", ""));
  }

  @Override
  protected List<CommandResult> held(JobId job, String why) {
    String record = "Job Id: " + job + "\n    job_state = H\n    comment = " + why + "\n";
    return List.of(table(List.of(job), "H"), Recorded.answer(0, record, "", "qstat"));
  }

  @Override
  protected CommandResult unknownState(JobId job) {
    return table(List.of(job), "Y");
  }

  private List<String> command(int source) {
    JobArray array = new JobArray("pool.run-1", Path.of("/logs"), ids(3));
    return ((StatusSource.Command) dialect().statusSources(List.of(array)).get(source)).command();
  }

  private CommandResult table(List<JobId> jobs, String state) {
    String rows = jobs.stream()
        .map(job -> "%-16s  %-16s alice             00:00:03 %s workq\n"
            .formatted(job.id(), JobNames.of("pool.run-1"), state))
        .collect(Collectors.joining());
    String out = """
        Job id            Name             User              Time Use S Queue
        ----------------  ---------------- ----------------  -------- - -----
        %smuster: end 0
        """.formatted(rows);
    return new CommandResult(command(0), 0, out, "");
  }

  private CommandResult records(List<JobId> jobs, String state, String more) {
    String records = jobs.stream()
        .map(job -> """
            Job Id: %s
                Job_Name = %s
                resources_used.walltime = 00:00:12
                job_state = %s
                Variable_List = PBS_O_HOME=/home/alice,PBS_O_LANG=C,
            \tPBS_O_WORKDIR=/home/alice/w%s

            """.formatted(job.id(), JobNames.of("pool.run-1"), state, more))
        .collect(Collectors.joining());
    return new CommandResult(command(1), 0, records + "muster: end 0\n", "");
  }
}
