package dev.muster.examples.dimuon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.common.hash.Hashing;
import dev.muster.examples.PlanWalk;
import dev.muster.examples.physics.EventFile;
import dev.muster.testkit.FakeContext;
import dev.muster.value.FileRef;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Partition;
import dev.muster.workflow.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerateEventsTest {
  private static final FileTime LONG_AGO = FileTime.fromMillis(1_000_000_000_000L);

  @TempDir
  Path directory;

  @Test
  void writesTheSameBytesOnEveryJdk() throws IOException {
    Path file = generate(context("zmumu", "mc", 1));
    assertThat(Hashing.sha256().hashBytes(Files.readAllBytes(file)).toString())
        .isEqualTo("a9524ad63dc7c93bf3e81b9dec9bbf951b97ead63325c68d11403721ea06b59e");
    Path mixture = generate(context("data", "data", 1));
    assertThat(Hashing.sha256().hashBytes(Files.readAllBytes(mixture)).toString())
        .isEqualTo("f6c87587b531a21a6e710f614699cab8e9f6f257961dd523fbb074899b3b3ba0");
  }

  @Test
  void simulationStandsForItsLuminosity() throws IOException {
    EventFile.Header header = EventFile.header(generate(context("zmumu", "mc", 1)));
    assertThat(header.events()).isEqualTo(1000);
    assertThat(header.luminosity()).isCloseTo(0.5, within(1e-12));
  }

  @Test
  void dataAreAPoissonNumberOfEvents() throws IOException {
    EventFile.Header header = EventFile.header(generate(context("data", "data", 1)));
    assertThat(header.luminosity()).isEqualTo(0.75);
    assertThat((double) header.events()).isCloseTo(2250, within(5 * Math.sqrt(2250)));
  }

  @Test
  void keepsAFileThatIsThere() throws IOException {
    Path file = generate(context("zmumu", "mc", 1));
    Files.setLastModifiedTime(file, LONG_AGO);
    FakeContext again = context("zmumu", "mc", 1);
    generate(again);
    assertThat(Files.getLastModifiedTime(file)).isEqualTo(LONG_AGO);
    assertThat(again.logged()).singleElement().asString().contains("is there already");
  }

  @Test
  void replacesAFileOfAnotherSeed() throws IOException {
    byte[] first = Files.readAllBytes(generate(context("zmumu", "mc", 1)));
    byte[] second = Files.readAllBytes(generate(context("zmumu", "mc", 2)));
    assertThat(second).hasSameSizeAs(first).isNotEqualTo(first);
  }

  @Test
  void replacesAFileThatEndsTooSoon() throws IOException {
    Path file = generate(context("zmumu", "mc", 1));
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    generate(context("zmumu", "mc", 1));
    assertThat(Files.readAllBytes(file)).isEqualTo(whole);
  }

  @Test
  void stopsWhenCancelled() {
    FakeContext context = context("zmumu", "mc", 1);
    context.cancel();
    assertThatThrownBy(() -> new GenerateEvents().run(context))
        .isInstanceOf(CancellationException.class);
    assertThat(directory.resolve("some.events")).doesNotExist();
  }

  @Test
  void rejectsADatasetWithoutCrossSection() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GenerateEvents().run(context("ttbar", "mc", 1)))
        .withMessage("cross_sections has none for ttbar");
  }

  @Test
  void rejectsAnUnknownProcess() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GenerateEvents().run(context("higgs", "mc", 1)))
        .withMessageContaining("there is no process higgs");
  }

  private static Path generate(FakeContext context) throws IOException {
    List<FileRef> files = new GenerateEvents().run(context);
    assertThat(files).hasSize(1);
    return files.get(0).path();
  }

  private FakeContext context(String dataset, String type, int seed) {
    Stage stage = Stage.builder("Generate")
        .op("dimuon.generate")
        .param("seed", seed)
        .param("events", 1000)
        .param("luminosity", 0.75)
        .param("cross_sections", Map.of("zmumu", 2000.0, "continuum", 1000))
        .build();
    Partition partition = new Partition(0, dataset, List.of("some.events"), 0, -1);
    return PlanWalk.context(stage, directory)
        .partition(partition)
        .dataset(new Dataset(dataset, partition.files(), List.of(), Map.of("eventtype", type)))
        .build();
  }
}
