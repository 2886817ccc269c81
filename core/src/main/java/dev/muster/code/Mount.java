package dev.muster.code;

import java.util.List;

/**
 * A rule that says which folders of a task its container finds under the same path. It names no folders: these are
 * known where the task runs, and differ from those of this host where files are transferred. Immutable and
 * thread-safe.
 *
 * @param root of what
 * @param take what of it
 * @since 0.1
 */
public record Mount(Root root, Take take) {
  /** What of a task has paths. */
  public enum Root {
    /** The folder in which the command runs. */
    CWD,
    /** The task's own folder. */
    TASK,
    /** The workflow's folder. */
    BASE,
    /** The files that the command is to write. */
    OUTPUTS,
    /** The files of the task's partition that are no URLs. */
    FILES,
    /** The files and folders among the task's inputs, however deep. */
    INPUTS,
    /** The credentials that its worker has. */
    CREDENTIALS
  }

  /** What is mounted for a path. */
  public enum Take {
    /** The folder that it names. */
    ITSELF,
    /** The folder that it lies in, if that is there, and where links on the way lead to. */
    PARENT,
    /**
     * The folder that it names, else the one that it lies in, if that is there, and where links on the way and the
     * file itself lead to.
     */
    HOLDER,
    /** The folder that it lies in if that is its owner's alone, so that a renewed file is seen; else the file. */
    PRIVATE
  }

  /** Those of every task. */
  static final List<Mount> ALL = List.of(
      new Mount(Root.CWD, Take.ITSELF),
      new Mount(Root.TASK, Take.ITSELF),
      new Mount(Root.BASE, Take.ITSELF),
      new Mount(Root.OUTPUTS, Take.PARENT),
      new Mount(Root.FILES, Take.HOLDER),
      new Mount(Root.INPUTS, Take.HOLDER),
      new Mount(Root.CREDENTIALS, Take.PRIVATE));

  /** Returns it as JSON has it. */
  List<String> json() {
    return List.of(root.name(), take.name());
  }
}
