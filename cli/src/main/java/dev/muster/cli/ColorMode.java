package dev.muster.cli;

import java.util.Locale;

/** When to write in colour. */
enum ColorMode {
  /** On a terminal, unless {@code NO_COLOR} is set. */
  AUTO,
  ALWAYS,
  NEVER;

  /** Returns the word that stands for it on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
