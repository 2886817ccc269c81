package dev.muster.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.examples.dimuon.DimuonOperations;
import dev.muster.workflow.Stage;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DimuonExampleTest {
  @Test
  void usesEveryOperation() {
    assertThat(DimuonExample.workflow(Path.of("")).stages())
        .extracting(Stage::op)
        .containsExactlyInAnyOrderElementsOf(new DimuonOperations().names());
  }
}
