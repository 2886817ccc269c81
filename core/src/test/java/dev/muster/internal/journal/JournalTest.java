package dev.muster.internal.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.error.MusterException;
import dev.muster.execution.Durability;
import dev.muster.run.FailureKind;
import dev.muster.run.RunEvent;
import dev.muster.run.RunStatus;
import dev.muster.value.FileRef;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JournalTest {
  private static final Instant NOW = Instant.parse("2026-01-31T10:00:00.123456789Z");

  @TempDir
  Path folder;

  private Path file;

  @BeforeEach
  void setUp() {
    file = folder.resolve("journal");
  }

  static Stream<RunEvent> events() {
    Map<String, Object> diagnostics = new LinkedHashMap<>();
    diagnostics.put("bytes", 123L);
    diagnostics.put("large", BigInteger.TEN.pow(4299).negate());
    diagnostics.put("$file", Map.of("$bytes", "!!"));
    diagnostics.put("ratio", 0.25);
    diagnostics.put("nothing", null);
    diagnostics.put("yes", true);
    diagnostics.put("list", Arrays.asList(1L, "two", null, List.of()));
    diagnostics.put("map", Map.of("größe", "\"\\\n\u2028\uD83D\uDE00"));
    return Stream.of(
        new RunEvent.RunStarted(NOW, "r1", "dimuon", 3),
        new RunEvent.RunFinished(
            NOW, "r1", RunStatus.SUCCEEDED, Duration.ofNanos(1_234_567_891), null),
        new RunEvent.RunFinished(NOW, "r1", RunStatus.FAILED, Duration.ofDays(30), "it\nfailed"),
        new RunEvent.StageStarted(NOW, "r1", "Sélect", 3),
        new RunEvent.StageFinished(NOW, "r1", "Select", 1, 2, 3),
        new RunEvent.TaskStarted(NOW, "r1", 2, "Select/a.2", 1, "gpu", "gpu-0"),
        new RunEvent.TaskSucceeded(NOW, "r1", 2, "Select/a.2", 1, Duration.ofNanos(1), Map.of()),
        new RunEvent.TaskSucceeded(NOW, "r1", 2, "Select/a.2", 1, Duration.ZERO, diagnostics),
        new RunEvent.TaskFailed(
            NOW, "r1", 1, "A", 2, FailureKind.TIMEOUT, "", Duration.ofMillis(1500)),
        new RunEvent.TaskFailed(NOW, "r1", 1, "A", 3, FailureKind.OPERATION, "bad", null),
        new RunEvent.TaskSkipped(NOW, "r1", 1, "A", "B failed"),
        new RunEvent.InputsMissing(NOW, "r1", 1, "A", 300, 101, List.of("B/ä.1", "B/ä.2")),
        new RunEvent.WorkerStarted(NOW, "r1", "gpu", "gpu-0"),
        new RunEvent.WorkerEnded(NOW, "r1", "gpu", "gpu-0", null),
        new RunEvent.WorkerEnded(NOW, "r1", "gpu", "gpu-0", "preempted"),
        new RunEvent.Notice(NOW, "r1", "dashboard at http://localhost:8787"));
  }

  private void write(List<RunEvent> events) throws IOException {
    try (JournalWriter writer = new JournalWriter(file)) {
      events.forEach(writer::onEvent);
    }
  }

  @ParameterizedTest
  @MethodSource("events")
  void readsWhatItWrote(RunEvent event) throws IOException {
    RunEvent first = new RunEvent.RunStarted(NOW, "r1", "dimuon", 3); // says which run it is
    write(List.of(first, event));
    assertThat(JournalReader.read(file)).containsExactly(first, event);
    assertThat(Files.readAllLines(file)).hasSize(2);
  }

  @Test
  void coversEveryKindOfEvent() {
    assertThat(events().map(RunEvent::getClass).distinct().map(Class::getSimpleName))
        .containsExactlyInAnyOrder(Arrays.stream(RunEvent.class.getPermittedSubclasses())
            .map(Class::getSimpleName)
            .toArray(String[]::new));
  }

  @Test
  void writesOtherValuesAsTextOrNumber() throws IOException {
    Map<String, Object> odd = new LinkedHashMap<>();
    odd.put("nan", Double.NaN);
    odd.put("decimal", new BigDecimal("1.5"));
    odd.put("file", new FileRef(Path.of("/a/b")));
    odd.put("duration", Duration.ofSeconds(5));
    odd.put("whole", BigInteger.TWO.pow(100));
    odd.put("bytes", new byte[] {1, 2});
    write(List.of(new RunEvent.TaskSucceeded(NOW, "r1", 0, "A", 1, Duration.ZERO, odd)));
    assertThat(((RunEvent.TaskSucceeded) JournalReader.read(file).get(0)).diagnostics())
        .containsOnly(
            Map.entry("nan", "NaN"),
            Map.entry("decimal", 1.5),
            Map.entry("file", "/a/b"),
            Map.entry("duration", "PT5S"),
            Map.entry("whole", BigInteger.TWO.pow(100)),
            Map.entry("bytes", Map.of("$bytes", "AQI=")));
  }

  @Test
  void readsUpToTheLastWholeLine() throws IOException {
    List<RunEvent> all = events().toList();
    write(all.subList(0, 7));
    long before = Files.size(file);
    write(List.of(all.get(7))); // with characters of several bytes
    byte[] bytes = Files.readAllBytes(file);
    for (int length = (int) before; length < bytes.length; length++) {
      Files.write(file, Arrays.copyOf(bytes, length));
      assertThat(JournalReader.read(file)).as("%d bytes", length).isEqualTo(all.subList(0, 7));
    }
    Files.write(file, bytes);
    assertThat(JournalReader.read(file)).isEqualTo(all.subList(0, 8));
  }

  @Test
  void readsAnEmptyJournal() throws IOException {
    Files.createFile(file);
    assertThat(JournalReader.read(file)).isEmpty();
  }

  @Test
  void leavesOutEventsOfLaterVersions() throws IOException {
    Files.writeString(file, """
        {"event":"Teleported","time":"2026-01-31T10:00:00Z","to":"Mars"}

        {"event":"Notice","time":"2026-01-31T10:00:00Z","message":"m","more":[]}
        """);
    assertThat(JournalReader.read(file)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense",
        "[]",
        "{\"event\":\"Notice\"}",
        "{\"event\":\"Notice\",\"time\":\"yesterday\",\"message\":\"m\"}",
        "{\"event\":\"Notice\",\"time\":\"2026-01-31T10:00:00Z\"}",
        "{\"event\":\"RunStarted\",\"time\":\"2026-01-31T10:00:00Z\",\"run\":\"r\",\"workflow\":\"w\","
            + "\"tasks\":99999999999}",
        "{\"event\":\"Notice\",",
        "{"
      })
  void namesTheLineThatIsDamaged(String line) throws IOException {
    write(events().limit(2).toList());
    Files.writeString(file, Files.readString(file) + line + "\n");
    assertThatThrownBy(() -> JournalReader.read(file))
        .isInstanceOf(MusterException.class)
        .hasMessageStartingWith(file + ":3: ");
  }

  @Test
  void saysThatThereIsNoJournal() {
    assertThatThrownBy(() -> JournalReader.read(file))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("cannot read the journal " + file);
  }

  @Test
  void tellsWhenTheDiskIsFull() {
    JournalWriter writer = new JournalWriter(new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        throw new IOException("No space left on device");
      }
    });
    writer.onEvent(new RunEvent.Notice(NOW, "r1", "small"));
    assertThatThrownBy(writer::flush)
        .isInstanceOf(UncheckedIOException.class)
        .hasRootCauseMessage("No space left on device");
    assertThatThrownBy(() -> writer.onEvent(new RunEvent.Notice(NOW, "r1", "x".repeat(100_000))))
        .isInstanceOf(UncheckedIOException.class);
  }

  @Test
  void bringsLinesToTheDiskOnceForAllThatWait() {
    int[] brought = {0};
    JournalWriter writer = new JournalWriter(new ByteArrayOutputStream(), () -> brought[0]++);
    writer.onEvent(new RunEvent.Notice(NOW, "r1", "one"));
    writer.onEvent(new RunEvent.Notice(NOW, "r1", "two"));
    assertThat(brought).containsExactly(0);
    writer.flush();
    writer.flush(); // nothing new
    assertThat(brought).containsExactly(1);
  }

  @Test
  void tellsWhenTheDiskCannotBeReached() {
    JournalWriter writer = new JournalWriter(new ByteArrayOutputStream(), () -> {
      throw new IOException("Input/output error");
    });
    writer.onEvent(new RunEvent.Notice(NOW, "r1", "one"));
    assertThatThrownBy(writer::flush)
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("cannot write the journal")
        .hasRootCauseMessage("Input/output error");
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void writesWithEitherDurability(Durability durability) throws IOException {
    RunEvent first = new RunEvent.RunStarted(NOW, "r1", "w", 1);
    try (JournalWriter writer = new JournalWriter(file, durability)) {
      writer.onEvent(first);
      writer.flush();
      assertThat(JournalReader.read(file)).containsExactly(first);
    }
  }

  @Test
  void writesNothingMoreAfterAPartOfALine() throws IOException {
    ByteArrayOutputStream disk = new ByteArrayOutputStream();
    boolean[] full = {false};
    JournalWriter writer = new JournalWriter(new OutputStream() {
      @Override
      public void write(int b) {
        disk.write(b);
      }

      @Override
      public void write(byte[] bytes, int from, int count) throws IOException {
        disk.write(bytes, from, full[0] ? count / 2 : count);
        if (full[0]) {
          full[0] = false; // somebody makes space
          throw new IOException("No space left on device");
        }
      }
    });
    RunEvent first = new RunEvent.RunStarted(NOW, "r1", "w", 1);
    writer.onEvent(first);
    writer.flush();
    full[0] = true;
    writer.onEvent(new RunEvent.Notice(NOW, "r1", "lost"));
    assertThatThrownBy(writer::flush).isInstanceOf(UncheckedIOException.class);
    writer.close();
    Files.write(file, disk.toByteArray());
    assertThat(JournalReader.read(file)).containsExactly(first);
  }
}
