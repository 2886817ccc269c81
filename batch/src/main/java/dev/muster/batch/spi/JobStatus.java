package dev.muster.batch.spi;

import org.jspecify.annotations.Nullable;

/**
 * Where a job stands, in words that all batch systems share.
 *
 * <p>"Could not find out" is {@link Unknown}, never "gone" and never "done". Immutable and thread-safe.
 *
 * @since 0.1
 */
public sealed interface JobStatus {
  /** Tells whether this is the end. */
  default boolean ended() {
    return this instanceof Ended;
  }

  /**
   * It waits for its turn.
   *
   * @param reason the batch system's own words, or null
   */
  record Pending(@Nullable String reason) implements JobStatus {}

  /**
   * It was put on hold and will not start by itself.
   *
   * @param reason the batch system's own words
   */
  record Held(String reason) implements JobStatus {}

  /**
   * It waits, and as things are it can never start: it asks for what no machine has, or for more than is allowed.
   *
   * @param reason the batch system's own words
   */
  record Impossible(String reason) implements JobStatus {}

  /**
   * It runs.
   *
   * @param host where, or null if not known
   */
  record Running(@Nullable String host) implements JobStatus {}

  /**
   * It does no more work, and the batch system clears up after it. How it ended is told later; it may also be put back
   * into the queue.
   *
   * @param host where it ran, or null if not known
   */
  record Ending(@Nullable String host) implements JobStatus {}

  /**
   * It is over.
   *
   * @param end how it ended
   * @param exitCode its exit code, 128 plus the number of a signal that killed it, or null if not known
   * @param reason the batch system's own words, or null
   */
  record Ended(
      End end, @Nullable Integer exitCode, @Nullable String reason) implements JobStatus {
    /** Says how, for example {@code ran out of memory (exit code 137; oom-kill)}. */
    public String describe() {
      String code = exitCode == null ? "" : "exit code " + exitCode;
      String said = reason == null ? "" : reason;
      String between = code.isEmpty() || said.isEmpty() ? "" : "; ";
      String details = code + between + said;
      return details.isEmpty() ? end.text : end.text + " (" + details + ")";
    }

    /** Returns the exit code that it chose itself or ran out of memory with, 1 to 255; null otherwise. */
    public @Nullable Integer ownExitCode() {
      boolean own = end == End.FAILED || end == End.OUT_OF_MEMORY;
      return own && exitCode != null && exitCode > 0 && exitCode < 256 ? exitCode : null;
    }
  }

  /**
   * The batch system answered, but not in words that we know.
   *
   * @param said what it said
   */
  record Unknown(String said) implements JobStatus {}

  /** How a job ended. */
  enum End {
    /** With exit code 0. */
    SUCCEEDED("ended"),
    /** With another exit code or by a signal. */
    FAILED("ended"),
    /** Removed, by us or from outside. */
    CANCELLED("was removed"),
    /** Its walltime was over. */
    WALLTIME("was out of walltime"),
    /** It ran out of memory. */
    OUT_OF_MEMORY("ran out of memory"),
    /** Its place was taken back. */
    PREEMPTED("was preempted"),
    /** Its machine was lost. */
    NODE_LOST("lost its machine"),
    /** It is over, and nobody can say how. */
    LOST("is over, and nobody can say how");

    private final String text;

    End(String text) {
      this.text = text;
    }
  }
}
