package dev.muster.internal.engine;

import dev.muster.error.Problem;
import dev.muster.error.SourceLocation;
import dev.muster.execution.Execution;
import dev.muster.execution.Layer;
import dev.muster.internal.operation.Named;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Workflow;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds where the values that problems are about were written: by their paths, in the workflow, a site file, or on the
 * command line. Thread-safe once made.
 */
final class Located {
  private static final String STAGE = "stage ";
  private static final String POOL = "pool ";
  private static final String EXECUTION = "execution.";
  private static final Pattern PROFILE = Pattern.compile("profile (.+?) \\((.+)\\)");

  private static final String SET_BY = " (set by ";
  private static final String DATASET = "dataset ";

  private final Workflow workflow;
  private final Map<String, String> origins;
  private final List<Layer> layers;
  private final Execution execution;
  private final Map<String, Stage> stages = new HashMap<>();

  Located(Plan plan) {
    workflow = plan.workflow();
    origins = plan.execution().origins();
    execution = plan.execution().execution();
    layers = plan.layers();
    for (PlannedStage stage : plan.stages()) {
      stages.put(stage.id(), stage.stage());
    }
  }

  /** Returns a problem with its place, where that is known and it has none yet. */
  Problem of(Problem problem) {
    String path = problem.path();
    if (path.startsWith(STAGE)) {
      return ofStage(problem);
    }
    if (problem.location() != null) {
      return problem;
    }
    if (path.startsWith(POOL)) {
      return somewhere(ofPool(problem));
    }
    if (path.startsWith(EXECUTION)) {
      return somewhere(ofExecution(problem, path.substring(EXECUTION.length())));
    }
    if (path.startsWith(DATASET)) {
      return with(problem, workflow.location(path), path, problem.message());
    }
    return path.startsWith("-") ? problem : somewhere(problem); // an option of the command line
  }

  /** Returns a problem of which nobody says where it stands with the place of the execution or of the whole file. */
  private Problem somewhere(Problem problem) {
    if (problem.location() != null || problem.message().contains(SET_BY)) {
      return problem;
    }
    SourceLocation place = workflow.location("execution");
    return with(problem, place, problem.path(), problem.message());
  }

  private Problem ofStage(Problem problem) {
    String path = problem.path();
    int end = path.length();
    while (end > STAGE.length()) {
      Stage stage = stages.get(path.substring(STAGE.length(), end));
      if (stage != null) {
        return ofStage(problem, stage, path.substring(Math.min(path.length(), end + 1)));
      }
      end = path.lastIndexOf('.', end - 1);
    }
    return problem;
  }

  private static Problem ofStage(Problem problem, Stage stage, String within) {
    if (problem.location() != null && !problem.location().equals(stage.location())) {
      return problem; // it has a place of its own, in a .env file for example
    }
    String inside = within.equals("op") ? parameter(problem, stage) : within;
    SourceLocation location = stage.location(inside);
    String path = STAGE + stage.id() + (inside.isEmpty() ? "" : "." + inside);
    return with(problem, location, path, problem.message());
  }

  /** Returns the parameter that the message of an operation names, as operations do; else the operation. */
  private static String parameter(Problem problem, Stage stage) {
    if (problem.kind() == Problem.Kind.NOT_INSTALLED) {
      return "op";
    }
    String named = Named.inside(problem.message(), stage.params().keySet());
    if (named != null) {
      return "params." + named;
    }
    return problem.message().contains("parameter") && !stage.params().isEmpty() ? "params" : "op";
  }

  private static String shorter(String name) {
    return name.substring(0, Math.max(0, Math.max(name.lastIndexOf('.'), name.lastIndexOf('['))));
  }

  /** A pool's option may be its own, its profile's, or one of the execution. */
  private Problem ofPool(Problem problem) {
    String rest = problem.path().substring(POOL.length());
    for (String pool : execution.pools().keySet()) {
      if (rest.startsWith(pool + ".")) {
        return ofExecution(problem, "pools." + rest);
      }
    }
    int config = rest.indexOf(".config.");
    return config < 0 ? problem : ofExecution(problem, rest.substring(config + 1)); // a stand-in
  }

  private Problem ofExecution(Problem problem, String path) {
    String value = path;
    int config = path.indexOf(".config.");
    if (path.startsWith("pools.") && config > 0 && !origins.containsKey(path)) {
      value = path.substring(config + 1);
    }
    String origin = origin(value);
    SourceLocation location = null;
    if (origin != null) {
      Matcher profile = PROFILE.matcher(origin);
      if (profile.matches()) {
        String inside = "profiles." + profile.group(1) + value.substring(value.indexOf(".config."));
        location = location(profile.group(2), inside);
        value = location == null ? value : inside;
      } else {
        location = location(origin, value);
      }
    }
    boolean told = location != null || origin == null || origin.equals("builder");
    String message = told ? problem.message() : problem.message() + SET_BY + origin + ")";
    return with(problem, location, EXECUTION + value, message);
  }

  /** Returns which layer set a value, or what surrounds it. */
  private @Nullable String origin(String path) {
    String at = path;
    while (!at.isEmpty()) {
      String origin = origins.get(at);
      if (origin != null) {
        return origin;
      }
      at = shorter(at);
    }
    return path.equals("environment") ? origins.get("environment.type") : null;
  }

  private @Nullable SourceLocation location(String layer, String path) {
    for (int i = layers.size() - 1; i >= 0; i--) {
      Map<String, SourceLocation> locations = layers.get(i).locations();
      if (layers.get(i).name().equals(layer) && !locations.isEmpty()) {
        for (String at = path; !at.isEmpty(); at = shorter(at)) {
          SourceLocation location = locations.get(at);
          if (location == null && at.startsWith("credentials[")) { // its long form
            location = locations.get("credentials.use" + at.substring("credentials".length()));
          }
          if (location != null) {
            return location;
          }
        }
      }
    }
    return null;
  }

  private static Problem with(
      Problem problem, @Nullable SourceLocation location, String path, String message) {
    return new Problem(location, path, message, problem.suggestion(), problem.kind());
  }
}
