package dev.muster.internal.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StealingQueueTest {
  private final StealingQueue queue = new StealingQueue();

  @Test
  void theOwnerTakesTheNewestAndThievesTheOldest() {
    for (int i = 0; i < 1000; i++) {
      queue.push(i);
    }
    assertThat(queue.pop()).isEqualTo(999);
    assertThat(queue.steal()).isZero();
    assertThat(queue.steal()).isEqualTo(1);
    assertThat(queue.isEmpty()).isFalse();
    for (int i = 998; i >= 2; i--) {
      assertThat(queue.pop()).isEqualTo(i);
    }
    assertThat(queue.isEmpty()).isTrue();
    assertThat(queue.pop()).isEqualTo(StealingQueue.EMPTY);
    assertThat(queue.steal()).isEqualTo(StealingQueue.EMPTY);
  }

  @Test
  void everyItemIsTakenOnce() throws InterruptedException {
    int items = 1_000_000;
    AtomicIntegerArray taken = new AtomicIntegerArray(items);
    AtomicBoolean done = new AtomicBoolean();
    List<Thread> thieves = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Thread thief = new Thread(() -> {
        while (!done.get() || !queue.isEmpty()) {
          long item = queue.steal();
          if (item != StealingQueue.EMPTY) {
            taken.incrementAndGet((int) item);
          }
        }
      });
      thieves.add(thief);
      thief.start();
    }
    for (int next = 0; next < items; ) {
      // Bursts of all lengths: the queue grows, and often holds a single item that all want.
      for (int burst = 1 + next % 700; burst > 0 && next < items; burst--) {
        queue.push(next++);
      }
      for (int pops = next % 5 == 0 ? 1000 : 1; pops > 0; pops--) {
        long item = queue.pop();
        if (item != StealingQueue.EMPTY) {
          taken.incrementAndGet((int) item);
        }
      }
    }
    done.set(true);
    for (Thread thief : thieves) {
      thief.join();
    }
    for (int i = 0; i < items; i++) {
      if (taken.get(i) != 1) {
        assertThat(taken.get(i)).as("item %d", i).isEqualTo(1);
      }
    }
  }
}
