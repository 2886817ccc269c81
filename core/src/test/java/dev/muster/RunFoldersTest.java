package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.run.RunEvent;
import dev.muster.run.RunResult;
import dev.muster.workflow.StageInput;
import dev.muster.workflow.Workflow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs in folders whose names mean something to a shell, to Python or to a file. */
class RunFoldersTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "run_2026-11-30T10:00:00",
        "year=2018, pt>20 & |eta|<2.4; #1",
        "it's \"$HOME\" `id` %j ~*?[a]{b}!",
        "back\\slash\\n é 漢",
        "line\nbreak\ttab ",
        "-rf"
      })
  void aFolderMayHaveAnyName(String name, @TempDir Path temporary) throws Exception {
    Path base = Files.createDirectories(temporary.resolve(name));
    Files.writeString(
        base.resolve("beside.py"), "def two(ctx, said):\n    return [said, str(ctx.output_dir)]\n");
    Workflow workflow = Workflow.builder()
        .name("folders")
        .baseDirectory(base)
        .stage(
            "one",
            stage -> stage
                .op("shell")
                .param(
                    "command",
                    "test -e {base_dir}/beside.py && cd {output_dir} && printf 1 >out && cat out"))
        .stage(
            "two",
            stage -> stage
                .op("python")
                .param("callable", "beside:two")
                .from(List.of(new StageInput("one", null, "said"))))
        .build();
    Path run = base.resolve("run");

    RunResult result =
        RunFixture.run(workflow, RunFixture.workers(1), RunOptions.builder().directory(run));

    assertThat(result.orThrow().stage("two").value())
        .isEqualTo(List.of("1", run.resolve("two/outputs").toString()));
    assertThat(RunJournal.read(run)).last().isInstanceOf(RunEvent.RunFinished.class);
  }
}
