package dev.muster.batch.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.spi.CodeFiles;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What counts of the files in which jobs say what their code came from. */
class ToldCodeTest {
  private static final List<String> LINK = List.of("times", "/usr/bin/python3", "1 2");
  private static final List<String> MODULE = List.of("content", "/work/ops.py", "abc");

  @Test
  void theLinkOfAnInterpreterThatThisHostHasNotDoesNotCount() {
    List<String> elsewhere = List.of(CodeFiles.ELSEWHERE, "/usr/bin/python3.99", "1 2");

    assertThat(ToldCode.withoutLink(List.of(elsewhere, LINK, MODULE)))
        .containsExactly(elsewhere, MODULE);
  }

  @Test
  void anyOtherFileCounts() {
    List<String> here = List.of("times", "/usr/bin/python3.11", "1 2");
    List<String> elsewhere = List.of(CodeFiles.ELSEWHERE, "/usr/lib/python3.99/a.py", "1 2");
    List<String> other = List.of("times", "/usr/lib/python3/dist-packages/b.py", "1 2");

    assertThat(ToldCode.withoutLink(List.of(here, LINK, MODULE)))
        .containsExactly(here, LINK, MODULE);
    assertThat(ToldCode.withoutLink(List.of(elsewhere, other, MODULE)))
        .containsExactly(elsewhere, other, MODULE);
    assertThat(ToldCode.withoutLink(List.of(elsewhere))).containsExactly(elsewhere);
  }
}
