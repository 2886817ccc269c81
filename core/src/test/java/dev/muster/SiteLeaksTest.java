package dev.muster;

import static dev.muster.RunFixture.PATIENCE;
import static dev.muster.RunFixture.data;
import static dev.muster.RunFixture.end;
import static dev.muster.RunFixture.workers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.plan.Plan;
import dev.muster.run.Run;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nothing of a run that is over stays with the site. */
@Timeout(120)
class SiteLeaksTest {
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  private static long descriptors() throws IOException {
    if (!Files.isDirectory(DESCRIPTORS)) {
      return 0;
    }
    try (Stream<Path> all = Files.list(DESCRIPTORS)) {
      return all.count();
    }
  }

  private static Workflow workflow(int number) {
    return Workflow.builder()
        .dataset(data("a", 3))
        .stage("First")
        .run(context -> new byte[1 << 16])
        .stage("Then")
        .run(context -> {
          if (number % 5 == 4) {
            throw new IllegalStateException("fails");
          }
          return context.input("First", byte[].class).length;
        })
        .build();
  }

  private static WeakReference<Plan> once(Site site, int number) {
    Plan plan = site.plan(workflow(number));
    try (Run run = site.start(plan, RunOptions.defaults())) {
      if (number % 7 == 6) {
        run.cancel();
      }
      assertThat(end(run)).isNotNull();
    }
    return new WeakReference<>(plan);
  }

  @Test
  void plansValuesThreadsAndDescriptorsOfEarlierRunsGo() throws IOException {
    try (Site site = Muster.open(workers(3))) {
      for (int i = 0; i < 50; i++) {
        assertThat(once(site, i)).isNotNull();
      }
      long files = descriptors();
      List<WeakReference<Plan>> plans = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        plans.add(once(site, i));
      }
      assertThat(RunFixture.threads())
          .hasSizeLessThanOrEqualTo(3)
          .allMatch(name -> name.endsWith("@" + site.id()));
      assertThat(descriptors()).isLessThan(files + 20);
      await().atMost(PATIENCE).untilAsserted(() -> {
        System.gc();
        assertThat(plans).allMatch(plan -> plan.get() == null);
      });
    }
    assertThat(RunFixture.threads()).isEmpty();
  }
}
