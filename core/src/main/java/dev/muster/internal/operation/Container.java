package dev.muster.internal.operation;

import dev.muster.code.ContainerSpec;
import dev.muster.internal.io.IoErrors;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import dev.muster.value.FileRef;
import dev.muster.value.PythonValue;
import dev.muster.value.ValueException;
import dev.muster.workflow.OperationContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
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
  private final List<Path> credentials = new ArrayList<>();

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
    credentials.forEach(file -> this.credentials.add(whole(Path.of(file).toAbsolutePath())));
  }

  // A credential that is renewed is another file, so its folder counts, but not one with what
  // belongs to others.
  private static Path whole(Path file) {
    Path folder = file.getParent();
    try {
      return folder == null
              || Files.getPosixFilePermissions(folder).stream()
                  .anyMatch(each -> !each.name().startsWith("OWNER_"))
          ? file
          : folder;
    } catch (IOException e) {
      throw IoErrors.unchecked("cannot find out who may use " + folder, e);
    }
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

  private List<Path> folders(Path cwd, OperationContext context, Collection<Path> outputs) {
    List<Path> folders = new ArrayList<>(credentials);
    folders.add(cwd);
    folders.add(context.outputDirectory());
    folders.add(context.baseDirectory().toAbsolutePath().normalize());
    outputs.forEach(file -> addFolder(folders, file.getParent()));
    List<String> files = context.files();
    for (String file : files) {
      if (!file.contains("://")) {
        addFile(folders, Words.resolve(context.baseDirectory(), file));
      }
    }
    for (String name : context.inputNames()) {
      addFolders(folders, context.passedInput(name));
    }
    return folders;
  }

  private static void addFolders(List<Path> folders, @Nullable Object value) {
    if (value instanceof FileRef file) {
      addFolders(folders, file.path());
    } else if (value instanceof Path path) {
      addFile(folders, path.toAbsolutePath().normalize());
    } else if (value instanceof PythonValue) {
      try {
        addFolders(folders, PythonValue.readable(value, "an input"));
      } catch (ValueException e) {
        log.debug("no command reads it: {}", e.getMessage());
      }
    } else if (value instanceof Map<?, ?> map) {
      map.values().forEach(item -> addFolders(folders, item));
    } else if (value instanceof Iterable<?> items && !(value instanceof Path)) {
      items.forEach(item -> addFolders(folders, item));
    }
  }

  // A file that is a link lies in two folders.
  private static void addFile(List<Path> folders, Path file) {
    if (Files.isDirectory(file)) {
      addFolder(folders, file);
      return;
    }
    addFolder(folders, file.getParent());
    if (Files.isSymbolicLink(file) && Files.exists(file)) {
      try {
        addFolder(folders, file.toRealPath().getParent());
      } catch (IOException e) {
        throw IoErrors.unchecked("cannot find out where " + file + " is", e);
      }
    }
  }

  private static void addFolder(List<Path> folders, @Nullable Path folder) {
    if (folder != null && Files.isDirectory(folder)) {
      folders.add(folder.toAbsolutePath().normalize());
      try {
        folders.add(folder.toRealPath()); // where links on the way lead to
      } catch (IOException e) {
        throw IoErrors.unchecked("cannot find out where " + folder + " is", e);
      }
    }
  }

  @Override
  public String toString() {
    return spec.image();
  }
}
