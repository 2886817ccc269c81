package dev.muster.error;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Finds what somebody probably meant. Thread-safe.
 *
 * @since 0.1
 */
public final class Suggestions {
  private static final int MAX_LISTED = 12;

  private Suggestions() {}

  /** Returns the known word that is nearest to {@code word}, or null if none is near. */
  public static @Nullable String nearest(String word, Collection<String> known) {
    String best = null;
    int bestDistance = Math.max(1, Math.min(word.length(), 64) / 3) + 1;
    String lower = word.toLowerCase(Locale.ROOT);
    for (String candidate : known) {
      if (Math.abs(candidate.length() - word.length()) >= bestDistance) {
        continue;
      }
      int distance = distance(lower, candidate.toLowerCase(Locale.ROOT), bestDistance);
      if (distance < bestDistance) {
        bestDistance = distance;
        best = candidate;
      }
    }
    return best;
  }

  /**
   * Returns {@code did you mean 'gpu'?}, or else the known words, {@code known: default, gpu}; null if there are none.
   */
  public static @Nullable String didYouMean(String word, Collection<String> known) {
    String nearest = nearest(word, known);
    if (nearest != null) {
      return "did you mean '" + nearest + "'?";
    }
    if (known.isEmpty()) {
      return null;
    }
    return "known: " + listed(known);
  }

  /** Returns the words of a list in their order; of a long one the first twelve, and how many more there are. */
  public static String listed(Collection<String> words) {
    String listed = String.join(", ", words.stream().limit(MAX_LISTED).toList());
    return words.size() > MAX_LISTED
        ? listed + ", and " + (words.size() - MAX_LISTED) + " more"
        : listed;
  }

  // Damerau's distance (a swap of neighbours counts once), given up at the limit.
  private static int distance(String a, String b, int limit) {
    int[] beforeLast = new int[b.length() + 1];
    int[] last = new int[b.length() + 1];
    int[] now = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      last[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      now[0] = i;
      int least = i;
      for (int j = 1; j <= b.length(); j++) {
        int cost = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int value = Math.min(Math.min(now[j - 1], last[j]) + 1, last[j - 1] + cost);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          value = Math.min(value, beforeLast[j - 2] + 1);
        }
        now[j] = value;
        least = Math.min(least, value);
      }
      if (least >= limit) {
        return limit;
      }
      int[] spare = beforeLast;
      beforeLast = last;
      last = now;
      now = spare;
    }
    return last[b.length()];
  }
}
