package dev.muster.batch.internal.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.batch.spi.EnvironmentContext;
import dev.muster.batch.spi.EnvironmentProvider;
import dev.muster.batch.spi.PreparedEnvironment;
import dev.muster.error.MusterException;
import dev.muster.execution.Staging;
import dev.muster.execution.WorkerEnvironment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuiltInEnvironmentsTest {
  @TempDir
  Path base;

  private final class Context implements EnvironmentContext {
    private final WorkerEnvironment environment;
    private final Staging staging;

    Context(WorkerEnvironment environment, Staging staging) {
      this.environment = environment;
      this.staging = staging;
    }

    @Override
    public Staging staging() {
      return staging;
    }

    @Override
    public WorkerEnvironment environment() {
      return environment;
    }

    @Override
    public Path baseDirectory() {
      return base;
    }

    @Override
    public Path directory() {
      return base.resolve("run/environment");
    }

    @Override
    public Path cache() {
      return base.resolve("cache");
    }

    @Override
    public void notice(String message) {
      throw new AssertionError(message);
    }
  }

  private PreparedEnvironment prepare(String type, Map<String, Object> options) {
    return prepare(type, options, Staging.SHARED);
  }

  private PreparedEnvironment prepare(String type, Map<String, Object> options, Staging staging) {
    EnvironmentProvider provider =
        type.equals("shared") ? new SharedEnvironment() : new CurrentEnvironment();
    Context context = new Context(new WorkerEnvironment(type, options), staging);
    assertThat(provider.preview(context)).isEqualTo(provider.prepare(context));
    return provider.prepare(context);
  }

  @Test
  void aPrefixThatPathCannotExpressIsRefused() {
    assertThatThrownBy(() -> prepare("shared", Map.of("prefix", "at:10:00")))
        .hasMessageContaining("prefix")
        .hasMessageContaining("a folder without a colon");
  }

  private Path prefix() throws IOException {
    Path bin = Files.createDirectories(base.resolve("my env/bin"));
    Path python = Files.createFile(bin.resolve("python"));
    assertThat(python.toFile().setExecutable(true)).isTrue();
    return base.resolve("my env");
  }

  @Test
  void currentLeavesTheInterpreterToTheConfig() {
    PreparedEnvironment prepared = prepare("current", Map.of());
    assertThat(prepared.python()).isNull();
    assertThat(prepared.setup()).isEmpty();
    assertThat(prepared.files()).isEmpty();
  }

  @Test
  void sharedPutsItsProgramsFirst() throws IOException {
    Path prefix = prefix();
    PreparedEnvironment prepared = prepare("shared", Map.of("prefix", "my env"));
    assertThat(prepared.python()).isEqualTo(prefix.resolve("bin/python").toString());
    assertThat(prepared.setup())
        .containsExactly("export PATH='" + prefix.resolve("bin") + "':\"$PATH\"");
  }

  @Test
  void sharedActivatesWhatCondaInstalled() throws IOException {
    Files.createDirectories(prefix().resolve("conda-meta"));
    assertThat(prepare("shared", Map.of("prefix", "my env")).setup())
        .hasSize(3)
        .anySatisfy(line -> assertThat(line).startsWith("export CONDA_PREFIX="))
        .anySatisfy(line -> assertThat(line).contains("etc/conda/activate.d"));
  }

  @Test
  void sharedMayBeOnWorkersOnlyWhereFilesAreSent() throws Exception {
    Path prefix = base.resolve("their env");
    PreparedEnvironment prepared =
        prepare("shared", Map.of("prefix", "their env"), Staging.TRANSFER);
    assertThat(prepared.python()).isEqualTo(prefix.resolve("bin/python").toString());
    assertThat(prepared.files()).isEmpty();
    String script =
        "set -e\n" + String.join("\n", prepared.setup()) + "\necho \"$CONDA_PREFIX $ACTIVE\"\n";
    Process without = new ProcessBuilder("bash", "-c", script).start();
    assertThat(new String(without.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
        .contains("there is no " + prefix + "/bin/python")
        .contains("execution.environment.prefix");
    assertThat(without.waitFor()).isNotZero();

    Files.move(prefix(), prefix);
    Path active =
        Files.createDirectories(prefix.resolve("etc/conda/activate.d")).resolve("a.sh");
    Files.writeString(active, "ACTIVE=yes");
    Files.createDirectories(prefix.resolve("conda-meta"));
    Process with = new ProcessBuilder("bash", "-c", script).start();
    assertThat(new String(with.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .isEqualTo(prefix + " yes\n");
    assertThat(with.waitFor()).isZero();
  }

  @Test
  void sharedSaysWhatIsWrongWithItsPrefix() throws IOException {
    assertThatThrownBy(() -> prepare("shared", Map.of()))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("add execution.environment.prefix");
    assertThatThrownBy(() -> prepare("shared", Map.of("prefix", "nowhere")))
        .hasMessageContaining("execution.environment.prefix")
        .hasMessageContaining("there is no " + base.resolve("nowhere"));
    Files.createDirectory(base.resolve("empty"));
    assertThatThrownBy(() -> prepare("shared", Map.of("prefix", "empty")))
        .hasMessageContaining("there is no program " + base.resolve("empty/bin/python"));
    assertThatThrownBy(() -> prepare("shared", Map.of("prefix", List.of("a"))))
        .hasMessageContaining("a text in one line");
  }

  @Test
  void anUnknownOptionIsAnError() {
    assertThatThrownBy(() -> prepare("shared", Map.of("prefx", "/a")))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("execution.environment.prefx")
        .hasMessageContaining("did you mean 'prefix'?");
    assertThatThrownBy(() -> prepare("current", Map.of("prefix", "/a")))
        .hasMessageContaining("environment current knows no option 'prefix'; it has none");
  }
}
