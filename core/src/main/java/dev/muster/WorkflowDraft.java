package dev.muster;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.muster.error.Problem;
import dev.muster.error.Unread;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Layer;
import dev.muster.internal.yaml.WorkflowLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A workflow file that was read whatever is wrong with it, so that {@link Muster#check(WorkflowDraft, RunOptions)}
 * finds all problems at once: in the file, in site files, in
 * planning, and in what stages say. Only a draft without problems becomes a {@link WorkflowFile}.
 *
 * <pre>{@code
 * WorkflowDraft draft = Workflows.draft(path).onSite();
 * CheckedPlan checked = Muster.check(draft, RunOptions.defaults());
 * checked.diagnostics().forEach(System.out::println);
 * }</pre>
 *
 * <p>Immutable and thread-safe.
 *
 * @since 0.1
 */
@CheckReturnValue
public final class WorkflowDraft {
  private final @Nullable WorkflowFile read;
  private final List<Problem> problems;
  private final Unread unread;

  private WorkflowDraft(@Nullable WorkflowFile read, List<Problem> problems, Unread unread) {
    this.read = read;
    this.problems = List.copyOf(problems);
    this.unread = unread;
  }

  /** Returns a draft of a file that has no problems. */
  public static WorkflowDraft of(WorkflowFile file) {
    return new WorkflowDraft(file, List.of(), Unread.none());
  }

  /** Returns what a file of another language holds, or what is wrong with it. */
  static WorkflowDraft foreign(Supplier<WorkflowFile> load) {
    try {
      return of(load.get());
    } catch (WorkflowException e) {
      return new WorkflowDraft(null, e.problems(), Unread.none());
    }
  }

  static WorkflowDraft read(Supplier<WorkflowLoader.Loaded> load) {
    try {
      WorkflowLoader.Loaded loaded = load.get();
      return new WorkflowDraft(
          new WorkflowFile(loaded.workflow(), loaded.layer(), loaded.profiles()),
          loaded.problems(),
          loaded.unread());
    } catch (WorkflowException e) {
      return new WorkflowDraft(null, e.problems(), Unread.none());
    }
  }

  /**
   * Returns the language in which the file is written, or null for Muster's own and for a file of which nothing could
   * be read.
   */
  public WorkflowFile.@Nullable Language language() {
    return read == null ? null : read.language();
  }

  /** Returns what is wrong with what was read, before anything was planned. */
  public List<Problem> problems() {
    return problems;
  }

  /** Returns the layers of the execution that could be read, the lowest first; a value that is wrong is missing. */
  public List<Layer> layers() {
    if (read == null) {
      return List.of();
    }
    List<Layer> layers = new ArrayList<>(read.profiles());
    layers.add(read.layer());
    return layers;
  }

  /**
   * Returns the file.
   *
   * @throws WorkflowException if there are problems; lists all
   */
  public WorkflowFile file() {
    if (!problems.isEmpty() || read == null) {
      throw new WorkflowException(problems);
    }
    return read;
  }

  /**
   * Returns what this says on top of the site files of this process; see {@link SiteFiles#standard}. Problems of site
   * files become its own.
   */
  public WorkflowDraft onSite() {
    return onSite(System.getenv(), SiteFiles.home());
  }

  /**
   * Returns what this says on top of what site files say; see {@link SiteFiles#read}. Problems of site files become
   * its own.
   */
  public WorkflowDraft onSite(Map<String, String> environment, @Nullable Path home) {
    return on(SiteFiles.readAll(environment, home));
  }

  WorkflowDraft on(SiteFiles.Read site) {
    List<Problem> all = new ArrayList<>(problems);
    all.addAll(site.problems());
    return new WorkflowDraft(
        read == null ? null : read.on(site.files()), all, unread.and(site.unread()));
  }

  /**
   * Returns a draft with further problems, of options for example that lie above the file.
   *
   * @param more their paths say what could not be read, for example {@code execution.pools.gpu.workers}
   */
  public WorkflowDraft with(List<Problem> more) {
    List<Problem> all = new ArrayList<>(problems);
    all.addAll(more);
    return new WorkflowDraft(
        read, all, unread.and(more.stream().map(Problem::path).toList()));
  }

  /** Returns what could be read, or null if nothing could. */
  @Nullable
  WorkflowFile rest() {
    return read;
  }

  /** Returns what could not be read. */
  Unread unread() {
    return unread;
  }
}
