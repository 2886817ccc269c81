package dev.muster.cli;

import picocli.CommandLine.Option;

/** The options of every command that say how it talks. */
final class OutputOptions {
  @Option(
      names = "--color",
      paramLabel = "WHEN",
      defaultValue = "auto",
      converter = ColorMode.Converter.class,
      description = "auto, always or never (default: auto).",
      order = 90)
  ColorMode color = ColorMode.AUTO;

  @Option(
      names = {"-q", "--quiet"},
      description = "Say nothing but results and errors.",
      order = 91)
  boolean quiet;

  @Option(
      names = {"-v", "--verbose"},
      description = "Log what happens; -vv for more. Errors of Muster come with a stack trace.",
      order = 92)
  boolean[] verbose = {};

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.",
      order = 99)
  boolean help;
}
