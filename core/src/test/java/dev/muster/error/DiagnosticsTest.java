package dev.muster.error;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class DiagnosticsTest {
  private final Diagnostics diagnostics = new Diagnostics();

  private static Problem at(String file, int line, int column, String message) {
    return new Problem(new SourceLocation(file, line, column), "", message, null);
  }

  @Test
  void sortsByPlace() {
    diagnostics.error(at("b", 1, 1, "four"));
    diagnostics.warning(at("a", 2, 9, "three"));
    diagnostics.error(at("a", 2, 1, "two"));
    diagnostics.error(new Problem(null, "--set x=1", "one", null));
    assertThat(diagnostics.list())
        .extracting(each -> each.problem().message())
        .containsExactly("one", "two", "three", "four");
    assertThat(diagnostics.errors()).hasSize(3);
    assertThat(diagnostics.warnings()).hasSize(1);
  }

  @Test
  void hasEachOnce() {
    diagnostics.error(at("a", 1, 1, "same"));
    diagnostics.error(new Problem(new SourceLocation("a", 1, 1), "another.path", "same", "help"));
    diagnostics.error(at("a", 1, 2, "same"));
    assertThat(diagnostics.list()).hasSize(2);
  }

  @Test
  void countsWhatItDoesNotList() {
    for (int i = 1; i <= 1_200; i++) {
      diagnostics.error(at("a", i, 1, "wrong"));
      diagnostics.warning(at("a", i, 1, "doubtful"));
    }
    diagnostics.error(at("a", 7, 1, "wrong")); // is listed
    assertThat(diagnostics.isFull()).isTrue();
    assertThat(diagnostics.errors())
        .hasSize(1_001)
        .last()
        .hasToString("200 more problems are not listed");
    assertThat(diagnostics.list()).hasSize(2_002).last().asString().contains("200 more warnings");
  }

  @Test
  void throwsIfThereAreErrors() {
    diagnostics.warning(at("a", 1, 1, "doubtful"));
    diagnostics.throwIfErrors();
    diagnostics.errors(List.of(at("a", 1, 1, "wrong"), at("a", 2, 1, "wrong")));
    assertThatThrownBy(diagnostics::throwIfErrors)
        .isInstanceOf(WorkflowException.class)
        .hasMessage("2 problems\na:1:1: wrong\na:2:1: wrong");
  }

  @Test
  void suggestsUntilNobodyReadsOn() {
    for (int i = 0; i < 100; i++) {
      assertThat(diagnostics.didYouMean("gppu", List.of("gpu"))).isEqualTo("did you mean 'gpu'?");
    }
    assertThat(diagnostics.didYouMean("gppu", List.of("gpu"))).isNull();
  }
}
