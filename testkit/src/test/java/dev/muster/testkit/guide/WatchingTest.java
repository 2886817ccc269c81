package dev.muster.testkit.guide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Muster;
import dev.muster.RunJournal;
import dev.muster.RunOptions;
import dev.muster.Runs;
import dev.muster.execution.Execution;
import dev.muster.run.Run;
import dev.muster.run.RunEvent;
import dev.muster.run.RunResult;
import dev.muster.run.RunState;
import dev.muster.run.RunSummary;
import dev.muster.workflow.Workflow;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchingTest {
  @Test
  void watchesARunAndReadsItsJournal(@TempDir Path folder) {
    Workflow workflow =
        Workflow.builder().stage("Greet").run(context -> "hello").build();
    Execution site = Execution.local();
    Path directory = folder.resolve("run");
    List<String> failed = Collections.synchronizedList(new ArrayList<>());

    RunOptions options = RunOptions.builder()
        .directory(directory)
        .listener(event -> {
          if (event instanceof RunEvent.TaskFailed failure) {
            failed.add(failure.name() + ": " + failure.message());
          }
        })
        .build();
    try (Run run = Muster.start(workflow, site, options)) {
      RunResult result = run.await().orThrow();
      Object greeting = result.stage("Greet").value();
      assertThat(greeting).isEqualTo("hello");
    }

    List<RunEvent> events = RunJournal.read(directory);
    assertThat(events).last().isInstanceOf(RunEvent.RunFinished.class);
    assertThat(failed).isEmpty();

    List<Path> killed = new ArrayList<>();
    for (RunSummary run : Runs.list(folder)) {
      if (run.state() == RunState.KILLED) {
        killed.add(run.directory());
      }
    }
    assertThat(killed).isEmpty();
  }
}
