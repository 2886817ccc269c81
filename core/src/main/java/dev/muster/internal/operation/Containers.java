package dev.muster.internal.operation;

import dev.muster.internal.process.ExitCode;
import dev.muster.internal.process.LogTail;
import dev.muster.internal.process.ProcessTree;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The container runtime of this machine, for one run. Each image is fetched once. Thread-safe. */
final class Containers {
  private static final Logger log = LoggerFactory.getLogger(Containers.class);
  private static final Pattern LOADED =
      Pattern.compile("Loaded image(?:\\(s\\))?(?: ID)?: *([^\\s,]+)");
  private static final int NOT_STARTED = 125;
  private static final int FATAL = 255;
  private static final Duration REMOVE_LIMIT = Duration.ofSeconds(20);

  private final ContainerRuntime runtime;
  private final Set<String> gpuPools;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, String> fetched = new HashMap<>();

  /**
   * Makes those of a run.
   *
   * @param gpuPools the names of the pools whose workers have GPUs
   */
  Containers(ContainerRuntime runtime, Set<String> gpuPools) {
    this.runtime = runtime;
    this.gpuPools = gpuPools;
  }

  ContainerRuntime runtime() {
    return runtime;
  }

  boolean gpus(String pool) {
    return gpuPools.contains(pool);
  }

  /**
   * Makes an image ready, and returns what the runtime calls it.
   *
   * @param directory where the runtime's output goes meanwhile
   * @throws TaskException if it cannot be had, with the runtime's own words
   */
  String fetch(ContainerImage image, Path directory) throws IOException, InterruptedException {
    String reference = image.reference(runtime.kind());
    if (runtime.kind().plain() || image.form() == ContainerImage.Form.FOLDER) {
      return reference;
    }
    lock.lockInterruptibly();
    try {
      String known = fetched.get(reference);
      if (known == null) {
        known = image.archive() ? load(reference, directory) : pull(reference, directory);
        fetched.put(reference, known);
      }
      return known;
    } finally {
      lock.unlock();
    }
  }

  private String pull(String reference, Path directory) throws IOException, InterruptedException {
    List<String> inspect = List.of("image", "inspect", "--format", "{{.Id}}", reference);
    if (call(inspect, directory).code() != 0) {
      log.info("fetching the container image {} with {}", reference, runtime.program());
      demand(List.of("pull", "--quiet", reference), reference, directory);
    }
    return reference;
  }

  private String load(String file, Path directory) throws IOException, InterruptedException {
    String said = demand(List.of("load", "--quiet", "--input", file), file, directory);
    Matcher match = LOADED.matcher(said);
    if (!match.find()) {
      throw cannot(file, "it did not name the image that it has loaded:\n" + said);
    }
    return match.group(1);
  }

  private String demand(List<String> words, String image, Path directory)
      throws IOException, InterruptedException {
    Answer answer = call(words, directory);
    if (answer.code() != 0) {
      throw cannot(image, ExitCode.describe(answer.code()) + "\n" + answer.text());
    }
    return answer.text();
  }

  private TaskException cannot(String image, String why) {
    return new TaskException(
        FailureKind.ENVIRONMENT,
        "the container image " + image + " cannot be had with " + runtime.program() + ": " + why,
        null);
  }

  private record Answer(int code, String text) {}

  private Answer call(List<String> words, Path directory) throws IOException, InterruptedException {
    List<String> argv = new ArrayList<>();
    argv.add(runtime.program().toString());
    argv.addAll(words);
    Path said = Files.createTempFile(directory, ".container", null);
    try {
      ProcessBuilder builder = new ProcessBuilder(argv);
      builder.redirectInput(Path.of("/dev/null").toFile());
      builder.redirectErrorStream(true).redirectOutput(said.toFile());
      int code;
      try (ProcessTree tree = ProcessTree.start(builder, ProcessTree.DEFAULT_GRACE)) {
        code = tree.waitFor();
      }
      return new Answer(code, LogTail.of(said));
    } finally {
      Files.delete(said);
    }
  }

  /** Tells whether a command that ended like this was never started, because the runtime could not. */
  boolean failedToStart(int code, Path stderr) {
    String said = LogTail.of(stderr);
    return runtime.kind().plain()
        ? code == FATAL && said.contains("FATAL:")
        : code == NOT_STARTED && said.matches("(?s)(.*\\n)?(Error|docker): .*");
  }

  /** Ends a container whose command did not end by itself, and returns when it is gone. */
  void remove(String name) {
    if (runtime.kind().plain()) {
      return;
    }
    boolean interrupted = Thread.interrupted();
    try {
      Process process = new ProcessBuilder(runtime.program().toString(), "rm", "-f", name)
          .redirectErrorStream(true)
          .redirectInput(Path.of("/dev/null").toFile())
          .start();
      if (!process.waitFor(REMOVE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        log.warn("{} rm -f {} did not end", runtime.program(), name);
        return;
      }
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      log.debug("{} rm -f {}: {} {}", runtime.program(), name, process.exitValue(), said);
    } catch (IOException e) {
      log.warn("the container {} cannot be removed: {}", name, e.toString());
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
