package dev.muster.internal.yaml;

import java.io.Reader;

/**
 * Reads a text so that no read ends between the two halves of a character beyond U+FFFF: StreamReader of
 * snakeyaml-engine 3.0.1 then reads past its buffer. Not thread-safe.
 */
final class WholeCharacters extends Reader {
  private final String text;
  private int next;

  WholeCharacters(String text) {
    this.text = text;
  }

  @Override
  public int read(char[] buffer, int offset, int length) {
    int left = text.length() - next;
    if (left == 0 && length > 0) {
      return -1;
    }
    int count = Math.min(left, length);
    if (count > 1 && count < left && Character.isHighSurrogate(text.charAt(next + count - 1))) {
      count--;
    }
    text.getChars(next, next + count, buffer, offset);
    next += count;
    return count;
  }

  @Override
  public void close() {}
}
