package dev.muster.spi;

import dev.muster.error.SourceLocation;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Layer;
import dev.muster.workflow.Workflow;
import java.util.List;
import java.util.Map;

/**
 * Another language of workflow files than Muster's own. Found with {@link java.util.ServiceLoader}. Implementations
 * are thread-safe.
 *
 * @since 0.1
 */
public interface WorkflowLanguage {
  /** Returns the name by which users choose the language, for example {@code fasthep}; never {@code muster}. */
  String name();

  /**
   * Tells whether a file is written in this language. Called once for each file that is loaded; starts nothing, and
   * does not block.
   */
  Recognition recognise(WorkflowText text);

  /**
   * Loads a file. Called on the caller's thread; may start processes and take minutes.
   *
   * @throws WorkflowException if it cannot be loaded; lists all problems
   */
  Loaded load(WorkflowText text, LanguageOptions options);

  /** Whether a file is written in a language. */
  sealed interface Recognition {
    /** It is not. */
    record No() implements Recognition {}

    /**
     * It is.
     *
     * @param place what decided
     * @param reason why, for people: a sentence without a full stop
     */
    record Yes(SourceLocation place, String reason) implements Recognition {}

    /**
     * It has something that looks like it, and may be a file in Muster's own language. Users have to say which one
     * they mean.
     *
     * @param place what looks like it
     * @param reason why, for people: a sentence without a full stop
     */
    record Unsure(SourceLocation place, String reason) implements Recognition {}
  }

  /**
   * What a file in this language holds, in Muster's terms.
   *
   * @param workflow what to do
   * @param layer where, as the file itself says it
   */
  record Loaded(Workflow workflow, Layer layer) {}

  /**
   * What else is known when a file is loaded. Immutable and thread-safe.
   *
   * @param given options of the language by name, for example {@code chunk-size}, each with its values in the order in
   *     which they were given
   * @param below what the site says of the execution, the lowest first
   * @param above what overrides the file, the lowest first, as far as it is known: options of the configuration
   */
  record LanguageOptions(Map<String, List<String>> given, List<Layer> below, List<Layer> above) {
    public LanguageOptions {
      given = Map.copyOf(given);
      below = List.copyOf(below);
      above = List.copyOf(above);
    }
  }
}
