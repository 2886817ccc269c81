package dev.muster.internal.discovery;

import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Knows in which artifact of Muster a name is found that nothing installed has. Thread-safe. */
public final class Artifacts {
  private static final String BATCH = "dev.muster:muster-batch";

  /** By kind and name. */
  private static final Map<String, String> ARTIFACTS = Map.ofEntries(
      Map.entry("backend batch", BATCH),
      Map.entry("backend dask", "dev.muster:muster-dask"),
      Map.entry("strategy gridengine", "dev.muster:muster-gridengine"),
      Map.entry("strategy htcondor", "dev.muster:muster-condor"),
      Map.entry("strategy pbs", "dev.muster:muster-pbs"),
      Map.entry("strategy pjsub", "dev.muster:muster-pbs"),
      Map.entry("strategy slurm", "dev.muster:muster-slurm"),
      Map.entry("environment packed-pixi", "dev.muster:muster-pixi"),
      Map.entry("environment current", BATCH),
      Map.entry("environment shared", BATCH),
      Map.entry("credential x509", BATCH),
      Map.entry("credential scitokens", BATCH),
      Map.entry("credential wlcg", BATCH));

  private Artifacts() {}

  /** Returns what to say to somebody who asked for a name that is not there; null if there is nothing to say. */
  static @Nullable String suggest(String kind, String name, Collection<String> known) {
    String near = Providers.suggest(name, known);
    String artifact = ARTIFACTS.get(kind + " " + name);
    if (artifact == null) {
      return near;
    }
    return "'" + name + "' is in the artifact " + artifact + ", which is not installed"
        + (near == null ? "" : "; " + near);
  }

  /** Returns what to say where nothing that is installed runs external workers. */
  public static String workers() {
    return "external workers need the artifact dev.muster:muster-workers; add it to the class path";
  }

  /** Returns what to say where nothing is installed that could have the name. */
  static String missing(String kind, String name) {
    String artifact = ARTIFACTS.getOrDefault(kind + " " + name, BATCH);
    return "'" + name + "' needs the artifact " + artifact
        + (artifact.equals(BATCH) ? "" : ", which brings " + BATCH)
        + "; add it to the class path";
  }
}
