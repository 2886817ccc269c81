package dev.muster.internal.operation;

import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import dev.muster.value.FileRef;
import dev.muster.workflow.OperationContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What the commands of one stage run in: an image, and the runtime for it. Thread-safe. */
final class Container {
  private static final List<String> GPU_VARIABLES =
      List.of("CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES");

  private final Containers containers;
  private final ContainerImage image;

  /**
   * Makes that of a stage.
   *
   * @param image the image as the workflow names it
   * @throws IllegalArgumentException if there is no such file, or the runtime of a pool cannot run it
   */
  Container(Containers containers, String image, Path baseDirectory) {
    this.containers = containers;
    this.image = ContainerImage.parse(image, baseDirectory);
    containers.check(this.image);
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
    ContainerPool pool = containers.of(context.pool());
    String reference = containers.fetch(pool.runtime(), image, directory);
    Map<String, String> all = new LinkedHashMap<>();
    for (String name : pool.gpus() ? GPU_VARIABLES : List.<String>of()) {
      String value = System.getenv(name);
      if (value != null) {
        all.put(name, value);
      }
    }
    all.putAll(variables);
    return new ContainerCall(
        pool,
        image.form(),
        reference,
        "muster-" + UUID.randomUUID(),
        cwd,
        folders(cwd, context, outputs),
        all,
        id(directory, "unix:uid"),
        id(directory, "unix:gid"),
        command);
  }

  // The process's own folder in /proc belongs to its user; a system without one has made the task's
  // folder as that user.
  private static long id(Path directory, String attribute) throws IOException {
    Path own = Path.of("/proc/self");
    Object id = Files.getAttribute(Files.exists(own) ? own : directory, attribute);
    return ((Number) id).longValue();
  }

  private static List<Path> folders(
      Path cwd, OperationContext context, Collection<Path> outputs) {
    List<Path> folders = new ArrayList<>();
    folders.add(cwd);
    folders.add(context.outputDirectory());
    folders.add(context.baseDirectory().toAbsolutePath().normalize());
    outputs.forEach(file -> addFolder(folders, file.getParent()));
    List<String> files = context.partition() != null
        ? context.partition().files()
        : context.dataset() != null ? context.dataset().files() : List.of();
    for (String file : files) {
      if (!file.contains("://")) {
        addFolder(folders, context.baseDirectory().resolve(file).getParent());
      }
    }
    for (String name : context.inputNames()) {
      addFolders(folders, context.input(name));
    }
    return folders;
  }

  private static void addFolders(List<Path> folders, @Nullable Object value) {
    if (value instanceof FileRef file) {
      addFolders(folders, file.path());
    } else if (value instanceof Path path) {
      Path normal = path.toAbsolutePath().normalize();
      addFolder(folders, Files.isDirectory(normal) ? normal : normal.getParent());
    } else if (value instanceof Map<?, ?> map) {
      map.values().forEach(item -> addFolders(folders, item));
    } else if (value instanceof Iterable<?> items && !(value instanceof Path)) {
      items.forEach(item -> addFolders(folders, item));
    }
  }

  private static void addFolder(List<Path> folders, @Nullable Path folder) {
    if (folder != null && Files.isDirectory(folder)) {
      folders.add(folder.toAbsolutePath().normalize());
    }
  }

  @Override
  public String toString() {
    return image.name();
  }
}
