package dev.muster.testkit;

import dev.muster.workflow.OperationContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A task that ends only some time after it was told to, and how others see that it runs: it holds a lock on a file. The
 * system releases the lock with the process, so that this also holds for a task in another process that is killed.
 * Thread-safe.
 */
final class Lingering {
  /** The parameter that names the file. */
  static final String FILE = "file";

  private static final Duration LONGEST = Duration.ofMinutes(1);
  private static final Duration AFTER_INTERRUPT = Duration.ofSeconds(1);

  private Lingering() {}

  static Object run(OperationContext context) throws IOException {
    Path file = Path.of(context.param(FILE, String.class));
    try (FileChannel channel =
            FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      channel.write(ByteBuffer.wrap(new byte[] {'x'}));
      linger();
      return lock.isValid();
    }
  }

  private static void linger() {
    long end = System.nanoTime() + LONGEST.toNanos();
    long left = LONGEST.toNanos();
    while (left > 0) {
      try {
        TimeUnit.NANOSECONDS.sleep(left);
      } catch (InterruptedException e) { // that it goes on is what it is for
        long soon = System.nanoTime() + AFTER_INTERRUPT.toNanos();
        end = soon - end < 0 ? soon : end;
      }
      left = end - System.nanoTime();
    }
  }

  /**
   * Waits until the task runs.
   *
   * @throws AssertionError if it does not within {@code patience}
   */
  static void awaitStart(Path file, Duration patience) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    // Not opened: this process would give up its lock when it closes the file.
    while (!Files.exists(file) || Files.size(file) == 0) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("the task did not start within " + patience);
      }
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  /** Tells whether the task that was started still runs. */
  static boolean runs(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      return lock == null; // another process has it
    } catch (OverlappingFileLockException e) {
      return true; // this process has it
    }
  }
}
