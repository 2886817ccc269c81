package dev.muster.report.internal;

import dev.muster.error.Visible;
import dev.muster.run.FailureKind;
import dev.muster.run.RunEvent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Failed attempts, those with the same reason together. Not thread-safe. */
final class FailureGroups {
  private static final int MOST_GROUPS = 500;
  private static final int MOST_EXAMPLES = 5;
  private static final int MOST_STAGES = 20;

  // Numbers, and the names that processes and files get by chance, differ between tasks that fail
  // alike.
  private static final Pattern VARYING =
      Pattern.compile("0x[0-9a-fA-F]+|[0-9a-f]{8,}|[0-9]+(?:\\.[0-9]+)?");

  /** Failures with the same reason. */
  static final class Group {
    final FailureKind kind;
    /** What the first one said. */
    final String message;

    final List<RunEvent.TaskFailed> examples = new ArrayList<>();
    final TreeSet<String> stages = new TreeSet<>();
    /** How many attempts failed for good. */
    int failed;
    /** How many were tried again. */
    int retried;
    /** The time of all attempts, in microseconds. */
    long lost;

    private Group(FailureKind kind, String message) {
      this.kind = kind;
      this.message = message;
    }
  }

  private final Map<String, Group> groups = new LinkedHashMap<>();
  private int ungrouped;

  void add(RunEvent.TaskFailed failure, String stage, long lost) {
    String key = failure.kind() + " " + stage + " "
        + VARYING.matcher(first(failure.message())).replaceAll("#");
    Group group = groups.get(key);
    if (group == null) {
      if (groups.size() == MOST_GROUPS) {
        ungrouped++;
        return;
      }
      group = new Group(failure.kind(), failure.message());
      groups.put(key, group);
    }
    if (group.examples.size() < MOST_EXAMPLES) {
      group.examples.add(failure);
    }
    if (group.stages.size() < MOST_STAGES) {
      group.stages.add(stage);
    }
    if (failure.retryAfter() == null) {
      group.failed++;
    } else {
      group.retried++;
    }
    group.lost += lost;
  }

  private static String first(String message) {
    List<String> lines = Visible.lines(message.strip());
    return lines.isEmpty() ? "" : lines.get(0);
  }

  /** Returns the groups: failures for good first, those with many first, what was only cancelled last. */
  List<Group> groups() {
    List<Group> sorted = new ArrayList<>(groups.values());
    sorted.sort(Comparator.comparing((Group group) -> group.kind == FailureKind.CANCELLED)
        .thenComparing(group -> -group.failed)
        .thenComparing(group -> -group.retried));
    return sorted;
  }

  /** Returns how many attempts failed for reasons beyond the first {@value #MOST_GROUPS}. */
  int ungrouped() {
    return ungrouped;
  }
}
