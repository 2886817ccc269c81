package dev.muster.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.run.FailureKind;
import dev.muster.run.TaskFailure;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class EventTextTest {
  @Test
  void keepsShortTexts() {
    assertThat(EventText.bounded("short", null)).isEqualTo("short");
    String most = "x".repeat(EventText.MOST_BYTES);
    assertThat(EventText.bounded(most, null)).isSameAs(most);
  }

  @Test
  void keepsWhatAFailureSaysBesidesItsMessage() {
    IllegalStateException cause = new IllegalStateException("x");
    TaskFailure failure = new TaskFailure(FailureKind.OPERATION, "\033[31mred\007", 7, cause);
    assertThat(EventText.bounded(failure, null))
        .isEqualTo(new TaskFailure(FailureKind.OPERATION, "red\\u0007", 7, cause));
    TaskFailure clean = TaskFailure.of(FailureKind.OPERATION, "red\n\tand blue", 7);
    assertThat(EventText.bounded(clean, null)).isSameAs(clean);
  }

  @Test
  void cutsLongTextsBetweenCharactersAndNamesTheFile() {
    for (String each : new String[] {"x", "\u00e9", "\u20ac", "\uD83D\uDE00"}) {
      String cut = EventText.bounded("a" + each.repeat(1_000_000), Path.of("/run/errors"));
      assertThat(cut.getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(EventText.MOST_BYTES + 100);
      assertThat(cut)
          .startsWith("a" + each)
          .contains(each + "... (")
          .endsWith(" characters, the whole text is in /run/errors)")
          .doesNotContain("\uFFFD")
          .doesNotContain("?");
    }
  }
}
