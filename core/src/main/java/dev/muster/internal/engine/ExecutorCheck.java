package dev.muster.internal.engine;

import dev.muster.error.Problem;
import dev.muster.execution.Execution;
import dev.muster.internal.discovery.Artifacts;
import dev.muster.internal.discovery.Providers;
import dev.muster.spi.WorkerProvider;
import java.util.List;
import java.util.Set;

/** Finds executors of external workers that there are none of, also where no stage names them. */
final class ExecutorCheck {
  private ExecutorCheck() {}

  static void run(Execution execution, Providers providers, List<Problem> problems) {
    Set<String> named = execution.executors().keySet();
    execution.executors().forEach((name, executor) -> {
      String type = executor.type();
      String path = "execution.executors." + name;
      if (type == null) {
        return;
      }
      check(type, path + ".type", Set.of(), providers, problems);
      String backend = executor.backend();
      if (backend != null && !backend.equals("local")) {
        problems.add(new Problem(
            null,
            path + ".backend",
            "an executor of type " + type + " starts workers on this machine, not on the backend "
                + backend,
            "leave 'backend' out, or 'type' if it is for ordinary stages"));
      }
    });
    execution.assignments().forEach((worker, name) -> {
      if (!named.contains(name)) {
        check(name, "execution.assignments." + worker, named, providers, problems);
      }
    });
  }

  private static void check(
      String type, String path, Set<String> others, Providers providers, List<Problem> problems) {
    WorkerProvider provider = providers.workers();
    if (provider == null) {
      problems.add(Problem.notInstalled(
          null, path, "there is no executor '" + type + "'", Artifacts.workers()));
      return;
    }
    try {
      provider.check(type, others, providers.workerPlugins());
    } catch (IllegalArgumentException e) {
      problems.add(new Problem(null, path, String.valueOf(e.getMessage()), null));
    }
  }
}
