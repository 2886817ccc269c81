package dev.muster.batch.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.execution.Pool;
import dev.muster.resource.Quantities;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LaneTest {
  private static PoolJobs pool(int most) {
    PoolOptions options = new PoolOptions(
        null,
        List.of(),
        most,
        1,
        false,
        Duration.ZERO,
        Path.of("/logs"),
        Quantities.none(),
        Map.of());
    return new PoolJobs(Pool.builder("p").build(), options);
  }

  @Test
  void keepsTheOrderHoweverManyWait() {
    Lane lane = new Lane(pool(1), Quantities.none());
    for (int task = 0; task < 100; task++) {
      lane.add(task, 1, task);
    }
    lane.addFirst(1000, 2);
    assertThat(lane.size()).isEqualTo(101);
    assertThat(lane.task()).isEqualTo(1000);
    assertThat(lane.attempt()).isEqualTo(2);
    lane.remove();
    for (int task = 0; task < 100; task++) {
      assertThat(lane.task()).isEqualTo(task);
      lane.remove();
    }
    assertThat(lane.size()).isZero();
  }

  @Test
  void givesTheLowestFreePlaces() {
    PoolJobs pool = pool(3);
    assertThat(pool.take(3)).containsExactly(0, 1, 2);
    assertThat(pool.room()).isZero();
    pool.release(1);
    assertThat(pool.room()).isEqualTo(1);
    assertThat(pool.take(1)).containsExactly(1);
  }

  @Test
  void submitsLessWhereTheBatchSystemTakesLess() {
    PoolJobs pool = pool(1000);
    pool.limited(1000);
    assertThat(pool.room()).isEqualTo(500);
    int[] unused = pool.take(10);
    pool.limited(1);
    assertThat(pool.room()).isZero();
    pool.release(0);
    assertThat(pool.room()).isEqualTo(1);
  }
}
