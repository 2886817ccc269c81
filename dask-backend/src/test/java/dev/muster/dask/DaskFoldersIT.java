package dev.muster.dask;

import static dev.muster.dask.DaskSite.execution;
import static dev.muster.dask.DaskSite.two;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.execution.Execution;
import dev.muster.execution.Staging;
import dev.muster.run.RunResult;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Workflow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs in folders whose names mean something to a shell, to Python or to a batch system. */
class DaskFoldersIT {
  static Stream<Arguments> names() {
    return Stream.of(
        Arguments.of(Staging.SHARED, "run_2026-11-30T10:00:00 year=2018"),
        Arguments.of(Staging.SHARED, "it's, \"$HOME\" `id` %j;&|<>#~*?[a]{b}\\n\\ é\nnext"),
        Arguments.of(Staging.TRANSFER, "a:b year=2018, it's \"$HOME\" %j\\ é"));
  }

  @ParameterizedTest
  @MethodSource("names")
  void aFolderMayHaveAnyName(Staging staging, String name, @TempDir Path temporary)
      throws Exception {
    Path base = Files.createDirectories(temporary.resolve(name));
    DaskSite site = new DaskSite(base);
    Files.createDirectory(base.resolve("more"));
    Files.writeString(base.resolve("more").resolve("beside.py"), "def two(a):\n    return a + 2\n");
    Workflow workflow = site.workflow()
        .stage("one", s -> s.op("one"))
        .stage("two", s -> s.op("python").param("callable", "beside:two").param("a", 1))
        .stage(
            "three",
            s -> s.op("shell")
                .param(
                    "command",
                    "test -e {base_dir}/ops.py && cd {output_dir} && printf 3 > out && cat out"))
        .build();
    RunResult result = site.run(
        workflow,
        execution()
            .staging(staging)
            .code("more")
            .pool("default", p -> p.workers(1))
            .build());
    assertThat(result.orThrow().stage("three").value()).isEqualTo("3");
  }

  @ParameterizedTest
  @EnumSource(Scope.class)
  void aTaskHasTheSameFolderOnEveryBackend(Scope scope, @TempDir Path base) throws Exception {
    DaskSite site = new DaskSite(base);
    Workflow.Builder workflow = site.workflow();
    for (String name : List.of("plain", "a b/\u00fc", "../up", "logs", "x".repeat(150), "d.1")) {
      workflow.dataset(Dataset.of(name, "0.root", "1.root", "2.root"));
    }
    Workflow built = workflow
        .stage(
            "it's $(id)",
            s -> s.op("shell").scope(scope).param("command", "printf %s {output_dir}"))
        .build();
    RunResult dask = site.run(built, two());
    Path other = base.resolve("local");
    RunResult local = Muster.run(
        built, Execution.local(), RunOptions.builder().directory(other).build());
    List<Path> expected = folders(local, "it's $(id)", other);
    assertThat(folders(dask, "it's $(id)", site.directory)).isEqualTo(expected);
    assertThat(expected).hasSize(Muster.plan(built, two()).taskCount()).doesNotHaveDuplicates();
  }

  private static List<Path> folders(RunResult result, String stage, Path directory) {
    return result.orThrow().stage(stage).values().stream()
        .map(value -> directory.relativize(Path.of(String.valueOf(value))))
        .toList();
  }
}
