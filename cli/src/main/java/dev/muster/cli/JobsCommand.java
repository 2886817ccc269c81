package dev.muster.cli;

import dev.muster.batch.backend.RunJobs;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code muster jobs}: lists the jobs of a run that may not be over. */
@Command(
    name = "jobs",
    description = "List the jobs that a run with backend batch has in the batch system.",
    footer = {
      "",
      "It reads what the run wrote and asks the batch system: the process that started",
      "the run may be at work or gone.",
      "",
      "Examples:",
      "  muster jobs .muster/runs/dimuon-20260131-101500",
      "  muster jobs dimuon-20260131-101500 --json | jq -r '.[].job'"
    })
final class JobsCommand implements Callable<Integer>, Main.Talking {
  private final Shell shell;

  @Mixin
  private final RunChoice run = new RunChoice();

  @Option(names = "--json", description = "Print the jobs as JSON.", order = 11)
  private boolean json;

  JobsCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public OutputOptions output() {
    return run.output;
  }

  @Override
  public Integer call() throws InterruptedException {
    List<RunJobs.Found> jobs = RunJobs.of(run.directory(shell)).list();
    if (json) {
      shell.out().line(RunJobsView.json(jobs));
    } else {
      RunJobsView.lines(jobs).forEach(shell.out()::line);
    }
    return ExitCode.DONE;
  }
}
