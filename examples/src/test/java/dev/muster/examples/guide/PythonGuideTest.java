package dev.muster.examples.guide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.execution.Execution;
import dev.muster.run.RunResult;
import dev.muster.value.FileRef;
import dev.muster.workflow.Modifier;
import dev.muster.workflow.Registry;
import dev.muster.workflow.StageInput;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the Python of docs/python.md as it stands there. */
class PythonGuideTest {
  private static final Pattern MODULE =
      Pattern.compile("```python\\n# (\\S+)\\n(.*?)```", Pattern.DOTALL);

  @TempDir
  private Path folder;

  @Test
  void theCodeOfThePageRuns() throws IOException {
    Matcher module = MODULE.matcher(Files.readString(Path.of("../docs/python.md")));
    int modules = 0;
    while (module.find()) {
      Path file = folder.resolve(module.group(1));
      Files.createDirectories(file.getParent());
      Files.writeString(file, module.group(2));
      modules++;
    }
    assertThat(modules).isEqualTo(3);
    Workflow workflow = Workflow.builder()
        .baseDirectory(folder)
        .registry(new Registry(
            Map.of("custom.train", "analysis.train:run"),
            Map.of("gpu.preload", "analysis.gpu:Preload", "scale", "analysis.scale:Scale")))
        .stage("Select")
        .run(context -> List.of(1, 2, 3))
        .stage("TrainModel")
        .op("custom.train")
        .from(List.of(new StageInput("Select", null, "events")))
        .param("epochs", 20)
        .modifier("gpu.preload")
        .modifier(new Modifier("scale", Map.of("by", 2)))
        .build();

    RunOptions options = RunOptions.builder().directory(folder.resolve("run")).build();
    RunResult result = Muster.run(workflow, Execution.local(), options).orThrow();

    assertThat(result.stage("TrainModel").tasks().get(0).diagnostics())
        .containsEntry("epochs", 20L);
    assertThat(Files.readString(folder.resolve("run/logs"))).contains("TrainModel is scaled by 2");
    assertThat(result.stage("TrainModel").value())
        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
        .containsEntry("score", 0.97)
        .containsEntry("precision", "float32")
        .hasEntrySatisfying("model", model -> assertThat(model).isInstanceOf(FileRef.class));
  }
}
