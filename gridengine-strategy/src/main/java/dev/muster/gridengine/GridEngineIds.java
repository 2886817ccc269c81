package dev.muster.gridengine;

import dev.muster.batch.spi.JobId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Ids of tasks of array jobs, {@code 4711.3}, and the short forms of many of them. */
final class GridEngineIds {
  private static final Pattern TASK = Pattern.compile("(\\d+)\\.(\\d{1,9})");
  private static final Pattern RANGE =
      Pattern.compile("(\\d{1,9})(?:-(\\d{1,9})(?::(\\d{1,9}))?)?");

  private GridEngineIds() {}

  /** Returns the number of the job, without that of the task. */
  static String number(JobId job) {
    Matcher task = TASK.matcher(job.id());
    return task.matches() ? task.group(1) : job.id();
  }

  /** Returns the number of the task, 1 if it has none. */
  static int task(JobId job) {
    Matcher task = TASK.matcher(job.id());
    return task.matches() ? Integer.parseInt(task.group(2)) : 1;
  }

  /** Returns the ids of all tasks of a job, in order. */
  static List<JobId> tasks(String number, int copies) {
    List<JobId> ids = new ArrayList<>(copies);
    for (int task = 1; task <= copies; task++) {
      ids.add(new JobId(number + "." + task));
    }
    return ids;
  }

  /** Returns the numbers of the jobs, each once, in order. */
  static Set<String> numbers(Collection<JobId> jobs) {
    Set<String> numbers = new LinkedHashSet<>();
    jobs.forEach(job -> numbers.add(number(job)));
    return numbers;
  }

  /** Returns them as {@code qdel} takes them: {@code 4711.1-500}. */
  static List<String> ranges(Collection<JobId> jobs) {
    List<String> words = new ArrayList<>();
    Map<String, TreeSet<Integer>> tasks = new TreeMap<>();
    for (JobId job : jobs) {
      Matcher task = TASK.matcher(job.id());
      if (task.matches()) {
        tasks
            .computeIfAbsent(task.group(1), n -> new TreeSet<>())
            .add(Integer.valueOf(task.group(2)));
      } else {
        words.add(job.id());
      }
    }
    tasks.forEach((number, of) -> {
      int first = of.first();
      int last = first;
      for (int task : of) {
        if (task > last + 1) {
          words.add(range(number, first, last));
          first = task;
        }
        last = task;
      }
      words.add(range(number, first, last));
    });
    return words;
  }

  private static String range(String number, int first, int last) {
    return number + "." + first + (last == first ? "" : "-" + last);
  }

  /**
   * Returns those of the asked tasks of a job that are in a list such as {@code 1,4-9:1}; all of them if there is no
   * list.
   */
  static List<JobId> among(Set<JobId> asked, String number, String list) {
    return asked.stream()
        .filter(job -> {
          Matcher task = TASK.matcher(job.id());
          return task.matches()
              ? task.group(1).equals(number) && contains(list, Integer.parseInt(task.group(2)))
              : job.id().equals(number);
        })
        .toList();
  }

  /** Tells whether a list such as {@code 1,4-9:1} has a task; one without anything in it has all. */
  static boolean contains(String list, int task) {
    if (list.isEmpty()) {
      return true;
    }
    for (String part : list.split(",", -1)) {
      Matcher range = RANGE.matcher(part.strip());
      if (range.matches()) {
        int first = Integer.parseInt(range.group(1));
        int last = range.group(2) == null ? first : Integer.parseInt(range.group(2));
        int step = range.group(3) == null ? 1 : Math.max(1, Integer.parseInt(range.group(3)));
        if (task >= first && task <= last && (task - first) % step == 0) {
          return true;
        }
      }
    }
    return false;
  }
}
