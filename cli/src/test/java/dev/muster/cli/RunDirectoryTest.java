package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.muster.error.MusterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunDirectoryTest {
  private static final LocalDateTime NOW = LocalDateTime.of(2026, 1, 2, 3, 4, 5);

  @TempDir
  private Path directory;

  @ParameterizedTest
  @CsvSource({
    "dimuon,dimuon",
    "di muon/2 (test),di_muon_2_test_",
    "../../etc,_.._etc",
    ".hidden,hidden",
    "-rf,rf",
    "学習,_",
    "...,run"
  })
  void isNamedAfterTheWorkflow(String workflow, String name) throws IOException {
    Path made = RunDirectory.create(directory, workflow, NOW);
    assertThat(made).isEqualTo(directory.resolve(".muster/runs/" + name + "-20260102-030405"));
    assertThat(made).isEmptyDirectory();
  }

  @Test
  void noTwoRunsShareOne() {
    Set<Path> made = IntStream.range(0, 50)
        .parallel()
        .mapToObj(i -> {
          try {
            return RunDirectory.create(directory, "w", NOW);
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        })
        .collect(Collectors.toSet());
    assertThat(made).hasSize(50);
  }

  @Test
  void latestIsTheLast() throws IOException {
    for (int i = 0; i < 3; i++) {
      Path made = RunDirectory.create(directory, "w", NOW);
      RunDirectory.link(made);
      Path latest = made.resolveSibling("latest");
      assertThat(Files.readSymbolicLink(latest)).isEqualTo(made.getFileName());
      assertThat(latest.toRealPath()).isEqualTo(made.toRealPath());
    }
  }

  @Test
  void leavesSomebodysOwnFileAlone() throws IOException {
    Path made = RunDirectory.create(directory, "w", NOW);
    Path latest = Files.writeString(made.resolveSibling("latest"), "mine");
    RunDirectory.link(made);
    assertThat(latest).hasContent("mine");
  }

  @Test
  void refusesTheFolderOrLinkOfAnotherUser() throws Exception {
    assumeThat(Path.of("/usr/bin/setpriv")).as("setpriv is installed").exists();
    assumeThat((Integer) Files.getAttribute(directory, "unix:uid"))
        .as("run as root, as in ./check: else there is no way to act as a second user")
        .isZero();
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path shared = Files.createDirectory(directory.resolve("shared"));
    Files.setAttribute(shared, "unix:mode", 01777); // as /tmp
    Path own = Files.createDirectory(directory.resolve("own"));
    for (String act :
        List.of("mkdir .muster", "ln -s " + own + " .muster", "mkdir -m 777 .muster")) {
      Process other = new ProcessBuilder(
              "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-c", act)
          .directory(shared.toFile())
          .inheritIO()
          .start();
      assertThat(other.waitFor()).as(act).isZero();
      assertThatThrownBy(() -> RunDirectory.create(shared, "w", NOW))
          .as(act)
          .isInstanceOf(MusterException.class)
          .hasMessageContaining("user number 65534");
      Files.delete(shared.resolve(".muster"));
    }
    assertThat(own).isEmptyDirectory();
    assertThat(RunDirectory.create(shared, "w", NOW)).isEmptyDirectory();
  }

  @Test
  void closesAnOwnFolderThatOthersMayWrite() throws Exception {
    Path runs = Files.createDirectories(directory.resolve(".muster/runs"));
    Files.setPosixFilePermissions(runs, PosixFilePermissions.fromString("rwxrwxrwx"));
    RunDirectory.create(directory, "w", NOW);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(runs)))
        .isEqualTo("rwxr-xr-x");
  }
}
