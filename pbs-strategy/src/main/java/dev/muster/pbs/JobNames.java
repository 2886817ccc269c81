package dev.muster.pbs;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Names of jobs that every version takes: old ones allow 15 characters, the first of them a letter. */
final class JobNames {
  private static final String FIRST = "muster";
  private static final int LENGTH = 15;
  private static final int LETTERS = 36;

  private JobNames() {}

  /** Returns the name of the jobs of a submission: the same for the same tag, and another for any other. */
  static String of(String tag) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(tag.getBytes(StandardCharsets.UTF_8));
      String text = new BigInteger(1, digest).toString(LETTERS);
      return FIRST + text.substring(text.length() - (LENGTH - FIRST.length()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
