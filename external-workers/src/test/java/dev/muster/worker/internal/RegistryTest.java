package dev.muster.worker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryTest {
  @TempDir
  Path folder;

  private Path program(String path) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
    return file;
  }

  private Path find(String worker) {
    Registry registry = new Registry(List.of(folder.resolve("workers")));
    return registry
        .find(worker, Registry.Form.PROGRAM, folder.resolve("a") + ":" + folder.resolve("b"))
        .file();
  }

  @Test
  void programsOnThePathHaveThePrefixOfTierkreis() throws IOException {
    Path dash = program("a/tkr-my-worker");
    assertThat(find("my_worker")).isEqualTo(dash);
    Files.delete(dash);
    Path plain = program("b/tkr_my_worker");
    assertThat(find("my_worker")).isEqualTo(plain);
    program("b/my_worker");
    Files.delete(plain);
    assertThatThrownBy(() -> find("my_worker"))
        .hasMessageContaining("no tkr-my-worker or tkr_my_worker is on PATH");
  }

  @Test
  void aRegistryWinsOverThePath() throws IOException {
    program("a/tkr-w");
    assertThat(find("w")).isEqualTo(folder.resolve("a/tkr-w"));
    Path own = program("workers/w/main.sh");
    assertThat(find("w")).isEqualTo(own);
  }
}
