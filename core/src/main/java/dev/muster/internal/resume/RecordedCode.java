package dev.muster.internal.resume;

import dev.muster.code.StageCode;
import org.jspecify.annotations.Nullable;

/**
 * What a stage runs whose results are recorded, or why they are not. Immutable and thread-safe.
 *
 * @param code the code, or null
 * @param never why its results are not kept, or null
 */
public record RecordedCode(
    @Nullable StageCode code, @Nullable String never) {
  /** Returns the code of a stage whose results are kept. */
  public static RecordedCode of(StageCode code) {
    return new RecordedCode(code, null);
  }

  /** Returns that the results of a stage are not kept. */
  public static RecordedCode none(String why) {
    return new RecordedCode(null, why);
  }
}
