package dev.muster.error;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VisibleTest {
  @Test
  void showsWhatWouldBeHidden() {
    assertThat(Visible.line("a\033]52;c;x\007\u009b\u202e\u200b\u2028\0\177\ufeff\ud800"))
        .isEqualTo(
            "a\\u001B]52;c;x\\u0007\\u009B\\u202E\\u200B\\u2028\\u0000\\u007F\\uFEFF\\uD800");
    assertThat(Visible.line("one\ntwo\tthree\r")).isEqualTo("one\\ntwo\\tthree\\u000D");
    assertThat(Visible.line("\udb40\udc41\u3164\u2800\u115f\ufdd0\uffff"))
        .isEqualTo("\\uDB40\\uDC41\\u3164\\u2800\\u115F\\uFDD0\\uFFFF");
  }

  @Test
  void leavesWhatPeopleWrite() {
    for (String text :
        new String[] {"", "Müller 日本 القاهرة ελ", "👩\u200d🔬 ✈️", "e\u0301", "a\u00a0b", "\\n"}) {
      assertThat(Visible.line(text)).isSameAs(text);
    }
    assertThat(Visible.line("a\u200db")).isEqualTo("a\\u200Db");
  }

  @Test
  void keepsTheLinesOfALog() {
    assertThat(Visible.text("\033[31mTraceback\033[0m:\r\n\tat \033[2Jx\rlast\u0085same"))
        .isEqualTo("Traceback:\n\tat \\u001B[2Jx\nlast\\u0085same");
    assertThat(Visible.lines("one\r\ntwo\t\u202ex\n")).containsExactly("one", "two    \\u202Ex");
  }

  @Test
  void problemsAndExceptionsShowNoMoreLinesThanTheyHave() {
    Problem problem = new Problem(
        new SourceLocation("a\nb.yaml", 1, 2),
        "stages.x\ny",
        "bad\nworse\033[2J",
        "write\u202e it");
    assertThat(problem.toString())
        .isEqualTo("a\\nb.yaml:1:2: stages.x\\ny: bad\n    worse\\u001B[2J; write\\u202E it");
    assertThat(new MusterException("x\u009by")).hasMessage("x\\u009By");
  }
}
