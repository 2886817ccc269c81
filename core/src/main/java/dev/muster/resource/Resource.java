package dev.muster.resource;

/**
 * A label that stages may require, and what it means: a resource class such as {@code gpu: {gpus: 1, memory: 16GB}}.
 *
 * <p>Labels keep workflows portable: a stage asks for {@code gpu}, and each site says what that is. Source: "Resources"
 * of FAST-HEP's execution infrastructure. Immutable and thread-safe.
 *
 * @param name the label, not blank
 * @param quantities what a worker of this class has
 * @since 0.1
 */
public record Resource(String name, Quantities quantities) {
  public Resource {
    if (name.isBlank()) {
      throw new IllegalArgumentException("a resource needs a name");
    }
  }
}
