package dev.muster.worker.internal;

import dev.muster.error.WorkflowException;
import dev.muster.internal.process.SystemText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the worker of a job runs in. Immutable and thread-safe.
 *
 * @param engine the program, for example {@code apptainer}
 * @param image the image, as the program has it
 * @param name a name for the container, or null
 * @param arguments more arguments of the program, before the image
 * @param envFile a file of variables, or null
 */
record JobContainer(
    String engine,
    String image,
    @Nullable String name,
    List<String> arguments,
    @Nullable Path envFile) {
  private static final Set<String> PLAIN = Set.of("apptainer", "singularity");

  /** Reads that of a job, or returns null if it has none. */
  static @Nullable JobContainer read(OptionReader spec, Path base) {
    OptionReader in = spec.inner("container");
    if (in.config().isEmpty()) {
      return null;
    }
    in.only(Set.of("image", "engine", "name", "extra_args", "env_file"));
    String image = in.text("image");
    if (image == null) {
      throw in.wrong("image", "the image of the container");
    }
    String engine = in.text("engine", "apptainer");
    String program = engine.substring(engine.lastIndexOf('/') + 1);
    if (program.equals("docker")) {
      throw new WorkflowException(
          in.path() + ".engine",
          "a container of docker is no process of the job, and would outlive it",
          "use apptainer, singularity or podman, which run the same images");
    }
    if (!PLAIN.contains(program) && !program.equals("podman")) {
      throw in.wrong("engine", "apptainer, singularity or podman, or a path of one");
    }
    String name = in.text("name");
    if (name != null && PLAIN.contains(program)) {
      throw new WorkflowException(
          in.path() + ".name", "a container of " + program + " has no name", "leave it out");
    }
    List<String> arguments = new ArrayList<>();
    in.mapping("extra_args").forEach((key, value) -> {
      String option = key.startsWith("-") ? key : (key.length() == 1 ? "-" : "--") + key;
      arguments.add(option.startsWith("--") && !value.isEmpty() ? option + "=" + value : option);
      if (!option.startsWith("--") && !value.isEmpty()) {
        arguments.add(value);
      }
    });
    String file = in.text("env_file");
    return new JobContainer(
        engine,
        image,
        name,
        List.copyOf(arguments),
        file == null ? null : SystemText.resolve(base, file).normalize());
  }

  /**
   * Returns the command that runs another one in it.
   *
   * @param cwd the folder in which it runs
   * @param folders what it sees of the host, under the same paths
   * @param variables the names of the variables that it has
   */
  List<String> around(
      List<String> command, Path cwd, Set<Path> folders, Map<String, String> variables) {
    boolean plain = PLAIN.contains(engine.substring(engine.lastIndexOf('/') + 1));
    List<String> argv = new ArrayList<>(List.of(engine));
    argv.addAll(
        plain
            ? List.of("exec", "--pwd", cwd.toString())
            : List.of(
                "run", "--rm", "--interactive", "--network=host", "--workdir", cwd.toString()));
    for (Path folder : new LinkedHashSet<>(folders)) {
      argv.add(plain ? "--bind" : "--volume");
      argv.add(folder + ":" + folder);
    }
    if (!plain) { // a process of this user there, too, and killed with its job: no init in between
      argv.add("--userns=keep-id");
      variables.keySet().stream().sorted().forEach(each -> argv.add("--env=" + each));
    }
    if (name != null) {
      argv.addAll(List.of("--name", name));
    }
    if (envFile != null) {
      argv.addAll(List.of("--env-file", envFile.toString()));
    }
    argv.addAll(arguments);
    argv.add(image);
    argv.addAll(command);
    return argv;
  }
}
