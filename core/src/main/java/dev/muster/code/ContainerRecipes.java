package dev.muster.code;

import dev.muster.code.ContainerSpec.Way;
import dev.muster.code.RuntimeSpec.Fetch;
import dev.muster.code.RuntimeSpec.Of;
import dev.muster.code.RuntimeSpec.Piece;
import dev.muster.code.RuntimeSpec.Refusal;
import dev.muster.code.RuntimeSpec.Use;
import dev.muster.code.RuntimeSpec.Versions;
import dev.muster.code.RuntimeSpec.Word;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Pool;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is known of container runtimes: nobody else decides how they are called. */
final class ContainerRecipes {
  static final String RUNTIME = "container_runtime";
  static final String OPTIONS = "container_options";

  /**
   * Runs a container and makes sure that it ends with this shell: when the shell is killed, a pipe closes, and what
   * waits
   * at its other end stops the container.
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

  private static final List<String> GPU_VARIABLES =
      List.of("CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES");
  private static final String OWN = "(?s)PATH|HOME|TMPDIR|LD_.*|XDG_.*|DOCKER_(HOST|CONTEXT|CONFIG)"
      + "|CONTAINER_HOST|CONTAINERS_.*|STORAGE_(DRIVER|OPTS)";
  private static final String NONE = "(?!)";
  private static final String ODD_FOLDER = "(?s).*[:,\"\\\\\n].*";
  private static final String MARK = "MUSTER_PROCESS_MARK";

  private final Kind kind;
  private final String image;
  private final List<String> options;
  private final boolean gpus;
  private final List<Word> words = new ArrayList<>();

  private ContainerRecipes(Kind kind, String image, List<String> options, boolean gpus) {
    this.kind = kind;
    this.image = image;
    this.options = options;
    this.gpus = gpus;
  }

  /** The runtimes, in the order in which they are looked for. */
  private enum Kind {
    APPTAINER,
    SINGULARITY,
    PODMAN,
    DOCKER;

    String program() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Tells whether a container is a process like any other, and not one that something else looks after. */
    boolean plain() {
      return this == APPTAINER || this == SINGULARITY;
    }

    static String all() {
      return Arrays.stream(values()).map(Kind::program).collect(Collectors.joining(", "));
    }
  }

  static ContainerSpec of(
      String image, Map<String, ? extends @Nullable Object> config, Collection<Pool> pools) {
    if (image.matches(".*<[^<>]*>.*")) {
      throw new IllegalArgumentException(
          "the container image " + image + " is a template; put a name in place of what is in < >");
    }
    ImageForm form = ImageForm.of(image);
    Map<String, Way> ways = new LinkedHashMap<>();
    ways.put("", way(image, form, "execution", config, false, pools.isEmpty()));
    for (Pool pool : pools) {
      Map<String, @Nullable Object> all = new LinkedHashMap<>(config);
      all.putAll(pool.config());
      Integer gpus = pool.quantities().gpus();
      boolean some = gpus != null && gpus > 0;
      ways.put(pool.name(), way(image, form, "pool " + pool.name(), all, some, true));
    }
    String plain = form.without(image);
    return form.local()
        ? new ContainerSpec(image, plain, "", ways)
        : new ContainerSpec(image, null, plain, ways);
  }

