package dev.muster.gridengine;

import dev.muster.batch.spi.JobOptions;
import dev.muster.batch.spi.JobSpec;
import dev.muster.error.MusterException;
import dev.muster.resource.Quantities;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a job asks of Grid Engine, as {@code #$} lines of its script, the user's own last: of two options that
 * contradict each other the last counts.
 */
final class GridEngineDirectives {
  /** How the lines begin. */
  static final String MARK = "#$";

  private static final String EXTRA = "job_extra_directives";
  private static final String PARALLEL = "parallel_environment";
  private static final String MEMORY = "memory_resource";
  private static final String GPU = "gpu_resource";

  static final Set<String> OPTIONS = Set.of(
      "walltime",
      "queue",
      "project",
      "account",
      "reservation",
      "mail",
      PARALLEL,
      MEMORY,
      GPU,
      EXTRA);

  private static final Pattern WORD = Pattern.compile("[^\\s\"'\\\\#-][^\\s\"'\\\\#]*");
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]*");
  private static final Pattern OBJECT =
      Pattern.compile("[^\\s\"'\\\\#:@/|*\\[\\]-][^\\s\"'\\\\#:@/|*\\[\\]]*");
  private static final long MEBI = 1L << 20;

  /** Options that would hide the jobs, their ends or their logs, or keep the command from returning at once. */
  private static final Set<String> OWN = Set.of(
      "-t",
      "-N",
      "-o",
      "-e",
      "-j",
      "-cwd",
      "-wd",
      "-b",
      "-S",
      "-C",
      "-clear",
      "-sync",
      "-now",
      "-terse",
      "-verify",
      "-shell",
      "-inherit",
      "-help");

  private final JobSpec spec;
  private final JobOptions options;
  private final List<String> lines = new ArrayList<>();

  private GridEngineDirectives(JobSpec spec) {
    this.spec = spec;
    this.options = JobOptions.of(spec);
  }

  /**
   * Returns the lines of a job.
   *
   * @throws MusterException if an option or a quantity cannot be honoured
   */
  static List<String> of(JobSpec spec, int copies, String tag) {
    GridEngineDirectives directives = new GridEngineDirectives(spec);
    directives.identity(copies, tag);
    directives.place();
    directives.quantities();
    directives.extra();
    return directives.lines;
  }

  /** Returns the name of the jobs of a submission. It must not begin with a digit. */
  static String jobName(String tag) {
    return "muster." + tag;
  }

  /**
   * An array even of one: ids have one form. A shell named with -S would be a login shell and read the user's profiles;
   * env starts the script with the one in its first line. The script opens its logs itself: in -o and -e the characters
   * : , $ have a meaning, and cannot be quoted. Jobs are not started anew by Grid Engine when a host fails: that is
   * told, and Muster decides.
   */
  private void identity(int copies, String tag) {
    line("-N " + jobName(tag));
    line("-t 1-" + copies);
    line("-terse -now n -sync n");
    line("-S /usr/bin/env -b n -r n -wd /");
    line("-j n -o /dev/null -e /dev/null");
  }

  private void place() {
    String queue = options.text("queue");
    if (queue != null) {
      line("-q "
          + checked(
              "queue", queue, WORD, "a queue, or patterns of queues with commas between them"));
    }
    object("project", "-P ");
    object("account", "-A ");
    object("reservation", "-ar ");
    String mail = options.text("mail");
    if (mail != null) {
      line("-m a -M " + checked("mail", mail, WORD, "an address"));
    }
    Duration walltime = options.duration("walltime");
    if (walltime != null) {
      if (walltime.isZero()) {
        throw options.wrong("walltime", "more than 0");
      }
      line("-l h_rt=" + walltime.plusMillis(999).toSeconds());
    }
  }

  private void object(String option, String word) {
    String value = options.text(option);
    if (value != null) {
      line(word
          + checked(
              option, value, OBJECT, "a name without blanks, quotes and any of : @ / | * [ ] #"));
    }
  }

  private void quantities() {
    Quantities asked = spec.quantities();
    spec.requireOneNode("Muster asks Grid Engine for slots of one host");
    Integer said = asked.cpusPerNode();
    int cpus = said == null ? 1 : said;
    String environment =
        name(PARALLEL, "smp", "the name of a parallel environment (qconf -spl lists them)");
    if (cpus > 1 || options.text(PARALLEL) != null) {
      line("-pe " + environment + " " + cpus);
    }
    String memory = name(MEMORY, "h_vmem", "the name of a resource (qconf -sc lists them)");
    if (asked.memory() != null) {
      // Of each slot, in MiB, rounded up.
      long bytes = (asked.memory().bytes() - 1) / cpus + 1;
      line("-l " + memory + "=" + Math.max(1, (bytes - 1) / MEBI + 1) + "M");
    }
    String gpu = name(GPU, "gpu", "the name of a resource (qconf -sc lists them)");
    if (asked.hasGpus()) {
      line("-l " + gpu + "=" + asked.gpus());
    }
    if (asked.disk() != null) {
      throw new MusterException("pool " + spec.name()
          + ": Grid Engine has no resource for disk that all sites know; leave out resources.disk,"
          + " or ask for the site's with " + EXTRA + ": [\"-l NAME=SIZE\"]");
    }
  }

  private String name(String option, String usual, String wanted) {
    String name = options.text(option);
    return name == null ? usual : checked(option, name, NAME, wanted);
  }

  private String checked(String option, String value, Pattern pattern, String wanted) {
    if (!pattern.matcher(value).matches()) {
      throw options.wrong(option, wanted);
    }
    return value;
  }

  private void extra() {
    Map<String, String> map = options.map(EXTRA);
    if (map == null) {
      options.lines(EXTRA).forEach(line -> extra(line.strip()));
      return;
    }
    map.forEach((name, value) -> {
      String option = name.startsWith("-") ? name : "-" + name;
      boolean flag = value.isEmpty() || value.equals("true");
      if (value.contains("\n") || value.contains("\"")) {
        throw options.wrong(EXTRA, "values in one line without double quotes, got '" + value + "'");
      }
      boolean plain = value.chars().noneMatch(c -> c <= ' ' || c == '\'' || c == '\\');
      extra(flag ? option : option + " " + (plain ? value : "\"" + value + "\""));
    });
  }

  private void extra(String line) {
    String words = line.startsWith(MARK) ? line.substring(MARK.length()).strip() : line;
    if (!words.startsWith("-")) {
      throw options.wrong(EXTRA, "options of qsub such as -l fast=true, each in a line of its own");
    }
    for (String word : words.split("\\s+", -1)) {
      String plain = word.replaceAll("[\"'\\\\]", "");
      if (OWN.contains(plain) || plain.startsWith("-@")) {
        throw options.wrong(
            EXTRA, "without " + plain + ", which Muster needs for itself (in: " + words + ")");
      }
    }
    line(words);
  }

  private void line(String words) {
    lines.add(MARK + " " + words);
  }
}
