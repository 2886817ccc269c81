package dev.muster.internal.operation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileListsTest {
  private static final List<String> NAMES = List.of("/data/a.root", "/data/b c.root");

  @TempDir
  private Path directory;

  private Path shared;

  @BeforeEach
  void makeFolders() throws IOException {
    shared = Files.createDirectory(directory.resolve("shared"));
    for (int i = 0; i < 9; i++) {
      Files.createDirectory(outputs(i));
    }
  }

  private Path outputs(int task) {
    return directory.resolve("outputs" + task);
  }

  private FileLists lists() {
    return new FileLists(() -> shared, "Plot");
  }

  @Test
  void tasksWithOtherFilesHaveTheirOwn() throws IOException {
    FileLists lists = lists();
    for (int i = 0; i < 3; i++) {
      Path file = lists.of(List.of("/data/" + i), outputs(i));
      assertThat(file).isEqualTo(outputs(i).resolve("files.list")).hasContent("/data/" + i + "\n");
    }
    assertThat(shared).isEmptyDirectory();
  }

  @Test
  void tasksWithTheSameFilesShareOneThatIsRead() throws IOException {
    FileLists lists = lists();
    Path first = lists.of(NAMES, outputs(0));
    Path second = lists.of(NAMES, outputs(1));
    assertThat(first).isEqualTo(outputs(0).resolve("files.list"));
    assertThat(second).isEqualTo(shared.resolve("Plot.1.list"));
    assertThat(second).hasContent("/data/a.root\n/data/b c.root\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(second)))
        .isEqualTo("r--r--r--");
    assertThat(lists.of(NAMES, outputs(2))).isEqualTo(second);
    assertThat(outputs(1)).isEmptyDirectory();
    assertThat(lists.of(List.of("/data/c.root"), outputs(3)))
        .isEqualTo(outputs(3).resolve("files.list"));
    assertThat(lists.of(List.of("/data/c.root"), outputs(4)))
        .isEqualTo(shared.resolve("Plot.2.list"))
        .hasContent("/data/c.root\n");
  }

  @Test
  void aSharedFileThatATaskHasChangedIsNotGivenToTheNext() throws IOException {
    FileLists lists = lists();
    Path unused = lists.of(NAMES, outputs(0));
    Path second = lists.of(NAMES, outputs(1));
    Files.delete(second);
    Files.writeString(second, "/data/z.root\n");
    assertThat(lists.of(NAMES, outputs(2)))
        .isEqualTo(shared.resolve("Plot.2.list"))
        .hasContent("/data/a.root\n/data/b c.root\n");
    Files.delete(shared.resolve("Plot.2.list"));
    assertThat(lists.of(NAMES, outputs(3)))
        .isEqualTo(shared.resolve("Plot.3.list"))
        .hasContent("/data/a.root\n/data/b c.root\n");
  }

  @Test
  void leavesTheFilesOfAnEarlierController() throws IOException {
    Files.writeString(shared.resolve("Plot.1.list"), "/data/before.root\n");
    FileLists lists = lists();
    Path unused = lists.of(NAMES, outputs(0));
    assertThat(lists.of(NAMES, outputs(1))).isEqualTo(shared.resolve("Plot.2.list"));
    assertThat(shared.resolve("Plot.1.list")).hasContent("/data/before.root\n");
  }

  @Test
  void withoutAFolderEachTaskHasItsOwn() {
    FileLists lists = new FileLists(null, "Plot");
    for (int i = 0; i < 3; i++) {
      assertThat(lists.of(NAMES, outputs(i))).isEqualTo(outputs(i).resolve("files.list"));
    }
  }

  @Test
  void tasksAtOnceEachFindTheirNames() throws IOException {
    FileLists lists = lists();
    Set<String> wrong = ConcurrentHashMap.newKeySet();
    IntStream.range(0, 400).parallel().forEach(i -> {
      List<String> names = List.of("/data/" + i / 40);
      try {
        Path outputs = Files.createDirectory(directory.resolve("task" + i));
        String text = Files.readString(lists.of(names, outputs));
        if (!text.equals(names.get(0) + "\n")) {
          wrong.add(i + ": " + text);
        }
      } catch (IOException e) {
        wrong.add(i + ": " + e);
      }
    });
    assertThat(new TreeSet<>(wrong)).isEmpty();
  }
}
