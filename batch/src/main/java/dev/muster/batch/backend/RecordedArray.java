package dev.muster.batch.backend;

import dev.muster.batch.spi.JobId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A submission as the record of a session has it. Not thread-safe. */
final class RecordedArray {
  final String pool;
  final Path logs;
  final int each;
  final List<String> names;
  final int number;
  final int[] tasks;
  final List<@Nullable String> keys = new ArrayList<>();

  /** Whether its jobs outlive the process that submitted them. */
  final boolean lasting;

  /** When the last try was about to be made, in milliseconds of the epoch. */
  long at;

  /** The tags under which it was submitted: the last one, and those of tries that may have left jobs. */
  final List<String> tags = new ArrayList<>();

  /** Its jobs; empty if nobody wrote down that the batch system took them. */
  final List<JobId> jobs = new ArrayList<>();

  /** Whether none of them is left. */
  boolean over;

  RecordedArray(Map<?, ?> intent) {
    pool = String.valueOf(intent.get("pool"));
    logs = Path.of(String.valueOf(intent.get("logs")));
    each = intent.get("each") instanceof Number number ? number.intValue() : 1;
    names = texts(intent.get("names"));
    number = intent.get("array") instanceof Number given ? given.intValue() : 0;
    lasting = intent.get("tag") != null;
    tasks = texts(intent.get("tasks")).stream().mapToInt(Integer::parseInt).toArray();
    if (intent.get("keys") instanceof List<?> list) {
      list.forEach(key -> keys.add(key == null ? null : String.valueOf(key)));
    }
  }

  static List<String> texts(@Nullable Object value) {
    List<String> texts = new ArrayList<>();
    if (value instanceof List<?> list) {
      list.forEach(item -> texts.add(String.valueOf(item)));
    }
    return texts;
  }

  /** Returns what stands for all that makes the result of a task, or null if that is not known. */
  @Nullable
  String key(int place) {
    return place < keys.size() ? keys.get(place) : null;
  }

  /** Returns how many jobs it has. */
  int copies() {
    return (names.size() + each - 1) / each;
  }

  /** Returns the tag of the last try. */
  String lastTag() {
    return tags.get(tags.size() - 1);
  }

  /** Returns the names of the tasks of a job. */
  List<String> tasks(int job) {
    int first = Math.min(names.size(), job * each);
    return names.subList(first, Math.min(names.size(), first + each));
  }
}
