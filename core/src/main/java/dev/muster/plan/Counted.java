package dev.muster.plan;

/** Numbers of things in texts. */
final class Counted {
  private Counted() {}

  /** Returns for example {@code 1 task} or {@code 12 tasks}. */
  static String of(int count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }
}
