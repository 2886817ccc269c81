package dev.muster.internal.operation;

import dev.muster.code.ContainerSpec;
import dev.muster.code.RuntimeSpec.Fetch;
import dev.muster.code.RuntimeSpec.Use;
import dev.muster.internal.process.SystemText;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A container image on this machine.
 *
 * @param name its name in a registry, its address or its absolute path
 * @param use how a runtime uses it
 */
record ContainerImage(String name, Use use) {
  /**
   * Finds an image.
   *
   * @param baseDirectory where a relative path is taken from
   * @throws IllegalArgumentException if it is a file that is not there, or the runtime cannot run it
   */
  static ContainerImage find(ContainerSpec spec, ContainerRuntime runtime, Path baseDirectory) {
    String name = spec.name();
    String how = "named";
    if (spec.path() != null) {
      Path path =
          SystemText.resolve(baseDirectory, spec.path()).toAbsolutePath().normalize();
      if (!Files.exists(path)) {
        throw new IllegalArgumentException("there is no container image " + path);
      }
      name = path.toString();
      boolean folder = Files.isDirectory(path) && runtime.spec().uses().containsKey("folder");
      how = folder ? "folder" : "file";
    }
    Use use = runtime.spec().uses().get(how);
    if (use == null || use.refused() != null) {
      throw new IllegalArgumentException(
          use == null ? spec + " is " + how + ", which is not known" : use.refused());
    }
    return new ContainerImage(name, use);
  }

  /** Returns what the runtime calls it, before it is loaded. */
  String reference() {
    return use.prefix() + name;
  }

  /** Tells whether it has to be loaded from a file. */
  boolean archive() {
    return use.fetch() == Fetch.LOAD;
  }
}
