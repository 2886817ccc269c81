package dev.muster.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code muster} alone: the commands and what they are for. */
@Command(
    name = "muster",
    versionProvider = Version.class,
    synopsisHeading = "Usage: ",
    customSynopsis = "muster COMMAND FILE [OPTIONS]",
    description = {"", "Runs one workflow on many kinds of workers."},
    commandListHeading = "%nCommands:%n",
    optionListHeading = "%nOptions:%n",
    footer = {
      "",
      "Examples:",
      "  muster run hello.yaml",
      "  muster plan hello.yaml --format mermaid",
      "  muster run hello.yaml --pool gpu=2 --keep-going",
      "",
      "'muster help COMMAND' says more about a command."
    })
final class MusterCommand {
  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the version.")
  boolean version;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;
}
