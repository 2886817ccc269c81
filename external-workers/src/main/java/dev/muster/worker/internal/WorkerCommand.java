package dev.muster.worker.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The process that carries out a call, wherever it runs. Immutable and thread-safe.
 *
 * @param argv the program and its arguments; the program is a path, or {@code uv} as the options name it
 * @param cwd the folder in which it starts
 * @param variables variables that the contract, the options and the task give it
 * @param unset variables that it must not have
 * @param stdin the file that it reads, or null for none
 * @param output the file that its standard output becomes, or null if that is a log
 */
record WorkerCommand(
    List<String> argv,
    Path cwd,
    Map<String, String> variables,
    Set<String> unset,
    @Nullable Path stdin,
    @Nullable Path output) {
  private static final String VIRTUAL_ENV = "VIRTUAL_ENV";

  /**
   * Returns that of a call.
   *
   * @param kind how its launcher is started: uv, shell or stdinout
   * @throws dev.muster.run.TaskException if an input cannot be a variable
   */
  static WorkerCommand of(
      Kind kind,
      Registry.Launcher launcher,
      WorkerOptions options,
      CallPlace place,
      CallEnvironment environment)
      throws IOException {
    Map<String, String> variables = new HashMap<>(environment.variables());
    variables.putAll(options.env());
    Set<String> unset = new LinkedHashSet<>(environment.unset());
    if (kind == Kind.UV) {
      variables.remove(VIRTUAL_ENV);
      unset.add(VIRTUAL_ENV);
    } else {
      variables.putAll(CallVariables.of(place, options.exportValues()));
    }
    variables.put(CallVariables.DIRECTORY, place.base().toString());
    unset.removeAll(variables.keySet());
    String program = launcher.file().toString();
    if (kind == Kind.UV) {
      String main = String.valueOf(launcher.file().getFileName());
      List<String> argv = List.of(options.uv(), "run", main, place.argument());
      return new WorkerCommand(argv, launcher.folder(), variables, unset, null, null);
    }
    if (kind == Kind.STDINOUT) {
      return new WorkerCommand(
          List.of(program),
          place.base(),
          variables,
          unset,
          first(place.call().inputs(), place),
          first(place.call().outputs(), place));
    }
    return new WorkerCommand(
        List.of(program, place.argument()), place.base(), variables, unset, null, null);
  }

  private static @Nullable Path first(Map<String, String> ports, CallPlace place) {
    return ports.values().stream().findFirst().map(place::at).orElse(null);
  }

  /** Returns the file for its standard output until it has ended. */
  Path stdout(CallPlace place) {
    return output == null
        ? place.stdout()
        : output.resolveSibling("." + output.getFileName() + ".new");
  }
}
