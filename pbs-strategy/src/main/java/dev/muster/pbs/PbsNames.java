package dev.muster.pbs;

import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobArray;
import dev.muster.batch.spi.JobId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which name the jobs of a number have: a server that was set up anew, or whose numbers have come round, gives the
 * numbers of old jobs to jobs of others. Questions carry the names, and answers are read with them.
 */
final class PbsNames {
  private static final String AS = "=";
  private static final Pattern WORD = Pattern.compile("(\\d{1,18})=(muster[a-z0-9]+)");
  private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");

  private final Map<String, String> names = new HashMap<>();

  private PbsNames() {}

  /** Returns the names as one word of a question: {@code 12=musterabc 13=musterdef}. */
  static String words(List<JobArray> arrays) {
    Set<String> words = new LinkedHashSet<>();
    for (JobArray array : arrays) {
      String name = JobNames.of(array.tag());
      for (JobId job : array.jobs()) {
        words.add(number(job.id()) + AS + name);
      }
    }
    return String.join(" ", new ArrayList<>(words));
  }

  /** Returns the names that a question carries. */
  static PbsNames in(CommandResult answer) {
    PbsNames found = new PbsNames();
    for (String word : answer.command()) {
      Matcher each = WORD.matcher(word);
      while (each.find()) {
        found.names.put(each.group(1), each.group(2));
      }
    }
    return found;
  }

  /** Tells whether a job of this name may be the one that was asked about. */
  boolean fit(JobId job, String name) {
    String expected = names.get(number(job.id()));
    return expected == null || expected.equals(name);
  }

  private static String number(String id) {
    Matcher number = NUMBER.matcher(id);
    return number.lookingAt() ? number.group() : id;
  }
}
