package dev.muster.batch.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunnerFilesTest {
  @TempDir
  Path folder;

  @Test
  void everyFileOfThePackagesIsExtracted() throws IOException {
    RunnerFiles.extract(folder);
    assertThat(names(folder.resolve("muster_batch")))
        .isEqualTo(names(Path.of("src/main/python/muster_batch")));
    assertThat(names(folder.resolve("muster_task")))
        .isEqualTo(names(Path.of("../core/src/main/python/muster_task")));
    assertThat(folder.resolve("muster_start.py")).exists();
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".py"))
          .sorted()
          .toList();
    }
  }
}
