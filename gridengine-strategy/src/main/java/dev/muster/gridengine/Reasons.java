package dev.muster.gridengine;

import dev.muster.batch.spi.JobStatus;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Why a job waits, in the words of {@code qstat -j} and {@code qalter -w v}. */
final class Reasons {
  private static final String ERROR = "error reason";
  private static final Pattern WHAT =
      Pattern.compile("(?:[\\d/.: -]+\\[\\d+:\\d+\\]:\\s*)?(?:error:\\s*)?(\\S.*)");
  private static final Pattern INFO =
      Pattern.compile("(?m)^scheduling info:[ \\t]+(\\S.*(?:\\n[ \\t]{20,}\\S.*)*)");
  private static final Pattern NEVER = Pattern.compile("(?m)^Job \\d+ (.*cannot run .*)$");
  private static final int MOST = 4;

  private Reasons() {}

  static JobStatus read(String said) {
    int verification = said.indexOf("muster: verification");
    if (verification >= 0 && said.indexOf("verification: no suitable queues", verification) >= 0) {
      Set<String> reasons = new LinkedHashSet<>();
      Matcher never = NEVER.matcher(said.substring(verification));
      while (never.find()) {
        reasons.add(never.group(1).strip());
      }
      return new JobStatus.Impossible(words(new ArrayList<>(reasons), "no suitable queues"));
    }
    Matcher info = INFO.matcher(said);
    // Most sites have scheduling information switched off: a sentence in parentheses.
    return info.find() && !info.group(1).startsWith("(Collecting")
        ? new JobStatus.Pending(words(info.group(1).lines().map(String::strip).toList(), ""))
        : new JobStatus.Pending(null);
  }

  /** Returns why a task of a job is in an error state, or null if the text does not say so. */
  static @Nullable String error(String said, String number, int task) {
    boolean its = false;
    for (String line : said.split("\n", -1)) {
      if (line.startsWith("job_number:")) {
        its = line.substring("job_number:".length()).strip().equals(number);
      } else if (its && line.startsWith(ERROR)) {
        // error reason          1:      11/30/2026 02:14:01 [0:946150]: error: can't open ...
        int colon = line.indexOf(':');
        String tasks = colon < 0 ? "" : line.substring(ERROR.length(), colon).strip();
        Matcher what = WHAT.matcher(line.substring(colon + 1).strip());
        if (GridEngineIds.contains(tasks, task) && what.matches()) {
          return what.group(1).strip();
        }
      }
    }
    return null;
  }

  private static String words(List<String> reasons, String none) {
    // What comes last speaks of the hosts that were left when the others had been ruled out.
    List<String> shown =
        new ArrayList<>(reasons.subList(Math.max(0, reasons.size() - MOST), reasons.size()));
    Collections.reverse(shown);
    return reasons.isEmpty() ? none : String.join("; ", shown);
  }
}
