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

/** What a job asks of PJM, as {@code #PJM} lines of its script. */
final class PjmDirectives {
  /** How the lines begin. */
  static final String MARK = "#PJM";

  private static final String EXTRA = ExtraDirectives.OPTION;
  private static final String GPU = "gpu_resource";
  private static final String VIRTUAL = "virtual_nodes";
  private static final String BULK = "bulk";

  static final Set<String> OPTIONS =
      Set.of("walltime", "queue", "resource_unit", "account", "mail", GPU, VIRTUAL, BULK, EXTRA);

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.:+-]*");
  private static final Pattern WORD = Pattern.compile("[^\\s\"'\\\\#-][^\\s\"'\\\\#]*");
  private static final long MEBI = 1L << 20;

  private static final ExtraDirectives EXTRAS = new ExtraDirectives(
      MARK,
      "options of pjsub such as --llio sharedtmp-size=10Gi, each in a line of its own",
      Pattern.compile(
          "-[NoejzwXW]\\b.*|--(name|bulk|sparam|step|interact|wait)\\b.*|-x\\s*MUSTER_.*"),
      Pattern.compile(
          "-L\\s*\"?(?:.*,)?(node|vnode|vnode-core|node-mem|vnode-mem|elapse|rscgrp|rg|rscunit|ru)=.*"));

  private final JobSpec spec;
  private final JobOptions options;
  private final List<String> lines = new ArrayList<>();

  private PjmDirectives(JobSpec spec) {
    this.spec = spec;
    this.options = JobOptions.of(spec);
  }

  /**
   * Returns the lines of a job.
   *
   * @throws MusterException if an option or a quantity cannot be honoured
   */
  static List<String> of(JobSpec spec, String tag) {
    PjmDirectives directives = new PjmDirectives(spec);
    directives.line("-N " + JobNames.of(tag));
    directives.line("--norestart");
    directives.place();
    directives.quantities();
    directives.lines.addAll(EXTRAS.lines(directives.options));
    return directives.lines;
  }

  /** Tells whether copies may be one bulk job. */
  static boolean bulk(JobSpec spec) {
    JobOptions options = JobOptions.of(spec);
    return options.text(BULK) == null || options.flag(BULK);
  }

  private void place() {
    resource("queue", "rscgrp", "a resource group");
    resource("resource_unit", "rscunit", "a resource unit");
    String account = options.text("account");
    if (account != null) {
      line("-g " + checked("account", account, NAME, "a group"));
    }
    String mail = options.text("mail");
    if (mail != null) {
      line("-m e --mail-list " + checked("mail", mail, WORD, "an address"));
    }
    Duration walltime = options.duration("walltime");
    if (walltime != null) {
      if (walltime.isZero()) {
        throw options.wrong("walltime", "more than 0");
      }
      long seconds = walltime.plusMillis(999).toSeconds();
      resource(String.format(
          Locale.ROOT, "elapse=%02d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60));
    }
  }

  private void quantities() {
    Quantities asked = spec.quantities();
    boolean parts = options.flag(VIRTUAL);
    String node = parts ? "vnode" : "node";
    resource(node + "=" + asked.nodesOrDefault());
    Integer cpus = asked.cpusPerNode();
    if (parts && cpus != null) {
      resource("vnode-core=" + cpus);
    }
    MemorySize memory = asked.memory();
    if (memory != null) {
      resource(node + "-mem=" + Math.max(1, (memory.bytes() - 1) / MEBI + 1) + "Mi");
    }
    String name = options.text(GPU);
    String gpu = name == null ? "gpu" : checked(GPU, name, NAME, "the name of a resource");
    if (asked.hasGpus()) {
      resource(gpu + "=" + asked.gpus());
    }
    if (asked.parallel()) {
      line("--mpi \"proc=" + asked.ranks() + "\"");
      line("--mpi \"max-proc-per-node=" + asked.tasksPerNodeOrDefault() + "\"");
    }
    if (asked.disk() != null) {
      throw new MusterException("pool " + spec.name()
          + ": PJM has no resource for disk that all sites know; leave out resources.disk, or ask for"
          + " the site's with " + EXTRA + ": [\"--llio localtmp-size=SIZE\"]");
    }
  }

  private void resource(String option, String name, String wanted) {
    String value = options.text(option);
    if (value != null) {
      resource(name + "=" + checked(option, value, NAME, wanted));
    }
  }

  private void resource(String words) {
    line("-L \"" + words + "\"");
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
