package dev.muster.condor;

import dev.muster.batch.spi.BatchDialect;
import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.testkit.BatchDialectContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

class CondorDialectContractTest extends BatchDialectContract {
  @Override
  protected BatchDialect dialect() {
    return new CondorDialect();
  }

  @Override
  protected Map<String, Object> options() {
    return Map.of(
        "chirp", "true",
        "transfer_timeout", "5m",
        "walltime", "01:00:00",
        "queue", "longlunch",
        "account", "group_cms.user",
        "requirements", "OpSysAndVer == \"AlmaLinux9\"",
        "stream_output", "true",
        "mail", "me@example.org",
        "job_extra_directives", List.of("+SendCredential = True"));
  }

  @Override
  protected Map<String, String> jobEnvironment(int index) {
    return Map.of("MUSTER_JOB_INDEX", String.valueOf(index));
  }

  @Override
  protected Map<String, String> deliver(JobSpec spec, int index) throws IOException {
    Path scratch = Files.createDirectories(folder.resolve("scratch-" + index));
    for (Path file : spec.files()) {
      Files.copy(file, scratch.resolve(file.getFileName()));
    }
    return Map.of(
        "MUSTER_JOB_INDEX", String.valueOf(index), "_CONDOR_SCRATCH_DIR", scratch.toString());
  }

  private static CommandResult answer(List<String> command, int code, String out, String err) {
    return new CommandResult(command, code, out, err);
  }

  private static CommandResult refused(String err) {
    return answer(List.of("condor_submit", "-terse", "x.sub"), 1, "", "\n" + err + "\n");
  }

  @Override
  protected CommandResult listed(List<JobId> jobs) {
    String cluster = jobs.get(0).id().replaceFirst("[.].*", "") + "\n";
    return answer(List.of("condor_q"), 0, cluster.repeat(jobs.size()), "");
  }

  @Override
  protected CommandResult accepted(List<JobId> jobs) {
    return answer(
        List.of("condor_submit", "-terse", "x.sub"),
        0,
        jobs.get(0) + " - " + jobs.get(jobs.size() - 1) + "\n",
        "");
  }

  @Override
  protected List<JobId> ids(int copies) {
    return IntStream.range(0, copies)
        .mapToObj(process -> new JobId("4711." + process))
        .toList();
  }

  @Override
  protected List<CommandResult> rejections() {
    return List.of(
        refused("ERROR: Parse error in expression: \n\tRequirements = ((Memory >) && x"),
        refused(
            "ERROR: Failed to commit job submission into the queue.\nERROR: Jobs with NoSuch are not welcome"));
  }

  @Override
  protected List<CommandResult> unclear() {
    return List.of(
        refused("ERROR: Can't find address of local schedd"),
        refused("ERROR: Failed to commit job submission into the queue."));
  }

  private static CommandResult ads(String command, List<JobId> jobs, int status) {
    String out = jobs.stream()
        .map(job -> "{\n  \"ClusterId\": 4711,\n  \"ExitCode\": 3,\n  \"JobStatus\": " + status
            + ",\n  \"ProcId\": " + job.id().substring(5) + "\n}\n")
        .collect(Collectors.joining(",\n", "[\n", "]\n"));
    return answer(List.of(command, "-json"), 0, out, "");
  }

  @Override
  protected List<CommandResult> answers(List<JobId> jobs) {
    String log = jobs.stream()
        .map(job -> "005 (" + job + ".000) 2026-11-21 03:36:06 Job terminated.\n"
            + "\t(1) Normal termination (return value 3)\n...\n")
        .collect(Collectors.joining());
    return List.of(
        answer(List.of("cat", "/run/x.log"), 0, log, ""),
        ads("condor_q", jobs, 2),
        ads("condor_history", jobs, 4));
  }

  @Override
  protected List<CommandResult> held(JobId job, String why) {
    CommandResult held = ads("condor_q", List.of(job), 5);
    String reason = "\"HoldReason\": \"" + why + "\",\n  \"ProcId\"";
    return List.of(answer(held.command(), 0, held.out().replace("\"ProcId\"", reason), ""));
  }

  @Override
  protected CommandResult unknownState(JobId job) {
    return ads("condor_q", List.of(job), 99);
  }
}
