package dev.muster.slurm;

import dev.muster.batch.spi.JobId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The ids of array jobs and their tasks: {@code 4711_3} is task 3 of array job 4711. */
final class SlurmIds {
  private static final Pattern TASK = Pattern.compile("(\\d{1,18})_(\\d{1,9})");
  private static final Pattern TASKS = Pattern.compile("(\\d{1,18})_\\[([^\\]%]*)(?:%\\d*)?\\]");
  private static final Pattern RANGE =
      Pattern.compile("(\\d{1,9})(?:-(\\d{1,9})(?::(\\d{1,9}))?)?");

  /** More tasks than any Slurm takes in one array, so that a broken answer cannot fill the memory. */
  private static final int MOST_TASKS = 4_000_001;

  private SlurmIds() {}

  /** Returns the ids of all tasks of an array job, in order. */
  static List<JobId> tasks(String array, int copies) {
    List<JobId> ids = new ArrayList<>(copies);
    for (int index = 0; index < copies; index++) {
      ids.add(new JobId(array + "_" + index));
    }
    return ids;
  }

  /** Returns the ids of the array jobs to which jobs belong, each once, in order. */
  static Set<String> arrays(Collection<JobId> jobs) {
    Set<String> arrays = new LinkedHashSet<>();
    for (JobId job : jobs) {
      arrays.add(array(job));
    }
    return arrays;
  }

  /** Returns the id of the array job to which a job belongs. */
  static String array(JobId job) {
    int end = job.id().indexOf('_');
    return end < 0 ? job.id() : job.id().substring(0, end);
  }

  /** Returns the number of a job in its array job. */
  static String index(JobId job) {
    return job.id().substring(job.id().indexOf('_') + 1);
  }

  /** Returns words that name jobs in a short form, for example {@code 4711_[0-99,101]}, one for each array job. */
  static List<String> ranges(Collection<JobId> jobs) {
    Map<String, NavigableSet<Integer>> tasks = new TreeMap<>();
    List<String> words = new ArrayList<>();
    for (JobId job : jobs) {
      Matcher task = TASK.matcher(job.id());
      if (task.matches()) {
        tasks
            .computeIfAbsent(task.group(1), array -> new TreeSet<>())
            .add(Integer.valueOf(task.group(2)));
      } else {
        words.add(job.id());
      }
    }
    tasks.forEach((array, indices) -> words.add(
        indices.size() == 1
            ? array + "_" + indices.first()
            : array + "_[" + ranges(indices) + "]"));
    return words;
  }

  private static String ranges(NavigableSet<Integer> indices) {
    List<String> ranges = new ArrayList<>();
    int first = indices.first();
    int last = first;
    for (int index : indices.tailSet(first, false)) {
      if (index != last + 1) {
        ranges.add(range(first, last));
        first = index;
      }
      last = index;
    }
    ranges.add(range(first, last));
    return String.join(",", ranges);
  }

  private static String range(int first, int last) {
    return first == last ? String.valueOf(first) : first + "-" + last;
  }

  /**
   * Returns the jobs that a word names, for example {@code 4711_[0-3,7%2]}; one job, as it is written, if it is no such
   * word.
   */
  static List<JobId> named(String word) {
    Matcher tasks = TASKS.matcher(word);
    if (!tasks.matches()) {
      return List.of(new JobId(word));
    }
    List<JobId> jobs = new ArrayList<>();
    for (String part : tasks.group(2).split(",", -1)) {
      Matcher range = RANGE.matcher(part);
      if (!range.matches()) {
        continue; // "..." where Slurm cuts a long list
      }
      int first = Integer.parseInt(range.group(1));
      int last = range.group(2) == null ? first : Integer.parseInt(range.group(2));
      int step = range.group(3) == null ? 1 : Math.max(1, Integer.parseInt(range.group(3)));
      for (int index = first; index <= last && jobs.size() < MOST_TASKS; index += step) {
        jobs.add(new JobId(tasks.group(1) + "_" + index));
      }
    }
    return jobs;
  }
}
