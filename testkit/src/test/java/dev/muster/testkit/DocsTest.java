package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import dev.muster.RunJournal;
import dev.muster.run.FailureKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DocsTest {
  private static final Path ROOT = Path.of("..");

  @ParameterizedTest
  @ValueSource(strings = {"docs/testing.md", "docs/runs.md"})
  void codeInTheDocumentationCompiles(String page) throws IOException {
    assertThat(new DocSnippets(ROOT).check(page)).isPositive();
  }

  @Test
  void theJournalInTheDocumentationReadsBack(@TempDir Path folder) throws IOException {
    String page = Files.readString(ROOT.resolve("docs/runs.md"));
    String journal = page.replaceFirst("(?s).*```json\\n", "").replaceFirst("(?s)```.*", "");
    Files.writeString(folder.resolve("journal"), journal);
    assertThat(RunJournal.read(folder)).hasSize((int) journal.lines().count()).hasSize(7);
  }

  @ParameterizedTest
  @EnumSource(FailureKind.class)
  void theDocumentationKnowsEveryKindOfFailure(FailureKind kind) throws IOException {
    List<String> rows = Files.readAllLines(ROOT.resolve("docs/runs.md")).stream()
        .filter(line -> line.startsWith("| `" + kind + "` |"))
        .toList();
    assertThat(rows).hasSize(1);
    List<String> cells = Splitter.on('|').trimResults().splitToList(rows.get(0));
    assertThat(cells.get(3)).startsWith(kind.retryable() ? "yes" : "no");
    String spends = kind.retryable() ? (kind.spendsRetry() ? "yes" : "no") : "–";
    assertThat(cells.get(4)).isEqualTo(spends);
  }
}
