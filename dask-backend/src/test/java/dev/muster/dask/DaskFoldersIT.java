package dev.muster.dask;

import static dev.muster.dask.DaskSite.execution;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.execution.Staging;
import dev.muster.run.RunResult;
import dev.muster.workflow.Workflow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
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
}
