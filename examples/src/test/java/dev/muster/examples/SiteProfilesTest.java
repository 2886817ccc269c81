package dev.muster.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.SiteFiles;
import dev.muster.WorkflowFile;
import dev.muster.Workflows;
import dev.muster.batch.Jobs;
import dev.muster.batch.PlannedJobs;
import dev.muster.code.ShellWords;
import dev.muster.plan.Plan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The site files of well-known sites load, and their jobs are the expected ones. With {@code -Dgolden.update} the texts
 * are written instead; read the difference then.
 */
class SiteProfilesTest {
  private static final Path TEXTS = Path.of("src/test/resources/sites");
  private static final String WORKFLOW = """
      name: demo
      registry:
        operations: {demo.step: "demo:step"}
      analysis:
        stages:
          - {id: Select, op: demo.step}
          - {id: Train, op: demo.step, execution: {prefer: gpu}}
          - {id: Fit, op: demo.step, execution: {require: high_memory}}
      execution:
        config: {python: python3} # else this machine's choice
      """;

  static List<Path> sites() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("sites"))) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("sites")
  void startsTheExpectedJobs(Path site) throws IOException {
    SiteFiles files = SiteFiles.read(Map.of(SiteFiles.VARIABLE, site.toString()), null);
    WorkflowFile file =
        Workflows.fromYaml(WORKFLOW, "demo.yaml", Path.of("/work/demo")).on(files);
    RunOptions options =
        RunOptions.builder().directory(Path.of("/work/demo/run")).build();
    Plan plan = Muster.plan(file, options);
    String text = text(Jobs.planned(plan, options));
    Path expected = TEXTS.resolve(site.getFileName().toString().replace(".yaml", ".txt"));
    if (System.getProperty("golden.update") != null) {
      Files.createDirectories(TEXTS);
      Files.writeString(expected, text);
    }
    assertThat(text).isEqualTo(Files.readString(expected));
  }

  private static String text(List<PlannedJobs> jobs) {
    StringBuilder text = new StringBuilder();
    for (PlannedJobs pool : jobs) {
      text.append("# pool ")
          .append(pool.pool())
          .append(": ")
          .append(pool.copies())
          .append('\n');
      pool.submission()
          .files()
          .forEach(
              (path, content) -> text.append("# ").append(path).append('\n').append(content));
      text.append("$ ").append(ShellWords.join(pool.submission().command())).append('\n');
      if (pool.submission().input() != null) {
        text.append(pool.submission().input());
      }
    }
    return text.toString();
  }

  @Test
  void eachIsOnThePageOfSites() throws IOException {
    String page = Files.readString(Path.of("../docs/site-layers.md"));
    assertThat(sites())
        .isNotEmpty()
        .allSatisfy(
            site -> assertThat(page).contains("](../examples/sites/" + site.getFileName() + ")"));
  }
}
