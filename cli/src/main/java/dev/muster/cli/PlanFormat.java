package dev.muster.cli;

import java.util.Locale;

/** How {@code muster plan} writes a plan. */
enum PlanFormat {
  YAML,
  JSON,
  MERMAID,
  DOT;

  /** Returns the word that stands for it on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
