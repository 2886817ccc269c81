package dev.muster.worker.internal;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The executors that come with Muster. */
enum Kind {
  UV("uv", List.of("UVExecutor", "UvExecutor"), null),
  SHELL("shell", List.of("ShellExecutor"), null),
  STDINOUT("stdinout", List.of("StdInOut"), null),
  MEMORY("memory", List.of("InMemoryExecutor"), null),
  SLURM("slurm", List.of("SLURMExecutor"), "executors that start jobs are not built yet"),
  PJSUB("pjsub", List.of("PJSUBExecutor"), "there is no strategy 'pjsub' yet"),
  PBS("pbs", List.of("PBSExecutor"), "there is no strategy 'pbs' yet");

  private final String text;
  private final List<String> aliases;
  private final @Nullable String refusal;

  Kind(String text, List<String> aliases, @Nullable String refusal) {
    this.text = text;
    this.aliases = aliases;
    this.refusal = refusal;
  }

  /** Returns the name that workflows use. */
  String text() {
    return text;
  }

  /** Returns why it cannot be used, or null if it can. */
  @Nullable
  String refusal() {
    return refusal;
  }

  /** Returns the executor that has a name, or null. */
  static @Nullable Kind of(String name) {
    for (Kind kind : values()) {
      if (kind.text.equals(name) || kind.aliases.contains(name)) {
        return kind;
      }
    }
    return null;
  }

  /** Returns all names, those of the classes too. */
  static List<String> names() {
    List<String> names = new ArrayList<>();
    for (Kind kind : values()) {
      names.add(kind.text);
      names.addAll(kind.aliases);
    }
    return names;
  }
}
