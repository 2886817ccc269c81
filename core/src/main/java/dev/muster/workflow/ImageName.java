package dev.muster.workflow;

import dev.muster.error.Visible;
import java.util.regex.Pattern;

/**
 * Checks names of container images: what could be read as an option of a container runtime, or is no name at all, is
 * refused.
 */
final class ImageName {
  private static final Pattern FILE =
      Pattern.compile("(?:docker-archive:|oci-archive:|\\.{0,2}/).*|.*\\.(?:sif|tar|tar\\.gz|tgz)");

  /** What a template has in place of a name; who runs it is told. */
  private static final Pattern PLACEHOLDER = Pattern.compile("<[^<>]*>");

  private static final String HOST =
      "(?:[A-Za-z0-9][A-Za-z0-9.-]*|\\[[0-9A-Fa-f:]+\\])(?::[0-9]+)?";
  private static final String PART = "[A-Za-z0-9]+(?:(?:[._]|__|-+)[A-Za-z0-9]+)*";
  private static final Pattern REGISTRY =
      Pattern.compile("(?:docker://)?(?:" + HOST + "/)?" + PART + "(?:/" + PART + ")*"
          + "(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@[A-Za-z0-9+._-]+:[0-9A-Fa-f]{32,})?");
  private static final Pattern ADDRESS =
      Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://[A-Za-z0-9/._~\\[%][^\\s]*");

  private ImageName() {}

  /**
   * Returns the name.
   *
   * @throws IllegalArgumentException if it is none
   */
  static String checked(String image) {
    String plain = PLACEHOLDER.matcher(image).replaceAll("x");
    boolean hidden = image.codePoints().anyMatch(Visible::isHidden);
    if (hidden || image.startsWith("-") || !matches(plain)) {
      throw new IllegalArgumentException("'" + Visible.line(image)
          + "' is not the name of a container image; write for example docker.io/rootproject/root:6.28,"
          + " an address such as oras://HOST/NAME:TAG, or a file such as ./tools.sif");
    }
    return image;
  }

  private static boolean matches(String image) {
    boolean address = image.contains("://") && !image.startsWith("docker://");
    if (address) {
      return ADDRESS.matcher(image).matches();
    }
    return FILE.matcher(image).matches() || REGISTRY.matcher(image).matches();
  }
}
