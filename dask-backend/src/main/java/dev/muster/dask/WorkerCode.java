package dev.muster.dask;

import dev.muster.error.Problem;
import dev.muster.error.WorkflowException;
import dev.muster.plan.PlannedStage;
import dev.muster.spi.BackendContext;
import dev.muster.workflow.Modifier;
import dev.muster.workflow.Registry;
import dev.muster.workflow.Scope;
import dev.muster.workflow.Stage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What workers are told of the operation and the modifiers of a stage. Not thread-safe. */
final class WorkerCode {
  private static final String PYTHON = "python";
  private static final String SHELL = "shell";
  private static final Map<String, String> MODIFIERS = Map.of(
      "gpu.preload", "muster_dask.modifiers:GpuPreload",
      "cuda.jit", "muster_dask.modifiers:CudaJit",
      "diagnostics", "muster_dask.modifiers:Diagnostics");

  private final BackendContext context;
  private final List<Problem> problems;

  /**
   * @param problems receives what is wrong with stages
   */
  WorkerCode(BackendContext context, List<Problem> problems) {
    this.context = context;
    this.problems = problems;
  }

  /** Returns the code of a stage, or null if workers cannot carry it out; then there is a problem more. */
  @Nullable
  Map<String, @Nullable Object> of(PlannedStage planned) {
    Stage stage = planned.stage();
    Registry registry = context.plan().workflow().registry();
    List<Map<String, @Nullable Object>> modifiers = modifiers(stage, registry);
    Map<String, @Nullable Object> params = new LinkedHashMap<>(stage.params());
    List<?> args = List.of();
    String callable = registry.operations().get(stage.op());
    boolean java = stage.operation() != null
        || context.plan().workflow().operations().containsKey(stage.op())
        || (callable != null && callable.startsWith("java:"));
    if (!java && callable == null && stage.op().equals(PYTHON)) {
      callable = params.remove("callable") instanceof String text ? text : null;
      args = params.remove("args") instanceof List<?> list ? list : List.of();
      if (callable == null) {
        problem(
            stage,
            ".params",
            "python needs the parameter 'callable'",
            "for example analysis.train:run");
        return null;
      }
    } else if (!java && callable == null && stage.op().equals(SHELL)) {
      callable = SHELL;
      if (!params.containsKey("command")) {
        problem(stage, ".params", "shell needs the parameter 'command'", null);
        return null;
      }
    }
    if (java || callable == null) {
      problems.add(new Problem(
          stage.location(),
          "stage " + stage.id() + ".op",
          java
              ? "the operation '" + stage.op() + "' is Java code, which Dask workers cannot run"
              : "Dask workers know no operation '" + stage.op()
                  + "': registry.operations has no Python implementation of it",
          "write environment.executor: LocalExecutor to run it in this JVM, or give it a Python"
              + " implementation, module:callable, in registry.operations",
          java ? Problem.Kind.WRONG : Problem.Kind.NOT_INSTALLED));
      return null;
    }
    String image = stage.environment().image();
    if (image != null && !callable.equals(SHELL)) {
      problem(
          stage,
          ".environment.image",
          "the stage asks for the container image '" + image
              + "', but only the operation shell runs in containers, not Python code",
          "remove 'image', or write the stage as a shell command, for example: python3 train.py");
    }
    Map<String, @Nullable Object> code = new LinkedHashMap<>();
    code.put("stage", stage.id());
    code.put("callable", callable);
    code.put("args", args);
    code.put("params", params);
    code.put("modifiers", modifiers);
    code.put("variables", context.variables(planned));
    code.put("extra_data", stage.environment().extraData());
    if (callable.equals(SHELL) && planned.scope() == Scope.GLOBAL) {
      code.put("datasets", planned.datasets());
      String text = String.valueOf(params);
      if (text.contains("{files") || text.contains("MUSTER_FILES")) {
        code.put("brings", planned.datasets());
      }
    }
    if (image != null) {
      code.put("container", container(image));
    }
    return code;
  }

  private @Nullable Map<String, @Nullable Object> container(String image) {
    try {
      return ContainerConfig.of(context, image);
    } catch (WorkflowException e) {
      problems.addAll(e.problems());
      return null;
    }
  }

  private List<Map<String, @Nullable Object>> modifiers(Stage stage, Registry registry) {
    List<Map<String, @Nullable Object>> modifiers = new ArrayList<>();
    for (Modifier modifier : stage.modifiers()) {
      String impl = registry.modifiers().get(modifier.name());
      if (impl == null && !context.plan().workflow().modifiers().containsKey(modifier.name())) {
        impl = MODIFIERS.get(modifier.name());
      }
      if (impl == null || impl.startsWith("java:")) {
        problems.add(Problem.notInstalled(
            stage.location(),
            "stage " + stage.id() + ".execution.modifiers[" + stage.modifiers().indexOf(modifier)
                + "]",
            "Dask workers know no Python modifier '" + modifier.name() + "'",
            "give it a Python implementation, module:name, in registry.execution_modifiers"));
        continue;
      }
      Map<String, @Nullable Object> made = new LinkedHashMap<>();
      made.put("name", modifier.name());
      made.put("impl", impl);
      made.put("params", modifier.params());
      modifiers.add(made);
    }
    return modifiers;
  }

  private void problem(Stage stage, String path, String message, @Nullable String suggestion) {
    problems.add(new Problem(stage.location(), "stage " + stage.id() + path, message, suggestion));
  }
}
