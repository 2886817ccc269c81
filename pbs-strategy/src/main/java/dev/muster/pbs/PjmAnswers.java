package dev.muster.pbs;

import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.batch.spi.StatusReport;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What {@code pjstat} says of jobs: lines of fields with commas between, below a line with their names. */
final class PjmAnswers {
  /** The last may have commas itself. */
  static final String FIELDS = "jid,jnam,st,ec,sn,pc,ermsg";

  private static final List<String> NAMES = List.of("JOB_ID", "ST", "EC", "SN", "PC");
  private static final String JOB_NAME = "JOB_NAME";
  private static final Pattern END = Pattern.compile("(?s)(.*\\n)?muster: end (\\d{1,3})\\n");
  private static final Pattern NOT_THERE =
      Pattern.compile(".*(does not exist|Invalid jobid|already).*", Pattern.CASE_INSENSITIVE);
  private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");
  private static final int SIGNALLED = 128;

  /** The signal of a job whose time is over. */
  private static final int SIGXCPU = 24;

  private PjmAnswers() {}

  static StatusReport read(CommandResult answer, Set<JobId> asked) {
    Matcher end = END.matcher(answer.out());
    boolean understood = answer
        .err()
        .lines()
        .filter(line -> line.startsWith("[ERR.]"))
        .allMatch(PjmAnswers::notThere);
    if (!answer.ok()
        || !end.matches()
        || !understood
        || (!end.group(2).equals("0") && !answer.err().contains("[ERR.]"))) {
      return new StatusReport.Unavailable(answer.describe());
    }
    PbsNames known = PbsNames.in(answer);
    Map<String, JobId> jobs = new HashMap<>();
    asked.forEach(job -> jobs.put(job.id(), job));
    Map<JobId, JobStatus> statuses = new HashMap<>();
    List<String> names = List.of();
    String lines = end.group(1) == null ? "" : end.group(1);
    for (String line : lines.lines().toList()) {
      List<String> fields = List.of(line.split(",", -1));
      if (fields.get(0).equals("H")) {
        names = fields;
      }
      if (!fields.get(0).isBlank() || fields.size() < names.size() || !names.containsAll(NAMES)) {
        continue;
      }
      JobId job = jobs.get(fields.get(names.indexOf("JOB_ID")).strip());
      int named = names.indexOf(JOB_NAME);
      if (job != null && (named < 0 || known.fit(job, fields.get(named).strip()))) {
        Map<String, String> row = new HashMap<>();
        for (String name : NAMES) {
          row.put(name, fields.get(names.indexOf(name)).strip());
        }
        statuses.put(job, status(row, words(fields, names)));
      }
    }
    return new StatusReport.Answered(statuses);
  }

  /** Tells whether a line says no more than that a job is not there. */
  static boolean notThere(String line) {
    return NOT_THERE.matcher(line).matches();
  }

  private static @Nullable String words(List<String> fields, List<String> names) {
    int reason = names.indexOf("REASON"); // the last
    String words = reason < 0
        ? ""
        : String.join(",", fields.subList(reason, fields.size())).strip();
    return words.isEmpty() || words.equals("-") ? null : words;
  }

  private static JobStatus status(Map<String, String> row, @Nullable String words) {
    String state = row.getOrDefault("ST", "");
    return switch (state) {
      case "ACC", "QUE" -> new JobStatus.Pending(words);
      case "HLD" -> new JobStatus.Held(words == null ? "on hold (HLD)" : words);
      case "SPP", "SPD", "RSM" -> new JobStatus.Held("suspended (" + state + ")");
      case "RNA", "RNP", "RUN" -> new JobStatus.Running(null);
      case "RNE", "RNO" -> new JobStatus.Ending(null);
      case "EXT" -> end(row, words);
      case "CCL" -> cancelled(number(row.get("PC")), words);
      case "RJT", "ERR" ->
        new JobStatus.Ended(End.LOST, null, "PJM could not run it (" + state + "): " + words);
      default -> new JobStatus.Unknown(state);
    };
  }

  private static JobStatus cancelled(@Nullable Integer code, @Nullable String words) {
    JobStatus.Ended told = code == null || code == 0 ? null : told(code, words);
    return told == null ? new JobStatus.Ended(End.CANCELLED, null, words) : told;
  }

  private static JobStatus end(Map<String, String> row, @Nullable String words) {
    Integer code = number(row.get("PC"));
    Integer exit = number(row.get("EC"));
    Integer signal = number(row.get("SN"));
    if (code != null && code != 0) {
      return told(code, words);
    }
    if (signal != null && signal == SIGXCPU) {
      return new JobStatus.Ended(End.WALLTIME, SIGNALLED + signal, words);
    }
    if (signal != null && signal != 0) {
      return new JobStatus.Ended(End.FAILED, SIGNALLED + signal, words);
    }
    if (exit == null || code == null) {
      return new JobStatus.Unknown("EXT without EC or PC");
    }
    return exit == 0
        ? new JobStatus.Ended(End.SUCCEEDED, 0, null)
        : new JobStatus.Ended(End.FAILED, exit, words);
  }

  /** The PJM code: how a job ended that did not end by itself. Source: the user guide of Fugaku, 5.16. */
  private static JobStatus.Ended told(int code, @Nullable String words) {
    End end = switch (code) {
      case 1, 3, 6, 7, 8 -> End.CANCELLED;
      case 11 -> End.WALLTIME;
      case 12, 23 -> End.OUT_OF_MEMORY;
      case 18 -> End.PREEMPTED;
      case 20 -> End.NODE_LOST;
      default -> End.LOST;
    };
    return new JobStatus.Ended(end, null, "PJM code " + code + (words == null ? "" : ": " + words));
  }

  private static @Nullable Integer number(@Nullable String text) {
    return text != null && NUMBER.matcher(text).matches() ? Integer.valueOf(text) : null;
  }
}
