package dev.muster.internal.engine;

import dev.muster.error.Problem;
import dev.muster.error.Unread;
import dev.muster.plan.Attempt;
import dev.muster.plan.PlannedStage;
import dev.muster.workflow.Modifier;
import dev.muster.workflow.Stage;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells which problems of a check only follow from something that could not be read, and has been told. Thread-safe
 * once made.
 */
final class Followers {
  private static final Pattern OF_STAGE =
      Pattern.compile("\\.(op|params|environment|execution)(?:[.\\[].*)?");
  private static final Pattern MODIFIER =
      Pattern.compile("\\.execution\\.modifiers\\[(\\d+)](?:[.\\[].*)?");

  private final Unread unread;
  private final Map<String, Stage> stages = new HashMap<>();

  Followers(Attempt attempt) {
    unread = attempt.unread();
    if (!unread.isEmpty()) {
      for (PlannedStage stage : attempt.plan().stages()) {
        stages.put(stage.id(), stage.stage());
      }
    }
  }

  /** Tells whether a problem with its place only follows from another. */
  boolean has(Problem problem) {
    String path = problem.path();
    if (unread.isEmpty() || path.isEmpty()) {
      return false;
    }
    if (!path.startsWith("stage ")) {
      return unread.touches(path);
    }
    Stage stage = stage(path);
    return stage == null
        ? unread.touches(path)
        : follows(stage, path.substring("stage ".length() + stage.id().length()), problem);
  }

  private @Nullable Stage stage(String path) {
    String id = path.substring("stage ".length());
    while (!id.isEmpty() && !stages.containsKey(id)) {
      id = id.substring(0, Math.max(0, id.lastIndexOf('.')));
    }
    return stages.get(id);
  }

  private boolean follows(Stage stage, String within, Problem problem) {
    String own = "stage " + stage.id();
    if (within.isEmpty() || unread.touches(own + within)) {
      return unread.touches(own + within);
    }
    Matcher matcher = OF_STAGE.matcher(within);
    String aspect = matcher.matches() ? matcher.group(1) : "";
    boolean operation = aspect.equals("op") || aspect.equals("params");
    // Without its operation nothing is known of parameters, and some are missing if one was not
    // read.
    if (operation
        && (unread.covers(own + ".op")
            || (!within.startsWith(".params.") && unread.touches(own + ".params")))) {
      return true;
    }
    if (problem.kind() != Problem.Kind.NOT_INSTALLED) {
      return operation && unread.touches("registry.operations." + stage.op());
    }
    if (operation) {
      return isLost("registry.operations." + stage.op());
    }
    Matcher modifier = MODIFIER.matcher(within);
    if (modifier.matches()) {
      int index = Integer.parseInt(modifier.group(1));
      Modifier named =
          index < stage.modifiers().size() ? stage.modifiers().get(index) : Modifier.of("?");
      return isLost("registry.execution_modifiers." + named.name());
    }
    return false;
  }

  private boolean isLost(String path) {
    return unread.covers(Unread.SITE) || unread.touches(path);
  }
}
