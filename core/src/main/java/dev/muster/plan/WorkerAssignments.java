package dev.muster.plan;

import dev.muster.execution.Execution;
import dev.muster.execution.NamedExecutor;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Workflow;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Which stages are calls of external workers, and which executor runs each: that of the stage itself, else that of
 * {@code execution.assignments}, else an executor {@code default} that has a type. An operation that the workflow
 * brings along is none. Immutable and thread-safe.
 *
 * @since 0.1
 */
public final class WorkerAssignments {
  private static final String DEFAULT = "default";

  private final Workflow workflow;
  private final Execution execution;
  private final Map<String, Delegation> delegations;
  private final Set<String> targets = new HashSet<>();

  /** Makes those of a workflow. */
  public WorkerAssignments(Workflow workflow, Execution execution) {
    this.workflow = workflow;
    this.execution = execution;
    delegations = Delegation.all(execution);
    delegations.values().forEach(each -> targets.addAll(each.targets()));
  }

  /**
   * Returns the executor that runs a stage as the call of an external worker, or null if it is none. One that hands its
   * calls to others is returned only if it hands this one to none.
   */
  public @Nullable String executorOf(Stage stage) {
    String executor = first(stage);
    Set<String> seen = new HashSet<>();
    while (executor != null && seen.add(executor)) {
      Delegation delegation = delegations.get(executor);
      String next = delegation == null ? null : delegation.to(stage.op());
      if (next == null) {
        return executor;
      }
      executor = next;
    }
    return executor;
  }

  /** Returns what an executor hands on to others, or null if it runs workers itself. */
  public @Nullable Delegation delegation(String executor) {
    return delegations.get(executor);
  }

  private @Nullable String first(Stage stage) {
    String op = stage.op();
    if (op.lastIndexOf('.') <= 0
        || op.endsWith(".")
        || stage.operation() != null
        || workflow.operations().containsKey(op)
        || workflow.registry().operations().containsKey(op)) {
      return null;
    }
    String own =
        stage.executor() != null ? stage.executor() : stage.environment().executor();
    String assigned = assigned(op);
    if (own == null) {
      return stage.backend() == null ? assigned : null;
    }
    return hasType(own) || targets.contains(own) || own.equals(assigned) ? own : null;
  }

  /** Returns the stage with the executor that its worker is assigned to; the stage itself if it is no call. */
  Stage assigned(Stage stage) {
    String executor = executorOf(stage);
    return executor == null || executor.equals(stage.executor())
        ? stage
        : stage.toBuilder().executor(executor).build();
  }

  /** Returns what an executor is, or null if that depends on the worker's launcher. */
  public @Nullable String type(String executor) {
    NamedExecutor named = execution.executors().get(executor);
    return named == null ? executor : named.type();
  }

  /** Returns the path of an executor's options, for messages. */
  public String path(String executor) {
    return execution.executors().containsKey(executor)
        ? "execution.executors." + executor + ".config"
        : "execution.config";
  }

  private boolean hasType(String executor) {
    NamedExecutor named = execution.executors().get(executor);
    return named != null && named.type() != null;
  }

  private @Nullable String assigned(String op) {
    Map<String, String> assignments = execution.assignments();
    String exact =
        assignments.getOrDefault(op, assignments.get(op.substring(0, op.lastIndexOf('.'))));
    if (exact != null) {
      return exact;
    }
    for (Map.Entry<String, String> each : assignments.entrySet()) {
      if (matches(each.getKey(), op)) {
        return each.getValue();
      }
    }
    return hasType(DEFAULT) ? DEFAULT : null;
  }

  /** Tells whether a key of assignments is a pattern that an operation matches; as {@code fnmatch} has it. */
  static boolean matches(String pattern, String op) {
    StringBuilder regex = new StringBuilder();
    boolean any = false;
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      int end = c == '[' ? pattern.indexOf(']', i + 2) : -1;
      if (c == '*') {
        regex.append(".*");
      } else if (c == '?') {
        regex.append('.');
      } else if (end > 0) {
        String set = pattern
            .substring(i + 1, end)
            .replace("\\", "\\\\")
            .replace("[", "\\[")
            .replace("&", "\\&");
        regex
            .append('[')
            .append(set.startsWith("!") ? "^" + set.substring(1) : set.replace("^", "\\^"))
            .append(']');
        i = end;
      } else {
        regex.append(Pattern.quote(String.valueOf(c)));
        continue;
      }
      any = true;
    }
    try {
      return any
          && Pattern.compile(regex.toString(), Pattern.DOTALL).matcher(op).matches();
    } catch (PatternSyntaxException e) { // a range such as [z-a], which nothing is in
      return false;
    }
  }
}
