package dev.muster.examples;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.Site;
import dev.muster.execution.Execution;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Runs a workflow for each request of an application, many at a time, on workers that are there once: two tasks at
 * once, whatever the number of requests. A request has ten seconds, and urgent ones go first.
 *
 * <p>Thread-safe.
 */
public final class SiteExample implements AutoCloseable {
  private static final int URGENT = 10;

  private final Site site;

  /** Opens the site. */
  public SiteExample() {
    Execution execution =
        Execution.builder().pool("default", pool -> pool.workers(2)).build();
    site = Muster.open(execution);
  }

  /** Runs the example. */
  public static void main(String[] args) throws InterruptedException {
    try (SiteExample service = new SiteExample()) {
      List<CompletionStage<String>> answers = List.of(
          service.answer(List.of(3L, 4L), false),
          service.answer(List.of(5L, 12L), false),
          service.answer(List.of(8L, 15L), true));
      answers.forEach(answer -> System.out.println(answer.toCompletableFuture().join()));
      boolean all = service.end(Duration.ofSeconds(10));
      System.out.println(all ? "all requests were answered" : "some requests were given up");
    }
  }

  /** Answers a request as soon as its run has ended; returns at once. */
  CompletionStage<String> answer(List<Long> sides, boolean urgent) {
    Workflow workflow = Workflow.builder()
        .name("hypotenuse")
        .stage("Squares")
        .run(context -> sides.stream().mapToLong(side -> side * side).sum())
        .stage("Root")
        .run(context -> Math.sqrt(context.input("Squares", Long.class)))
        .build();
    RunOptions options = RunOptions.builder()
        .priority(urgent ? URGENT : 0)
        .deadline(Duration.ofSeconds(10))
        .build();
    Run run = site.start(workflow, options);
    return run.result().thenApplyAsync(result -> {
      run.close();
      return answer(result);
    });
  }

  private static String answer(RunResult result) {
    return result.succeeded()
        ? "the hypotenuse is " + result.stage("Root").value()
        : "no answer: " + (result.reason() == null ? result.status() : result.reason());
  }

  /** Takes no further requests and waits for those that are there; tells whether all have ended. */
  boolean end(Duration patience) throws InterruptedException {
    return site.drain(patience);
  }

  /** Gives up what is left, and ends the workers. */
  @Override
  public void close() {
    site.close();
  }
}
