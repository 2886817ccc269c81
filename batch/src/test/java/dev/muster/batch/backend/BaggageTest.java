package dev.muster.batch.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BaggageTest {
  @TempDir
  Path folder;

  @Test
  void hasFilesOfTheWorkflowsFolderButNoneOfPlacesThatJobsSee() throws IOException {
    Path base = Files.createDirectories(folder.resolve("base/data")).getParent();
    Path near = Files.writeString(base.resolve("data/near.txt"), "x");
    Path far = Files.writeString(folder.resolve("far.txt"), "x");
    Baggage baggage = new Baggage();
    baggage.base(base, "data/near.txt");
    baggage.base(base, far.toString());
    baggage.base(base, near.toString());
    baggage.base(base, "data/none.txt");
    baggage.base(base, "root://host//near.txt");
    assertThat(baggage.files()).isEqualTo(Map.of("base/data/near.txt", near));
  }
}
