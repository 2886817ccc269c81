package dev.muster.pixi;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * An installed environment with a Python and distributed of its own: those of this host, copied, with records as Conda
 * writes them.
 */
final class RealPrefix {
  static final String PYTHON = "/usr/bin/python3";
  static final int ROOM = 255;

  private RealPrefix() {}

  static Path make(Path prefix) throws Exception {
    Files.createDirectories(prefix.resolve("bin"));
    Files.createDirectories(prefix.resolve("lib/python3"));
    Files.createDirectories(prefix.resolve("conda-meta"));
    String script = """
        set -e
        version=$(%1$s -c 'import sys; print("python%%d.%%d" %% sys.version_info[:2])')
        home=$(%1$s -c 'import os; print(os.path.dirname(os.__file__))')
        cp -L %1$s bin/$version
        ln -s $version bin/python
        cp -rL "$home" lib/$version
        for path in $(%1$s -c 'import distributed, os; print(os.path.dirname(os.path.dirname(distributed.__file__)))'); do
          cp -rL "$path" lib/python3/dist-packages
        done
        """.formatted(PYTHON);
    Process copy = new ProcessBuilder("bash", "-c", script)
        .directory(prefix.toFile())
        .redirectErrorStream(true)
        .start();
    String said = new String(copy.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(copy.waitFor()).as(said).isZero();
    Files.writeString(prefix.resolve("lib/prefixed.txt"), "prefix=" + prefix + "\n");
    Files.writeString(
        prefix.resolve("lib/prefixed.bin"),
        prefix + "/lib" + "\0".repeat(1 + ROOM - prefix.toString().length()));
    Files.writeString(prefix.resolve("bin/tool"), "#!" + prefix + "/bin/python\nprint('tool')\n");
    assertThat(prefix.resolve("bin/tool").toFile().setExecutable(true)).isTrue();
    String placeholder = "/opt/" + "placehold_".repeat(ROOM / 10);
    String padded = placeholder + "_".repeat(ROOM - placeholder.length());
    Files.writeString(prefix.resolve("conda-meta/python-3-0.json"), """
        {"name": "python", "version": "3", "build": "0", "paths_data": {"paths": [
          {"_path": "lib/prefixed.txt", "file_mode": "text", "prefix_placeholder": "%1$s"},
          {"_path": "lib/prefixed.bin", "file_mode": "binary", "prefix_placeholder": "%1$s"},
          {"_path": "bin/tool"}]}}
        """.formatted(padded));
    return prefix;
  }
}
