package dev.muster.internal.resume;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultFilesTest {
  @TempDir
  private Path directory;

  private Path outputs;

  @BeforeEach
  void makeFolder() throws IOException {
    outputs = Files.createDirectory(directory.resolve("outputs"));
  }

  private static @Nullable List<String> paths(@Nullable List<SavedFile> files) {
    return files == null ? null : files.stream().map(SavedFile::path).toList();
  }

  @Test
  void findsNothingInAnEmptyFolderOrWithoutOne() {
    assertThat(ResultFiles.of(List.of(), outputs)).isEmpty();
    assertThat(ResultFiles.of(List.of(), null)).isEmpty();
    assertThat(ResultFiles.of(List.of(), directory.resolve("absent"))).isEmpty();
  }

  @Test
  void findsFilesHoweverDeepInTheOrderOfTheirNames() throws IOException {
    Path deep = Files.createDirectories(outputs.resolve("a/b")).resolve("c.txt");
    Files.writeString(deep, "four");
    Path late = Files.writeString(outputs.resolve("z"), "");
    Path elsewhere = Files.writeString(directory.resolve("elsewhere"), "x");
    List<SavedFile> found = ResultFiles.of(List.of(late, elsewhere), outputs);
    assertThat(paths(found))
        .containsExactly(elsewhere.toString(), deep.toString(), late.toString());
    assertThat(found).contains(SavedFile.of(deep), SavedFile.of(late), SavedFile.of(elsewhere));
    assertThat(ResultFiles.of(List.of(outputs.resolve("a")), outputs)).hasSize(2);
  }

  @Test
  void aLinkIsTheFileThatItLeadsTo() throws IOException {
    Path file = Files.writeString(directory.resolve("elsewhere"), "four");
    Path link = Files.createSymbolicLink(outputs.resolve("link"), file);
    List<SavedFile> found = ResultFiles.of(List.of(), outputs);
    assertThat(found).containsExactly(SavedFile.of(link));
    assertThat(found.get(0).size()).isEqualTo(4);
    Files.writeString(file, "other text");
    assertThat(found.get(0).isThere()).isFalse();
  }

  @Test
  void cannotKeepFoldersElsewhereNorWhatIsNotThere() throws IOException {
    assertThat(ResultFiles.of(List.of(outputs.resolve("absent")), outputs)).isNull();
    Path folder = Files.createDirectory(directory.resolve("folder"));
    assertThat(ResultFiles.of(List.of(folder), outputs)).isNull();
    Path link = Files.createSymbolicLink(outputs.resolve("link"), folder);
    assertThat(ResultFiles.of(List.of(), outputs)).isNull();
    Files.delete(link);
    Files.createSymbolicLink(link, directory.resolve("absent"));
    assertThat(ResultFiles.of(List.of(), outputs)).isNull();
    assertThat(ResultFiles.of(List.of(), link)).isEmpty();
  }

  @Test
  void cannotKeepAFolderThatIsALink() throws IOException {
    Path link = Files.createSymbolicLink(directory.resolve("link"), outputs);
    assertThat(ResultFiles.of(List.of(), link)).isNull();
  }

  @Test
  void cannotKeepMoreFilesThanARecordHas() throws IOException {
    for (int i = 0; i < 1000; i++) {
      Files.createFile(outputs.resolve("f" + i));
    }
    assertThat(ResultFiles.of(List.of(), outputs)).hasSize(1000);
    Files.createFile(outputs.resolve("one more"));
    assertThat(ResultFiles.of(List.of(), outputs)).isNull();
  }
}
