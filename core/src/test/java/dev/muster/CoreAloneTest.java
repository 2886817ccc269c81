package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.error.Diagnostic;
import dev.muster.execution.Execution;
import dev.muster.execution.WorkerEnvironment;
import dev.muster.run.RunResult;
import dev.muster.spi.Plugin;
import dev.muster.workflow.Workflow;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an application has that depends on core and on nothing else of Muster. */
class CoreAloneTest {
  private static final Workflow WORKFLOW = Workflow.builder()
      .stage("A", s -> s.run(context -> 20))
      .stage("B", s -> s.run(context -> (Integer) context.input("A") + 1).needs("A"))
      .build();

  @ParameterizedTest
  @CsvSource({
    "dev.muster.batch.Jobs",
    "dev.muster.batch.spi.Strategy",
    "dev.muster.batch.internal.site.JobInfrastructure",
    "dev.muster.dask.DaskBackend",
    "dev.muster.slurm.SlurmStrategy"
  })
  void thereIsNothingElse(String other) {
    assertThatThrownBy(() -> Class.forName(other)).isInstanceOf(ClassNotFoundException.class);
  }

  @Test
  void runsOperationsInJava() {
    try (var run = Muster.start(WORKFLOW, Execution.local())) {
      RunResult result = run.await().orThrow();
      assertThat(result.stage("B").value()).isEqualTo(21);
    }
  }

  @Test
  void hasNoJobsToDescribe() {
    var plan = Muster.plan(WORKFLOW, Execution.local());
    assertThat(Muster.sessions(plan, RunOptions.defaults())).singleElement().satisfies(session -> {
      assertThat(session.backend().name()).isEqualTo("local");
      assertThatThrownBy(() -> session.context().service(Runnable.class))
          .hasMessageContaining("nothing that is installed offers a java.lang.Runnable");
    });
  }

  @ParameterizedTest
  @CsvSource({
    "slurm, dev.muster:muster-slurm",
    "htcondor, dev.muster:muster-condor",
    "gridengine, dev.muster:muster-gridengine",
    "pbs, dev.muster:muster-pbs",
    "pjsub, dev.muster:muster-pbs",
    "other, dev.muster:muster-batch"
  })
  void aStrategyNamesTheArtifactThatIsMissing(String strategy, String artifact) {
    assertThat(errors(Execution.builder().strategy(strategy)))
        .anySatisfy(error -> assertThat(error)
            .contains("there is no strategy named '" + strategy + "'")
            .contains(artifact)
            .contains("dev.muster:muster-batch"));
  }

  @Test
  void soDoTheOthers() {
    assertThat(errors(Execution.builder().backend("dask")))
        .anySatisfy(error -> assertThat(error).contains("dev.muster:muster-dask"));
    assertThat(errors(Execution.builder().backend("batch")))
        .anySatisfy(error -> assertThat(error).contains("dev.muster:muster-batch"));
    assertThat(errors(Execution.builder()
            .environment(new WorkerEnvironment("packed-pixi", Map.of("archive_path", "a.sh")))))
        .anySatisfy(error -> assertThat(error).contains("dev.muster:muster-pixi"));
    assertThat(errors(Execution.builder().credentials("x509")))
        .anySatisfy(error -> assertThat(error)
            .contains("execution.credentials[0]")
            .contains("dev.muster:muster-batch"));
  }

  @Test
  void takesNoPlugin() {
    Plugin plugin = new Plugin() {};
    RunOptions options = RunOptions.builder().plugin(plugin).build();
    assertThatThrownBy(() -> Muster.start(WORKFLOW, Execution.local(), options).close())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(plugin.getClass().getName())
        .hasMessageContaining("dev.muster:muster-batch");
  }

  private static List<String> errors(Execution.Builder execution) {
    var plan = Muster.plan(WORKFLOW, execution.build());
    return Muster.check(plan, RunOptions.defaults()).stream()
        .map(Diagnostic::toString)
        .toList();
  }
}
