package dev.muster.internal.operation;

import dev.muster.internal.discovery.Artifacts;
import dev.muster.internal.discovery.Providers;
import dev.muster.internal.operation.StageCodes.Setting;
import dev.muster.plan.Delegation;
import dev.muster.plan.WorkerAssignments;
import dev.muster.spi.OperationSetup;
import dev.muster.spi.WorkerProvider;
import dev.muster.spi.WorkerSetup;
import dev.muster.workflow.Operation;
import dev.muster.workflow.Stage;
import dev.muster.workflow.StageInput;
import dev.muster.workflow.Workflow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The stages of a workflow that are calls of external workers. Not thread-safe. */
final class ExternalWorkers {
  private static final Logger log = LoggerFactory.getLogger(ExternalWorkers.class);

  private final Workflow workflow;
  private final Providers providers;
  private final Setting setting;
  private @Nullable Map<String, List<String>> ports;

  /** Tells that something is not installed. */
  interface Missing {
    void tell(String message, @Nullable String suggestion);
  }

  ExternalWorkers(Workflow workflow, Providers providers, Setting setting) {
    this.workflow = workflow;
    this.providers = providers;
    this.setting = setting;
  }

  /** Returns the executor that runs a stage as the call of an external worker, or null. */
  @Nullable
  String executor(Stage stage) {
    WorkerAssignments workers = setting.workers();
    return workers == null ? null : workers.executorOf(stage);
  }

  /** Says that the executor of a stage has a backend, and its worker runs on none. */
  String elsewhere(Stage stage) {
    return "the call of an external worker starts from this machine, and its executor "
        + executor(stage) + " has the backend " + setting.backend();
  }

  /**
   * Makes the operation of a stage that an executor runs; null after telling what is missing.
   *
   * @throws IllegalArgumentException if it cannot work
   */
  @Nullable
  Operation make(Stage stage, String executor, OperationSetup setup, Missing missing) {
    WorkerAssignments workers = Objects.requireNonNull(setting.workers());
    WorkerProvider provider = providers.workers();
    if (provider == null) {
      missing.tell(
          "the operation '" + stage.op() + "' is a call of an external worker, which executor "
              + executor + " runs",
          Artifacts.workers());
      return null;
    }
    Delegation delegation = workers.delegation(executor);
    if (delegation != null) {
      throw new IllegalArgumentException(delegation.nothingFor(stage.op()));
    }
    String type = workers.type(executor);
    if (type != null) {
      try {
        provider.check(type, List.of(), providers.allPlugins());
      } catch (IllegalArgumentException e) {
        log.debug("told of the execution: {}", e.getMessage());
        return null;
      }
    }
    return provider.create(new WorkerSetup(
        setup,
        type,
        setting.config(),
        workers.path(executor),
        read().getOrDefault(stage.id(), List.of()),
        providers.allPlugins()));
  }

  /** Returns by stage the outputs that other stages read by name. */
  private Map<String, List<String>> read() {
    Map<String, List<String>> known = ports;
    if (known == null) {
      known = new HashMap<>();
      for (Stage reader : workflow.stages()) {
        for (StageInput input : Objects.requireNonNullElse(reader.from(), List.<StageInput>of())) {
          String port = input.port();
          List<String> read = known.computeIfAbsent(input.node(), node -> new ArrayList<>());
          if (port != null && !read.contains(port)) {
            read.add(port);
          }
        }
      }
      ports = known;
    }
    return known;
  }
}
