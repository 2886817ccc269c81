package dev.muster.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

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

  /** Reads the word. */
  static final class Converter implements ITypeConverter<PlanFormat> {
    @Override
    public PlanFormat convert(String word) {
      for (PlanFormat value : values()) {
        if (value.name().equalsIgnoreCase(word)) {
          return value;
        }
      }
      String known =
          Arrays.stream(values()).map(PlanFormat::toString).collect(Collectors.joining(", "));
      throw new TypeConversionException("expected one of " + known + ", got '" + word + "'");
    }
  }
}
