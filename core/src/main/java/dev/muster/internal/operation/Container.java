package dev.muster.internal.operation;

import dev.muster.internal.io.IoErrors;
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
  private final List<Path> always;

  /**
   * Makes that of a stage.
   *
   * @param image the image as the workflow names it
   * @param always folders that every command finds at the same place
   * @throws IllegalArgumentException if there is no such file, or the runtime of a pool cannot run it
   */
  Container(Containers containers, String image, Path baseDirectory, Collection<Path> always) {
    this.containers = containers;
    this.image = ContainerImage.parse(image, baseDirectory);
    this.always = List.copyOf(always);
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
    containers.checkLiteral(pool.runtime(), all, directory);
    return new ContainerCall(
        pool,
        image.form(),
        reference,
        "muster-" + UUID.randomUUID(),
        cwd,
        folders(cwd, context, outputs),
        all,
        Containers.own("uid", directory),
        Containers.own("gid", directory),
        command);
  }

  /**
   * Returns what a process in Python is told of it.
   *
   * @param credentials the variables that lead to credentials
   */
  Map<String, Object> json(Collection<String> credentials) {
    return Map.of(
        "image", image.name(), "pools", containers.json(), "credentials", List.copyOf(credentials));
  }

  private List<Path> folders(Path cwd, OperationContext context, Collection<Path> outputs) {
    List<Path> folders = new ArrayList<>(always);
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
      addFolders(folders, context.input(name));
    }
    return folders;
  }

  private static void addFolders(List<Path> folders, @Nullable Object value) {
    if (value instanceof FileRef file) {
      addFolders(folders, file.path());
    } else if (value instanceof Path path) {
      addFile(folders, path.toAbsolutePath().normalize());
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
    return image.name();
  }
}
