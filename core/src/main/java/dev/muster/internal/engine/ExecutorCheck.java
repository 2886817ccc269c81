package dev.muster.internal.engine;

import dev.muster.error.Problem;
import dev.muster.execution.Execution;
import dev.muster.execution.NamedExecutor;
import dev.muster.internal.discovery.Artifacts;
import dev.muster.internal.discovery.Providers;
import dev.muster.plan.Delegation;
import dev.muster.spi.WorkerProvider;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds executors of external workers that there are none of, also where no stage names them, and such that hand calls
 * round in a circle. Not thread-safe.
 */
final class ExecutorCheck {
  private final Execution execution;
  private final Providers providers;
  private final List<Problem> problems;
  private final Map<String, Delegation> delegations = new TreeMap<>();

  private ExecutorCheck(Execution execution, Providers providers, List<Problem> problems) {
    this.execution = execution;
    this.providers = providers;
    this.problems = problems;
  }

  static void run(Execution execution, Providers providers, List<Problem> problems) {
    ExecutorCheck check = new ExecutorCheck(execution, providers, problems);
    execution.executors().values().forEach(check::executor);
    check.delegations.values().forEach(check::targets);
    execution
        .assignments()
        .forEach((worker, name) -> check.there(name, "execution.assignments." + worker));
  }

  private void executor(NamedExecutor executor) {
    String type = executor.type();
    String path = "execution.executors." + executor.name();
    if (type == null) {
      return;
    }
    String backend = executor.backend();
    if (backend != null && !backend.equals("local")) {
      problems.add(new Problem(
          null,
          path + ".backend",
          "an executor of type " + type + " starts workers from this machine, not on the backend "
              + backend,
          "leave 'backend' out, or 'type' if it is for ordinary stages"));
    }
    if (!Delegation.is(type)) {
      type(type, path + ".type", Set.of());
      return;
    }
    try {
      Delegation delegation = Delegation.of(executor);
      if (delegation != null) {
        delegations.put(executor.name(), delegation);
      }
    } catch (IllegalArgumentException e) {
      problems.add(new Problem(null, path + ".config", String.valueOf(e.getMessage()), null));
    }
    if (executor.pool() != null) {
      problems.add(new Problem(
          null,
          path + ".pool",
          "an executor of type " + type + " runs no worker itself",
          "give 'pool' to the executors that it hands calls to"));
    }
  }

  private void targets(Delegation delegation) {
    String path = "execution.executors." + delegation.executor() + ".config";
    delegation.targets().forEach(target -> there(target, path));
    String circle = circle(delegation.executor(), new LinkedHashSet<>());
    if (circle != null) {
      problems.add(
          new Problem(null, path, "these executors hand calls round in a circle: " + circle, null));
    }
  }

  private @Nullable String circle(String name, Set<String> above) {
    Delegation delegation = delegations.get(name);
    if (delegation == null) {
      return null;
    }
    if (!above.add(name)) {
      List<String> round = new ArrayList<>(above);
      round.add(name);
      return String.join(", ", round.subList(round.indexOf(name), round.size()));
    }
    for (String target : delegation.targets()) {
      String circle = circle(target, new LinkedHashSet<>(above));
      if (circle != null) {
        return circle;
      }
    }
    return null;
  }

  private void there(String name, String path) {
    if (!execution.executors().containsKey(name)) {
      type(name, path, execution.executors().keySet());
    }
  }

  private void type(String type, String path, Set<String> others) {
    WorkerProvider provider = providers.workers();
    if (provider == null) {
      problems.add(Problem.notInstalled(
          null, path, "there is no executor '" + type + "'", Artifacts.workers()));
      return;
    }
    try {
      provider.check(type, others, providers.allPlugins());
    } catch (IllegalArgumentException e) {
      problems.add(new Problem(null, path, String.valueOf(e.getMessage()), null));
    }
  }
}
