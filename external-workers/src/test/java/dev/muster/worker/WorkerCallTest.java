package dev.muster.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.error.MusterException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkerCallTest {
  // Of Tierkreis 2.1.1, hello world.
  private static final String REAL =
      "{\"function_name\":\"greet\",\"inputs\":{\"greeting\":\"W/-.N1/outputs/value\",\"subject\":\"W/-.N0/outputs/value\"},"
          + "\"outputs\":{\"value\":\"W/-.N2/outputs/value\"},\"output_dir\":\"W/-.N2/outputs\",\"done_path\":\"W/-.N2/_done\","
          + "\"error_path\":\"W/-.N2/logs\",\"logs_path\":\"W/logs\"}";

  @Test
  void readsAndWritesTheCallsOfTierkreisUnchanged() {
    WorkerCall call = WorkerCall.parse(REAL.getBytes(StandardCharsets.UTF_8));
    assertThat(call.functionName()).isEqualTo("greet");
    assertThat(call.inputs()).containsOnlyKeys("greeting", "subject");
    assertThat(call.json()).isEqualTo(REAL);
  }

  @Test
  void namesOfAnyKindStayAsTheyAre() {
    String json = REAL.replace("greeting", "a \\\"b\\\" \\\\ c")
        .replace("subject", "S\u00fcbject")
        .replace("W/logs", "W\\n/logs");
    WorkerCall call = WorkerCall.parse(json.getBytes(StandardCharsets.UTF_8));
    assertThat(call.inputs()).containsOnlyKeys("a \"b\" \\ c", "S\u00fcbject");
    assertThat(WorkerCall.parse(call.bytes())).isEqualTo(call);
  }

  @Test
  void aCallMayHaveNoLog() {
    String json = REAL.replace("\"W/logs\"", "null");
    WorkerCall call = WorkerCall.parse(json.getBytes(StandardCharsets.UTF_8));
    assertThat(call.logsPath()).isNull();
    assertThat(call.json()).isEqualTo(json);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "\"done_path\":\"W/-.N2/_done\",; ; 'done_path' is missing",
        "\"greet\"; 3; 'function_name' must be a text that is not blank, got 3",
        "\"greet\"; \" \"; 'function_name' must be a text",
        "\"W/-.N2/outputs/value\"; [1]; 'outputs.value' must be a text",
        "done_path; done_paths; did you mean 'done_path'",
        "{\"function_name\"; [1,{\"function_name\"; is not the call",
      })
  void saysWhatIsWrongWithACall(String part, String instead, String message, @TempDir Path folder)
      throws Exception {
    assertThat(REAL).contains(part);
    String text = REAL.replace(part, instead == null ? "" : instead);
    Path file = Files.writeString(folder.resolve("definition"), text);
    assertThatThrownBy(() -> WorkerCall.read(file))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining(message)
        .hasMessageContaining(file.toString());
  }

  @Test
  void thePlaceOfTheFileImpliesWhatItsPathsAreRelativeTo(@TempDir Path folder) throws Exception {
    Path node = Files.createDirectories(folder.resolve("W/-.N2"));
    Path file = Files.writeString(node.resolve("definition"), REAL);
    WorkerCall call = WorkerCall.read(file);
    assertThat(call.directory(file)).isEqualTo(folder);
    Path elsewhere = folder.resolve("other").resolve("definition");
    assertThatThrownBy(() -> call.directory(elsewhere))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("TKR_DIR");
  }
}
