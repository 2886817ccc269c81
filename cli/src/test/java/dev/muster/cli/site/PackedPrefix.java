package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** An installed environment with a Python and distributed of its own: those of this host, copied. */
final class PackedPrefix {
  private PackedPrefix() {}

  static Path make(String python, Path prefix) throws Exception {
    Files.createDirectories(prefix.resolve("bin"));
    Files.createDirectories(prefix.resolve("lib/python3"));
    Files.createDirectories(prefix.resolve("conda-meta"));
    Files.writeString(
        prefix.resolve("conda-meta/python-3-0.json"),
        "{\"name\": \"python\", \"version\": \"3\", \"build\": \"0\", \"paths_data\": {\"paths\": []}}\n");
    String script = """
        set -e
        version=$(%1$s -c 'import sys; print("python%%d.%%d" %% sys.version_info[:2])')
        cp -L %1$s bin/$version
        ln -s $version bin/python
        cp -rL "$(%1$s -c 'import os; print(os.path.dirname(os.__file__))')" lib/$version
        cp -rL "$(%1$s -c 'import distributed, os; print(os.path.dirname(os.path.dirname(distributed.__file__)))')" lib/python3/dist-packages
        """.formatted(python);
    Process copy = new ProcessBuilder("bash", "-c", script)
        .directory(prefix.toFile())
        .redirectErrorStream(true)
        .start();
    String said = new String(copy.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(copy.waitFor()).as(said).isZero();
    return prefix;
  }
}
