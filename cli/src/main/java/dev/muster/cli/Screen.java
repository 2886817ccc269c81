package dev.muster.cli;

import java.io.UncheckedIOException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Standard error, with a region at its end that is drawn again and again.
 *
 * <p>While a region stands, lines of other threads (logs) wait for the next drawing, which puts them above it.
 * Thread-safe.
 */
final class Screen implements AutoCloseable {
  private static final String HIDE_CURSOR = "\033[?25l";
  private static final String SHOW_CURSOR = "\033[?25h";
  private static final String NO_WRAP = "\033[?7l";
  private static final String WRAP = "\033[?7h";
  private static final String CLEAR_LINE = "\033[K";
  private static final String CLEAR_BELOW = "\033[J";

  private final Output output;
  private final Queue<String> waiting = new ConcurrentLinkedQueue<>();
  private int regionLines;
  private boolean region;
  private boolean gone;

  Screen(Output output) {
    this.output = output;
  }

  /** Prints a line; above the region if there is one. */
  synchronized void print(String line) {
    print(line.lines().toList());
  }

  /** Prints lines; above the region if there is one. */
  synchronized void print(List<String> lines) {
    if (region) {
      waiting.addAll(lines);
    } else if (!lines.isEmpty()) {
      write(Text.shown(String.join("\n", lines)) + "\n");
    }
  }

  /** Draws the region anew, below what was printed since. */
  synchronized void draw(List<String> lines) {
    StringBuilder text = new StringBuilder();
    text.append(region ? "" : HIDE_CURSOR);
    region = true;
    toTop(text);
    printWaiting(text);
    text.append(NO_WRAP);
    for (String line : lines) {
      text.append(Text.shown(line)).append(CLEAR_LINE).append('\n');
    }
    text.append(CLEAR_BELOW).append(WRAP);
    regionLines = lines.size();
    write(text.toString());
  }

  /** Takes the region away and restores the cursor. Idempotent. */
  @Override
  public synchronized void close() {
    if (!region) {
      return;
    }
    region = false;
    StringBuilder text = new StringBuilder();
    toTop(text);
    text.append(CLEAR_BELOW);
    printWaiting(text);
    regionLines = 0;
    write(text.append(WRAP).append(SHOW_CURSOR).toString());
  }

  // Where nobody reads standard error any more there is nobody to tell; the command goes on.
  private void write(String text) {
    if (gone) {
      return;
    }
    try {
      output.raw(text);
    } catch (Output.ReaderGoneException | UncheckedIOException e) {
      gone = true;
    }
  }

  private void toTop(StringBuilder text) {
    text.append('\r');
    if (regionLines > 0) {
      text.append("\033[").append(regionLines).append('A');
    }
  }

  private void printWaiting(StringBuilder text) {
    for (String line = waiting.poll(); line != null; line = waiting.poll()) {
      text.append(CLEAR_LINE).append(Text.shown(line)).append(CLEAR_LINE).append('\n');
    }
  }
}
