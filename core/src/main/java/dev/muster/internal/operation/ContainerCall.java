package dev.muster.internal.operation;

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
 * change how the runtime itself works, and name folders, are written out.
 *
 * @param runtime what runs it
 * @param form where the image comes from
 * @param image what the runtime calls the image
 * @param name the container's own name
 * @param cwd the folder in which the command runs
 * @param folders the folders that it finds at the same place; those within others count once
 * @param variables its environment variables
 * @param gpus whether it gets the machine's GPUs
 * @param uid the number of the user that it runs as
 * @param gid the number of the group that it runs as
 * @param command the command
 */
record ContainerCall(
    ContainerRuntime runtime,
    ContainerImage.Form form,
    String image,
    String name,
    Path cwd,
    Collection<Path> folders,
    Map<String, String> variables,
    boolean gpus,
    long uid,
    long gid,
    List<String> command) {
  /**
   * Runs a container and makes sure that it ends with this shell: when the shell is killed, a pipe closes, and what waits at its other end stops the
   * container.
   */
  static final String GUARD = """
      runtime=$1 name=$2 pipe=${TMPDIR:-/tmp}/$2.pipe
      shift 2
      mkfifo -m 600 "$pipe" || exit 125
      set -- "$runtime" "$name" "$pipe" "$@"
      own=$(command -v setsid)
      (
        $own /bin/sh -c '
          trap "" HUP INT TERM
          read -r said <"$3"
          [ "$said" = over ] && exit
          "$1" stop -t 2 "$2"
          "$1" rm -f "$2"
          sleep 2
          "$1" rm -f "$2"
        ' muster-container "$1" "$2" "$3" </dev/null >/dev/null 2>&1 &
      )
      exec 9>"$pipe"
      rm -f "$pipe"
      shift 3
      "$@" 9>&-
      code=$?
      echo over >&9
      exit $code
      """;

  private static final Pattern OWN = Pattern.compile("PATH|HOME|TMPDIR|LD_.*|XDG_.*");

  /** Returns the command line. */
  List<String> argv() {
    return runtime.kind().plain() ? plain() : guarded();
  }

  private List<String> plain() {
    List<String> argv = new ArrayList<>();
    argv.add(runtime.program().toString());
    argv.addAll(List.of("exec", "--cleanenv", "--pwd", cwd.toString()));
    for (Path folder : mounts()) {
      if (folder.toString().matches("(?s).*[:,].*")) {
        throw new IllegalArgumentException("the folder " + folder + " cannot be mounted by "
            + runtime.kind().program() + ": its name has a colon or a comma");
      }
      argv.addAll(List.of("--bind", folder + ":" + folder));
    }
    if (gpus) {
      argv.add("--nv");
    }
    argv.add(image);
    argv.addAll(command);
    return argv;
  }

  private List<String> guarded() {
    boolean podman = runtime.kind() == ContainerRuntime.Kind.PODMAN;
    List<String> argv = new ArrayList<>();
    argv.addAll(List.of("/bin/sh", "-c", GUARD, "muster-container"));
    argv.addAll(List.of(runtime.program().toString(), name, runtime.program().toString()));
    argv.addAll(List.of("run", "--rm", "--interactive", "--name", name, "--network", "host"));
    argv.addAll(List.of("--security-opt", "label=disable", "--entrypoint", ""));
    if (podman && uid != 0) {
      argv.addAll(List.of("--userns", "keep-id"));
    }
    argv.addAll(List.of("--user", uid + ":" + gid, "--workdir", cwd.toString()));
    for (Path folder : mounts()) {
      argv.addAll(List.of(
          "--mount",
          "type=bind," + field("source=" + folder) + "," + field("target=" + folder)));
    }
    new TreeMap<>(variables)
        .forEach((name, value) -> argv.addAll(
            List.of("--env", OWN.matcher(name).matches() ? name + "=" + value : name)));
    if (gpus) {
      argv.addAll(podman ? List.of("--device", "nvidia.com/gpu=all") : List.of("--gpus", "all"));
    }
    if (form == ContainerImage.Form.FOLDER) {
      argv.add("--rootfs");
    } else {
      argv.addAll(List.of("--pull", "never"));
    }
    argv.add(image);
    argv.addAll(command);
    return argv;
  }

  // The value of --mount is a line of CSV.
  private static String field(String text) {
    return text.matches("(?s).*[,\"\n].*") ? "\"" + text.replace("\"", "\"\"") + "\"" : text;
  }

  /** Returns the variables of the runtime's own environment, in addition to the worker's. */
  Map<String, String> environment() {
    String prefix = runtime.kind().plain() ? runtime.kind().name() + "ENV_" : "";
    Map<String, String> environment = new TreeMap<>();
    variables.forEach((name, value) -> {
      if (!prefix.isEmpty() || !OWN.matcher(name).matches()) {
        environment.put(prefix + name, value);
      }
    });
    return environment;
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
