package dev.muster.pbs;

import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.SubmitOutcome;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Ids of jobs: {@code 1234.server}, {@code 1234[3].server} for an element of the array {@code 1234[].server}, and
 * {@code 1234} where Slurm is behind Torque's commands. Tables cut off the server, so jobs are compared by what stands
 * before it.
 */
final class PbsIds {
  private static final Pattern ID =
      Pattern.compile("(\\d{1,18})(\\[(\\d{0,9})\\])?((?:\\.[A-Za-z0-9_-]+)*(?:@\\S+)?)");
  private static final Pattern SHOWN = Pattern.compile("(\\d{1,18})(\\[\\d{0,9}\\])?(?![\\d\\[])");

  private PbsIds() {}

  /** Returns the ids of all copies, or null if these lines are no ids. */
  static @Nullable List<JobId> submitted(List<String> lines, int copies) {
    List<JobId> ids = new ArrayList<>();
    for (String line : lines) {
      Matcher id = ID.matcher(line);
      if (!id.matches()) {
        return null;
      }
      if (id.group(2) == null) {
        ids.add(new JobId(line));
      } else if (id.group(3).isEmpty() && lines.size() == 1) {
        for (int index = 0; index < copies; index++) {
          ids.add(new JobId(id.group(1) + "[" + index + "]" + id.group(4)));
        }
      }
    }
    return ids.size() == copies ? ids : null;
  }

  /**
   * Reads which jobs of a submission are left: elements of an array or the array as a whole name all of them, single
   * copies only themselves.
   */
  static SubmitOutcome found(List<String> lines, int copies, CommandResult answer) {
    Set<String> ids = new TreeSet<>(Comparator.comparingInt(String::length)
        .thenComparing(Comparator.naturalOrder())); // in the order in which they were submitted
    for (String line : lines) {
      if (!ID.matcher(line).matches()) {
        return new SubmitOutcome.Unclear(answer.describe());
      }
      ids.add(line.replaceFirst("\\[\\d*\\]", "[]"));
    }
    List<JobId> jobs = submitted(List.copyOf(ids), copies);
    return jobs == null
        ? new SubmitOutcome.Unclear("some of its jobs are gone: " + ids + " are left", false)
        : new SubmitOutcome.Accepted(jobs);
  }

  /** Tells whether an id comes from a Slurm: it has no server. */
  static boolean ofSlurm(JobId job) {
    return !job.id().contains(".");
  }

  /** Returns the jobs as questions name them: each array once, as a whole. */
  static Set<String> whole(Collection<JobId> jobs) {
    Set<String> words = new LinkedHashSet<>();
    for (JobId job : jobs) {
      words.add(job.id().replaceFirst("\\[\\d*\\]", "[]"));
    }
    return words;
  }

  /** Returns jobs by what tables show of their ids. */
  static Map<String, JobId> shown(Collection<JobId> jobs) {
    Map<String, JobId> shown = new HashMap<>();
    for (JobId job : jobs) {
      shown.put(shown(job.id()), job);
    }
    return shown;
  }

  /** Returns what stands before the server in a text that begins with an id; empty if it does not. */
  static String shown(String text) {
    Matcher id = SHOWN.matcher(text);
    return id.lookingAt() ? id.group() : "";
  }
}
