package dev.muster.dask;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.execution.Execution;
import dev.muster.run.RunResult;
import dev.muster.run.TaskResult;
import dev.muster.value.FileRef;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Workflow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs whose workers have what was sent to them, and nothing else of this host. */
class DaskTransferIT {
  @TempDir
  Path folder;

  private HiddenSite site;

  @BeforeEach
  void makeSite() throws Exception {
    site = new HiddenSite(folder);
  }

  private Execution one() {
    return site.pools(site.execution(), "default");
  }

  private Execution two() {
    return site.pools(site.execution(), "default", "other");
  }

  private static Object value(RunResult result, String stage) {
    return result.orThrow().stage(stage).tasks().get(0).value();
  }

  @Test
  void workersSeeNothingOfTheSubmitHost() throws Exception {
    List<String> paths = site.hidden.stream().map(Path::toString).toList();
    assertThat(site.hidden).allMatch(Files::isDirectory);
    Workflow workflow =
        site.workflow("sees").stage("sees", s -> s.param("paths", paths)).build();
    assertThat(value(site.run(workflow, one()), "sees")).isEqualTo(List.of());
    assertThat(site.logs())
        .contains("muster: code unpacked, 1 files")
        .contains("muster: worker default-0 is ready");
  }

  @Test
  void filesReachTasksOnOtherWorkersAndTheRunsDirectory() throws Exception {
    Workflow workflow = site.workflow("make", "check")
        .dataset(Dataset.of("data", "a", "b", "c"))
        .stage("make", s -> s.param("size", 5_000_000))
        .stage("check", s -> s.needs("make").require("other"))
        .stage("all", s -> s.op("check").needs("make").scope(Scope.GLOBAL).require("other"))
        .stage("last", s -> s.op("make").needs())
        .build();
    RunResult result = site.run(workflow, two());
    for (TaskResult task : result.orThrow().stage("check").tasks()) {
      assertThat((Map<?, ?>) task.value())
          .isEqualTo(Map.of("made", "default-0", "read", "other-0"));
    }
    assertThat(value(result, "all")).isEqualTo(3L);
    for (TaskResult task : result.stage("last").tasks()) {
      Path file = ((FileRef) ((Map<?, ?>) task.value()).get("file")).path();
      assertThat(file).startsWith(site.directory.resolve("last")).hasSize(992);
      assertThat(file.getFileName()).hasToString("made.bin");
    }
  }

  @Test
  void largeResultsAndFoldersComeToTheRunsDirectory() throws Exception {
    Workflow workflow = site.workflow("large", "folder")
        .stage("large", s -> s.param("megabytes", 100))
        .stage("folder", s -> s.needs())
        .build();
    RunResult result = site.run(workflow, one());
    assertThat(((FileRef) value(result, "large")).path())
        .startsWith(site.directory.resolve("large"))
        .hasSize(100_000_000);
    Path made = ((FileRef) value(result, "folder")).path();
    assertThat(made).startsWith(site.directory.resolve("folder"));
    assertThat(made.resolve("one")).content().isEqualTo("1");
    assertThat(made.resolve("below/two")).content().isEqualTo("2");
  }

  @Test
  void filesOfAStageInThisJvmReachWorkers() throws Exception {
    Workflow workflow = site.workflow("read_given")
        .stage(
            "java",
            s -> s.run(context -> FileRef.of(Files.writeString(
                    Files.createDirectories(context.outputDirectory()).resolve("x"), "from java")))
                .environment(e -> e.executor("LocalExecutor")))
        .stage("read_given")
        .build();
    assertThat(value(site.run(workflow, one()), "read_given")).isEqualTo("from java");
  }

  @Test
  void datasetFilesOfTheWorkflowsFolderAreBrought() throws Exception {
    Files.createDirectories(site.base.resolve("data"));
    Files.writeString(site.base.resolve("data/a.txt"), "A");
    Files.writeString(site.base.resolve("data/b.txt"), "B");
    Workflow workflow = site.workflow("read_data")
        .dataset(Dataset.of("data", "data/a.txt", "data/b.txt"))
        .stage("read_data")
        .build();
    RunResult result = site.run(workflow, one());
    assertThat(result.orThrow().stage("read_data").tasks())
        .extracting(TaskResult::value)
        .containsExactly("A", "B");
  }

  @Test
  void shellCommandsFindTheScriptsThatTheyName() throws Exception {
    Path script =
        Files.writeString(site.base.resolve("say.sh"), "#!/bin/sh\necho \"$1\" > out.txt\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
    Workflow workflow = site.workflow()
        .stage(
            "say",
            s -> s.op("shell")
                .param("command", "{base_dir}/say.sh hello")
                .param("outputs", Map.of("file", "out.txt")))
        .build();
    Map<?, ?> said = (Map<?, ?>) value(site.run(workflow, one()), "say");
    assertThat(((FileRef) said.get("file")).path())
        .startsWith(site.directory)
        .content()
        .isEqualTo("hello\n");
  }
}
