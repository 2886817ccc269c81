package dev.muster.dask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.error.MusterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InterpretersTest {
  private static final String GOOD = "muster: distributed 2024.5.0 cryptography 43.0";

  @TempDir
  Path folder;

  @BeforeEach
  void realName() throws IOException {
    folder = folder.toRealPath();
  }

  /** Makes an interpreter that leaves a mark when it is started. */
  private Path python(String name, String... lines) throws IOException {
    Path bin = Files.createDirectories(folder.resolve(name).resolve("bin"));
    Path python = bin.resolve("python3");
    Files.writeString(
        python, "#!/bin/sh\n: >'" + mark(name) + "'\n" + String.join("\n", lines) + "\n");
    return Files.setPosixFilePermissions(python, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Path mark(String name) {
    return folder.resolve(name).resolve("started");
  }

  private Path says(String name, String line) throws IOException {
    return python(name, "echo '" + line + "'");
  }

  private Interpreters interpreters(String path, Path system) {
    return new Interpreters(Map.of("PATH", path), system);
  }

  private String path(Path... pythons) {
    return String.join(
        ":",
        java.util.Arrays.stream(pythons)
            .map(python -> python.getParent().toString())
            .toList());
  }

  private Path packages(String name) throws IOException {
    Path packages = folder.resolve(name).resolve("lib/python3.11/site-packages");
    for (String module : new String[] {"distributed", "cryptography"}) {
      Files.createDirectories(packages.resolve(module));
      Files.createFile(packages.resolve(module).resolve("__init__.py"));
    }
    return packages;
  }

  @Test
  void theOneOnThePathIsTakenAndNothingIsSaid() throws Exception {
    Interpreters interpreters = interpreters(path(says("first", GOOD)), says("system", GOOD));
    assertThat(interpreters.choose(true)).isEqualTo(new Interpreters.Choice("python3", null));
    assertThat(mark("system")).doesNotExist();
  }

  @Test
  void oneWhoseFoldersShowWhatItHasIsNotStarted() throws Exception {
    Path first = python("first", "exit 1");
    Files.createDirectory(packages("first").resolve("distributed-2024.5.0.dist-info"));
    Interpreters interpreters = interpreters(path(first), says("system", GOOD));
    assertThat(interpreters.choose(true).command()).isEqualTo("python3");
    assertThat(mark("first")).doesNotExist();
  }

  @Test
  void oneWhoseFoldersShowSomethingOldIsAskedAllTheSame() throws Exception {
    Path first = says("first", "muster: distributed 2021.1.0 cryptography 1");
    Files.createDirectory(packages("first").resolve("distributed-2021.1.0.dist-info"));
    Path system = says("system", GOOD);
    assertThat(interpreters(path(first), system).choose(true).notice())
        .contains("distributed 2021.1.0, which is older than 2022.12");
  }

  @Test
  void theSystemsIsTakenWhereTheFirstHasNone() throws Exception {
    Path first = says("first", "muster: distributed - cryptography 43.0");
    Path system = says("system", "a warning\nmuster: distributed 2022.12.1+ds.1 cryptography ?");
    Interpreters.Choice choice = interpreters(path(first), system).choose(true);
    assertThat(choice.command()).isEqualTo(system.toString());
    assertThat(choice.notice())
        .isEqualTo("python3 (" + first + ") has no 'distributed'; " + system
            + " is taken instead, which has what the Dask backend needs (execution.config.python names"
            + " another)");
  }

  @Test
  void theSystemsIsTakenWhereTheFirstCannotSay() throws Exception {
    Path first = python("first", "echo 'shim: python3: no version is set' >&2", "exit 127");
    Path system = says("system", GOOD);
    Interpreters.Choice choice = interpreters(path(first), system).choose(true);
    assertThat(choice.command()).isEqualTo(system.toString());
    assertThat(choice.notice()).contains("exit code 127").contains("no version is set");
  }

  @Test
  void withoutTlsCryptographyIsNotNeeded() throws Exception {
    Path first = says("first", "muster: distributed 2024.5.0 cryptography -");
    Interpreters interpreters = interpreters(path(first), says("system", GOOD));
    assertThat(interpreters.choose(false).command()).isEqualTo("python3");
    assertThat(interpreters.choose(true).notice()).contains("has no 'cryptography'");
  }

  @Test
  void theSystemsIsTakenWhereThereIsNoneOnThePath() throws Exception {
    Path system = says("system", GOOD);
    assertThat(interpreters(folder + ":/nonexistent::", system).choose(true).notice())
        .startsWith("there is no python3 on the PATH");
  }

  @Test
  void theSystemsAloneIsNotAsked() throws Exception {
    Path system = says("system", "muster: distributed - cryptography -");
    assertThat(interpreters(path(system), system).choose(true).command()).isEqualTo("python3");
    assertThat(mark("system")).doesNotExist();
  }

  @Test
  void noneIsAnErrorThatSaysWhatWasTriedAndWhatToInstall() throws Exception {
    Path first = says("first", "muster: distributed - cryptography -");
    Interpreters interpreters = interpreters(path(first), folder.resolve("none"));
    assertThatThrownBy(() -> interpreters.choose(true))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("python3 (" + first + ") has no 'distributed'")
        .hasMessageContaining(folder.resolve("none") + " is not there")
        .hasMessageContaining("apt-get install python3-distributed python3-cryptography")
        .hasMessageContaining("execution.config.python");
    assertThat(interpreters.command(true)).isEqualTo("python3");
  }
}
