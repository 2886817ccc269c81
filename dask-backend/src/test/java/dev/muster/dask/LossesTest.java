package dev.muster.dask;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.batch.JobStatus;
import dev.muster.batch.JobStatus.End;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskFailure;
import dev.muster.spi.TaskSink;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LossesTest {
  private final List<TaskFailure> told = new ArrayList<>();
  private final Losses losses = new Losses((TaskSink) Proxy.newProxyInstance(
      TaskSink.class.getClassLoader(), new Class<?>[] {TaskSink.class}, (proxy, method, args) -> {
        Arrays.stream(Objects.requireNonNull(args))
            .filter(TaskFailure.class::isInstance)
            .forEach(failure -> told.add((TaskFailure) failure));
        return null;
      }));

  private static WorkerEnd end(End end, @Nullable Integer code) {
    return WorkerEnd.of(new JobStatus.Ended(end, code, null));
  }

  @ParameterizedTest
  @CsvSource({
    "FAILED, 137, 137",
    "OUT_OF_MEMORY, 250, 250",
    "FAILED, ,",
    "SUCCEEDED, 0,",
    "CANCELLED, 143,",
    "PREEMPTED, 143,",
    "NODE_LOST, 1,",
  })
  void oneTaskAtHandHasTheExitCodeOfItsWorker(
      End end, @Nullable Integer code, @Nullable Integer expected) {
    losses.add("w", 3, 1, "gone");
    losses.tell("w", end(end, code));
    assertThat(told).singleElement().extracting(TaskFailure::exitCode).isEqualTo(expected);
  }

  @Test
  void ofSeveralTasksNobodyKnowsWhoseTheExitCodeIs() {
    losses.add("w", 3, 1, "gone");
    losses.add("w", 4, 1, "gone");
    losses.tell("w", end(End.FAILED, 137));
    assertThat(told)
        .hasSize(2)
        .allMatch(
            failure -> failure.kind() == FailureKind.WORKER_LOST && failure.exitCode() == null);
  }
}
