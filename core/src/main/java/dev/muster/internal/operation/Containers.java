package dev.muster.internal.operation;

import dev.muster.error.Visible;
import dev.muster.execution.Pool;
import dev.muster.internal.io.IoErrors;
import dev.muster.internal.process.ChildProcess;
import dev.muster.internal.process.ExitCode;
import dev.muster.internal.process.LogTail;
import dev.muster.internal.process.ProcessMark;
import dev.muster.internal.process.ProcessTree;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The containers of one run on this machine. Each image is fetched once. Thread-safe. */
final class Containers {
  private static final Logger log = LoggerFactory.getLogger(Containers.class);
  private static final Pattern LOADED =
      Pattern.compile("Loaded image(?:\\(s\\))?(?: ID)?: *([^\\s,]+)");
  private static final Pattern WORDS = // of podman, of docker, of docker about its command line
      Pattern.compile("^(Error|docker): |^unknown .*flag: ", Pattern.MULTILINE);
  private static final Pattern READ_BY_SHELLS = Pattern.compile("[$`\\\\]");
  private static final int NOT_STARTED = 125;
  private static final int FATAL = 255;
  private static final String NO_PROGRAM = "executable file not found";
  private static final Duration REMOVE_LIMIT = Duration.ofSeconds(20);

  private final Map<String, ContainerPool> pools = new HashMap<>();
  private final @Nullable ContainerPool only;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<List<Object>, String> fetched = new HashMap<>();
  private final Map<ContainerRuntime, String> versions = new ConcurrentHashMap<>();

  /**
   * Makes those of a run.
   *
   * @param config the options of the execution
   * @param pools the pools whose tasks may run in containers; where there are none, the options of the execution count for all
   * @throws IllegalArgumentException if the runtime of a pool is not there, or an option is not what it must be
   */
  Containers(
      Map<String, ? extends @Nullable Object> config, Collection<Pool> pools, Path baseDirectory) {
    for (Pool pool : pools) {
      this.pools.put(pool.name(), ContainerPool.of(config, pool, baseDirectory));
    }
    this.only = pools.isEmpty() ? ContainerPool.of(config, null, baseDirectory) : null;
  }

  /**
   * Checks that every pool can run an image.
   *
   * @throws IllegalArgumentException if one cannot
   */
  void check(ContainerImage image) {
    pools.values().forEach(pool -> image.reference(pool.runtime().kind()));
    if (only != null) {
      image.reference(only.runtime().kind());
    }
  }

  /** Returns how containers are run in a pool. */
  ContainerPool of(String pool) {
    ContainerPool found = only == null ? pools.get(pool) : only;
    if (found == null) {
      throw new IllegalArgumentException(
          "containers were made ready for the pools " + pools.keySet() + ", not for " + pool);
    }
    return found;
  }

  /** Returns how containers are run, by pool, as a process in Python is told; the empty name stands for every other pool. */
  Map<String, Object> json() {
    Map<String, Object> json = new HashMap<>();
    pools.forEach((name, pool) -> json.put(name, pool.json()));
    json.put("", (only == null ? pools.values().iterator().next() : only).json());
    return json;
  }

  /**
   * Makes an image ready, and returns what the runtime calls it.
   *
   * @param directory where the runtime's output goes meanwhile
   * @throws TaskException if it cannot be had, with the runtime's own words
   */
  String fetch(ContainerRuntime runtime, ContainerImage image, Path directory)
      throws IOException, InterruptedException {
    String reference = image.reference(runtime.kind());
    if (runtime.kind().plain() || image.form() == ContainerImage.Form.FOLDER) {
      return reference;
    }
    List<Object> key = new ArrayList<>(List.of(runtime, reference));
    if (image.archive()) {
      key.add(stamp(Path.of(image.name())));
    }
    lock.lockInterruptibly();
    try {
      String known = fetched.get(key);
      if (known == null) {
        known = image.archive()
            ? load(runtime, reference, directory)
            : pull(runtime, reference, directory);
        fetched.put(key, known);
      }
      return known;
    } finally {
      lock.unlock();
    }
  }

