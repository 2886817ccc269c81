package dev.muster.internal.operation;

import dev.muster.internal.process.ProcessMark;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * How a command is run in a container. The runtime in Python says the same; both go by {@code container-cases.json}.
 *
 * <p>Variables reach the container through the environment of the runtime, so that their values are on no command line. Only those that would
 * change how the runtime itself works, and name places, are written out.
 *
 * @param pool how the pool's containers are run
 * @param form where the image comes from
 * @param image what the runtime calls the image
 * @param name the container's own name
 * @param cwd the folder in which the command runs
 * @param folders the folders that it finds at the same place; those within others count once
 * @param variables its environment variables
 * @param uid the number of the user that it runs as
 * @param gid the number of the group that it runs as
 * @param command the command
 */
record ContainerCall(
    ContainerPool pool,
    ContainerImage.Form form,
    String image,
    String name,
    Path cwd,
    Collection<Path> folders,
    Map<String, String> variables,
    long uid,
    long gid,
    List<String> command) {
  /**
   * Runs a container and makes sure that it ends with this shell: when the shell is killed, a pipe closes, and what waits at its other end stops the
   * container.
   */
  static final String GUARD = """
      mkfifo -m 600 "${TMPDIR:-/tmp}/$2.pipe" || exit 125
      exec 9<>"${TMPDIR:-/tmp}/$2.pipe" 8<"${TMPDIR:-/tmp}/$2.pipe"
      rm -f "${TMPDIR:-/tmp}/$2.pipe"
      (
        exec 9>&-
        $(command -v setsid) /bin/sh -c '
          trap "" HUP INT TERM
          read -r _ <&8 && exit
          "$1" stop -t 2 "$2"
          "$1" rm -f "$2"
          sleep 2
          "$1" rm -f "$2"
        ' muster-container "$1" "$2" </dev/null >/dev/null 2>&1 &
      )
      exec 8<&-
      shift 2
      "$@" 9>&-
      set -- $?
      echo >&9
      exit "$1"
      """;

  private static final Pattern OWN =
      Pattern.compile("PATH|HOME|TMPDIR|LD_.*|XDG_.*|DOCKER_(HOST|CONTEXT|CONFIG)"
          + "|CONTAINER_HOST|CONTAINERS_.*|STORAGE_(DRIVER|OPTS)");

  /** Returns the command line. */
  List<String> argv() {
    return plain() ? unguarded() : guarded();
  }

  private ContainerRuntime.Kind kind() {
    return pool.runtime().kind();
  }

  private List<String> unguarded() {
    List<String> argv = new ArrayList<>();
    argv.add(pool.runtime().program().toString());
    argv.addAll(List.of("exec", "--cleanenv", "--pwd", cwd.toString()));
    for (Path folder : mounts()) {
      argv.addAll(
          folder.toString().matches("(?s).*[:,\"\\\\\n].*")
              ? List.of("--mount", mount(folder, "destination")) // which old ones do not have
              : List.of("--bind", folder + ":" + folder));
    }
    if (pool.gpus()) {
      argv.add("--nv");
    }
    argv.addAll(pool.options());
    argv.add(image);
    argv.addAll(command);
    return argv;
  }

  private List<String> guarded() {
    boolean podman = kind() == ContainerRuntime.Kind.PODMAN;
    List<String> argv = new ArrayList<>();
    argv.addAll(List.of("/bin/sh", "-c", GUARD, "muster-container"));
    argv.addAll(List.of(
        pool.runtime().program().toString(), name, pool.runtime().program().toString()));
    argv.addAll(List.of("run", "--rm", "--interactive", "--name", name, "--network", "host"));
    argv.addAll(List.of("--stop-timeout", "2"));
    argv.addAll(List.of("--security-opt", "label=disable", "--entrypoint", ""));
    if (podman && uid != 0) {
      argv.addAll(List.of("--userns", "keep-id"));
    }
    argv.addAll(List.of("--user", uid + ":" + gid, "--workdir", cwd.toString()));
    for (Path folder : mounts()) {
      argv.addAll(List.of("--mount", mount(folder, "target")));
    }
    new TreeMap<>(variables)
        .forEach((name, value) ->
            argv.addAll(List.of("--env", OWN.matcher(name).matches() ? name + "=" + value : name)));
    if (pool.gpus()) {
      argv.addAll(podman ? List.of("--device", "nvidia.com/gpu=all") : List.of("--gpus", "all"));
    }
    argv.addAll(pool.options());
    if (form == ContainerImage.Form.FOLDER) {
      argv.add("--rootfs");
    } else {
      argv.addAll(List.of("--pull", "never"));
    }
    argv.add(image);
    argv.addAll(command);
    return argv;
  }

  private static String mount(Path folder, String target) {
    return "type=bind," + field("source=" + folder) + "," + field(target + "=" + folder);
  }

  // The value of --mount is a line of CSV.
  private static String field(String text) {
    return text.matches("(?s).*[,\"\n].*") ? "\"" + text.replace("\"", "\"\"") + "\"" : text;
  }

  /** Returns the variables of the runtime's own environment, in addition to the worker's. */
  Map<String, String> environment() {
    String prefix = kind().plain() ? kind().name() + "ENV_" : "";
    Map<String, String> environment = new TreeMap<>();
    if (kind().plain()) {
      environment.put(kind().name() + "_NO_EVAL", "1"); // or a shell reads the values
    }
    variables.forEach((name, value) -> {
      if (!prefix.isEmpty() || !OWN.matcher(name).matches()) {
        environment.put(prefix + name, value);
      }
    });
    return environment;
  }

  /** Returns the variables of the runtime's own environment that bring the mark of its process to those in the container, where they are its children. */
  List<String> marked() {
    return List.of(ProcessMark.VARIABLE, kind().name() + "ENV_" + ProcessMark.VARIABLE);
  }

  /** Ends the container if its command did not end by itself, and returns when it is gone. */
  void remove() {
    Containers.remove(pool.runtime(), name);
  }

  /** Tells whether a command that ended like this was never started, because the runtime could not. */
  boolean failedToStart(int code, Path stderr) {
    return Containers.failedToStart(pool.runtime(), code, stderr);
  }

  /** Tells whether the container's processes are children of the runtime. */
  boolean plain() {
    return kind().plain();
  }

  @Override
  public String toString() {
    return image + " with " + pool.runtime().program();
  }

  /** Returns the folders to mount, without those that lie in another one. */
  private List<Path> mounts() {
    List<Path> mounts = new ArrayList<>();
    for (Path folder : new TreeSet<>(folders)) {
      if (mounts.stream().noneMatch(folder::startsWith)) {
        mounts.add(folder);
      }
    }
    return mounts;
  }
}
