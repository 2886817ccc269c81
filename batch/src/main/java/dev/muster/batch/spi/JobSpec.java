package dev.muster.batch.spi;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.CheckReturnValue;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Staging;
import dev.muster.resource.Quantities;
import dev.muster.resource.Settings;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A process to be started somewhere: its command, and what it needs.
 *
 * <p>Immutable and thread-safe.
 *
 * @param name a name for people and log files, for example {@code gpu}
 * @param command the program and its arguments; no shell reads them
 * @param environment variables set in addition to those that the place has
 * @param directory the folder in which it starts; with {@link Staging#TRANSFER} it starts in the folder with its files
 * @param files files that it needs, absolute; the setup and the command find them in the folder {@code $MUSTER_FILES}.
 *     With {@link Staging#SHARED} all lie in one folder, which that is; with {@link Staging#TRANSFER} copies are sent
 *     into a folder of the job's own, so their names must differ
 * @param unless which of the files it can do without, and when: lines for bash that succeed on a machine that has what
 *     the file brings. They run before any file is there, in a shell of their own, with {@link #environment}. Where
 *     files are sent, a strategy that can ask does not send such a file; others send it, so what needs it must cope
 *     with both. Default: none
 * @param staging how files reach the job
 * @param parcels what each copy has of its own where files are sent, or null for nothing: a folder of this host, with a
 *     file {@code <index>.in} for each copy, which is sent to it with its files; what it leaves as {@code <index>.out}
 *     in its folder comes back into this one when it ends by itself, however well
 * @param setup lines for bash, run in order before the command, which has what they export; one that fails ends the job
 * @param logs the folder that receives {@code out/<name>-<job>.out} and {@code err/<name>-<job>.err}
 * @param quantities what it needs
 * @param config options of the strategy, for example {@code walltime}
 * @since 0.1
 */
@CheckReturnValue
public record JobSpec(
    String name,
    List<String> command,
    Map<String, String> environment,
    Path directory,
    List<Path> files,
    Map<Path, String> unless,
    Staging staging,
    @Nullable Path parcels,
    List<String> setup,
    Path logs,
    Quantities quantities,
    Map<String, @Nullable Object> config) {
  public JobSpec {
    if (name.isBlank()) {
      throw new IllegalArgumentException("a job needs a name");
    }
    if (command.isEmpty()) {
      throw new IllegalArgumentException("job " + name + " needs a command");
    }
    command = List.copyOf(command);
    files = checked(name, files, staging);
    for (Path file : unless.keySet()) {
      if (!files.contains(file)) {
        throw new IllegalArgumentException("job " + name + ": " + file
            + ", which it can do without, is none of its files: " + files);
      }
    }
    unless = Collections.unmodifiableMap(new LinkedHashMap<>(unless));
    if (parcels != null && (staging != Staging.TRANSFER || !parcels.isAbsolute())) {
      throw new IllegalArgumentException("job " + name
          + ": parcels are for jobs whose files are sent, in an absolute folder, got " + parcels);
    }
    setup = List.copyOf(setup);
    environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
    config = Settings.copyOf(config);
  }

  private static List<Path> checked(String name, List<Path> files, Staging staging) {
    Set<Path> names = new HashSet<>();
    for (Path file : files) {
      if (!file.isAbsolute()) {
        throw new IllegalArgumentException(
            "job " + name + ": its files must be absolute, got " + file);
      }
      if (staging == Staging.SHARED
          && !Objects.equals(file.getParent(), files.get(0).getParent())) {
        throw new IllegalArgumentException(
            "job " + name + ": its files must lie in one folder, got " + files);
      }
      Path last = file.getFileName();
      if (last == null || !names.add(last)) {
        throw new IllegalArgumentException(
            "job " + name + ": its files must have names that differ, got " + files);
      }
    }
    return List.copyOf(files);
  }

  /** Returns a short text; of variables only the names, as values may be secrets. */
  @Override
  public String toString() {
    return "JobSpec[" + name + ", " + command + ", variables " + environment.keySet() + ", in "
        + directory + "]";
  }

  /**
   * Checks that it asks for one node.
   *
   * @param why why it cannot have more, for example {@code a job of HTCondor's has one}
   * @throws WorkflowException if it asks for more
   */
  public void requireOneNode(String why) {
    if (quantities.nodesOrDefault() > 1) {
      throw new WorkflowException(
          "pool " + name + ".resources",
          "resources.nodes is " + quantities.nodesOrDefault() + ", and " + why,
          "leave nodes out, and let tasks_per_node be as many as one node has room for; or use a"
              + " batch system whose jobs have several, such as slurm");
    }
  }

  /** Returns a builder of a job that starts in {@code directory} and logs there. */
  public static Builder builder(String name, List<String> command, Path directory) {
    return new Builder(name, command, directory);
  }

  /**
   * Returns the name of the file that one of its copies alone is sent.
   *
   * @param index the number of the copy, or what stands for it
   */
  public static String parcelIn(String index) {
    return index + ".in";
  }

  /**
   * Returns the name of the file that one of its copies brings back.
   *
   * @param index the number of the copy, or what stands for it
   */
  public static String parcelOut(String index) {
    return index + ".out";
  }

  /**
   * Returns its name as file names have it: what is no letter, digit, {@code _}, {@code .}, {@code +} or {@code -}
   * becomes {@code _}.
   */
  public String fileName() {
    return name.replaceAll("[^A-Za-z0-9_.+-]", "_");
  }

  /**
   * Returns the file that receives a job's standard output, {@code <logs>/out/<name>-<job>.out}.
   *
   * @param job the job's id, or the batch system's pattern for it, for example {@code %A_%a}
   */
  public Path outFile(String job) {
    return logs.resolve("out").resolve(fileName() + "-" + job + ".out");
  }

  /**
   * Returns the file that receives a job's standard error, {@code <logs>/err/<name>-<job>.err}.
   *
   * @param job the job's id, or the batch system's pattern for it, for example {@code %A_%a}
   */
  public Path errFile(String job) {
    return logs.resolve("err").resolve(fileName() + "-" + job + ".err");
  }

  /**
   * Returns the file for the batch system's own log of a submission, {@code <logs>/logs/<tag>.log}.
   *
   * @param tag the tag of the submission
   */
  public static Path logFile(Path logs, String tag) {
    return logs.resolve("logs").resolve(tag + ".log");
  }

  /** Returns a builder that starts from this job. */
  public Builder toBuilder() {
    Builder builder = new Builder(name, command, directory);
    builder.environment.putAll(environment);
    builder.files = files;
    builder.unless = unless;
    builder.staging = staging;
    builder.parcels = parcels;
    builder.setup = setup;
    builder.logs = logs;
    builder.quantities = quantities;
    builder.config.putAll(config);
    return builder;
  }

  /** Builds a {@link JobSpec}. Not thread-safe. */
  public static final class Builder {
    private final String name;
    private List<String> command;
    private final Map<String, String> environment = new LinkedHashMap<>();
    private Path directory;
    private List<Path> files = List.of();
    private Map<Path, String> unless = Map.of();
    private Staging staging = Staging.SHARED;
    private @Nullable Path parcels;
    private List<String> setup = List.of();
    private Path logs;
    private Quantities quantities = Quantities.none();
    private final Map<String, @Nullable Object> config = new LinkedHashMap<>();

    private Builder(String name, List<String> command, Path directory) {
      this.name = name;
      this.command = command;
      this.directory = directory;
      this.logs = directory;
    }

    /** Replaces the program and its arguments. */
    @CanIgnoreReturnValue
    public Builder command(List<String> command) {
      this.command = command;
      return this;
    }

    /** Adds an environment variable. */
    @CanIgnoreReturnValue
    public Builder variable(String key, String value) {
      environment.put(key, value);
      return this;
    }

    /** Sets files that it needs: absolute, all in one folder unless they are sent. Default: none. */
    @CanIgnoreReturnValue
    public Builder files(List<Path> files) {
      this.files = files;
      return this;
    }

    /** Sets which of its files it can do without, and when. Default: none. */
    @CanIgnoreReturnValue
    public Builder unless(Map<Path, String> unless) {
      this.unless = unless;
      return this;
    }

    /** Sets how files reach it. Default: {@link Staging#SHARED}. */
    @CanIgnoreReturnValue
    public Builder staging(Staging staging) {
      this.staging = staging;
      return this;
    }

    /** Sets the folder for what each copy has of its own, where files are sent. Default: null for nothing. */
    @CanIgnoreReturnValue
    public Builder parcels(@Nullable Path parcels) {
      this.parcels = parcels;
      return this;
    }

    /** Replaces the folder in which it starts. */
    @CanIgnoreReturnValue
    public Builder directory(Path directory) {
      this.directory = directory;
      return this;
    }

    /** Sets lines for bash that run before the command. Default: none. */
    @CanIgnoreReturnValue
    public Builder setup(List<String> setup) {
      this.setup = setup;
      return this;
    }

    /** Sets the folder for logs. Default: the job's directory. */
    @CanIgnoreReturnValue
    public Builder logs(Path logs) {
      this.logs = logs;
      return this;
    }

    /** Sets what it needs. Default: nothing said. */
    @CanIgnoreReturnValue
    public Builder quantities(Quantities quantities) {
      this.quantities = quantities;
      return this;
    }

    /** Adds an option of the strategy. */
    @CanIgnoreReturnValue
    public Builder config(String key, @Nullable Object value) {
      config.put(key, value);
      return this;
    }

    /** Returns the job. */
    @CheckReturnValue
    public JobSpec build() {
      return new JobSpec(
          name,
          command,
          environment,
          directory,
          files,
          unless,
          staging,
          parcels,
          setup,
          logs,
          quantities,
          config);
    }
  }
}