  // An archive that was written again is another one.
  private static Object stamp(Path file) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    return List.of(
        attributes.lastModifiedTime(), attributes.size(), String.valueOf(attributes.fileKey()));
  }

  private String pull(ContainerRuntime runtime, String reference, Path directory)
      throws IOException, InterruptedException {
    if (!present(runtime, reference, directory)) {
      log.info(
          "fetching the container image {} with {}", Visible.line(reference), runtime.program());
      demand(runtime, List.of("pull", "--quiet", reference), reference, directory);
    }
    return reference;
  }

  // The image is called by its id: two archives may have images of one name.
  private String load(ContainerRuntime runtime, String file, Path directory)
      throws IOException, InterruptedException {
    String said = demand(runtime, List.of("load", "--quiet", "--input", file), file, directory);
    Matcher match = LOADED.matcher(said);
    if (!match.find()) {
      throw cannot(runtime, file, "it did not name the image that it has loaded:\n" + said);
    }
    String name = match.group(1);
    return demand(
            runtime, List.of("image", "inspect", "--format", "{{.Id}}", name), file, directory)
        .strip();
  }

  /** Tells whether an image from a registry is on this machine already. */
  static boolean present(ContainerRuntime runtime, String reference, Path directory)
      throws IOException, InterruptedException {
    List<String> inspect = List.of("image", "inspect", "--format", "{{.Id}}", reference);
    return call(runtime, inspect, directory).code() == 0;
  }

  /**
   * Returns the number of this process's user or group.
   *
   * @param kind {@code uid} or {@code gid}
   * @param made a file that this process has made
   */
  static long own(String kind, Path made) throws IOException {
    // The process's folder in /proc belongs to its user; not every system has one.
    Path own = Path.of("/proc/self");
    Object id = Files.getAttribute(Files.exists(own) ? own : made, "unix:" + kind);
    return ((Number) id).longValue();
  }

  private static String demand(
      ContainerRuntime runtime, List<String> words, String image, Path directory)
      throws IOException, InterruptedException {
    Answer answer = call(runtime, words, directory);
    if (answer.code() != 0) {
      throw cannot(runtime, image, ExitCode.describe(answer.code()) + "\n" + answer.text());
    }
    return answer.text();
  }

  private static TaskException cannot(ContainerRuntime runtime, String image, String why) {
    return new TaskException(
        FailureKind.ENVIRONMENT,
        "the container image " + image + " cannot be had with " + runtime.program() + ": " + why,
        null);
  }

  /** How a command ended, and the end of what it said. */
  record Answer(int code, String text) {}

  /** Calls the runtime. */
  static Answer call(ContainerRuntime runtime, List<String> words, Path directory)
      throws IOException, InterruptedException {
    List<String> argv = new ArrayList<>();
    argv.add(runtime.program().toString());
    argv.addAll(words);
    return run(argv, Map.of(), directory);
  }

  /** Runs a command. */
  static Answer run(List<String> argv, Map<String, String> variables, Path directory)
      throws IOException, InterruptedException {
    Path said = Files.createTempFile(directory, ".container", null);
    try {
      ProcessBuilder builder = new ProcessBuilder(argv);
      builder.environment().putAll(variables);
      builder.redirectInput(Path.of("/dev/null").toFile());
      builder.redirectErrorStream(true).redirectOutput(said.toFile());
      int code;
      // A runtime may start what all containers of this user share.
      try (ProcessTree tree = ProcessTree.startUnmarked(builder, ProcessTree.DEFAULT_GRACE)) {
        code = tree.waitFor();
      }
      return new Answer(code, LogTail.of(said));
    } finally {
      Files.delete(said);
    }
  }

  /** Tells whether a command that ended like this was never started, because the runtime could not. */
  static boolean failedToStart(ContainerRuntime runtime, int code, Path stderr) {
    String said = LogTail.of(stderr);
    return runtime.kind().plain()
        ? (code == FATAL && said.contains("FATAL:") && !said.contains(NO_PROGRAM))
            || (code == 1 && said.contains("Error for command \"exec\": "))
        : code == NOT_STARTED && WORDS.matcher(said).find();
  }

  /**
   * Checks that a command in a container will have the values of its variables as they are.
   *
   * @throws TaskException if the runtime would let a shell read them
   */
  void checkLiteral(ContainerRuntime runtime, Map<String, String> variables, Path directory)
      throws IOException, InterruptedException {
    Optional<String> name = variables.entrySet().stream()
        .filter(each -> READ_BY_SHELLS.matcher(each.getValue()).find())
        .map(Map.Entry::getKey)
        .findFirst();
    if (!runtime.kind().plain() || name.isEmpty()) {
      return;
    }
    String version = versions.get(runtime);
    if (version == null) {
      Answer answer = call(runtime, List.of("version"), directory);
      version = answer.code() == 0 ? answer.text().strip() : "";
      versions.put(runtime, version);
    }
    if (!runtime.literal(version)) {
      throw new TaskException(
          FailureKind.ENVIRONMENT,
          "the variable " + name.get() + " has a $, ` or \\ in its value, and " + runtime.program()
              + " " + version
              + " lets a shell read values; Apptainer 1.1 and Singularity 3.10 do not",
          null);
    }
  }

  /** Ends a container whose command did not end by itself, and returns when it is gone. */
  static void remove(ContainerRuntime runtime, String name) {
    if (runtime.kind().plain()) {
      return;
    }
    boolean interrupted = Thread.interrupted();
    try {
      ProcessBuilder builder = new ProcessBuilder(runtime.program().toString(), "rm", "-f", name)
          .redirectErrorStream(true)
          .redirectInput(Path.of("/dev/null").toFile());
      builder.environment().remove(ProcessMark.VARIABLE);
      Process process = ChildProcess.start(builder);
      if (!process.waitFor(REMOVE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        log.warn("{} rm -f {} did not end", runtime.program(), name);
        return;
      }
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      log.debug("{} rm -f {}: {} {}", runtime.program(), name, process.exitValue(), said);
    } catch (IOException e) {
      log.warn("the container {} cannot be removed: {}", name, IoErrors.describe(e));
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
