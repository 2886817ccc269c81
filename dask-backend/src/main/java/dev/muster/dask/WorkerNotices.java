package dev.muster.dask;

import dev.muster.batch.spi.JobId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** What is told of a pool's jobs after one look at them; what several have in common is told once. Not thread-safe. */
final class WorkerNotices {
  private final String pool;
  private final Set<String> told;
  private final Function<JobId, String> tail;
  private final Map<String, List<JobId>> byText = new LinkedHashMap<>();
  private final Map<String, Boolean> tails = new HashMap<>();

  /**
   * @param told receives what was told
   * @param tail tells the end of a job's error log, or nothing
   */
  WorkerNotices(String pool, Set<String> told, Function<JobId, String> tail) {
    this.pool = pool;
    this.told = told;
    this.tail = tail;
  }

  /** Adds what is to be told of a job. */
  void add(String text, JobId job, boolean withTail) {
    byText.computeIfAbsent(text, absent -> new ArrayList<>()).add(job);
    tails.put(text, withTail);
  }

  /** Returns what is to be told. */
  List<String> tell() {
    List<String> notices = new ArrayList<>();
    byText.forEach((text, ids) -> {
      told.add(text);
      String end = Boolean.TRUE.equals(tails.get(text)) ? tail.apply(ids.get(0)) : "";
      if (text.startsWith("worker ")) {
        notices.add("pool " + pool + ": " + text + end);
      } else {
        String who = ids.size() == 1
            ? "job " + ids.get(0)
            : ids.size() + " jobs (" + ids.get(0) + " to " + ids.get(ids.size() - 1) + ")";
        boolean state = text.startsWith("held") || text.startsWith("waiting");
        String verb = state ? (ids.size() == 1 ? " is " : " are ") : " ";
        notices.add("pool " + pool + ": " + who + verb + text + end);
      }
    });
    return notices;
  }
}
