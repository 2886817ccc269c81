package dev.muster.examples.guide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.CheckedPlan;
import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.SiteFiles;
import dev.muster.WorkflowFile;
import dev.muster.Workflows;
import dev.muster.error.Diagnostic;
import dev.muster.execution.Execution;
import dev.muster.plan.Plan;
import dev.muster.workflow.Workflow;
import java.nio.file.Path;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;

class PlanGuideTest {
  @Test
  void printsAndExplains() {
    Workflow workflow = Workflow.builder()
        .stage("BuildIndex")
        .op("custom.build_index")
        .require("high_memory")
        .build();
    Execution site =
        Execution.builder().pool("high_memory", pool -> pool.memory("128GB")).build();

    Plan plan = Muster.plan(workflow, site);
    System.out.println(plan.toYaml()); // or toJson(), toMermaid(), toDot()
    System.out.println(plan.explain("BuildIndex"));

    assertThat(plan.stage("BuildIndex").route().pools().get(0).name()).isEqualTo("high_memory");
  }

  @Test
  void tellsWhereAValueCameFrom() {
    Path path = Path.of("workflows", "dimuon.yaml");

    WorkflowFile file = Workflows.fromYaml(path).on(SiteFiles.standard());
    Plan plan = Muster.plan(file, RunOptions.defaults());
    SortedMap<String, String> origins = plan.execution().origins();

    assertThat(origins.get("pools.gpu.workers")).contains("dimuon.yaml");
  }

  @Test
  void findsEverythingThatIsWrong() {
    Path path = Path.of("workflows", "dimuon.yaml");

    CheckedPlan checked = Muster.check(Workflows.draft(path).onSite(), RunOptions.defaults());
    for (Diagnostic diagnostic : checked.diagnostics()) {
      System.out.println(diagnostic); // error: dimuon.yaml:6:19: ...
    }

    assertThat(checked.orThrow().stages()).isNotEmpty();
  }
}
