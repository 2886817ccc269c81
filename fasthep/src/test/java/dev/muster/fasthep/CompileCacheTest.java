package dev.muster.fasthep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.error.MusterException;
import dev.muster.error.WorkflowException;
import dev.muster.fasthep.CompileCache.Compiled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompileCacheTest {
  @TempDir
  Path folder;

  private Path root;
  private Path workflow;
  private Path data;
  private Path absent;
  private FakePython python;

  @BeforeEach
  void prepare() throws IOException {
    root = Files.createDirectories(folder.resolve("root"));
    workflow = Files.writeString(root.resolve("w.yaml"), "use: {profiles: [hep]}\n");
    data = Files.writeString(root.resolve("data.root"), "events");
    absent = root.resolve(".hepflow");
    python = new FakePython(folder.resolve("env"), answer(), "");
  }

  @Test
  void anUnchangedWorkflowIsCompiledOnce() throws IOException {
    Compiled first = get();
    Compiled second = get();

    assertThat(first.fresh()).isTrue();
    assertThat(second.fresh()).isFalse();
    assertThat(second.outdir()).isEqualTo(first.outdir());
    assertThat(python.calls()).isEqualTo(1);
    assertThat(python.words().get(0)).isEqualTo("-P -m");
    assertThat(python.request())
        .contains("\"workflow\":\"" + workflow + "\"")
        .contains("\"plan\":null")
        .contains("\"chunk_size\":null");
    assertThat(first.code().resolve("muster_fasthep/stages.py")).isRegularFile();
    assertThat(first.code().resolve("plans")).isDirectory();
  }

  @Test
  void aChangedInputIsAMiss() throws IOException {
    Compiled first = get();
    Files.setLastModifiedTime(data, FileTime.from(Instant.EPOCH));

    Compiled second = get();
    assertThat(second.outdir()).isNotEqualTo(first.outdir());
    assertThat(first.outdir()).isDirectory(); // a run may still read it
    assertThat(second.code()).as("workers read the same").isEqualTo(first.code());
  }

  @Test
  void whatWorkersReadHasAFolderByItsContent() throws IOException {
    Compiled first = get();
    python.plan("another plan");
    Files.setLastModifiedTime(data, FileTime.from(Instant.EPOCH));

    Path other = get().code();
    assertThat(other).isNotEqualTo(first.code());
    assertThat(other.resolve("plans/plan.pickle")).hasContent("another plan");
    assertThat(first.code().resolve("plans/plan.pickle")).hasContent("plan");
    assertThat(other.resolve("answer.json")).as("it has times").doesNotExist();
  }

  @Test
  void aContentThatHidesIsAMiss() throws IOException {
    python.answer(answer().replace("\"sha256\": null", "\"sha256\": \"0000\""));
    get();

    assertThat(get().fresh()).isTrue();
  }

  @Test
  void anInputThatIsGoneOrNewIsAMiss() throws IOException {
    get();
    Files.createDirectories(absent);
    assertThat(get().fresh()).isTrue();
    Files.delete(absent);
    assertThat(get().fresh()).isFalse();
    Files.delete(data);
    assertThat(get().fresh()).isTrue();
  }

  @Test
  void whatCannotBeComparedIsAMiss() throws IOException {
    python.answer(
        answer()
            .replace(
                "\"inputs\": [{\"path\"",
                "\"inputs\": [{\"path\": \"root://x//y\", \"size\": null, \"mtime_ns\": null}, {\"path\""));
    get();

    assertThat(get().fresh()).isTrue();
  }

  @Test
  void anotherVersionOfFastHepIsAMiss() throws IOException {
    get();
    Files.writeString(python.record(), "another record");
    assertThat(get().fresh()).isTrue();
    assertThat(get().fresh()).isFalse();
  }

  @Test
  void anotherFolderChunkSizeOrVariationIsAMiss() throws IOException {
    get();
    Path elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
    for (CompileRequest request : List.of(
        new CompileRequest(workflow, false, elsewhere, null, List.of(), python.program),
        new CompileRequest(workflow, false, root, 100, List.of(), python.program),
        new CompileRequest(workflow, false, root, null, List.of("up"), python.program))) {
      assertThat(cache().get(request).fresh()).isTrue();
      assertThat(cache().get(request).fresh()).isFalse();
    }
    Files.writeString(workflow, "use: {profiles: [basic]}\n");
    assertThat(get().fresh()).isTrue();
  }

  @Test
  void anAnswerThatWasCutOffIsAMiss() throws IOException {
    Compiled first = get();
    Files.writeString(first.outdir().resolve(Answer.FILE), "{\"ok\": tr");

    assertThat(get().fresh()).isTrue();
  }

  @Test
  void whereTheInstallationCannotBeSeenPythonIsAsked() throws IOException {
    Files.delete(folder.resolve("env/pyvenv.cfg"));
    get();
    assertThat(get().fresh()).isFalse();
    assertThat(python.calls()).isEqualTo(3);
    assertThat(python.words().get(0)).startsWith("-I -c");
  }

  @Test
  void aRefusalIsAnErrorOfTheWorkflow() throws IOException {
    python.answer("""
        {"ok": false, "error": {"kind": "not_installed", "message": "FAST-HEP is not installed", "hint": "pip install fasthep-flow"}}
        """);

    for (int i = 0; i < 2; i++) { // it is not kept
      assertThatExceptionOfType(WorkflowException.class)
          .isThrownBy(this::get)
          .withMessageContaining("execution.config.python: FAST-HEP is not installed")
          .withMessageContaining("pip install fasthep-flow")
          .withMessageContaining("--set config.python=");
    }
    assertThat(python.calls()).isEqualTo(2);
  }

  @Test
  void aCrashTellsTheCommandTheExitCodeAndTheEndOfWhatItPrinted() throws IOException {
    python = new FakePython(folder.resolve("env"), null, "echo 'out of ideas' >&2; exit 7");

    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(this::get)
        .withMessageContaining("exit code 7")
        .withMessageContaining(python.program + " -P -m muster_fasthep.compiler")
        .withMessageContaining("out of ideas");
  }

  @Test
  void anEndWithoutAnAnswerIsACrash() throws IOException {
    python.answer(null);

    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(this::get)
        .withMessageContaining("without an answer");
  }

  @Test
  void aCompileThatDoesNotEndIsEnded() throws IOException {
    python = new FakePython(folder.resolve("env"), answer(), "sleep 600");
    CompileCache cache = new CompileCache(
        folder.resolve("cache"), new Compiler(Duration.ofMillis(300)), PythonPackage.load());

    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(() -> cache.get(request()))
        .withMessageContaining("did not end within");
  }

  private Compiled get() {
    return cache().get(request());
  }

  private CompileRequest request() {
    return new CompileRequest(workflow, false, root, null, List.of(), python.program);
  }

  private CompileCache cache() {
    return new CompileCache(
        folder.resolve("cache"), new Compiler(Duration.ofMinutes(1)), PythonPackage.load());
  }

  private String answer() throws IOException {
    String inputs = """
        "inputs": [{"path": "%s", "size": %d, "mtime_ns": %d, "sha256": null},
                   {"path": "%s", "size": -1, "mtime_ns": -1, "sha256": null}],""".formatted(
        data, Files.size(data), Files.getLastModifiedTime(data).to(TimeUnit.NANOSECONDS), absent);
    return Files.readString(Answers.FOLDER.resolve("tiny_toy.json"))
        .replaceFirst("(?s)\"inputs\": \\[\\s*\\{\\s*\"path\".*?\\],", inputs);
  }
}
