package dev.muster.internal.operation;

import dev.muster.code.RuntimeSpec.Fetch;
import dev.muster.error.Visible;
import dev.muster.internal.io.IoErrors;
import dev.muster.internal.operation.ContainerRuntime.Filling;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The containers of one run on this machine. Each image is fetched once. Thread-safe. */
final class Containers {
  private static final Logger log = LoggerFactory.getLogger(Containers.class);
  private static final Pattern LOADED =
      Pattern.compile("Loaded image(?:\\(s\\))?(?: ID)?: *([^\\s,]+)");
  private static final Pattern READ_BY_SHELLS = Pattern.compile("[$`\\\\]");
  private static final Duration REMOVE_LIMIT = Duration.ofSeconds(20);

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<List<Object>, String> fetched = new HashMap<>();
  private final Map<Path, String> versions = new ConcurrentHashMap<>();

  /**
   * Makes an image ready, and returns what the runtime calls it.
   *
   * @param directory where the runtime's output goes meanwhile
   * @throws TaskException if it cannot be had, with the runtime's own words
   */
  String fetch(ContainerRuntime runtime, ContainerImage image, Path directory)
      throws IOException, InterruptedException {
    String reference = image.reference();
    if (image.use().fetch() == Fetch.NONE) {
      return reference;
    }
    List<Object> key = new ArrayList<>(List.of(runtime.program(), reference));
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
      demand(runtime, "pull", reference, reference, directory);
    }
    return reference;
  }

  // The image is called by its id: two archives may have images of one name.
  private String load(ContainerRuntime runtime, String file, Path directory)
      throws IOException, InterruptedException {
    String said = demand(runtime, "load", file, file, directory);
    Matcher match = LOADED.matcher(said);
    if (!match.find()) {
      throw cannot(runtime, file, "it did not name the image that it has loaded:\n" + said);
    }
    String name = match.group(1);
    return demand(runtime, "id", name, file, directory).strip();
  }

  /** Tells whether an image from a registry is on this machine already. */
  static boolean present(ContainerRuntime runtime, String reference, Path directory)
      throws IOException, InterruptedException {
    return call(runtime, "present", reference, directory).code() == 0;
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
      ContainerRuntime runtime, String what, String of, String image, Path directory)
      throws IOException, InterruptedException {
    Answer answer = call(runtime, what, of, directory);
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

  /**
   * Calls the runtime.
   *
   * @param what the name of the call
   * @param image the image that it is about
   */
  static Answer call(ContainerRuntime runtime, String what, String image, Path directory)
      throws IOException, InterruptedException {
    return run(runtime.call(what, Map.of("image", Filling.of(image))), Map.of(), directory);
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
    return runtime.spec().refusals().stream()
        .anyMatch(each -> code == each.code()
            && found(each.said(), said)
            && (each.unless() == null || !found(each.unless(), said)));
  }

  private static boolean found(String pattern, String text) {
    return Pattern.compile(pattern).matcher(text).find();
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
    if (runtime.spec().evaluates().isEmpty() || name.isEmpty()) {
      return;
    }
    String version = versions.get(runtime.program());
    if (version == null) {
      Answer answer = call(runtime, "version", "", directory);
      version = answer.code() == 0 ? answer.text().strip() : "";
      versions.put(runtime.program(), version);
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
    if (runtime.plain()) {
      return;
    }
    boolean interrupted = Thread.interrupted();
    try {
      ProcessBuilder builder = new ProcessBuilder(
              runtime.call("remove", Map.of("name", Filling.of(name))))
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
