package dev.muster.condor;

import dev.muster.batch.spi.JobOptions;
import dev.muster.batch.spi.JobScript;
import dev.muster.batch.spi.JobSpec;
import dev.muster.error.MusterException;
import dev.muster.execution.Staging;
import dev.muster.resource.MemorySize;
import dev.muster.resource.Quantities;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Writes the submit description of a job. */
final class SubmitDescription {
  private static final String MAIL = "mail";

  /** The options that it honours. */
  static final Set<String> OPTIONS = Set.of(
      "walltime",
      "queue",
      "account",
      "requirements",
      MAIL,
      "stream_output",
      "job_extra_directives",
      CondorTransfer.CHIRP,
      JobOptions.TRANSFER_TIMEOUT);

  /** Names the proxy of a job. */
  static final String PROXY = "X509_USER_PROXY";

  private static final String PROCESS = "$(Process)";
  private static final String ID = "$(Cluster)." + PROCESS;
  private static final long KIB = 1024;
  private static final long MIB = 1024 * KIB;
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_.+@%/-]+");
  private static final Pattern NAME =
      Pattern.compile("\\s*(?:(queue)\\b.*|(\\+?[A-Za-z_][A-Za-z0-9_.]*)\\s*=.*)");

  private final JobSpec spec;
  private final JobOptions options;
  private final List<String> lines = new ArrayList<>();

  private SubmitDescription(JobSpec spec) {
    this.spec = spec;
    this.options = JobOptions.of(spec);
  }

  /**
   * Returns the text of a submit description.
   *
   * @param script the program of the jobs
   */
  static String of(JobSpec spec, int copies, String tag, Path script) {
    SubmitDescription description = new SubmitDescription(spec);
    description.process(tag, script);
    description.files(tag, script);
    description.quantities(spec.quantities());
    description.limits();
    description.proxy();
    description.place();
    description.more();
    description.lines.add("queue " + copies);
    return String.join("\n", description.lines) + "\n";
  }

  private void process(String tag, Path script) {
    line("universe", "vanilla");
    line("executable", path(script));
    line("environment", "\"" + JobScript.INDEX_VARIABLE + "=$(Process)\"");
    line("initialdir", path(directory(script)));
    line("batch_name", SubmitText.plain("the tag", tag));
    String mail = options.text(MAIL);
    line("notification", mail == null ? "Never" : "Error");
    if (mail != null) {
      line("notify_user", SubmitText.plain(option(MAIL), mail));
    }
    line("+MusterTag", SubmitText.string("the tag", tag));
  }

  /**
   * A list has commas between its items and blanks around them, and there is no way to write one that has such itself.
   * Where the folder of the run does, the path from the folder of the jobs may not.
   */
  private List<String> sent(Path directory) {
    List<String> files = new ArrayList<>();
    for (Path file : CondorTransfer.sent(spec)) {
      String path = file.toString();
      if (unlisted(path)) {
        path = directory.relativize(file).toString();
      }
      if (unlisted(path)) {
        throw new MusterException(
            "pool " + spec.name() + ": HTCondor cannot transfer the file \""
                + file
                + "\", because its path has a comma or ends with a blank; give it another name or place");
      }
      files.add(SubmitText.plain("the path", path));
    }
    return files;
  }

  /**
   * Unless files are sent, the script and all that it names lie on a shared file system. Where HTCondor knows of that,
   * the output grows there as the job writes it; where it does not (two machines with another FILESYSTEM_DOMAIN), jobs
   * may still run, and the output comes when the job has ended.
   */
  private void files(String tag, Path script) {
    boolean fetches = CondorTransfer.fetches(spec);
    if (spec.staging() == Staging.TRANSFER) {
      line("transfer_executable", "True");
      line("should_transfer_files", "YES");
      List<String> files = sent(directory(script));
      if (spec.parcels() != null) {
        files.add(parcel(directory(script), spec.parcels(), JobSpec.parcelIn(PROCESS)));
      }
      if (!files.isEmpty()) {
        line("transfer_input_files", String.join(",", files));
      }
      if (fetches) {
        line("+WantIOProxy", "True");
      }
    } else {
      line("transfer_executable", "False");
      line("should_transfer_files", "IF_NEEDED");
    }
    line("when_to_transfer_output", "ON_EXIT");
    if (spec.parcels() == null) {
      line("transfer_output_files", "\"\"");
    } else {
      String out = JobSpec.parcelOut(PROCESS);
      line("transfer_output_files", out);
      line(
          "transfer_output_remaps",
          "\"" + out + "=" + parcel(directory(script), spec.parcels(), out) + "\"");
    }
    line("log", path(JobSpec.logFile(spec.logs(), tag)));
    line("output", job(spec.outFile("")));
    line("error", job(spec.errFile("")));
    if (options.flag("stream_output")) {
      line("stream_output", "True");
      line("stream_error", "True");
    }
  }

  /** Returns the path of a file that each copy has of its own. In the list of such files no sign can be escaped. */
  private static String parcel(Path directory, Path parcels, String name) {
    String path = parcels.toString();
    if (!PLAIN.matcher(path).matches()) {
      path = directory.relativize(parcels).toString();
    }
    if (!PLAIN.matcher(path).matches()) {
      throw new MusterException("HTCondor cannot bring files of jobs back into " + parcels
          + ", because of the signs in its path; choose another folder for the run");
    }
    return path + "/" + name;
  }

  private void quantities(Quantities quantities) {
    spec.requireOneNode("a job of HTCondor's has one");
    Integer cpus = quantities.cpusPerNode();
    if (cpus != null) {
      line("request_cpus", cpus.toString());
    }
    if (quantities.memory() != null) {
      line("request_memory", whole(quantities.memory(), MIB));
    }
    if (quantities.disk() != null) {
      line("request_disk", whole(quantities.disk(), KIB));
    }
    if (quantities.hasGpus()) {
      line("request_gpus", String.valueOf(quantities.gpus()));
    }
  }

  /** The walltime in the words of sites that have one, and as a rule of the job itself, which holds everywhere. */
  private void limits() {
    Duration walltime = options.duration("walltime");
    if (walltime == null) {
      line("periodic_remove", Ends.REMOVE);
      return;
    }
    long seconds = Math.max(1, walltime.plusMillis(999).toSeconds());
    line("+MaxRuntime", String.valueOf(seconds));
    line("+MusterWalltime", String.valueOf(seconds));
    line("periodic_remove", Ends.REMOVE_AFTER_WALLTIME + " || " + Ends.REMOVE);
  }

  /** A job that has a proxy tells HTCondor of it, which puts its subject and expiry into the job ad. */
  private void proxy() {
    String proxy = spec.environment().get(PROXY);
    if (proxy != null) {
      line("x509userproxy", SubmitText.plain(PROXY, proxy));
    }
  }

  private void place() {
    String queue = options.text("queue");
    if (queue != null) {
      line("+JobFlavour", SubmitText.string(option("queue"), queue));
    }
    String account = options.text("account");
    if (account != null) {
      line("accounting_group", SubmitText.plain(option("account"), account));
    }
    String requirements = options.text("requirements");
    if (requirements != null) {
      line("requirements", SubmitText.verbatim(option("requirements"), requirements));
    }
  }

  private void more() {
    String key = "job_extra_directives";
    Map<String, String> map = options.map(key);
    List<String> given = new ArrayList<>();
    if (map != null) {
      map.forEach((name, value) -> given.add(name + " = " + value));
    } else {
      given.addAll(options.lines(key));
    }
    for (String directive : given) {
      String name = name(directive);
      if (name == null) {
        throw options.wrong(key, "lines such as +Name = value (this is none: " + directive + ")");
      }
      if (CondorOwn.has(name, spec)) {
        throw options.wrong(
            key, "without " + name + ", which Muster sets itself (in: " + directive + ")");
      }
      if (directive.stripTrailing().endsWith("\\")) {
        throw options.wrong(
            key, "lines that end where they end, without a backslash (in: " + directive + ")");
      }
      lines.add(SubmitText.verbatim(option(key), directive));
    }
  }

  /** Returns what a line sets, in lower case, or null if it sets nothing. */
  private static @Nullable String name(String directive) {
    Matcher matcher = NAME.matcher(directive.toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      return null;
    }
    String name = matcher.group(2) == null ? matcher.group(1) : matcher.group(2);
    return name.replaceFirst("^(?:\\+|my\\.)+", "");
  }

  private String option(String key) {
    return "pool " + spec.name() + ".config." + key;
  }

  private void line(String name, String value) {
    lines.add(name + " = " + value);
  }

  private static Path directory(Path script) {
    return Objects.requireNonNullElse(script.getParent(), script);
  }

  private static boolean unlisted(String path) {
    return path.contains(",") || !path.equals(path.strip());
  }

  private static String path(Path path) {
    return SubmitText.plain("the path", path.toString());
  }

  /** Returns the path of a job's file, with the job's id before its ending. */
  private static String job(Path withoutId) {
    String path = withoutId.toString();
    int ending = path.lastIndexOf('.');
    return SubmitText.plain("the path", path.substring(0, ending)) + ID + path.substring(ending);
  }

  private static String whole(MemorySize size, long unit) {
    return String.valueOf(size.bytes() / unit + (size.bytes() % unit == 0 ? 0 : 1));
  }
}
