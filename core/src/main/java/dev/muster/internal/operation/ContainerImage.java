package dev.muster.internal.operation;

import dev.muster.internal.process.SystemText;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A container image as a workflow names it.
 *
 * @param form where it comes from
 * @param name its name in a registry, its address or its absolute path
 */
record ContainerImage(Form form, String name) {
  /** Where an image comes from. */
  enum Form {
    /** A registry, as Docker names it. */
    REGISTRY,
    /** An address that only some runtimes understand. */
    ADDRESS,
    /** A file that {@code docker save} has written. */
    DOCKER_ARCHIVE,
    /** A file in OCI's layout. */
    OCI_ARCHIVE,
    /** A file of Apptainer's. */
    SIF,
    /** An unpacked root folder. */
    FOLDER
  }

  private static final String DOCKER = "docker://";
  private static final String DOCKER_ARCHIVE = "docker-archive:";
  private static final String OCI_ARCHIVE = "oci-archive:";

  /**
   * Reads the name of an image.
   *
   * @param baseDirectory where a relative path is taken from
   * @throws IllegalArgumentException if it names a file that is not there
   */
  static ContainerImage parse(String image, Path baseDirectory) {
    checkName(image);
    if (image.startsWith(DOCKER)) {
      return new ContainerImage(Form.REGISTRY, image.substring(DOCKER.length()));
    }
    if (image.contains("://")) {
      return new ContainerImage(Form.ADDRESS, image);
    }
    if (image.startsWith(DOCKER_ARCHIVE)) {
      return file(
          Form.DOCKER_ARCHIVE,
          SystemText.resolve(baseDirectory, image.substring(DOCKER_ARCHIVE.length())));
    }
    if (image.startsWith(OCI_ARCHIVE)) {
      return file(
          Form.OCI_ARCHIVE,
          SystemText.resolve(baseDirectory, image.substring(OCI_ARCHIVE.length())));
    }
    boolean path = image.startsWith("/") || image.startsWith("./") || image.startsWith("../");
    if (image.endsWith(".sif")) {
      return file(Form.SIF, SystemText.resolve(baseDirectory, image));
    }
    if (image.endsWith(".tar") || image.endsWith(".tar.gz") || image.endsWith(".tgz")) {
      return file(Form.DOCKER_ARCHIVE, SystemText.resolve(baseDirectory, image));
    }
    if (!path) {
      return new ContainerImage(Form.REGISTRY, image);
    }
    Path local = SystemText.resolve(baseDirectory, image);
    return file(Files.isDirectory(local) ? Form.FOLDER : Form.DOCKER_ARCHIVE, local);
  }

  /**
   * Checks what can be said of a name on a machine that may not have the image.
   *
   * @throws IllegalArgumentException if it is a template
   */
  static void checkName(String image) {
    if (image.matches(".*<[^<>]*>.*")) {
      throw new IllegalArgumentException(
          "the container image " + image + " is a template; put a name in place of what is in < >");
    }
  }

  private static ContainerImage file(Form form, Path path) {
    Path normal = path.toAbsolutePath().normalize();
    if (!Files.exists(normal)) {
      throw new IllegalArgumentException("there is no container image " + normal);
    }
    return new ContainerImage(form, normal.toString());
  }

  /**
   * Returns what the runtime calls it.
   *
   * @throws IllegalArgumentException if a runtime of that kind cannot run it
   */
  String reference(ContainerRuntime.Kind kind) {
    boolean special = form == Form.ADDRESS || form == Form.SIF;
    boolean unpacked = form == Form.FOLDER;
    if ((special && !kind.plain()) || (unpacked && kind == ContainerRuntime.Kind.DOCKER)) {
      throw new IllegalArgumentException(kind.program() + " cannot run the container image " + name
          + "; " + (unpacked ? "podman or apptainer can" : "apptainer or singularity can"));
    }
    if (!kind.plain()) {
      return name;
    }
    return switch (form) {
      case REGISTRY -> DOCKER + name;
      case DOCKER_ARCHIVE -> DOCKER_ARCHIVE + name;
      case OCI_ARCHIVE -> OCI_ARCHIVE + name;
      case ADDRESS, SIF, FOLDER -> name;
    };
  }

  /** Tells whether podman and docker have to load it from a file. */
  boolean archive() {
    return form == Form.DOCKER_ARCHIVE || form == Form.OCI_ARCHIVE;
  }
}
