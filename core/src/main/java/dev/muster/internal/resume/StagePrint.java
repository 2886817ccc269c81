package dev.muster.internal.resume;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What all tasks of a stage have in common that makes their results: its parts by name, each with a hash. Immutable and
 * thread-safe.
 *
 * @param stage the stage's id
 * @param parts the parts; names are shown to people, hashes say nothing of the content
 * @param told whether the tasks tell which files their code came from, and without that nothing is certain
 * @param never why results of this stage are not reused, or null if they are
 */
record StagePrint(
    String stage,
    Map<String, String> parts,
    boolean told,
    @Nullable String never) {
  StagePrint {
    parts = Collections.unmodifiableMap(new TreeMap<>(parts));
  }

  // Written out: what a record has by itself is made at its first use, which takes longer than a
  // short run's records.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof StagePrint print
        && told == print.told
        && stage.equals(print.stage)
        && Objects.equals(never, print.never)
        && parts.equals(print.parts);
  }

  @Override
  public int hashCode() {
    return stage.hashCode(); // few differ in anything else
  }

  /** Adds all of it to a hash. */
  void hash(Hasher hasher) {
    hasher.add(stage).add(parts.size());
    parts.forEach((name, hash) -> hasher.add(name).add(hash));
  }

  /** Returns the names of the parts that differ, those that only one of the two has included. */
  List<String> changes(StagePrint before) {
    TreeSet<String> names = new TreeSet<>(parts.keySet());
    names.addAll(before.parts.keySet());
    List<String> changed = new ArrayList<>();
    for (String name : names) {
      if (!String.valueOf(parts.get(name)).equals(String.valueOf(before.parts.get(name)))) {
        changed.add(name);
      }
    }
    return changed;
  }
}
