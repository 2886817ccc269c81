package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextTest {
  @ParameterizedTest
  @CsvSource({"'',0", "abc,3", "é,1", "e\u0301,1", "学習,4", "🚀,2", "ｆ,2", "a\u200db,2"})
  void knowsHowWideTextIs(String text, int columns) {
    assertThat(Text.width(text)).isEqualTo(columns);
  }

  @ParameterizedTest
  @CsvSource({
    "abcdef,6,abcdef",
    "abcdef,5,abcd…",
    "abcdef,1,…",
    "abcdef,0,''",
    "学習用,4,学…",
    "学習用,5,学習…",
    "🚀🚀,3,🚀…"
  })
  void cutsToColumns(String text, int columns, String expected) {
    assertThat(Text.clip(text, columns, new Style(false, true))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "0,0 ms,0:00",
    "999,999 ms,0:00",
    "1000,1.0 s,0:01",
    "59999,59.9 s,0:59",
    "60000,1 min 0 s,1:00",
    "754000,12 min 34 s,12:34",
    "3600000,1 h 0 min,1:00:00",
    "108000000,30 h 0 min,30:00:00",
    "-5,0 ms,0:00"
  })
  void tellsTimes(long millis, String time, String clock) {
    assertThat(Text.time(Duration.ofMillis(millis))).isEqualTo(time);
    assertThat(Text.clock(Duration.ofMillis(millis))).isEqualTo(clock);
  }

  @Test
  void takesControlOfTheTerminalFromForeignText() {
    assertThat(Text.harmless("a\033[2Jb\033]0;title\u0007\rc\td\u009b\u202e"))
        .isEqualTo("a\\u001B[2Jb\\u001B]0;title\\u0007\\u000Dc    d\\u009B\\u202E");
    assertThat(Text.lines("\033[31mred\033[0m\tx")).containsExactly("red    x");
    assertThat(Text.shown("\033[31mred\033[0m\n\033[2J\033[5mx"))
        .isEqualTo("\033[31mred\033[0m\n\\u001B[2J\\u001B[5mx");
    assertThat(Text.lines("\none\r\ntwo\n\n")).containsExactly("one", "two");
    assertThat(Text.firstLine("  \n")).isEmpty();
  }
}
