package dev.muster.batch.backend;

import dev.muster.code.Carries;
import dev.muster.code.ContainerSpec;
import dev.muster.code.PythonCode;
import dev.muster.code.ShellCode;
import dev.muster.code.StageCode;
import dev.muster.error.Problem;
import dev.muster.error.WorkflowException;
import dev.muster.plan.PlannedStage;
import dev.muster.spi.BackendContext;
import dev.muster.value.ValueEncoding;
import dev.muster.workflow.Scope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the calls of each stage have in common, encoded. Immutable and thread-safe. */
final class StageCalls {
  /** What jobs carry out. */
  static final Carries CARRIES =
      new Carries(Set.of(StageCode.Kind.PYTHON, StageCode.Kind.SHELL), Map.of(), true);

  private static final String SHELL = "shell";

  private final Map<Integer, String> texts = new LinkedHashMap<>();
  private final Map<Integer, String> images = new LinkedHashMap<>();

  /**
   * Encodes the stages of a session.
   *
   * @throws WorkflowException if jobs cannot carry one out; lists all that is wrong
   */
  StageCalls(BackendContext context) {
    String base =
        context.plan().workflow().baseDirectory().toAbsolutePath().normalize().toString();
    List<Problem> problems = new ArrayList<>();
    for (PlannedStage stage : context.stages()) {
      try {
        StageCode code = context.code(stage);
        Map<String, @Nullable Object> made = of(context, stage, code);
        made.put("base_dir", base);
        ContainerSpec container = code instanceof ShellCode shell ? shell.container() : null;
        if (container != null && container.path() != null) {
          images.put(stage.index(), container.path());
        }
        texts.put(
            stage.index(), ValueEncoding.encodeToString(made, "the code of stage " + stage.id()));
      } catch (WorkflowException e) {
        e.problems().stream().filter(each -> !problems.contains(each)).forEach(problems::add);
      }
    }
    if (!problems.isEmpty()) {
      throw new WorkflowException(problems);
    }
  }

  private static Map<String, @Nullable Object> of(
      BackendContext context, PlannedStage planned, StageCode code) {
    Map<String, @Nullable Object> made = code.json();
    made.put("stage", planned.id());
    made.put("explicit", planned.stage().from() != null);
    boolean python = code instanceof PythonCode || !code.around().modifiers().isEmpty();
    made.put("tells_code", python && context.keepsRecords());
    if (code instanceof PythonCode) {
      return made;
    }
    ShellCode shell = (ShellCode) code;
    made.put("callable", SHELL);
    made.put("args", List.of());
    if (planned.scope() == Scope.GLOBAL) {
      made.put("datasets", planned.datasets());
    }
    if (shell.container() != null) {
      made.put(
          "container", shell.container().json(context.credentials().variables().keySet()));
    }
    return made;
  }

  /** Returns the container image of a stage, if it is a file or a folder: as the workflow names it; else null. */
  @Nullable
  String image(PlannedStage stage) {
    return images.get(stage.index());
  }

  /** Returns what the calls of a stage have in common, as encoded JSON. */
  String of(PlannedStage stage) {
    String text = texts.get(stage.index());
    if (text == null) {
      throw new IllegalArgumentException("stage " + stage.id() + " is none of this session");
    }
    return text;
  }
}
