package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.error.Problem;
import dev.muster.error.SourceLocation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class ProblemViewTest {
  private static final List<String> SOURCE = List.of(
      "analysis:",
      "  stages:",
      "    - {id: TrainModel, op: custom.train, execution: {require: gpus}}",
      "    - {id: 学習, op: 作る, needz: x}",
      "\t\tid: tab",
      "x".repeat(200) + " here " + "y".repeat(200),
      "");

  private static Problem problem(
      int line, int column, String path, String message, @Nullable String suggestion) {
    return new Problem(new SourceLocation("dimuon.yaml", line, column), path, message, suggestion);
  }

  private static final List<Problem> PROBLEMS = List.of(
      problem(
          3,
          61,
          "analysis.stages[0].execution.require",
          "no pool provides the label 'gpus'",
          "did you mean 'gpu'?"),
      problem(4, 24, "analysis.stages[1].needz", "unknown key 'needz'", "did you mean 'needs'?"),
      problem(5, 3, "", "a tab cannot indent", null),
      problem(6, 202, "", "a long line", null),
      problem(7, 1, "", "an empty line", null),
      problem(99, 1, "", "beyond the end", null),
      new Problem(null, "execution.pools", "built in Java", "change it"));

  @Test
  void showsEachProblemInItsLine() {
    Map<String, List<String>> files = Map.of("dimuon.yaml", SOURCE);
    Golden.assertMatches(
        "problems.txt",
        ProblemView.render(PROBLEMS, file -> files.getOrDefault(file, List.of()), Style.ASCII));
  }

  @Test
  void doesWithoutTheFile() {
    assertThat(ProblemView.render(PROBLEMS.subList(0, 1), file -> List.of(), Style.ASCII))
        .containsExactly(
            "dimuon.yaml:3:61: error: no pool provides the label 'gpus'",
            "  at   analysis.stages[0].execution.require",
            "  help did you mean 'gpu'?",
            "",
            "1 problem in dimuon.yaml");
  }

  @Test
  void putsTheMarkUnderTheColumnWhateverTheWidthOfTheCharacters() {
    List<String> lines =
        ProblemView.render(PROBLEMS.subList(1, 2), file -> SOURCE, new Style(false, true));
    String source = lines.get(1);
    String mark = lines.get(2);
    assertThat(Text.width(mark.substring(0, mark.indexOf('^'))))
        .isEqualTo(Text.width(source.substring(0, source.indexOf("needz"))));
  }

  @Test
  void writesJsonForPrograms() {
    JsonNode json = new ObjectMapper().readTree(ProblemJson.render(PROBLEMS, List.of()));
    assertThat(json.get("valid").booleanValue()).isFalse();
    assertThat(json.get("problems")).hasSize(PROBLEMS.size());
    JsonNode first = json.get("problems").get(0);
    List<String> keys = new ArrayList<>(first.propertyNames());
    assertThat(keys).containsExactly("file", "line", "column", "path", "message", "suggestion");
    assertThat(first.get("line").intValue()).isEqualTo(3);
    assertThat(first.get("column").intValue()).isEqualTo(61);
    assertThat(json.get("problems").get(6).get("file").isNull()).isTrue();
    assertThat(json.get("problems").get(2).get("suggestion").isNull()).isTrue();
  }
}
