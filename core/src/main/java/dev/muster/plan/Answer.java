package dev.muster.plan;

import dev.muster.error.Problem;
import dev.muster.workflow.Stage;
import org.jspecify.annotations.Nullable;

/** A route, or why there is none. */
sealed interface Answer {
  /** The route. */
  record Found(Route route) implements Answer {}

  /**
   * Why there is none.
   *
   * @param path the key of the stage that asks for too much, for example {@code .execution.require}
   */
  record Missing(String path, String message, @Nullable String suggestion)
      implements Answer, Placement {
    Problem problem(Stage stage) {
      return problem(stage, path);
    }

    Problem problem(Stage stage, String otherPath) {
      String at = otherPath.substring(1);
      if (at.equals("executor")) {
        at = stage.executor() != null ? "execution.executor" : "environment.executor";
      }
      return new Problem(
          stage.location(at), "stage " + stage.id() + otherPath, message, suggestion);
    }
  }
}
