package dev.muster.cli;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.WorkflowFile;
import dev.muster.Workflows;
import dev.muster.run.RunResult;
import java.nio.file.Path;

/** An application that runs a workflow file without a directory, and prints how the run ended. */
public final class Embedding {
  private Embedding() {}

  /** Runs the file that the first argument names. */
  public static void main(String[] arguments) {
    WorkflowFile file = Workflows.fromYaml(Path.of(arguments[0]));
    RunResult result =
        Muster.run(file.workflow(), file.execution(), RunOptions.builder().build());
    System.out.println(result.status());
    result.failures().forEach(task -> System.out.println(task.failure()));
    System.out.println(result.error());
  }
}
