package dev.muster.cli;

import dev.muster.plan.PlanFormat;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the word by which the command line names a format of a plan. */
final class PlanFormatReader implements ITypeConverter<PlanFormat> {
  @Override
  public PlanFormat convert(String word) {
    for (PlanFormat value : PlanFormat.values()) {
      if (value.name().equalsIgnoreCase(word)) {
        return value;
      }
    }
    String known = Arrays.stream(PlanFormat.values())
        .map(PlanFormatReader::word)
        .collect(Collectors.joining(", "));
    throw new TypeConversionException("expected one of " + known + ", got '" + word + "'");
  }

  static String word(PlanFormat format) {
    return format.name().toLowerCase(Locale.ROOT);
  }
}
