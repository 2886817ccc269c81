package dev.muster.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.run.RunEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class EventBusTest {
  private static RunEvent notice(String text) {
    return new RunEvent.Notice(Instant.EPOCH, "r1", text);
  }

  @Test
  @Timeout(60)
  void leavesAListenerBehindThatDoesNotReturn() throws Exception {
    EventBus bus = new EventBus("bus", Duration.ofMillis(50));
    List<RunEvent> record = new CopyOnWriteArrayList<>();
    List<RunEvent> others = new CopyOnWriteArrayList<>();
    CountDownLatch blocked = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    bus.first(record::add, () -> {});
    bus.add(event -> {
      blocked.countDown();
      try {
        release.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
    bus.add(others::add);
    bus.publish(notice("one"));
    blocked.await();
    bus.publish(notice("two"));
    bus.close(notice("last"));
    assertThat(record).containsExactly(notice("one"), notice("two"), notice("last"));
    assertThat(others).isEmpty();
    release.countDown();
  }
}
