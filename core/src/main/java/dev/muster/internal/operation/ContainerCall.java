package dev.muster.internal.operation;

import dev.muster.internal.operation.ContainerRuntime.Filling;
import dev.muster.internal.process.ProcessMark;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * How a command is run in a container: what fills the slots of its runtime's command line.
 *
 * <p>Variables reach the container through the environment of the runtime, so that their values are on no command line.
 * Only those that would change how the runtime itself works, and name places, are written out.
 *
 * @param runtime what runs it
 * @param image the image
 * @param reference what the runtime calls the image
 * @param name the container's own name
 * @param cwd the folder in which the command runs
 * @param folders the folders that it finds at the same place; those within others count once
 * @param variables its environment variables
 * @param uid the number of the user that it runs as
 * @param gid the number of the group that it runs as
 * @param command the command
 */
record ContainerCall(
    ContainerRuntime runtime,
    ContainerImage image,
    String reference,
    String name,
    Path cwd,
    Collection<Path> folders,
    Map<String, String> variables,
    long uid,
    long gid,
    List<String> command) {
  /** Returns the command line. */
  List<String> argv() {
    List<Filling> values = new ArrayList<>();
    new TreeMap<>(variables).forEach((key, value) -> values.add(new Filling(key, value)));
    return ContainerRuntime.fill(
        runtime.spec().argv(),
        Map.of(
            "program", Filling.of(runtime.program().toString()),
            "name", Filling.of(name),
            "cwd", Filling.of(cwd.toString()),
            "ids", List.of(new Filling(String.valueOf(uid), String.valueOf(gid))),
            "folders", texts(mounts().stream().map(Path::toString)),
            "variables", values,
            "image", texts(Stream.concat(image.use().words().stream(), Stream.of(reference))),
            "command", texts(command.stream())));
  }

  private static List<Filling> texts(Stream<String> texts) {
    return texts.map(text -> new Filling(text, "")).toList();
  }

  /** Returns the variables of the runtime's own environment, in addition to the worker's. */
  Map<String, String> environment() {
    Map<String, String> environment = new TreeMap<>(runtime.spec().also());
    variables.forEach((key, value) -> {
      if (!key.matches(runtime.spec().own())) {
        environment.put(runtime.spec().prefix() + key, value);
      }
    });
    return environment;
  }

  /**
   * Returns the variables of the runtime's own environment that bring the mark of its process to those in the
   * container, where they are its children.
   */
  List<String> marked() {
    return List.of(ProcessMark.VARIABLE, Objects.requireNonNull(runtime.spec().mark()));
  }

  /** Ends the container if its command did not end by itself, and returns when it is gone. */
  void remove() {
    Containers.remove(runtime, name);
  }

  /** Tells whether a command that ended like this was never started, because the runtime could not. */
  boolean failedToStart(int code, Path stderr) {
    return Containers.failedToStart(runtime, code, stderr);
  }

  /** Tells whether the container's processes are children of the runtime. */
  boolean plain() {
    return runtime.plain();
  }

  @Override
  public String toString() {
    return reference + " with " + runtime.program();
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
