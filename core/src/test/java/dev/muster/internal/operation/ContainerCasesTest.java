package dev.muster.internal.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.value.JsonValues;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of containers that every implementation goes by; the one in Python reads it too. */
class ContainerCasesTest {
  @TempDir
  Path directory;

  private static Map<?, ?> table() throws IOException {
    try (InputStream in = Objects.requireNonNull(
        ContainerCasesTest.class.getResourceAsStream("container-cases.json"))) {
      return (Map<?, ?>) Objects.requireNonNull(JsonValues.parse(in.readAllBytes()));
    }
  }

  private static Stream<Arguments> rows(String part, String title) throws IOException {
    return ((List<?>) Objects.requireNonNull(table().get(part)))
        .stream().map(each -> Arguments.of(((Map<?, ?>) each).get(title), each));
  }

  static Stream<Arguments> calls() throws IOException {
    return rows("calls", "name");
  }

  static Stream<Arguments> versions() throws IOException {
    return rows("versions", "version");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("versions")
  void aVersionIsKnownToTakeValuesAsTheyAre(String version, Map<String, ?> row) {
    ContainerRuntime runtime = new ContainerRuntime(kind(get(row, "kind")), Path.of("/x"));
    assertThat(runtime.literal(version)).isEqualTo(row.get("literal"));
  }

  static Stream<Arguments> images() throws IOException {
    return rows("images", "image");
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // the table says what it is
  private static <T> T get(Map<String, ?> row, String name) {
    return (T) Objects.requireNonNull(row.get(name));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("calls")
  void aCallIsWrittenAsTheTableSays(String name, Map<String, ?> row) {
    ContainerCall call = new ContainerCall(
        new ContainerPool(
            new ContainerRuntime(
                kind(get(row, "kind")), Path.of(ContainerCasesTest.<String>get(row, "program"))),
            row.get("options") instanceof List<?> list
                ? list.stream().map(String.class::cast).toList()
                : List.of(),
            get(row, "gpus")),
        ContainerImage.Form.valueOf(get(row, "form")),
        get(row, "image"),
        "muster-1",
        Path.of(ContainerCasesTest.<String>get(row, "cwd")),
        ContainerCasesTest.<List<String>>get(row, "folders").stream()
            .map(Path::of)
            .toList(),
        get(row, "variables"),
        ContainerCasesTest.<Number>get(row, "uid").longValue(),
        ContainerCasesTest.<Number>get(row, "gid").longValue(),
        get(row, "command"));
    List<String> argv = call.argv().stream()
        .map(word -> word.equals(ContainerCall.GUARD) ? "GUARD" : word)
        .toList();
    assertThat(argv).isEqualTo(row.get("argv"));
    assertThat(call.environment()).isEqualTo(row.get("environment"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("images")
  void anImageIsReadAsTheTableSays(String image, Map<String, ?> row) throws IOException {
    Files.createDirectory(directory.resolve("folder"));
    for (String file : List.of("image.tar", "image.tar.gz", "image.sif")) {
      Files.createFile(directory.resolve(file));
    }
    String base = directory.toString();
    String expected = ContainerCasesTest.<String>get(row, "name").replace("BASE", base);
    if (row.get("form") == null) {
      assertThatThrownBy(() -> ContainerImage.parse(image, directory)).hasMessage(expected);
      return;
    }
    ContainerImage parsed = ContainerImage.parse(image, directory);
    assertThat(parsed.form().name()).isEqualTo(row.get("form"));
    assertThat(parsed.name()).isEqualTo(expected);
    Map<String, String> references = get(row, "references");
    references.forEach((kind, reference) -> {
      if (reference == null) {
        assertThatThrownBy(() -> parsed.reference(kind(kind)))
            .hasMessageContaining(kind + " cannot run the container image");
      } else {
        assertThat(parsed.reference(kind(kind))).isEqualTo(reference.replace("BASE", base));
      }
    });
  }

  @Test
  void theGuardIsThatOfTheTable() throws IOException {
    assertThat(ContainerCall.GUARD).isEqualTo(table().get("guard"));
  }

  private static ContainerRuntime.Kind kind(String name) {
    return ContainerRuntime.Kind.valueOf(name.toUpperCase(Locale.ROOT));
  }
}
