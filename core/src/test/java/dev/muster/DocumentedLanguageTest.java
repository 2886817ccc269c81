package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.execution.Layer;
import dev.muster.plan.Machine;
import dev.muster.plan.Planner;
import dev.muster.resource.MemorySize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The snippets of the documentation load. */
class DocumentedLanguageTest {
  private static final Pattern SNIPPET = Pattern.compile("(?ms)^```yaml\\n(.*?)^```$");

  @TempDir
  Path folder;

  static List<String> workflows() throws IOException {
    return snippets("workflow-language.md");
  }

  @ParameterizedTest
  @MethodSource("workflows")
  void everySnippetLoadsAndPlans(String text) {
    WorkflowFile file = Workflows.fromYaml(text);

    List<Layer> layers = List.of(file.layer());
    assertThat(Planner.plan(file.workflow(), layers, new Machine(4, MemorySize.parse("16GB")))
            .stages())
        .hasSameSizeAs(file.workflow().stages());
  }

  @Test
  void theSiteFileLoads() throws IOException {
    List<String> snippets = snippets("site-layers.md");
    assertThat(snippets).isNotEmpty();
    for (String text : snippets) {
      Path file = Files.writeString(folder.resolve("site.yaml"), text);

      SiteFiles site = SiteFiles.read(Map.of(SiteFiles.VARIABLE, file.toString()), null);

      assertThat(site.layers().get(0).execution().pools()).containsKey("gpu");
      assertThat(site.registry().operations().containsKey("site.copy"))
          .isEqualTo(site.layers().get(0).forStrategy() == null);
    }
  }

  private static List<String> snippets(String page) throws IOException {
    Matcher matcher = SNIPPET.matcher(Files.readString(Path.of("../docs", page)));
    List<String> snippets = new ArrayList<>();
    while (matcher.find()) {
      snippets.add(matcher.group(1));
    }
    return snippets;
  }
}
