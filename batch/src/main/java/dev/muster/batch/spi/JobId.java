package dev.muster.batch.spi;

/**
 * One job of a batch system.
 *
 * <p>Immutable and thread-safe.
 *
 * @param id the id in the batch system's own words, for example {@code 4711} or {@code 4711_3}
 * @since 0.1
 */
public record JobId(String id) {
  public JobId {
    if (id.isBlank()) {
      throw new IllegalArgumentException("a job id cannot be blank");
    }
  }

  @Override
  public String toString() {
    return id;
  }
}
