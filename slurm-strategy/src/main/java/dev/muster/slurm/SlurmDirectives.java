package dev.muster.slurm;

import dev.muster.batch.spi.JobOptions;
import dev.muster.batch.spi.JobSpec;
import dev.muster.error.MusterException;
import dev.muster.execution.Staging;
import dev.muster.resource.MemorySize;
import dev.muster.resource.Quantities;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a job asks of Slurm, as {@code #SBATCH} lines.
 *
 * <p>They are lines of the script, not options of the command: the script alone says what was asked for, and the user's
 * own lines come last, which lets them win.
 */
final class SlurmDirectives {
  private static final String EXTRA = "job_extra_directives";
  private static final String MEMORY = "memory";
  private static final String MAIL = "mail";

  static final Set<String> OPTIONS = Set.of(
      "walltime",
      "queue",
      "account",
      "qos",
      "constraint",
      "reservation",
      MAIL,
      MEMORY,
      EXTRA,
      SlurmTransfer.SCRATCH,
      JobOptions.TRANSFER_TIMEOUT);

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./&|*()\\[\\]-]+");
  private static final long MEBI = 1L << 20;

  /** Variables of the environment that win over a script, by the option that they mean. */
  private static final Map<String, List<String>> OVERRULING = Map.ofEntries(
      Map.entry("array", List.of("SBATCH_ARRAY_INX", "SBATCH_WAIT")),
      Map.entry("job-name", List.of("SBATCH_JOB_NAME")),
      Map.entry("output", List.of("SBATCH_OUTPUT", "SBATCH_ERROR", "SBATCH_INPUT")),
      Map.entry("export", List.of("SBATCH_EXPORT", "SBATCH_GET_USER_ENV")),
      Map.entry("no-requeue", List.of("SBATCH_REQUEUE")),
      Map.entry("mem", List.of("SBATCH_MEM_PER_CPU", "SBATCH_MEM_PER_GPU", "SBATCH_MEM_PER_NODE")),
      Map.entry(
          "mem-per-cpu",
          List.of("SBATCH_MEM_PER_CPU", "SBATCH_MEM_PER_GPU", "SBATCH_MEM_PER_NODE")),
      Map.entry(
          "gres",
          List.of(
              "SBATCH_GRES",
              "SBATCH_GPUS",
              "SBATCH_GPUS_PER_NODE",
              "SBATCH_GPUS_PER_SOCKET",
              "SBATCH_GPUS_PER_TASK")),
      Map.entry("time", List.of("SBATCH_TIMELIMIT")),
      Map.entry("partition", List.of("SBATCH_PARTITION")),
      Map.entry("account", List.of("SBATCH_ACCOUNT")),
      Map.entry("qos", List.of("SBATCH_QOS")),
      Map.entry("constraint", List.of("SBATCH_CONSTRAINT")),
      Map.entry("reservation", List.of("SBATCH_RESERVATION")));

  private final JobSpec spec;
  private final JobOptions options;
  private final Map<String, String> said = new LinkedHashMap<>();
  private final List<String> extra = new ArrayList<>();

  private SlurmDirectives(JobSpec spec) {
    this.spec = spec;
    this.options = JobOptions.of(spec);
  }

  /**
   * Returns the directives of a job.
   *
   * @throws MusterException if an option or a quantity cannot be honoured
   */
  static SlurmDirectives of(JobSpec spec, int copies, String tag) {
    SlurmTransfer.check(spec);
    SlurmDirectives directives = new SlurmDirectives(spec);
    directives.identity(copies, tag);
    directives.quantities();
    directives.place();
    directives.extra();
    return directives;
  }

  /** Returns the lines, the user's own last. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    said.forEach((name, value) ->
        lines.add(line("--" + name + (value.isEmpty() ? "" : "=" + quote(value)))));
    extra.forEach(words -> lines.add(line(words)));
    return lines;
  }

  /** Returns the variables of the environment that would win over what is said. */
  List<String> overruling() {
    Set<String> variables = new LinkedHashSet<>();
    said.keySet().forEach(name -> variables.addAll(OVERRULING.getOrDefault(name, List.of())));
    return List.copyOf(variables);
  }

  /**
   * An array even of one: ids have one form. Jobs take the environment of this process, as users expect who have
   * activated an environment there. They are not started anew by Slurm when a node fails or they are preempted: that is
   * told, and Muster decides.
   */
  private void identity(int copies, String tag) {
    said.put("job-name", tag);
    said.put("array", "0-" + (copies - 1));
    if (spec.staging() == Staging.TRANSFER) {
      // Nodes see no folder of this host; the script has its own there.
      said.put("output", "/dev/null");
      said.put("error", "/dev/null");
      said.put("chdir", "/");
    } else {
      said.put("output", logs(spec.outFile("%A_%a")));
      said.put("error", logs(spec.errFile("%A_%a")));
      said.put("chdir", spec.directory().toString());
    }
    said.put("export", "ALL");
    said.put("no-requeue", "");
  }

  private String logs(Path file) {
    String folder = String.valueOf(file.getParent());
    if (folder.contains("\\")) {
      throw new MusterException("pool " + spec.name()
          + ": Slurm cannot write logs into a folder with a backslash in its name: " + folder
          + "; choose another folder for the run");
    }
    return folder.replace("%", "%%") + "/" + file.getFileName();
  }

  private void quantities() {
    Quantities quantities = spec.quantities();
    nodes(quantities);
    if (quantities.cpus() != null) {
      said.put("cpus-per-task", String.valueOf(quantities.cpus()));
    }
    memory(quantities);
    say("tmp", mebibytes(quantities.disk()));
    if (quantities.hasGpus()) {
      said.put("gres", "gpu:" + quantities.gpus());
    }
  }

  /** Some sites take no --mem: they count memory by CPU, or do not let jobs ask for it. */
  private void memory(Quantities quantities) {
    String how = options.text(MEMORY);
    if (how == null || how.equals("per_node")) {
      say("mem", mebibytes(quantities.memory()));
    } else if (how.equals("per_cpu")) {
      Integer said = quantities.cpusPerNode();
      int cpus = said == null ? 1 : said;
      MemorySize size = quantities.memory();
      say(
          "mem-per-cpu",
          size == null ? null : mebibytes(MemorySize.ofBytes((size.bytes() - 1) / cpus + 1)));
    } else if (!how.equals("none")) {
      throw options.wrong(MEMORY, "per_node (--mem), per_cpu (--mem-per-cpu) or none");
    }
  }

  /** The script itself runs once, on the first node; what MPI may start is one process of Slurm's each. */
  private void nodes(Quantities quantities) {
    if (spec.staging() == Staging.TRANSFER) {
      spec.requireOneNode("with staging: transfer files are sent to one");
    }
    if (quantities.parallel()) {
      said.put("ntasks-per-node", String.valueOf(quantities.tasksPerNodeOrDefault()));
      said.put("nodes", String.valueOf(quantities.nodesOrDefault()));
    } else {
      said.put("ntasks", "1");
      say("nodes", quantities.nodes() == null ? null : "1");
    }
  }

  /** Slurm's M is 2^20 bytes. Rounded up; 0 would be all that a node has. */
  private static @Nullable String mebibytes(@Nullable MemorySize size) {
    return size == null ? null : Math.max(1, (size.bytes() - 1) / MEBI + 1) + "M";
  }

  private void place() {
    Duration walltime = options.duration("walltime");
    if (walltime != null) {
      if (walltime.isZero()) {
        throw options.wrong("walltime", "more than 0, which Slurm reads as no limit");
      }
      long seconds = walltime.plusMillis(999).toSeconds();
      said.put(
          "time",
          String.format(
              "%d-%02d:%02d:%02d",
              seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60));
    }
    say("partition", options.text("queue"));
    for (String name : List.of("account", "qos", "constraint", "reservation")) {
      say(name, options.text(name));
    }
    String mail = options.text(MAIL);
    if (mail != null) {
      said.put("mail-user", mail);
      said.put("mail-type", "FAIL");
    }
  }

  private void extra() {
    Map<String, String> map = options.map(EXTRA);
    if (map == null) {
      for (String line : options.lines(EXTRA)) {
        String words = line.strip();
        if (words.startsWith("#SBATCH")) {
          words = words.substring("#SBATCH".length()).strip();
        }
        if (!words.startsWith("-")) {
          throw options.wrong(
              EXTRA, "options of sbatch such as --exclusive, each in a line of its own");
        }
        extra.add(checked(words));
      }
      return;
    }
    map.forEach((name, value) -> {
      if (name.chars().anyMatch(c -> c <= ' ' || c == '"' || c == '\'' || c == '=')) {
        throw options.wrong(EXTRA, "names of options of sbatch, got '" + name + "'");
      }
      String option =
          checked(name.startsWith("-") ? name : (name.length() == 1 ? "-" : "--") + name);
      boolean flag = value.isEmpty() || value.equals("true");
      extra.add(flag ? option : option + (option.startsWith("--") ? "=" : " ") + quote(value));
    });
  }

  private String checked(String words) {
    String ours = SlurmOwn.find(words);
    if (ours != null) {
      throw options.wrong(
          EXTRA, "without --" + ours + ", which Muster needs for itself (in: " + words + ")");
    }
    return words;
  }

  private void say(String name, @Nullable String value) {
    if (value != null) {
      said.put(name, value);
    }
  }

  private String line(String words) {
    if (words.contains("\n") || words.contains("\r")) {
      throw new MusterException(
          "pool " + spec.name() + ": Slurm cannot read a line break in " + words);
    }
    return "#SBATCH " + words;
  }

  /**
   * Writes a value so that sbatch reads it back as it was: in double quotes, where a backslash takes any next character
   * for itself.
   */
  static String quote(String value) {
    return PLAIN.matcher(value).matches()
        ? value
        : "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }
}
