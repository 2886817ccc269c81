package dev.muster.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Muster;
import dev.muster.execution.Execution;
import dev.muster.internal.rundir.RunLayout;
import dev.muster.plan.Plan;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Workflow;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunFilesTest {
  @ParameterizedTest
  @ValueSource(strings = {"Select", "ttbar.3", "a_b-c.d", "9"})
  void keepsHarmlessNames(String name) {
    assertThat(RunLayout.fileName(name)).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ".",
        "..",
        ".hidden",
        "a/b",
        "../../x",
        "journal",
        "Journal",
        "logs",
        "plan.yaml",
        "ä",
        "a b",
        "\uD83D\uDE00"
      })
  void changesOthers(String name) {
    assertThat(RunLayout.fileName(name))
        .isNotEqualToIgnoringCase(name)
        .matches("[A-Za-z0-9_-][A-Za-z0-9._-]*-[0-9a-f]{8}");
  }

  @Test
  void keepsDifferentNamesApart() {
    Set<String> names = Stream.of("a/b", "a_b", "a b", "a\\b", "x".repeat(200), "x".repeat(201))
        .map(RunLayout::fileName)
        .collect(Collectors.toSet());
    assertThat(names).hasSize(6).allMatch(name -> name.length() <= 100);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ttbar", "a b", "../x", "logs", "d.1", "\uD83D\uDE00", "LONG"})
  void onlyTheNumberTellsThePartitionsOfADatasetApart(String name) {
    String dataset = name.equals("LONG") ? "x".repeat(200) : name;
    Workflow workflow = Workflow.builder()
        .name("w")
        .dataset(Dataset.of("other", "o.root"))
        .dataset(Dataset.of(dataset, "0.root", "1.root", "2.root"))
        .stage("A", s -> s.op("one").scope(Scope.PARTITION))
        .stage("B", s -> s.op("one").scope(Scope.DATASET))
        .stage("C", s -> s.op("one").scope(Scope.GLOBAL))
        .build();
    Plan plan = Muster.plan(workflow, Execution.local());
    String first = RunFiles.location(plan, 1).toString();
    assertThat(first).startsWith("A/").endsWith(".0");
    String folder = first.substring(0, first.length() - 1);
    assertThat(RunFiles.location(plan, 2)).hasToString(folder + 1);
    assertThat(RunFiles.location(plan, 3)).hasToString(folder + 2);
    assertThat(RunFiles.location(plan, 5))
        .hasToString("B/" + folder.substring(2, folder.length() - 1));
    assertThat(RunFiles.location(plan, 6)).hasToString("C");
  }
}
