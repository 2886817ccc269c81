package dev.muster.internal.operation;

import dev.muster.code.ContainerSpec;
import dev.muster.code.Mount.Root;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import dev.muster.workflow.OperationContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the commands of one stage run in on this machine: an image, and for each pool the runtime for it. Thread-safe.
 */
final class Container {
  private static final Logger log = LoggerFactory.getLogger(Container.class);

  private final Containers containers;
  private final ContainerSpec spec;
  private final Path baseDirectory;
  private final Map<String, ContainerRuntime> runtimes = new HashMap<>();
  private final List<Path> credentials;

  /**
   * Makes that of a stage.
   *
   * @param credentials files that every command finds at the same place
   * @throws IllegalArgumentException if there is no such file, or the runtime of a pool is not there or cannot run it
   */
  Container(
      Containers containers,
      ContainerSpec spec,
      Path baseDirectory,
      Collection<String> credentials) {
    this.containers = containers;
    this.spec = spec;
    this.baseDirectory = baseDirectory;
    spec.ways().forEach((pool, way) -> {
      if (!pool.isEmpty() || spec.ways().size() == 1) {
        ContainerRuntime runtime = ContainerRuntime.find(way, baseDirectory);
        ContainerImage image = ContainerImage.find(spec, runtime, baseDirectory);
        log.trace("pool {} runs {} with {}", pool, image, runtime.program());
        runtimes.put(pool, runtime);
      }
    });
    this.credentials = credentials.stream().map(Path::of).toList();
  }

  private ContainerRuntime runtime(String pool) {
    ContainerRuntime found = runtimes.getOrDefault(pool, runtimes.get(""));
    if (found == null) {
      throw new IllegalArgumentException(
          "containers were made ready for the pools " + runtimes.keySet() + ", not for " + pool);
    }
    return found;
  }

  /**
   * Makes the image ready, and returns how a task's command runs in it.
   *
   * @param outputs the files that the command writes
   * @throws TaskException if the image cannot be had
   */
  ContainerCall call(
      List<String> command,
      Path cwd,
      Map<String, String> variables,
      OperationContext context,
      Collection<Path> outputs)
      throws IOException, InterruptedException {
    if (!Files.isDirectory(cwd)) {
      throw new TaskException(
          FailureKind.OPERATION,
          "the command cannot be started in " + cwd + ": there is no such folder",
          null);
    }
    Path directory = context.outputDirectory();
    ContainerRuntime runtime = runtime(context.pool());
    ContainerImage image = ContainerImage.find(spec, runtime, baseDirectory);
    String reference = containers.fetch(runtime, image, directory);
    Map<String, String> all = new LinkedHashMap<>();
    for (String name : spec.way(context.pool()).inherits()) {
      String value = System.getenv(name);
      if (value != null) {
        all.put(name, value);
      }
    }
    all.putAll(variables);
    containers.checkLiteral(runtime, all, directory);
    return new ContainerCall(
        runtime,
        image,
        reference,
        "muster-" + UUID.randomUUID(),
        cwd,
        folders(cwd, context, outputs),
        all,
        Containers.own("uid", directory),
        Containers.own("gid", directory),
        command);
  }

  private Collection<Path> folders(Path cwd, OperationContext context, Collection<Path> outputs) {
    List<Path> files = context.files().stream()
        .filter(file -> !file.contains("://"))
        .map(file -> Words.resolve(context.baseDirectory(), file))
        .toList();
    List<Path> inputs = context.inputNames().stream()
        .flatMap(name -> MountedFolders.paths(context.passedInput(name)).stream())
        .toList();
    return MountedFolders.of(
        spec.mounts(),
        Map.of(
            Root.CWD, List.of(cwd),
            Root.TASK, List.of(context.outputDirectory()),
            Root.BASE, List.of(context.baseDirectory()),
            Root.OUTPUTS, outputs,
            Root.FILES, files,
            Root.INPUTS, inputs,
            Root.CREDENTIALS, credentials));
  }

  @Override
  public String toString() {
    return spec.image();
  }
}
