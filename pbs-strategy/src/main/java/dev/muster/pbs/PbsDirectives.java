package dev.muster.pbs;

import dev.muster.batch.spi.JobOptions;
import dev.muster.batch.spi.JobSpec;
import dev.muster.error.MusterException;
import dev.muster.resource.MemorySize;
import dev.muster.resource.Quantities;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a job asks of PBS: {@code #PBS} lines of its script for what all kinds of PBS understand, and the words of the
 * resources for each kind, which go to the command line, as only the command that submits finds out which kind it is.
 */
final class PbsDirectives {
  /** How the lines begin. */
  static final String MARK = "#PBS";

  private static final String EXTRA = ExtraDirectives.OPTION;
  private static final String GPU = "gpu_resource";
  private static final String CONSTRAINT = "constraint";
  private static final String FLAVOUR = "flavour";

  private static final Set<String> FLAVOURS = Set.of("pro", "torque", "slurm");

  static final Set<String> OPTIONS =
      Set.of("walltime", "queue", "account", CONSTRAINT, GPU, "mail", FLAVOUR, EXTRA);

  private static final Pattern WORD = Pattern.compile("[^\\s\"'\\\\#-][^\\s\"'\\\\#]*");
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]*");
  private static final Pattern PART = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.=:-]*");
  private static final long MEBI = 1L << 20;

  private static final ExtraDirectives EXTRAS = new ExtraDirectives(
      MARK,
      "options of qsub such as -l place=excl, each in a line of its own",
      Pattern.compile("-[NoejkJtSCIXzfFGrvV].*|-W\\s*block.*"),
      Pattern.compile("-l\\s*(?:.*,)?(select|nodes|ncpus|mpiprocs|mem|walltime)=.*"));

  private final JobSpec spec;
  private final JobOptions options;
  private final List<String> lines = new ArrayList<>();

  PbsDirectives(JobSpec spec) {
    this.spec = spec;
    this.options = JobOptions.of(spec);
    if (spec.quantities().disk() != null) {
      throw new MusterException("pool " + spec.name()
          + ": PBS has no resource for disk that all sites know; leave out resources.disk, or ask"
          + " for the site's with " + EXTRA + ": [\"-l NAME=SIZE\"]");
    }
  }

  /**
   * Returns the lines of the script.
   *
   * @throws MusterException if an option cannot be honoured
   */
  List<String> lines(String tag) {
    lines.clear();
    line("-N " + JobNames.of(tag));
    line("-S /bin/bash");
    word("queue", "-q ", "a queue");
    word("account", "-A ", "a name without blanks and quotes");
    String mail = options.text("mail");
    if (mail == null) {
      line("-m n");
    } else {
      line("-m a");
      word("mail", "-M ", "an address");
    }
    Long seconds = walltime();
    if (seconds != null) {
      line(String.format(
          Locale.ROOT,
          "-l walltime=%02d:%02d:%02d",
          seconds / 3600,
          seconds / 60 % 60,
          seconds % 60));
    }
    lines.addAll(EXTRAS.lines(options));
    return List.copyOf(lines);
  }

  /** Returns the walltime that is asked for, in seconds; null if none is. */
  @Nullable
  Long walltime() {
    Duration walltime = options.duration("walltime");
    if (walltime != null && walltime.isZero()) {
      throw options.wrong("walltime", "more than 0");
    }
    return walltime == null ? null : walltime.plusMillis(999).toSeconds();
  }

  /** Returns the kind of PBS that the user names; {@code auto} if none. */
  String flavour() {
    String flavour = options.text(FLAVOUR);
    if (flavour == null) {
      return "auto";
    }
    if (!FLAVOURS.contains(flavour)) {
      throw options.wrong(FLAVOUR, "pro (PBS Professional, OpenPBS), torque, or slurm (its qsub)");
    }
    return flavour;
  }

  /** Returns the chunks of PBS Professional: one for each node. */
  String chunks() {
    Quantities asked = spec.quantities();
    StringBuilder chunks = new StringBuilder("select=").append(asked.nodesOrDefault());
    chunks.append(":ncpus=").append(cpus());
    if (asked.parallel()) {
      chunks.append(":mpiprocs=").append(asked.tasksPerNodeOrDefault());
    }
    if (asked.memory() != null) {
      chunks.append(":mem=").append(mebibytes(asked.memory())).append("mb");
    }
    String gpu = gpuResource("ngpus");
    if (asked.hasGpus()) {
      chunks.append(':').append(gpu).append('=').append(asked.gpus());
    }
    return chunks + constraint();
  }

  /** Returns where chunks must be; empty if that does not matter. */
  String place() {
    return spec.quantities().nodesOrDefault() > 1 ? "place=scatter" : "";
  }

  /**
   * Returns the nodes of Torque; empty if it cannot say what is asked for: a node has as many places for processes as
   * cores.
   */
  String nodes() {
    Quantities asked = spec.quantities();
    Integer each = asked.cpus();
    if (asked.parallel() && each != null && each > 1) {
      return "";
    }
    StringBuilder nodes = new StringBuilder("nodes=").append(asked.nodesOrDefault());
    nodes.append(":ppn=").append(cpus());
    if (asked.hasGpus()) {
      nodes.append(':').append(gpuResource("gpus")).append('=').append(asked.gpus());
    }
    nodes.append(constraint());
    if (asked.memory() != null) {
      // Of the whole job.
      nodes
          .append(",mem=")
          .append(mebibytes(asked.memory()) * asked.nodesOrDefault())
          .append("mb");
    }
    return nodes.toString();
  }

  private int cpus() {
    Integer cpus = spec.quantities().cpusPerNode();
    return cpus == null ? 1 : cpus;
  }

  private static long mebibytes(MemorySize size) {
    return Math.max(1, (size.bytes() - 1) / MEBI + 1);
  }

  private String gpuResource(String usual) {
    String name = options.text(GPU);
    return name == null ? usual : checked(GPU, name, NAME, "the name of a resource");
  }

  private String constraint() {
    String part = options.text(CONSTRAINT);
    return part == null
        ? ""
        : ":"
            + checked(
                CONSTRAINT, part, PART, "resources of a node such as model=rome, with : between");
  }

  private void word(String option, String word, String wanted) {
    String value = options.text(option);
    if (value != null) {
      line(word + checked(option, value, WORD, wanted));
    }
  }

  private String checked(String option, String value, Pattern pattern, String wanted) {
    if (!pattern.matcher(value).matches()) {
      throw options.wrong(option, wanted);
    }
    return value;
  }

  private void line(String words) {
    lines.add(MARK + " " + words);
  }
}
