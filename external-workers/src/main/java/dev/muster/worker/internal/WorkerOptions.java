package dev.muster.worker.internal;

import dev.muster.error.WorkflowException;
import dev.muster.internal.process.SystemText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The options of an executor. Immutable and thread-safe.
 *
 * @param registry where launchers are looked for
 * @param contract what the {@code error_path} of a call is
 * @param exitStatus whether exit code 0 with every output counts as done without the flag
 * @param exportValues whether programs get the values of inputs as variables
 * @param uv the program {@code uv}: a name on PATH or a path
 * @param env more environment variables of workers
 * @param launch how the launcher of a worker that is a job is started, or null for the way that it is made for
 */
record WorkerOptions(
    Registry registry,
    CallPlace.Contract contract,
    boolean exitStatus,
    boolean exportValues,
    String uv,
    Map<String, String> env,
    @Nullable Kind launch) {
  private static final String REGISTRY = "registry";
  private static final String CONTRACT = "contract";
  private static final String EXIT_STATUS = "exit_status";
  private static final String EXPORT_VALUES = "export_values";
  private static final String UV = "uv";
  private static final String ENV = "env";
  private static final String LAUNCH = "launch";

  /** The names of all options. */
  static final Set<String> NAMES = Set.of(
      REGISTRY,
      CONTRACT,
      EXIT_STATUS,
      EXPORT_VALUES,
      UV,
      ENV,
      LAUNCH,
      JobRequest.SPEC,
      JobRequest.HELD_TIMEOUT);

  /** Returns those of calls by hand. */
  static WorkerOptions of(List<Path> registries, CallPlace.Contract contract) {
    return new WorkerOptions(
        new Registry(registries), contract, false, false, "uv", Map.of(), null);
  }

  /**
   * Reads options.
   *
   * @param path the path of the options, for messages
   * @param base what relative paths are taken from
   * @throws WorkflowException if one is wrong
   */
  static WorkerOptions read(
      Map<String, ? extends @Nullable Object> config, String path, Path base) {
    OptionReader in = new OptionReader(config, path);
    List<Path> folders = new ArrayList<>();
    in.texts(REGISTRY, "a folder or a list of folders")
        .forEach(each -> folders.add(SystemText.resolve(base, each).normalize()));
    if (folders.isEmpty()) {
      folders.add(base);
    }
    String number = in.text(CONTRACT, "1");
    if (!number.equals("1") && !number.equals("2")) {
      throw in.wrong(CONTRACT, "1 (error_path is the flag) or 2 (it is the log)");
    }
    String launch = in.text(LAUNCH);
    Kind kind = launch == null ? null : Kind.of(launch);
    if (launch != null && (kind == null || kind == Kind.MEMORY)) {
      throw in.wrong(LAUNCH, "uv, shell or stdinout");
    }
    return new WorkerOptions(
        new Registry(folders),
        number.equals("1") ? CallPlace.Contract.FLAG : CallPlace.Contract.LOG,
        in.truth(EXIT_STATUS),
        in.truth(EXPORT_VALUES),
        in.text(UV, "uv"),
        in.variables(ENV),
        kind);
  }
}
