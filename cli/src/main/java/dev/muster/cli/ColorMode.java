package dev.muster.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

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

  /** Reads the word. */
  static final class Converter implements ITypeConverter<ColorMode> {
    @Override
    public ColorMode convert(String word) {
      for (ColorMode value : values()) {
        if (value.name().equalsIgnoreCase(word)) {
          return value;
        }
      }
      String known =
          Arrays.stream(values()).map(ColorMode::toString).collect(Collectors.joining(", "));
      throw new TypeConversionException("expected one of " + known + ", got '" + word + "'");
    }
  }
}
