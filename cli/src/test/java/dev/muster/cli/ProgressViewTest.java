package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.cli.Snapshot.Row;
import dev.muster.run.RunProgress.StageProgress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressViewTest {
  private static final Style PLAIN = new Style(false, true);
  private static final int[] WIDTHS = {160, 100, 80, 60, 50, 40, 30, 20, 12, 6, 1};

  private static Row row(
      String id,
      String pools,
      int tasks,
      int running,
      int done,
      int failed,
      int skipped,
      int time) {
    return new Row(
        pools,
        new StageProgress(id, tasks, running, done, failed, skipped),
        time < 0 ? null : Duration.ofSeconds(time));
  }

  private static Snapshot sample() {
    return new Snapshot(
        "dimuon",
        Duration.ofSeconds(75),
        false,
        List.of(
            row("BuildIndex", "high_memory", 20, 0, 20, 0, 0, 32),
            row("Select", "default", 400, 20, 117, 2, 0, 43),
            row("RunInference", "gpu|gpu_large", 400, 1, 12, 0, 0, 12),
            row("Histogram", "default", 1, 0, 0, 0, 0, -1),
            row("Optional", "default", 4, 0, 0, 0, 4, -1)));
  }

  private static Snapshot wide() {
    return new Snapshot(
        "ミューオン対の質量分布とその非常に長い名前のワークフロー",
        Duration.ofHours(30),
        true,
        List.of(
            row("選択", "大容量", 3, 1, 1, 0, 0, 3700),
            row("naïve_e\u0301tape_👩‍🔬", "default", 1_000_000, 512, 99_999, 0, 0, 60),
            row(
                "a_stage_with_a_name_that_is_longer_than_any_terminal",
                "pool_of_a_long_name",
                9,
                0,
                0,
                9,
                0,
                1)));
  }

  private static Snapshot many(int stages) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < stages; i++) {
      rows.add(
          i < 120
              ? row("stage_" + i, "default", 10, 0, 10, 0, 0, 5)
              : i < 125
                  ? row("stage_" + i, "default", 10, 2, i - 118, 0, 0, 2)
                  : row("stage_" + i, "default", 10, 0, 0, 0, 0, -1));
    }
    return new Snapshot("many", Duration.ofMinutes(10), false, rows);
  }

  private static List<String> atAllWidths(Snapshot snapshot) {
    List<String> all = new ArrayList<>();
    for (int width : WIDTHS) {
      all.add("-- " + width);
      all.addAll(ProgressView.render(snapshot, width, 24, PLAIN));
    }
    return all;
  }

  @Test
  void showsStagesAtAnyWidth() {
    Golden.assertMatches("progress.txt", atAllWidths(sample()));
  }

  @Test
  void showsWideAndCombiningCharacters() {
    Golden.assertMatches("progress-unicode.txt", atAllWidths(wide()));
  }

  @Test
  void foldsManyStagesToThoseAtWork() {
    Golden.assertMatches("progress-folded.txt", ProgressView.render(many(200), 80, 12, PLAIN));
  }

  @Test
  void usesAsciiWhereTheTerminalHasNoMore() {
    List<String> lines = ProgressView.render(sample(), 70, 24, Style.ASCII);
    Golden.assertMatches("progress-ascii.txt", lines);
    assertThat(String.join("", lines).chars()).allMatch(c -> c < 128);
  }

  @Test
  void colorChangesNoCharacter() {
    List<String> colored = ProgressView.render(sample(), 80, 24, new Style(true, true));
    assertThat(String.join("\n", colored)).contains("\033[");
    assertThat(colored.stream().map(line -> line.replaceAll("\033\\[[0-9]+m", "")))
        .isEqualTo(ProgressView.render(sample(), 80, 24, PLAIN));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void neverExceedsWidthOrHeight(boolean color) {
    Style style = new Style(color, true);
    for (Snapshot snapshot : List.of(sample(), wide(), many(200), many(3), many(0))) {
      for (int width = 1; width <= 170; width++) {
        for (int height : new int[] {2, 3, 6, 24}) {
          List<String> lines = ProgressView.render(snapshot, width, height, style);
          assertThat(lines.size()).isLessThanOrEqualTo(height);
          for (String line : lines) {
            assertThat(Text.width(line.replaceAll("\033\\[[0-9]+m", "")))
                .as("width %d: '%s'", width, line)
                .isLessThanOrEqualTo(width);
          }
        }
      }
    }
  }

  @Test
  void keepsTheColumnsInLine() {
    List<String> lines = ProgressView.render(sample(), 100, 24, PLAIN);
    assertThat(lines.stream().skip(1).map(line -> line.indexOf('/')).distinct()).hasSize(1);
  }

  @Test
  void aStageWithoutTasksIsOver() {
    Snapshot snapshot = new Snapshot(
        "empty", Duration.ZERO, false, List.of(row("Nothing", "default", 0, 0, 0, 0, 0, -1)));
    assertThat(ProgressView.render(snapshot, 60, 10, PLAIN).get(1))
        .startsWith("✓ Nothing")
        .contains("0/0");
  }
}
