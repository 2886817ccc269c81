package dev.muster.examples.dimuon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.examples.DimuonExample;
import dev.muster.examples.PlanWalk;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DimuonAnalysisTest {
  @TempDir
  static Path directory;

  static PlanWalk walk;

  @BeforeAll
  static void analyse() throws Exception {
    Path dir = System.getProperty("dimuon.dir") == null ? directory : Path.of(System.getProperty("dimuon.dir"));
    long t = System.nanoTime();
    walk = PlanWalk.of(
        DimuonExample.workflow(dir), DimuonExample.execution(), new DimuonOperations(), dir);
    System.err.println((System.nanoTime() - t) / 1e9);
    walk.log.forEach(System.err::println);
  }

  @Test
  void runs() {
    assertThat(walk.log).isNotEmpty();
  }
}
