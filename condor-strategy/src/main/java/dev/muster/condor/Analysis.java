package dev.muster.condor;

import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads what {@code condor_q -better-analyze} says of one idle job. Any text is read.
 *
 * <p>Its summary counts machines by what they have in all, its table counts slots by what they have left; so a full
 * pool is told by the summary, and the table names the condition (tried on 23.9.6).
 */
final class Analysis {
  private static final Pattern MACHINES = Pattern.compile("Of (\\d{1,9}) machines");
  private static final Pattern REJECTED =
      Pattern.compile("(\\d{1,9}) are rejected by your job's requirements");
  private static final Pattern UNWILLING =
      Pattern.compile("(\\d{1,9}) reject your job because of their own requirements");
  private static final Pattern HELD = Pattern.compile("Job is held\\.\\s+Hold reason: (.*)");
  private static final Pattern CLAUSE = Pattern.compile("(\\[\\d+])\\s+(\\d{1,9})\\s+(\\S.*)");
  private static final Pattern REQUEST =
      Pattern.compile("(Request[A-Za-z]+|RequireGPUs) = (\\S.*)");

  private Analysis() {}

  /** Returns that the job can never start or is held, or why it waits, as far as the answer says so. */
  static JobStatus explained(CommandResult answer) {
    String text = answer.out();
    int machines = number(MACHINES, text);
    Matcher held = HELD.matcher(text);
    if (answer.ok()
        && held
            .find()) { // a job that was held at its submission, of which the event log says nothing
      return new JobStatus.Held(held.group(1).strip());
    }
    if (!answer.ok() || machines < 0) {
      return new JobStatus.Pending(null);
    }
    if (machines == 0) {
      return new JobStatus.Pending("HTCondor sees no machine in the pool");
    }
    if (number(REJECTED, text) == machines) {
      return new JobStatus.Impossible("none of the " + machines
          + (machines == 1 ? " machine" : " machines") + " of the pool meets " + conditions(text));
    }
    int unwilling = number(UNWILLING, text);
    return new JobStatus.Pending(
        unwilling > 0 && unwilling + Math.max(0, number(REJECTED, text)) == machines
            ? "no machine is willing to run it now; " + unwilling
                + " could, but for their own requirements"
            : null);
  }

  /**
   * Returns the conditions that no slot meets, with what the job asks for. Conditions may name others by their step, as
   * in {@code [0] || [1]}.
   */
  private static String conditions(String text) {
    Map<String, String> failed = new LinkedHashMap<>();
    List<String> requests = new ArrayList<>();
    text.lines().map(String::strip).forEach(line -> {
      Matcher clause = CLAUSE.matcher(line);
      Matcher request = REQUEST.matcher(line);
      if (clause.matches()) {
        if (Integer.parseInt(clause.group(2)) == 0) {
          failed.put(clause.group(1), joined(clause.group(3), failed));
        }
      } else if (request.matches()) {
        requests.add(line);
      }
    });
    if (failed.isEmpty()) {
      return "all of its requirements at once";
    }
    String conditions = String.join(" && ", failed.values());
    List<String> values = requests.stream()
        .filter(request -> names(conditions, request.substring(0, request.indexOf(' '))))
        .toList();
    return conditions + (values.isEmpty() ? "" : " (" + String.join(", ", values) + ")");
  }

  /** Returns a condition with those that it names in it, and takes them from the others. */
  private static String joined(String condition, Map<String, String> failed) {
    String text = condition;
    for (String step : List.copyOf(failed.keySet())) {
      if (text.contains(step)) {
        text = text.replace(step, String.valueOf(failed.remove(step)));
      }
    }
    return text;
  }

  private static boolean names(String conditions, String attribute) {
    return conditions.toLowerCase(Locale.ROOT).contains(attribute.toLowerCase(Locale.ROOT));
  }

  private static int number(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? Integer.parseInt(matcher.group(1)) : -1;
  }
}
