package dev.muster.run;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a run that goes on from an earlier one would do, and why. Immutable and thread-safe.
 *
 * @param directory the directory of the earlier run
 * @param stages the stages, in the author's order
 * @since 0.1
 */
public record ResumeExplanation(Path directory, List<Stage> stages) {
  public ResumeExplanation {
    stages = List.copyOf(stages);
  }

  /**
   * The tasks of a stage.
   *
   * @param id the stage's id
   * @param reused how many results of the earlier run are taken
   * @param runs how many tasks run
   * @param runsIfChanged how many run unless the tasks before them, which run, give what they gave before
   * @param notNeeded how many results were there before and are read by nothing that runs
   * @param reasons why tasks run or may run, each with the number of tasks that it holds for, the most frequent first
   * @param examples for each reason the name of a task
   */
  public record Stage(
      String id,
      int reused,
      int runs,
      int runsIfChanged,
      int notNeeded,
      Map<String, Integer> reasons,
      Map<String, String> examples) {
    public Stage {
      reasons = Collections.unmodifiableMap(new LinkedHashMap<>(reasons));
      examples = Collections.unmodifiableMap(new LinkedHashMap<>(examples));
    }
  }

  /** Returns how many results of the earlier run are taken. */
  public int reused() {
    return stages.stream().mapToInt(Stage::reused).sum();
  }

  /** Returns how many tasks run. */
  public int runs() {
    return stages.stream().mapToInt(Stage::runs).sum();
  }

  /** Returns how many tasks run unless the tasks before them, which run, give what they gave before. */
  public int runsIfChanged() {
    return stages.stream().mapToInt(Stage::runsIfChanged).sum();
  }

  /** Returns how many results were there before and are read by nothing that runs. */
  public int notNeeded() {
    return stages.stream().mapToInt(Stage::notNeeded).sum();
  }

  /** Returns it as a text for people: counts first, then the stages with reasons. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append("run ")
        .append(runs())
        .append(", run if what they read changes ")
        .append(runsIfChanged());
    text.append(", reuse ").append(reused()).append(", not needed ").append(notNeeded());
    for (Stage stage : stages) {
      text.append("\n").append(stage.id()).append(": ");
      text.append("run ").append(stage.runs());
      if (stage.runsIfChanged() > 0) {
        text.append(", run if changed ").append(stage.runsIfChanged());
      }
      text.append(", reuse ")
          .append(stage.reused())
          .append(", not needed ")
          .append(stage.notNeeded());
      stage
          .reasons()
          .forEach((reason, count) -> text.append("\n  ")
              .append(count)
              .append(count == 1 ? " task: " : " tasks: ")
              .append(reason)
              .append(" (")
              .append(count == 1 ? "" : "for example ")
              .append(stage.examples().get(reason))
              .append(")"));
    }
    return text.toString();
  }
}
