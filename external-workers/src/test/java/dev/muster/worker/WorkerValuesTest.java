package dev.muster.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.value.ValueException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkerValuesTest {
  private static String text(Object value) {
    return new String(WorkerValues.bytes(value, "it"), StandardCharsets.UTF_8);
  }

  @Test
  void valuesAreJsonAndBytesAreBytes() {
    assertThat(text("hi")).isEqualTo("\"hi\"");
    assertThat(text(List.of(1, 2.5))).isEqualTo("[1,2.5]");
    assertThat(WorkerValues.bytes(new byte[] {0, -1}, "it")).containsExactly(0, -1);
    assertThat(text(Map.of("a", List.of(new byte[] {1, 2}))))
        .isEqualTo("{\"a\":[{\"__tkr_bytes__\":true,\"bytes\":\"AQI=\"}]}");
  }

  @Test
  void whatIsWrittenIsRead() {
    Object read = WorkerValues.json(WorkerValues.bytes(Map.of("a", new byte[] {1, 2}), "it"));
    assertThat(read).isInstanceOf(Map.class);
    assertThat((byte[]) ((Map<?, ?>) read).get("a")).containsExactly(1, 2);
    String complex = "{\"__tkr_complex__\":[1.5,-2.0]}";
    assertThat(text(WorkerValues.json(complex.getBytes(StandardCharsets.UTF_8))))
        .isEqualTo(complex);
  }

  @Test
  void whatIsNoJsonIsBytes(@TempDir Path folder) throws Exception {
    Path file = Files.write(folder.resolve("x"), new byte[] {(byte) 0x80, 4});
    assertThat((byte[]) WorkerValues.read(file)).containsExactly(0x80, 4);
    assertThatThrownBy(() -> WorkerValues.json(new byte[] {(byte) 0x80, 4}))
        .isInstanceOf(ValueException.class);
  }
}
