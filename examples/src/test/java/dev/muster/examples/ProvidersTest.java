package dev.muster.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ProvidersTest {
  @Test
  void areTheSameOnTheModulePathAndOnTheClassPath() throws IOException {
    Map<String, List<String>> onClassPath = new TreeMap<>();
    try (Stream<Path> files = Files.list(Path.of("src/main/resources/META-INF/services"))) {
      for (Path file : files.toList()) {
        onClassPath.put(file.getFileName().toString(), Files.readAllLines(file));
      }
    }
    ModuleDescriptor module = DimuonExample.class.getModule().getDescriptor();
    Map<String, List<String>> onModulePath = new TreeMap<>();
    module
        .provides()
        .forEach(provides -> onModulePath.put(provides.service(), provides.providers()));
    assertThat(onClassPath).isNotEmpty().isEqualTo(onModulePath);
  }
}