  private static Way way(
      String image,
      ImageForm form,
      String owner,
      Map<String, ? extends @Nullable Object> config,
      boolean gpus,
      boolean used) {
    List<String> inherits = gpus ? GPU_VARIABLES : List.of();
    List<String> options = options(owner, config.get(OPTIONS));
    Object configured = config.get(RUNTIME);
    if (configured == null) {
      return new Way(
          inherits,
          Arrays.stream(Kind.values())
              .map(kind ->
                  new ContainerRecipes(kind, image, options, gpus).made(kind.program(), form))
              .toList(),
          "no container runtime was found: looked for " + Kind.all()
              + " on PATH; install one, for example with apt-get install podman (Debian, Ubuntu) or"
              + " dnf install podman (Fedora, RHEL), or name it in execution.config." + RUNTIME);
    }
    if (!(configured instanceof String program)) {
      throw wrong(owner, RUNTIME, "the name or path of a program", configured);
    }
    String last = program.substring(program.lastIndexOf('/') + 1);
    for (Kind kind : Kind.values()) {
      if (last.startsWith(kind.program())) {
        RuntimeSpec made = new ContainerRecipes(kind, image, options, gpus).made(program, form);
        List<Use> uses = List.copyOf(made.uses().values());
        if (used && uses.stream().allMatch(use -> use.refused() != null)) {
          throw new WorkflowException(
              owner + ".config." + RUNTIME, String.valueOf(uses.get(0).refused()), null);
        }
        return new Way(
            inherits,
            List.of(made),
            "the container runtime '" + program + "' of execution.config." + RUNTIME
                + (program.contains("/")
                    ? " does not exist or is not executable"
                    : " is not on PATH; install it, for example with apt-get install "
                        + kind.program()));
      }
    }
    throw new WorkflowException(
        owner + ".config." + RUNTIME,
        "the container runtime '" + program + "' of execution.config." + RUNTIME
            + " is none that is known; its name must begin with one of " + Kind.all(),
        null);
  }

  private static List<String> options(String owner, @Nullable Object value) {
    if (value == null) {
      return List.of();
    }
    if (value instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
      return list.stream().map(String.class::cast).toList();
    }
    throw wrong(owner, OPTIONS, "a list of words such as [\"--volume\", \"/cvmfs\"]", value);
  }

  private static WorkflowException wrong(String owner, String key, String wanted, Object got) {
    return new WorkflowException(
        owner + ".config." + key, key + " must be " + wanted + ", got " + got, null);
  }

  private RuntimeSpec made(String program, ImageForm form) {
    return kind.plain() ? plain(program, uses(form)) : kept(program, uses(form));
  }

  private RuntimeSpec plain(String program, Map<String, Use> uses) {
    add("program");
    words("exec", "--cleanenv", "--pwd");
    add("cwd");
    words.add(new Word(
        "folders",
        ODD_FOLDER,
        List.of(word("--bind"), List.of(first(""), first(":"))),
        List.of(word("--mount"), mount("destination=")))); // which old ones do not have
    words(gpus ? new String[] {"--nv"} : new String[0]);
    end();
    String name = kind.name();
    List<Versions> evaluates = kind == Kind.APPTAINER
        ? List.of(versions(0, 0, 1, 1))
        : List.of(
            versions(0, 0, 1, 1), versions(2, 0, 3, 10)); // Apptainer calls itself singularity
    return new RuntimeSpec(
        kind.program(),
        program,
        words,
        Map.of("version", List.of(fixed("version"))),
        uses,
        name + "ENV_",
        NONE,
        Map.of(name + "_NO_EVAL", "1"), // or a shell reads the values
        name + "ENV_" + MARK,
        evaluates,
        List.of(
            new Refusal(255, "FATAL:", "executable file not found"),
            new Refusal(1, "Error for command \"exec\": ", null)));
  }

  private RuntimeSpec kept(String program, Map<String, Use> uses) {
    words("/bin/sh", "-c", GUARD, "muster-container");
    add("program");
    add("name");
    add("program");
    words("run", "--rm", "--interactive", "--name");
    add("name");
    words("--network", "host", "--stop-timeout", "2");
    words("--security-opt", "label=disable", "--entrypoint", "");
    List<Piece> numbers = List.of(first(""), new Piece(":", Of.SECOND, false));
    List<List<Piece>> user = List.of(word("--user"), numbers);
    words.add(
        kind == Kind.PODMAN
            ? new Word(
                "ids",
                "0",
                List.of(word("--userns"), word("keep-id"), word("--user"), numbers),
                user)
            : new Word("ids", null, user, List.of()));
    words("--workdir");
    add("cwd");
    words.add(new Word("folders", null, List.of(word("--mount"), mount("target=")), List.of()));
    words.add(new Word(
        "variables",
        OWN,
        List.of(word("--env"), List.of(first(""))),
        List.of(word("--env"), List.of(first(""), new Piece("=", Of.SECOND, false)))));
    if (gpus) {
      words(
          kind == Kind.PODMAN
              ? new String[] {"--device", "nvidia.com/gpu=all"}
              : new String[] {"--gpus", "all"});
    }
    end();
    return new RuntimeSpec(
        kind.program(),
        program,
        words,
        calls(),
        uses,
        "",
        OWN,
        Map.of(),
        null,
        List.of(),
        List.of(
            // of podman, of docker, of docker about its command line
            new Refusal(125, "(?m)^(Error|docker): |^unknown .*flag: ", null)));
  }

