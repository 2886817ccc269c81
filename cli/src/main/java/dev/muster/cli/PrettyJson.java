package dev.muster.cli;

import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.PrettyPrinter;
import tools.jackson.core.util.DefaultPrettyPrinter;

/** Makes JSON that people can read too. */
final class PrettyJson extends ObjectWriteContext.Base {
  @Override
  public PrettyPrinter getPrettyPrinter() {
    return new DefaultPrettyPrinter();
  }
}
