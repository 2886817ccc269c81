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

class PjmDialectContractTest extends BatchDialectContract {
  @Override
  protected BatchDialect dialect() {
    return new PjmDialect();
  }

  @Override
  protected Map<String, Object> options() {
    return Map.of(
        "walltime", "02:00:00",
        "queue", "small",
        "resource_unit", "fx",
        "account", "hp123456",
        "mail", "me@example.org",
        "gpu_resource", "gpus",
        "virtual_nodes", true,
        "bulk", false,
        "job_extra_directives", List.of("--llio sharedtmp-size=10Gi"));
  }

  @Override
  protected Map<String, String> jobEnvironment(int index) {
    return Map.of("PJM_BULKNUM", Integer.toString(index), "PJM_JOBID", "12");
  }

  @Override
  protected List<JobId> ids(int copies) {
    return copies == 1
        ? List.of(new JobId("12"))
        : IntStream.range(0, copies).mapToObj(i -> new JobId("12[" + i + "]")).toList();
  }

  @Override
  protected CommandResult listed(List<JobId> jobs) {
    return Recorded.answer(
        0, "12 " + (jobs.size() == 1 ? "NM" : "BU") + "\nmuster: end\n", "", "find");
  }

  @Override
  protected CommandResult accepted(List<JobId> jobs) {
    return Recorded.answer(0, "12\n", "", "pjsub");
  }

  @Override
  protected List<CommandResult> rejections() {
    return List.of(
        Recorded.answer(
            1,
            "",
            "[ERR.] PJM 0057 pjsub node=32 is greater than the upper limit (24).\n",
            "pjsub"),
        // On K it failed with exit code 0.
        Recorded.answer(
            0,
            "",
            "[ERR.] PJM 0057 pjsub node=32 is greater than the upper limit (24).\n",
            "pjsub"));
  }

  @Override
  protected List<CommandResult> unclear() {
    return List.of(
        Recorded.answer(
            1, "", "[ERR.] PJM 0041 pjsub Failed to connect to the job manager.\n", "pjsub"),
        Recorded.answer(127, "", "sh: 1: pjsub: not found\n", "pjsub"));
  }

  @Override
  protected List<CommandResult> answers(List<JobId> jobs) {
    return List.of(
        list(0, jobs, "QUE,-,-,-,-"),
        list(0, jobs, "RUN,-,-,-,-"),
        list(0, jobs, "HLD,-,-,-,-"),
        list(0, jobs, "RNO,-,-,-,-"),
        list(1, jobs, "EXT,0,0,0,COMPLETED"),
        list(1, jobs, "EXT,7,0,0,-"),
        list(1, jobs, "EXT,0,24,11,ELAPSE LIMIT EXCEEDED"),
        list(1, jobs, "CCL,-,-,1,-"),
        list(1, jobs, "RJT,-,-,2,-"));
  }

  @Override
  protected List<CommandResult> held(JobId job, String why) {
    return List.of(list(0, List.of(job), "HLD,-,-,-," + why));
  }

  @Override
  protected CommandResult unknownState(JobId job) {
    return list(0, List.of(job), "ZZZ,-,-,-,-");
  }

  private CommandResult list(int source, List<JobId> jobs, String fields) {
    JobArray array = new JobArray("pool.run-1", Path.of("/logs"), ids(3));
    List<String> command =
        ((StatusSource.Command) dialect().statusSources(List.of(array)).get(source)).command();
    String rows = jobs.stream()
        .map(job -> "," + job.id() + "," + JobNames.of("pool.run-1") + "," + fields + "\n")
        .collect(Collectors.joining());
    return new CommandResult(
        command, 0, "H,JOB_ID,JOB_NAME,ST,EC,SN,PC,REASON\n" + rows + "muster: end 0\n", "");
  }
}
