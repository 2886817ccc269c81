package dev.muster.internal.operation;

import dev.muster.internal.process.Programs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A program that runs containers.
 *
 * @param kind how it wants to be called
 * @param program its absolute path
 */
record ContainerRuntime(Kind kind, Path program) {
  /** The option that names it. */
  static final String OPTION = "container_runtime";

  private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})");
  private static final String PATH = "execution.config." + OPTION;

  /** The programs that are known, in the order in which they are looked for. */
  enum Kind {
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
  }

  /**
   * Finds the runtime of this machine.
   *
   * @param configured the option {@code container_runtime}: a name or a path, or null for the first known one on {@code PATH}
   * @param baseDirectory where a relative path is taken from
   * @throws IllegalArgumentException if there is none
   */
  static ContainerRuntime find(@Nullable Object configured, Path baseDirectory) {
    if (configured != null && !(configured instanceof String)) {
      throw Params.wrong(PATH, "the name or path of a program", configured);
    }
    List<String> known = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      known.add(kind.program());
      Path program = configured == null ? Programs.find(kind.program(), null, baseDirectory) : null;
      if (program != null) {
        return new ContainerRuntime(kind, program);
      }
    }
    if (configured == null) {
      throw new IllegalArgumentException(
          "no container runtime was found: looked for " + String.join(", ", known)
              + " on PATH; install one, for example with apt-get install podman (Debian, Ubuntu) or dnf"
              + " install podman (Fedora, RHEL), or name it in " + PATH);
    }
    String name = (String) configured;
    String last = name.substring(name.lastIndexOf('/') + 1);
    for (Kind kind : Kind.values()) {
      if (last.startsWith(kind.program())) {
        Path program = Programs.find(name, null, baseDirectory);
        if (program == null) {
          throw new IllegalArgumentException("the container runtime '" + name + "' of " + PATH
              + (name.contains("/")
                  ? " does not exist or is not executable"
                  : " is not on PATH; install it, for example with apt-get install "
                      + kind.program()));
        }
        return new ContainerRuntime(kind, program);
      }
    }
    throw new IllegalArgumentException("the container runtime '" + name + "' of " + PATH
        + " is none that is known; its name must begin with one of " + String.join(", ", known));
  }

  /**
   * Tells whether it takes values of variables as they are. Apptainer before 1.1 and Singularity before 3.10 let a shell read them, and cannot be told not to.
   *
   * @param version what it says to {@code version}
   */
  boolean literal(String version) {
    Matcher matcher = VERSION.matcher(version);
    if (!kind.plain() || !matcher.find()) {
      return true;
    }
    int major = Integer.parseInt(matcher.group(1));
    int minor = Integer.parseInt(matcher.group(2));
    return (kind == Kind.APPTAINER || major < 2)
        ? major > 1 || (major == 1 && minor >= 1) // Apptainer calls itself singularity, too
        : major > 3 || (major == 3 && minor >= 10);
  }
}
