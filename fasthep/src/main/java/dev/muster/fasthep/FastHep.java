package dev.muster.fasthep;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.muster.LoadOptions;
import dev.muster.WorkflowFile;
import dev.muster.Workflows;
import dev.muster.error.MusterException;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Execution;
import dev.muster.execution.Layer;
import java.nio.file.Path;

/**
 * Loads FAST-HEP's own workflows and compiled plans.
 *
 * <p>A workflow is compiled by FAST-HEP's own compiler, which has to be installed for a Python on this machine, and
 * the result is kept for later loads
 * of the unchanged workflow. FAST-HEP takes relative paths from the current folder, not from the workflow's.
 *
 * <p>Thread-safe.
 *
 * @since 0.1
 */
@CheckReturnValue
public final class FastHep {
  private FastHep() {}

  /**
   * Loads a workflow or a compiled plan; see {@link #load(Path, FastHepOptions)}.
   *
   * @throws WorkflowException if it cannot be compiled, or Muster cannot do what it asks for; lists all problems
   * @throws MusterException if the compiler crashes or does not end
   */
  public static WorkflowFile load(Path file) {
    return load(file, FastHepOptions.builder().build());
  }

  /**
   * Loads a workflow or a compiled plan. Takes seconds where it has to be compiled.
   *
   * @return the same as {@link Workflows#fromYaml(Path)} gives for a workflow in Muster's own language
   * @throws WorkflowException if it cannot be compiled, or Muster cannot do what it asks for; lists all problems
   * @throws MusterException if the compiler crashes or does not end
   */
  public static WorkflowFile load(Path file, FastHepOptions options) {
    LoadOptions.Builder load =
        LoadOptions.builder().language(FastHepLanguage.NAME).site(options.site());
    if (options.chunkSize() != null) {
      load.option(Loading.CHUNK_SIZE, options.chunkSize().toString());
    }
    if (options.outdir() != null) {
      load.option(Loading.OUTDIR, options.outdir().toString());
    }
    options.variations().forEach(name -> load.option(Loading.VARIATION, name));
    Execution.Builder above = Execution.builder();
    if (options.python() != null) {
      above.config(PythonChoice.KEY, options.python());
    }
    if (options.compatible() != null) {
      above.config(OwnSettings.NAME + ".compatible", options.compatible());
    }
    return Workflows.load(
        file, load.above(Layer.of("FastHepOptions", above.build())).build());
  }
}
