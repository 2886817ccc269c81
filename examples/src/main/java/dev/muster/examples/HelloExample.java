package dev.muster.examples;

import dev.muster.Muster;
import dev.muster.execution.Execution;
import dev.muster.run.Run;
import dev.muster.workflow.Workflow;

/**
 * The smallest workflow in Java: two stages, the second reads what the first returned.
 *
 * <p>Thread-safe.
 */
public final class HelloExample {
  private HelloExample() {}

  /** Runs the example. */
  public static void main(String[] args) {
    System.out.println(greet(args.length > 0 ? args[0] : "world"));
  }

  static String greet(String whom) {
    Workflow workflow = Workflow.builder()
        .stage("Name")
        .run(context -> whom)
        .stage("Greet")
        .run(context -> "Hello, " + context.input("Name", String.class) + "!")
        .build();
    try (Run run = Muster.start(workflow, Execution.local())) {
      return String.valueOf(run.await().orThrow().stage("Greet").value());
    }
  }
}
