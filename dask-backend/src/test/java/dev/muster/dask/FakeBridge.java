package dev.muster.dask;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A bridge that notes what it is sent. Thread-safe. */
final class FakeBridge implements Bridge {
  private final List<Map<String, ?>> sent = new ArrayList<>();
  private int closed;

  @Override
  public synchronized void send(Map<String, ?> message) {
    sent.add(message);
  }

  @Override
  public void release(int task) {
    send(Map.of("op", "release", "tasks", List.of(task)));
  }

  @Override
  public synchronized void close() {
    closed++;
  }

  synchronized int timesClosed() {
    return closed;
  }

  /** Returns what was sent since the last call, without {@code op}: {@code submit {stage=0, ...}}. */
  synchronized List<String> sent() {
    List<String> texts = new ArrayList<>();
    for (Map<String, ?> message : sent) {
      Map<String, Object> rest = new java.util.LinkedHashMap<>(message);
      Object op = rest.remove("op");
      texts.add(op + " " + (rest.size() == 1 ? rest.values().iterator().next() : rest));
    }
    sent.clear();
    return texts;
  }
}
