package dev.muster.code;

/** What the name of an image says of it. */
enum ImageForm {
  /** An image in a registry. */
  REGISTRY("docker://", false),
  /** An address that only some runtimes understand. */
  ADDRESS("", false),
  /** A file that {@code docker save} has written. */
  DOCKER_ARCHIVE("docker-archive:", true),
  /** A file in OCI's layout. */
  OCI_ARCHIVE("oci-archive:", true),
  /** A file of Apptainer's. */
  SIF("", true),
  /** An unpacked root folder, or a file that {@code docker save} has written. */
  PATH("", true);

  private final String prefix;
  private final boolean local;

  ImageForm(String prefix, boolean local) {
    this.prefix = prefix;
    this.local = local;
  }

  static ImageForm of(String image) {
    if (image.contains("://")) {
      return image.startsWith(REGISTRY.prefix) ? REGISTRY : ADDRESS;
    }
    if (image.startsWith(DOCKER_ARCHIVE.prefix)) {
      return DOCKER_ARCHIVE;
    }
    if (image.startsWith(OCI_ARCHIVE.prefix)) {
      return OCI_ARCHIVE;
    }
    if (image.endsWith(".sif")) {
      return SIF;
    }
    if (image.endsWith(".tar") || image.endsWith(".tar.gz") || image.endsWith(".tgz")) {
      return DOCKER_ARCHIVE;
    }
    boolean path = image.startsWith("/") || image.startsWith("./") || image.startsWith("../");
    return path ? PATH : REGISTRY;
  }

  /** Tells whether it is a file or a folder. */
  boolean local() {
    return local;
  }

  /** Returns a name of this form without what says which form it is. */
  String without(String image) {
    return image.startsWith(prefix) ? image.substring(prefix.length()) : image;
  }
}
