package dev.muster.cli.fuzz;

import dev.muster.SiteFiles;
import dev.muster.Workflows;
import dev.muster.error.WorkflowException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A file to start from.
 *
 * @param folder where its relative paths lead
 * @param site whether it is a site file
 * @param broken whether it is neither a workflow nor a site file
 */
record Seed(Path file, Path folder, String text, boolean site, boolean broken) {
  static Seed of(Path file, String text) {
    Path folder = file.getParent();
    boolean workflow = loads(() -> Workflows.fromYaml(text, "seed.yaml", folder));
    boolean site =
        !workflow && loads(() -> SiteFiles.read(Map.of(SiteFiles.VARIABLE, file.toString()), null));
    return new Seed(file, folder, text, site, !workflow && !site);
  }

  private static boolean loads(Supplier<?> load) {
    try {
      Object unused = load.get();
      return true;
    } catch (WorkflowException e) {
      return false;
    }
  }
}
