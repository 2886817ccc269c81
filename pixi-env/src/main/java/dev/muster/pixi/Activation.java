package dev.muster.pixi;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a Pixi project wants to happen when its environment is activated, which no archive brings. Thread-safe. */
final class Activation {
  // [activation], [feature.gpu.activation.env], [tool.pixi.target.linux-64.activation]; and keys:
  // activation = {..}, activation.env = {..}
  private static final Pattern SECTION =
      Pattern.compile("\\s*\\[([^\\[\\]]+\\.)?activation(\\.env)?\\s*\\].*");
  private static final Pattern KEY = Pattern.compile("\\s*activation(\\s*\\.\\s*\\w+)*\\s*=.*");

  private Activation() {}

  /**
   * Returns what the user is to be told of the project's own activation, or null if it has none.
   *
   * @param manifest the project's folder or its manifest file
   */
  static @Nullable String notice(Path manifest) throws IOException {
    List<Path> files = Files.isDirectory(manifest)
        ? List.of(manifest.resolve("pixi.toml"), manifest.resolve("pyproject.toml"))
        : List.of(manifest);
    for (Path file : files) {
      if (!Files.isRegularFile(file)) {
        continue;
      }
      boolean python = String.valueOf(file.getFileName()).equals("pyproject.toml");
      for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
        boolean section =
            SECTION.matcher(line).matches() && (!python || line.contains("tool.pixi"));
        if (section || (!python && KEY.matcher(line).matches())) {
          return file + " says '" + line.strip()
              + "', and workers do not have it: scripts and variables of a project are not part of an"
              + " environment. Set what they need with job_script_prologue, or as variables of the"
              + " environment (etc/conda/env_vars.d, etc/conda/activate.d)";
        }
      }
    }
    return null;
  }
}
