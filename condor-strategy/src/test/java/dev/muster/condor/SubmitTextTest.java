package dev.muster.condor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.error.MusterException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SubmitTextTest {
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '~',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "/a/b c,/a/b c",
        "it's \"it\",it's \"it\"",
        "$(HOME),$(DOLLAR)(HOME)",
        "$ENV(HOME) $,$(DOLLAR)ENV(HOME) $(DOLLAR)",
        "back\\slash,back\\slash",
        "end\\,end\\$(MUSTER_NOTHING:)",
        " a ,$(MUSTER_NOTHING:) a $(MUSTER_NOTHING:)",
        "~~,$(MUSTER_NOTHING:)"
      })
  void writesAValue(String value, String expected) {
    assertThat(SubmitText.plain("it", value)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '~',
      value = {
        "longlunch,\"longlunch\"",
        "it's \"it\",\"it's \\\"it\\\"\"",
        "$(HOME),\"$(DOLLAR)(HOME)\"",
        "a\\b,\"a\\b\"",
        "end\\,\"end\\\"",
        "a\\\"b,\"a\\\\\"b\""
      })
  void writesAString(String value, String expected) {
    assertThat(SubmitText.string("it", value)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\nb", "a\rb", "a\u0000b", "$$(Arch)", "a$$"})
  void refusesWhatHtcondorHasNoWordsFor(String value) {
    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(() -> SubmitText.plain("the path", value))
        .withMessageContaining("the path cannot be told to HTCondor");
    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(() -> SubmitText.string("the queue", value))
        .withMessageContaining("the queue cannot be told to HTCondor");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\nqueue 5", "a \\", "a \\ "})
  void refusesVerbatimTextThatWouldNotStayOnItsLine(String line) {
    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(() -> SubmitText.verbatim("requirements", line))
        .withMessageContaining("requirements must be one line");
  }

  @Test
  void leavesVerbatimTextAlone() {
    assertThat(SubmitText.verbatim("it", "a = \"$(x)\" $$(y)")).isEqualTo("a = \"$(x)\" $$(y)");
  }
}
