package dev.muster.worker.internal;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The executors that come with Muster. */
enum Kind {
  UV("uv", ImmutableList.of("UVExecutor", "UvExecutor"), null),
  SHELL("shell", ImmutableList.of("ShellExecutor"), null),
  STDINOUT("stdinout", ImmutableList.of("StdInOut"), null),
  MEMORY("memory", ImmutableList.of("InMemoryExecutor"), null),
  SLURM("slurm", ImmutableList.of("SLURMExecutor"), "executors that start jobs are not built yet"),
  PJSUB("pjsub", ImmutableList.of("PJSUBExecutor"), "there is no strategy 'pjsub' yet"),
  PBS("pbs", ImmutableList.of("PBSExecutor"), "there is no strategy 'pbs' yet");

  private final String text;
  private final ImmutableList<String> aliases;
  private final @Nullable String refusal;

  Kind(String text, ImmutableList<String> aliases, @Nullable String refusal) {
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
