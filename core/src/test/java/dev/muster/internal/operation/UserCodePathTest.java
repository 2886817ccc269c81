package dev.muster.internal.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.error.WorkflowException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserCodePathTest {
  @TempDir
  Path base;

  private final Map<String, String> variables = new HashMap<>();

  @Test
  void foldersFilesAndPackagesAreFound() throws IOException {
    Files.createDirectories(base.resolve("lib"));
    Files.createDirectories(base.resolve("more/package"));
    Files.writeString(base.resolve("more/package/__init__.py"), "");
    Files.createDirectories(base.resolve("tools"));
    Files.writeString(base.resolve("tools/one.py"), "");
    Files.writeString(base.resolve("tools/data.json"), "{}");
    Files.writeString(base.resolve("beside.py"), "");

    add("lib", "more/package", "tools/one.py", "tools/data.json", "beside.py");

    assertThat(path())
        .startsWith(List.of("lib", "more", "tools").stream()
            .map(name -> base.resolve(name).toString())
            .toArray(String[]::new))
        .doesNotContain(base.toString());
  }

  @Test
  void comesBeforeWhatTheStageHas() throws IOException {
    Files.createDirectories(base.resolve("lib"));
    variables.put("PYTHONPATH", "/own");

    add("lib");

    assertThat(path()).containsExactly(base.resolve("lib").toString(), "/own");
  }

  @Test
  void wheelsAreUnpackedAndDeletedAtTheEnd() throws IOException {
    Path wheel = base.resolve("w-1-py3-none-any.whl");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(wheel))) {
      zip.putNextEntry(new ZipEntry("w/__init__.py"));
      zip.closeEntry();
    }
    Path unpacked;
    try (UserCodePath code = new UserCodePath(List.of(wheel.getFileName().toString()), base)) {
      code.addTo(variables);
      unpacked = Path.of(path().get(0));
      assertThat(unpacked.resolve("w/__init__.py")).exists();
    }
    assertThat(unpacked).doesNotExist();
  }

  @Test
  void saysWhatIsNotThere() throws IOException {
    Files.createDirectories(base.resolve("lib"));

    assertThatExceptionOfType(WorkflowException.class)
        .isThrownBy(() -> add("lib", "nowhere"))
        .withMessageContaining("execution.code names as nowhere")
        .satisfies(e -> assertThat(e.problems().get(0).path()).isEqualTo("execution.code[1]"));
  }

  @Test
  void withoutCodeNothingChanges() {
    add();

    assertThat(variables).isEmpty();
  }

  private void add(String... code) {
    try (UserCodePath path = new UserCodePath(List.of(code), base)) {
      path.addTo(variables);
    }
  }

  private List<String> path() {
    return List.of(Objects.requireNonNull(variables.get("PYTHONPATH")).split(File.pathSeparator));
  }
}
