package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.muster.error.WorkflowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a user reads who made a mistake: every file of {@code broken/} and its message beside it. With
 * {@code -Dgolden.update=true} the messages are written anew, for review.
 */
class BrokenFilesTest {
  private static final Path BROKEN = Path.of("src/test/resources/broken");

  static List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(BROKEN)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".yaml"))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void saysWhatIsWrong(String name) throws IOException {
    Path file = BROKEN.resolve(name);
    WorkflowException error =
        catchThrowableOfType(WorkflowException.class, () -> Workflows.fromYaml(file));

    assertThat(error).as("a broken file must not load").isNotNull();
    String message = shown(error.getMessage());
    Path golden = BROKEN.resolve(name.replace(".yaml", ".txt"));
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(golden, message);
    }
    assertThat(message).isEqualTo(Files.readString(golden));
  }

  @Test
  void thereAreManyWaysToBeWrong() throws IOException {
    assertThat(names()).hasSizeGreaterThanOrEqualTo(70);
  }

  private static String shown(String message) {
    return message.replace(System.getProperty("user.home"), "~").replace(BROKEN + "/", "") + "\n";
  }
}
