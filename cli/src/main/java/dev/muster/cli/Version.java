package dev.muster.cli;

import picocli.CommandLine.IVersionProvider;

/** What {@code muster --version} says. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    String version = Version.class.getPackage().getImplementationVersion();
    return new String[] {
      "muster " + (version == null ? "(unpackaged)" : version),
      "Java " + System.getProperty("java.version") + " (" + System.getProperty("java.vendor") + ")",
    };
  }
}
