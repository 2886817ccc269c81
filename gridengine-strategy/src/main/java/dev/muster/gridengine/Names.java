package dev.muster.gridengine;

import dev.muster.batch.spi.JobArray;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The names of jobs by their numbers, as words of a command. A qmaster that lost what it knew gives numbers anew, and
 * accounting keeps old ones: a job is ours if its name is. Immutable.
 */
final class Names {
  private static final String FIRST = "muster-";

  /** Longer lists are left out of commands that can do without; Linux takes 2 MiB in all. */
  private static final int LONGEST = 500_000;

  private final Map<String, String> names;

  private Names(Map<String, String> names) {
    this.names = names;
  }

  /** Returns words that name jobs: a number, its name, the next number, and so on. */
  static List<String> words(List<JobArray> arrays) {
    List<String> words = new ArrayList<>();
    for (JobArray array : arrays) {
      for (String number : GridEngineIds.numbers(array.jobs())) {
        words.add(number);
        words.add(GridEngineDirectives.jobName(array.tag()));
      }
    }
    return words;
  }

  /** Returns the same words, or none if they are too many. */
  static List<String> fewWords(List<JobArray> arrays) {
    List<String> words = words(arrays);
    return words.stream().mapToInt(String::length).sum() > LONGEST ? List.of() : words;
  }

  /** Reads the words of a command, which stand behind one that begins with {@code muster-}. */
  static Names in(List<String> command) {
    Map<String, String> names = new HashMap<>();
    int first = 0;
    while (first < command.size() && !command.get(first).startsWith(FIRST)) {
      first++;
    }
    for (int at = first + 1; at + 1 < command.size(); at += 2) {
      names.put(command.get(at), command.get(at + 1));
    }
    return new Names(names);
  }

  /** Tells whether a job with this number and name may be one of ours. */
  boolean fit(String number, String name) {
    return names.getOrDefault(number, name).equals(name);
  }
}
