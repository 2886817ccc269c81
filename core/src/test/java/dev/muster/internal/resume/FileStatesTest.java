package dev.muster.internal.resume;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStatesTest {
  private static final FileTime LONG_AGO = FileTime.from(Instant.parse("2020-01-01T00:00:00.5Z"));

  @TempDir
  Path folder;

  private String file(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.writeString(file, text);
    Files.setLastModifiedTime(file, LONG_AGO);
    return name;
  }

  @Test
  void aFileDoesNotDependOnAbsentOnesBeforeIt() throws IOException {
    file("a.txt", "one");
    long alone = new FileStates(folder, false).data("a.txt");
    FileStates states = new FileStates(folder, false);
    long first = states.data("gone.txt");
    assertThat(states.data("gone too.txt")).isEqualTo(first);
    assertThat(states.data("a.txt")).isEqualTo(alone);
  }

  @Test
  void aFileDoesNotDependOnOnesThatCannotBeLookedAt() throws IOException {
    file("a.txt", "one");
    long alone = new FileStates(folder, false).data("a.txt");
    Path inside = Files.createDirectory(folder.resolve("inside"));
    Path later = Files.writeString(inside.resolve("later.txt"), "two");
    Files.setLastModifiedTime(later, FileTime.from(Instant.now().plusSeconds(3600)));
    Files.setLastModifiedTime(inside, LONG_AGO);
    FileStates states = new FileStates(folder, false);
    assertThat(states.data("inside")).isNotEqualTo(states.data("inside/later.txt"));
    assertThat(states.data("a.txt")).isEqualTo(alone);
  }

  @Test
  void theSameFileHasTheSameStateAndAnotherHasAnother() throws IOException {
    file("a.txt", "one");
    file("b.txt", "three");
    FileStates states = new FileStates(folder, false);
    assertThat(new FileStates(folder, false).data("a.txt")).isEqualTo(states.data("a.txt"));
    assertThat(states.data("b.txt")).isNotEqualTo(states.data("a.txt"));
    assertThat(states.data("gone.txt")).isNotEqualTo(states.data("a.txt"));
  }
}
