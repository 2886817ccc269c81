package dev.muster.internal.resume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.spi.CodeFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CodeStatesTest {
  @TempDir
  private Path folder;

  private static String change(String kind, Path path, String state) {
    CodeFiles files = CodeFiles.NONE.and(List.of(Arrays.asList(kind, path.toString(), state)));
    return new CodeStates().change(files);
  }

  @Test
  void aFileThatIsGoneHasChanged() {
    assertThat(change("times", folder.resolve("gone"), "1 2")).startsWith("code changed: ");
    assertThat(change("content", folder.resolve("gone"), "ab")).startsWith("code changed: ");
  }

  @Test
  void aFileOfAnotherMachineIsComparedOnlyWhereItIs() throws Exception {
    Path file = folder.resolve("file");
    assertThat(change(CodeFiles.ELSEWHERE, file, "1 2")).isNull();
    Files.createFile(file);
    assertThat(change(CodeFiles.ELSEWHERE, file, "1 2")).startsWith("code changed: ");
  }
}
