package dev.muster.cli.site;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** Runs of backend batch on the Grid Engine of scripts/sites/gridengine-up.sh. */
@Exclusive(Exclusive.GRID_ENGINE)
class GridEngineBatchIT extends BatchRuns {
  private static final int TASKS = 75_000;

  @TempDir
  private Path folder;

  @Override
  Site site() {
    Commands.variable("SGE_ROOT", "gridengine-up.sh");
    return new GridEngineSite(folder);
  }

  @Override
  void limit() throws Exception {
    new GridEngineSite(folder).mostTasks(2);
  }

  @Override
  void unlimit() throws Exception {
    new GridEngineSite(folder).mostTasks(TASKS);
  }
}
