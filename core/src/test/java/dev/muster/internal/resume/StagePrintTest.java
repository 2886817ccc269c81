package dev.muster.internal.resume;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StagePrintTest {
  private static final StagePrint PRINT =
      new StagePrint("Fit", Map.of("code", "c1", "params", "p1"), true, null);

  @Test
  void isEqualToOneOfTheSameParts() {
    StagePrint same = new StagePrint("Fit", Map.of("params", "p1", "code", "c1"), true, null);
    assertThat(same).isEqualTo(PRINT).hasSameHashCodeAs(PRINT);
  }

  @Test
  void differsInWhateverDiffers() {
    Map<String, String> parts = PRINT.parts();
    assertThat(List.of(
            new StagePrint("Fat", parts, true, null),
            new StagePrint("Fit", Map.of("code", "c2", "params", "p1"), true, null),
            new StagePrint("Fit", Map.of("code", "c1"), true, null),
            new StagePrint("Fit", parts, false, null),
            new StagePrint("Fit", parts, true, "random")))
        .doesNotContain(PRINT);
    assertThat(PRINT.changes(new StagePrint("Fit", Map.of("code", "c2"), true, null)))
        .containsExactly("code", "params");
  }
}
