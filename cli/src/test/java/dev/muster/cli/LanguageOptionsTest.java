package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the command line says to a workflow's language, with the real library. */
class LanguageOptionsTest {
  @TempDir
  Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @ParameterizedTest
  @CsvSource({"--chunk-size,3", "--outdir,out", "--variation,up"})
  void optionsOfAnotherLanguageAreRefusedForMustersOwn(String option, String value)
      throws IOException {
    Path file = Files.writeString(
        folder.resolve("own.yaml"),
        "analysis: {stages: [{id: A, op: shell, params: {command: 'true'}}]}\n");
    for (String command : new String[] {"run", "plan", "explain", "validate"}) {
      err.reset();
      assertThat(execute(command, file.toString(), option, value)).isEqualTo(ExitCode.USAGE);
      assertThat(err.toString(StandardCharsets.UTF_8))
          .contains(option)
          .contains("Muster's own")
          .contains("--language NAME");
    }
    assertThat(execute("validate", file.toString(), "--language", "muster")).isZero();
  }

  @Test
  void anUnknownLanguageIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("own.yaml"), "analysis: {stages: []}\n");

    assertThat(execute("validate", file.toString(), "--language", "fastep"))
        .isEqualTo(ExitCode.USAGE);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("did you mean 'fasthep'?");
  }

  @Test
  void whatOnlyLooksLikeItAsksForTheLanguage() throws IOException {
    Path file = Files.writeString(
        folder.resolve("w.yaml"),
        "analysis: {stages: [{id: A, op: hep.hist, render: {out: a.png}}]}\n");

    assertThat(execute("validate", file.toString())).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("w.yaml:1:")
        .contains("--language fasthep");
  }

  @Test
  void aFolderThatFastHepWouldTakeForOneOfItsOwnIsRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("w.yaml"), "use: {profiles: [hep]}\n");

    assertThat(execute("validate", file.toString(), "--outdir", folder + "/reports"))
        .isEqualTo(ExitCode.USAGE);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("choose another name than reports");
  }

  @Test
  void aPythonWithoutFastHepIsNamedWithWhatInstallsIt() throws IOException {
    Path file = Files.writeString(folder.resolve("w.yaml"), "use: {profiles: [hep]}\n");
    Path python = Files.writeString(folder.resolve("python"), """
        #!/bin/sh
        outdir=$(sed 's/.*"outdir":"//; s/".*//')
        [ -n "$outdir" ] || exit 0
        mkdir -p "$outdir/muster"
        echo '{"ok": false, "error": {"kind": "not_installed", "message": "FAST-HEP is not installed",' \
          '"hint": "pip install fasthep-flow"}}' >"$outdir/muster/answer.json"
        """);
    assertThat(python.toFile().setExecutable(true)).isTrue();

    assertThat(execute("validate", file.toString(), "--set", "config.python=" + python))
        .isEqualTo(ExitCode.USAGE);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("FAST-HEP is not installed")
        .contains("pip install fasthep-flow");
  }

  private int execute(String... arguments) {
    Output output = new Output(out);
    Shell shell = new Shell(
        new Library(),
        output,
        new Screen(new Output(err)),
        Terminal.ofThisProcess(),
        Clock.systemUTC(),
        folder);
    return Main.execute(shell, arguments);
  }
}
