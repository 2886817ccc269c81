package dev.muster.pixi;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Looks for paths in the bytes of a file, piece by piece, and whether it is text. Not thread-safe. */
final class PrefixSearch {
  private final byte[][] words;
  private final int[][] skips;
  private final int longest;
  private final byte[] joint;
  private int kept;
  private boolean found;
  private boolean binary;

  PrefixSearch(List<String> paths) {
    words =
        paths.stream().map(path -> path.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
    skips = new int[words.length][256];
    int most = 0;
    for (int i = 0; i < words.length; i++) {
      byte[] word = words[i];
      Arrays.fill(skips[i], word.length);
      for (int at = 0; at < word.length - 1; at++) {
        skips[i][word[at] & 0xff] = word.length - 1 - at;
      }
      most = Math.max(most, word.length);
    }
    longest = most;
    joint = new byte[2 * Math.max(1, longest)];
  }

  /** Begins a file. */
  void reset() {
    kept = 0;
    found = false;
    binary = false;
  }

  boolean found() {
    return found;
  }

  /** Tells whether there was a zero byte. */
  boolean binary() {
    return binary;
  }

  void look(byte[] bytes, int length) {
    if (!binary) {
      for (int i = 0; i < length; i++) {
        if (bytes[i] == 0) {
          binary = true;
          break;
        }
      }
    }
    if (found || longest == 0) {
      return;
    }
    int head = Math.min(length, longest - 1);
    if (kept > 0) { // what began in the piece before
      System.arraycopy(bytes, 0, joint, kept, head);
      found = any(joint, kept + head);
    }
    if (!found) {
      found = any(bytes, length);
    }
    if (length >= longest - 1) {
      kept = longest - 1;
      System.arraycopy(bytes, length - kept, joint, 0, kept);
    } else {
      byte[] both = Arrays.copyOf(joint, kept + length);
      System.arraycopy(bytes, 0, both, kept, length);
      int keep = Math.min(longest - 1, both.length);
      System.arraycopy(both, both.length - keep, joint, 0, keep);
      kept = keep;
    }
  }

  private boolean any(byte[] bytes, int length) {
    for (int i = 0; i < words.length; i++) {
      if (contains(bytes, length, words[i], skips[i])) {
        return true;
      }
    }
    return false;
  }

  private static boolean contains(byte[] bytes, int length, byte[] word, int[] skip) {
    int last = word.length - 1;
    for (int end = last; end < length; end += skip[bytes[end] & 0xff]) {
      int at = last;
      while (at >= 0 && bytes[end - last + at] == word[at]) {
        at--;
      }
      if (at < 0) {
        return true;
      }
    }
    return false;
  }
}
