package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Texts that are expected, one in a file. With {@code -Dgolden.update} they are written instead; read the difference
 * then.
 */
final class Golden {
  private static final Path SOURCES = Path.of("src/test/resources/dev/muster/cli");

  private Golden() {}

  static void assertMatches(String file, List<String> lines) {
    assertMatches(file, String.join("\n", lines) + "\n");
  }

  static void assertMatches(String file, String text) {
    try {
      if (System.getProperty("golden.update") != null) {
        Files.createDirectories(SOURCES);
        Files.writeString(SOURCES.resolve(file), text);
        return;
      }
      try (InputStream expected = Golden.class.getResourceAsStream(file)) {
        assertThat(expected).as("golden file %s", file).isNotNull();
        assertThat(text).isEqualTo(new String(expected.readAllBytes(), StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
