package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TerminalTest {
  @ParameterizedTest
  @CsvSource({
    "AUTO,true,xterm,'',true",
    "AUTO,false,xterm,'',false",
    "AUTO,true,dumb,'',false",
    "AUTO,true,xterm,1,false",
    "ALWAYS,false,dumb,1,true",
    "NEVER,true,xterm,'',false"
  })
  void colorFollowsTheOptionThenTheTerminal(
      ColorMode mode, boolean isTerminal, String term, String noColor, boolean expected) {
    Terminal terminal = new Terminal(true, true, Map.of("TERM", term, "NO_COLOR", noColor));
    assertThat(terminal.style(isTerminal, mode).color()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "LANG,en_US.UTF-8,true",
    "LANG,C.utf8,true",
    "LC_ALL,C,false",
    "LANG,de_DE.ISO-8859-1,false",
    "OTHER,x,false"
  })
  void unicodeFollowsTheLocale(String variable, String value, boolean expected) {
    Terminal terminal = new Terminal(true, true, Map.of(variable, value));
    assertThat(terminal.style(true, ColorMode.NEVER).unicode()).isEqualTo(expected);
  }

  @Test
  void lcAllWinsOverLang() {
    Terminal terminal = new Terminal(true, true, Map.of("LC_ALL", "C", "LANG", "C.UTF-8"));
    assertThat(terminal.style(true, ColorMode.NEVER).unicode()).isFalse();
  }

  @Test
  void isLiveWhereTheCursorCanMove() {
    assertThat(new Terminal(false, true, Map.of("TERM", "xterm")).live()).isTrue();
    assertThat(new Terminal(false, true, Map.of("TERM", "dumb")).live()).isFalse();
    assertThat(new Terminal(true, false, Map.of("TERM", "xterm")).live()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"132,40,132,40", "'','',80,24", "0,-1,80,24", "wide,12345,80,24"})
  void takesItsSizeFromTheEnvironment(String columns, String lines, int width, int height) {
    Terminal terminal = new Terminal(false, false, Map.of("COLUMNS", columns, "LINES", lines));
    assertThat(terminal.size()).isEqualTo(new Terminal.Size(width, height));
  }
}
