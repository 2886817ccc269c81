package dev.muster.cli;

import dev.muster.batch.backend.RunJobs;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code muster cancel}: ends a run and its jobs, from another process. */
@Command(
    name = "cancel",
    description = "End a run with backend batch, and all its jobs.",
    footer = {
      "",
      "If the process that started the run is at work, it ends the jobs and the run fails.",
      "If it is gone, the jobs that it left are cancelled.",
      "",
      "Exit codes: 0 the jobs are ended or will, 1 the batch system did not hear it.",
      "",
      "Examples:",
      "  muster cancel .muster/runs/dimuon-20260131-101500"
    })
final class CancelCommand implements Callable<Integer>, Main.Talking {
  private final Shell shell;

  @Mixin
  private final RunChoice run = new RunChoice();

  @Option(
      names = "--take-over",
      description = {
        "Also if a process has the run that cannot be seen",
        "from here, on another host: you know that it is gone."
      },
      order = 11)
  private boolean takeOver;

  CancelCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public OutputOptions output() {
    return run.output;
  }

  @Override
  public Integer call() throws InterruptedException {
    int jobs = RunJobs.of(run.directory(shell)).cancel(takeOver);
    if (!run.output.quiet) {
      shell
          .out()
          .line(
              jobs < 0
                  ? "the run has ended, and its jobs with it"
                  : jobs == 0
                      ? "the run has no jobs left"
                      : Text.count(jobs, "job") + " cancelled");
    }
    return ExitCode.DONE;
  }
}
