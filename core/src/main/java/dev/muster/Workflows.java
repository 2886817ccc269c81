package dev.muster;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Execution;
import dev.muster.internal.yaml.ExecutionWriter;
import dev.muster.internal.yaml.WorkflowLoader;
import dev.muster.internal.yaml.WorkflowWriter;
import dev.muster.workflow.Workflow;
import java.io.InputStream;
import java.io.Reader;
import java.nio.file.Path;

/**
 * Loads and writes workflow files.
 *
 * <p>A file is UTF-8 YAML of at most 16 MiB. All that is wrong with it is reported at once, with line and column. The
 * language: {@code docs/workflow-language.md}.
 *
 * <p>Thread-safe.
 *
 * @since 0.1
 */
@CheckReturnValue
public final class Workflows {
  private static final String NO_NAME = "<string>";
  private static final Path HERE = Path.of("");

  private Workflows() {}

  /**
   * Loads a workflow file in Muster's own language. Relative paths in it are taken from its folder; a workflow without
   * a name is called like the
   * file.
   *
   * @throws WorkflowException if it cannot be read or is not a workflow; lists all problems with line and column
   */
  public static WorkflowFile fromYaml(Path file) {
    try {
      return file(WorkflowLoader.load(file, SiteFiles.home()));
    } catch (WorkflowException e) {
      throw Languages.explain(file, e);
    }
  }

  /**
   * Loads a workflow file in Muster's own language or another one that is installed, with what the site says below it.
   * An installed language says
   * itself which files are written in it.
   *
   * @throws WorkflowException if it cannot be loaded, looks like two languages, or is given options that its language
   *     does not have; lists all
   *     problems
   */
  public static WorkflowFile load(Path file, LoadOptions options) {
    return Languages.load(file, options);
  }

  /**
   * Loads a workflow file of which everything that is wrong is to be known at once; what is wrong with it throws
   * nothing here.
   * The rest is as with {@link #fromYaml(Path)}.
   */
  public static WorkflowDraft draft(Path file) {
    return WorkflowDraft.read(() -> WorkflowLoader.load(file, SiteFiles.home()));
  }

  static WorkflowDraft draft(Path file, LoadOptions options) {
    return WorkflowDraft.read(() -> WorkflowLoader.load(file, SiteFiles.home(), options.params()));
  }

  /**
   * Loads a workflow file as {@link #load} does, on top of the site files of this process ({@link
   * SiteFiles#standard}), and throws nothing for what is
   * wrong with any of them. A file in another language has no problems, or nothing of it is read.
   *
   * @param options what they say of the site does not count
   */
  public static WorkflowDraft draftOnSite(Path file, LoadOptions options) {
    return Languages.draft(file, options);
  }

  /**
   * Loads a workflow from text as {@link #draft(Path)} does; the parameters are those of {@link #fromYaml(String,
   * String, Path)}.
   */
  public static WorkflowDraft draft(String text, String name, Path baseDirectory) {
    return WorkflowDraft.read(
        () -> WorkflowLoader.load(name, text, baseDirectory, SiteFiles.home()));
  }

  /**
   * Loads a workflow from text. Relative paths in it are taken from the current folder.
   *
   * @throws WorkflowException if it is not a workflow; lists all problems with line and column
   */
  public static WorkflowFile fromYaml(String text) {
    return fromYaml(text, NO_NAME, HERE);
  }

  /**
   * Loads a workflow from text.
   *
   * @param text the workflow
   * @param name what messages call it, for example {@code dimuon.yaml}; also the name of a workflow that has none
   * @param baseDirectory the folder that relative paths are taken from
   * @throws WorkflowException if it is not a workflow; lists all problems with line and column
   */
  public static WorkflowFile fromYaml(String text, String name, Path baseDirectory) {
    return file(WorkflowLoader.load(name, text, baseDirectory, SiteFiles.home()));
  }

  /**
   * Loads a workflow from a reader, which stays open. Relative paths in it are taken from the current folder.
   *
   * @throws WorkflowException if it cannot be read or is not a workflow; lists all problems with line and column
   */
  public static WorkflowFile fromYaml(Reader reader) {
    return fromYaml(reader, NO_NAME, HERE);
  }

  /**
   * Loads a workflow from a reader, which stays open; the other parameters are those of
   * {@link #fromYaml(String, String, Path)}.
   *
   * @throws WorkflowException if it cannot be read or is not a workflow; lists all problems with line and column
   */
  public static WorkflowFile fromYaml(Reader reader, String name, Path baseDirectory) {
    return file(WorkflowLoader.load(name, reader, baseDirectory, SiteFiles.home()));
  }

  /**
   * Loads a workflow from a stream of UTF-8, which stays open. Relative paths in it are taken from the current folder.
   *
   * @throws WorkflowException if it cannot be read or is not a workflow; lists all problems with line and column
   */
  public static WorkflowFile fromYaml(InputStream stream) {
    return fromYaml(stream, NO_NAME, HERE);
  }

  /**
   * Loads a workflow from a stream of UTF-8, which stays open; the other parameters are those of
   * {@link #fromYaml(String, String, Path)}.
   *
   * @throws WorkflowException if it cannot be read or is not a workflow; lists all problems with line and column
   */
  public static WorkflowFile fromYaml(InputStream stream, String name, Path baseDirectory) {
    return file(WorkflowLoader.load(name, stream, baseDirectory, SiteFiles.home()));
  }

  /**
   * Writes a workflow and where it runs as YAML that {@link #fromYaml(String)} reads back to equal objects.
   *
   * <p>An operation or modifier given as Java code is written as its name only. Numbers read back as Integer where they
   * fit, else as Long or BigInteger, and as Double if they have a fraction.
   *
   * @throws IllegalArgumentException if a parameter is a Java object that YAML cannot express; the message names it
   */
  public static String toYaml(Workflow workflow, Execution execution) {
    return WorkflowWriter.write(workflow, ExecutionWriter.write(execution));
  }

  /**
   * Writes a workflow file; see {@link #toYaml(Workflow, Execution)}. Site files that it asks for stay names, under
   * {@code use.profiles}.
   *
   * @throws IllegalArgumentException if a parameter is a Java object that YAML cannot express; the message names it
   */
  public static String toYaml(WorkflowFile file) {
    return toYaml(file.workflow(), file.execution());
  }

  static WorkflowFile file(WorkflowLoader.Loaded loaded) {
    if (!loaded.problems().isEmpty()) {
      throw new WorkflowException(loaded.problems());
    }
    return new WorkflowFile(loaded.workflow(), loaded.layer(), loaded.profiles());
  }
}
