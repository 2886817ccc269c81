package dev.muster.worker.internal;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The executors that come with Muster and run workers here. Those of jobs have the names of strategies. */
enum Kind {
  UV(ImmutableList.of("UVExecutor", "UvExecutor")),
  SHELL(ImmutableList.of("ShellExecutor")),
  STDINOUT(ImmutableList.of("StdInOut")),
  MEMORY(ImmutableList.of("InMemoryExecutor"));

  /** The strategies that have an executor of Tierkreis', by its class. */
  private static final Map<String, String> JOBS =
      Map.of("SLURMExecutor", "slurm", "PJSUBExecutor", "pjsub", "PBSExecutor", "pbs");

  private final ImmutableList<String> aliases;

  Kind(ImmutableList<String> aliases) {
    this.aliases = aliases;
  }

  /** Returns the name that workflows use. */
  String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns the executor that has a name, or null. */
  static @Nullable Kind of(String name) {
    for (Kind kind : values()) {
      if (kind.text().equals(name) || kind.aliases.contains(name)) {
        return kind;
      }
    }
    return null;
  }

  /** Returns the name of the strategy that an executor of jobs has if there is one of that name. */
  static String strategy(String name) {
    return JOBS.getOrDefault(name, name);
  }

  /** Tells whether a name is that of an executor of jobs, be its strategy installed or not. */
  static boolean jobs(String name) {
    return JOBS.containsKey(name) || JOBS.containsValue(name);
  }

  /** Returns all names, those of the classes too. */
  static List<String> names() {
    List<String> names = new ArrayList<>();
    for (Kind kind : values()) {
      names.add(kind.text());
      names.addAll(kind.aliases);
    }
    return names;
  }
}
