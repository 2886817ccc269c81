package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScreenTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Screen screen = new Screen(new Output(bytes));

  private String written() {
    String text = bytes.toString(StandardCharsets.UTF_8);
    bytes.reset();
    return text;
  }

  @Test
  void printsAtOnceWithoutARegion() {
    screen.print("one\ntwo");
    screen.print(List.of("three", "", "four"));
    assertThat(written()).isEqualTo("one\ntwo\nthree\n\nfour\n");
  }

  @Test
  void drawsARegionOverTheLastOne() {
    screen.draw(List.of("a", "b"));
    assertThat(written()).isEqualTo("\033[?25l\r\033[?7la\033[K\nb\033[K\n\033[J\033[?7h");
    screen.draw(List.of("c"));
    assertThat(written()).isEqualTo("\r\033[2A\033[?7lc\033[K\n\033[J\033[?7h");
  }

  @Test
  void printsAboveTheRegion() {
    screen.draw(List.of("a"));
    written();
    screen.print("log");
    assertThat(written()).isEmpty();
    screen.draw(List.of("b"));
    assertThat(written()).isEqualTo("\r\033[1A\033[Klog\033[K\n\033[?7lb\033[K\n\033[J\033[?7h");
  }

  @Test
  void leavesTheTerminalAsItWas() {
    screen.draw(List.of("a"));
    screen.print("last");
    written();
    screen.close();
    assertThat(written()).isEqualTo("\r\033[1A\033[J\033[Klast\033[K\n\033[?7h\033[?25h");
    screen.close();
    assertThat(written()).isEmpty();
  }

  @Test
  void isSilentOnceNobodyReads() {
    Screen broken = new Screen(new Output(new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        bytes.write(b);
        throw new IOException("Broken pipe");
      }
    }));
    broken.print("one");
    broken.print("two");
    broken.draw(List.of("three"));
    broken.close();
    assertThat(written()).isEqualTo("o");
  }
}