  private static Map<String, List<Word>> calls() {
    Word image = slot("image");
    List<Word> id =
        List.of(fixed("image"), fixed("inspect"), fixed("--format"), fixed("{{.Id}}"), image);
    return Map.of(
        "version", List.of(fixed("version")),
        "present", id,
        "id", id,
        "pull", List.of(fixed("pull"), fixed("--quiet"), image),
        "load", List.of(fixed("load"), fixed("--quiet"), fixed("--input"), image),
        "remove", List.of(fixed("rm"), fixed("-f"), slot("name")));
  }

  private void end() {
    words(options.toArray(new String[0]));
    add("image");
    add("command");
  }

  private Map<String, Use> uses(ImageForm form) {
    return switch (form) {
      case REGISTRY -> Map.of("named", kind.plain() ? use("docker://") : kept(Fetch.PULL));
      case ADDRESS -> Map.of("named", kind.plain() ? use("") : refused("apptainer or singularity"));
      case DOCKER_ARCHIVE ->
        Map.of("file", kind.plain() ? use("docker-archive:") : kept(Fetch.LOAD));
      case OCI_ARCHIVE -> Map.of("file", kind.plain() ? use("oci-archive:") : kept(Fetch.LOAD));
      case SIF -> Map.of("file", kind.plain() ? use("") : refused("apptainer or singularity"));
      case PATH ->
        Map.of(
            "file", kind.plain() ? use("docker-archive:") : kept(Fetch.LOAD), "folder", folder());
    };
  }

  private Use folder() {
    return switch (kind) {
      case DOCKER -> refused("podman or apptainer");
      case PODMAN -> new Use("", List.of("--rootfs"), Fetch.NONE, null);
      case APPTAINER, SINGULARITY -> use("");
    };
  }

  private static Use use(String prefix) {
    return new Use(prefix, List.of(), Fetch.NONE, null);
  }

  private static Use kept(Fetch fetch) {
    return new Use("", List.of("--pull", "never"), fetch, null);
  }

  private Use refused(String able) {
    return new Use(
        "",
        List.of(),
        Fetch.NONE,
        kind.program() + " cannot run the container image " + image + "; " + able + " can");
  }

  private static Versions versions(int major, int minor, int belowMajor, int belowMinor) {
    return new Versions(List.of(major, minor), List.of(belowMajor, belowMinor));
  }

  private static List<Piece> mount(String target) {
    return List.of(
        new Piece("type=bind,", Of.NOTHING, false),
        new Piece("source=", Of.FIRST, true),
        new Piece(",", Of.NOTHING, false),
        new Piece(target, Of.FIRST, true));
  }

  private static List<Piece> word(String text) {
    return List.of(new Piece(text, Of.NOTHING, false));
  }

  private static Piece first(String text) {
    return new Piece(text, Of.FIRST, false);
  }

  private static Word fixed(String text) {
    return new Word(null, null, List.of(word(text)), List.of());
  }

  private static Word slot(String name) {
    return new Word(name, null, List.of(List.of(first(""))), List.of());
  }

  private void words(String... texts) {
    for (String text : texts) {
      words.add(fixed(text));
    }
  }

  private void add(String slot) {
    words.add(slot(slot));
  }
}
