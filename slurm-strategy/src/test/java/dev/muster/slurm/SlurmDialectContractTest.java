package dev.muster.slurm;

import dev.muster.batch.spi.BatchDialect;
import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.resource.Quantities;
import dev.muster.testkit.BatchDialectContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

class SlurmDialectContractTest extends BatchDialectContract {
  @Override
  protected BatchDialect dialect() {
    return new SlurmDialect();
  }

  @Override
  protected boolean directivesAtTheTopOnly() {
    return true;
  }

  @Override
  protected Map<String, Object> options() {
    return Map.ofEntries(
        Map.entry("walltime", "04:00:00"),
        Map.entry("queue", "short"),
        Map.entry("account", "physics"),
        Map.entry("qos", "high"),
        Map.entry("constraint", "a100"),
        Map.entry("reservation", "school"),
        Map.entry("mail", "me@example.org"),
        Map.entry("memory", "per_cpu"),
        Map.entry("scratch", "/local"),
        Map.entry("transfer_timeout", "5m"),
        Map.entry("job_extra_directives", List.of("--exclusive")));
  }

  @Override
  protected void prepareSent(JobSpec.Builder job) {
    job.config("scratch", folder.toString());
    job.quantities(
        Quantities.builder().cpus(1).memory("1GB").build()); // how it is asked for is an option
  }

  @Override
  protected Map<String, String> deliver(JobSpec spec, int index) throws IOException {
    Path bin = Files.createDirectories(folder.resolve("bin"));
    Path sbcast = bin.resolve("sbcast");
    // --jobid=ID --preserve FROM TO
    Files.writeString(sbcast, "#!/bin/sh\nexec cp -p -- \"$3\" \"$4\"\n");
    Path scontrol = bin.resolve("scontrol");
    Files.writeString(
        scontrol, "#!/bin/sh\nprintf '%s\\0' \"$@\" >'" + folder + "/scontrol-" + index + "'\n");
    Path squeue =
        Files.writeString(bin.resolve("squeue"), "#!/bin/sh\necho " + (8000 + index) + "\n");
    for (Path program : List.of(sbcast, scontrol, squeue)) {
      Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    return Map.of(
        "PATH",
        bin + ":" + System.getenv("PATH"),
        "SLURM_JOB_ID",
        String.valueOf(8000 + index),
        "SLURM_ARRAY_JOB_ID",
        "4711",
        "SLURM_ARRAY_TASK_ID",
        String.valueOf(index));
  }

  @Override
  protected Map<String, String> jobEnvironment(int index) {
    return Map.of("SLURM_ARRAY_TASK_ID", String.valueOf(index));
  }

  @Override
  protected CommandResult listed(List<JobId> jobs) {
    String lines =
        jobs.stream().map(job -> String.format("%-40s%n", job)).collect(Collectors.joining());
    return new CommandResult(List.of("squeue"), 0, lines, "");
  }

  @Override
  protected CommandResult accepted(List<JobId> jobs) {
    return new CommandResult(List.of("env", "sbatch"), 0, SlurmIds.array(jobs.get(0)) + "\n", "");
  }

  @Override
  protected List<JobId> ids(int copies) {
    return SlurmIds.tasks("4711", copies);
  }

  private static List<CommandResult> recorded(String... names) {
    List<CommandResult> answers = new ArrayList<>();
    for (String version : List.of("22.05", "24.11")) {
      for (String name : names) {
        answers.add(Recorded.answer(version, name));
      }
    }
    return answers;
  }

  @Override
  protected List<CommandResult> rejections() {
    return recorded("sbatch-no-partition", "sbatch-too-much-memory", "sbatch-array-too-long");
  }

  @Override
  protected List<CommandResult> unclear() {
    return recorded("sbatch-no-controller", "sbatch-no-munge");
  }

  private static String row(String job, String state, String code, String host, String reason) {
    return String.format("%-40s%-24s%-16s%-12s%-64s%-160s\n", job, state, code, "0", host, reason);
  }

  private static CommandResult squeue(String out) {
    return new CommandResult(List.of("env", "squeue"), 0, out, "");
  }

  @Override
  protected List<CommandResult> answers(List<JobId> jobs) {
    List<CommandResult> answers = new ArrayList<>();
    for (List<String> state : List.of(
        List.of("PENDING", "0", "n/a", "Priority"),
        List.of("RUNNING", "0:0", "node-17", "None"),
        List.of("FAILED", "3:0", "node-17", "NonZeroExitCode"),
        List.of("FAILED", "35072", "node-17", "NonZeroExitCode"),
        List.of("COMPLETED", "0", "node-17", "None"))) {
      answers.add(squeue(jobs.stream()
          .map(job -> row(job.id(), state.get(0), state.get(1), state.get(2), state.get(3)))
          .collect(Collectors.joining())));
    }
    answers.add(new CommandResult(
        List.of("env", "sacct"),
        0,
        jobs.stream()
            .map(job -> job.id() + "|CANCELLED by 1000|0:15|node-17|\n")
            .collect(Collectors.joining()),
        ""));
    return answers;
  }

  @Override
  protected List<CommandResult> held(JobId job, String why) {
    return List.of(squeue(row(job.id(), "PENDING", "0", "n/a", "JobHeldAdmin: " + why)));
  }

  @Override
  protected CommandResult unknownState(JobId job) {
    return squeue(row(job.id(), "TELEPORTED", "0:0", "node-17", "None"));
  }
}
