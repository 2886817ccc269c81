package dev.muster.plan;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.muster.error.Problem;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Execution;
import dev.muster.execution.Layer;
import dev.muster.execution.Pool;
import dev.muster.resource.MemorySize;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.assertj.core.api.Assertions;

/** What the tests of planning share: a machine, the sites of the documentation, and golden files. */
final class Planning {
  static final Machine MACHINE = new Machine(4, MemorySize.parse("16GB"));

  private Planning() {}

  /** The site of "Resource Pools": 20 small workers, two large ones and one with a GPU. */
  static Execution threePools() {
    return Execution.builder()
        .backend("dask")
        .strategy("htcondor")
        .pool("default", pool -> pool.workers(20).cpus(1).memory("4GB"))
        .pool("high_memory", pool -> pool.workers(2).cpus(8).memory("128GB"))
        .pool("gpu", pool -> pool.workers(1).gpus(1).memory("16GB"))
        .build();
  }

  static Plan plan(Workflow workflow, Execution execution) {
    return Planner.plan(workflow, List.of(Layer.of("workflow", execution)), MACHINE);
  }

  /** Plans a single stage and returns its route. */
  static Route route(Execution execution, Consumer<Stage.Builder> stage) {
    return plan(Workflow.builder().stage("S", stage).build(), execution)
        .stage("S")
        .route();
  }

  static List<String> pools(Route route) {
    return route.pools().stream().map(Pool::name).toList();
  }

  static List<Problem> problems(Workflow workflow, Execution execution) {
    return catchThrowableOfType(WorkflowException.class, () -> plan(workflow, execution))
        .problems();
  }

  /** Plans a single stage and returns the only problem. */
  static Problem problem(Execution execution, Consumer<Stage.Builder> stage) {
    List<Problem> problems = problems(Workflow.builder().stage("S", stage).build(), execution);
    Assertions.assertThat(problems).hasSize(1);
    return problems.get(0);
  }

  /** Compares a text with the file {@code plan/NAME}; {@code -Dgolden.update=true} writes the file instead. */
  static void assertGolden(String name, String text) throws IOException {
    Path file = Path.of("src/test/resources/plan", name);
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(file, text);
    }
    Assertions.assertThat(text).isEqualTo(Files.readString(file));
  }
}
