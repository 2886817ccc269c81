package dev.muster.internal.engine;

import dev.muster.error.Diagnostic;
import dev.muster.internal.discovery.Providers;
import dev.muster.internal.resume.ResumePlan;
import dev.muster.internal.resume.ResumePlan.Verdict;
import dev.muster.internal.resume.RunRecords;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.run.ResumeExplanation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Says what a resumed run would do with each task. */
public final class ResumeExplainer {
  private ResumeExplainer() {}

  /**
   * Explains.
   *
   * @throws dev.muster.error.WorkflowException if the plan has errors
   * @throws dev.muster.error.MusterException if there are no records, or they cannot be read
   */
  public static ResumeExplanation explain(
      Plan plan, Providers providers, Path directory, boolean keepAll) {
    try (PlanCheck checked = PlanCheck.of(plan, providers)) {
      Diagnostic.throwIfErrors(checked.diagnostics());
      Path absolute = directory.toAbsolutePath().normalize();
      ResumePlan resumed =
          RunRecords.explain(plan, providers, checked::recordedCode, absolute, keepAll);
      return new ResumeExplanation(
          absolute,
          plan.stages().stream()
              .map(stage -> stage(stage, plan, resumed, left(stage, providers, absolute)))
              .toList());
    }
  }

  private static Map<String, String> left(PlannedStage stage, Providers providers, Path directory) {
    return providers.backend(stage.route().backend()).leftBehind(directory);
  }

  private static ResumeExplanation.Stage stage(
      PlannedStage stage, Plan plan, ResumePlan resumed, Map<String, String> left) {
    Map<Verdict, Integer> counts = new HashMap<>();
    Map<String, Integer> reasons = new HashMap<>();
    Map<String, String> examples = new HashMap<>();
    int end = stage.firstTask() + stage.taskCount();
    for (int task = stage.firstTask(); task < end; task++) {
      Verdict verdict = resumed.verdict(task);
      counts.merge(verdict, 1, Integer::sum);
      if (verdict == Verdict.RUN || verdict == Verdict.RUN_IF_CHANGED) {
        String reason = resumed.reason(task);
        String begun = resumed.isNew(task) ? left.get(plan.nameOf(task)) : null;
        reason = begun == null ? reason : begun;
        reasons.merge(reason, 1, Integer::sum);
        examples.putIfAbsent(reason, plan.nameOf(task));
      }
    }
    List<Map.Entry<String, Integer>> order = new ArrayList<>(reasons.entrySet());
    order.sort(Map.Entry.<String, Integer>comparingByValue()
        .reversed()
        .thenComparing(Map.Entry.comparingByKey()));
    Map<String, Integer> sorted = new LinkedHashMap<>();
    order.forEach(each -> sorted.put(each.getKey(), each.getValue()));
    return new ResumeExplanation.Stage(
        stage.id(),
        counts.getOrDefault(Verdict.REUSE, 0),
        counts.getOrDefault(Verdict.RUN, 0),
        counts.getOrDefault(Verdict.RUN_IF_CHANGED, 0),
        counts.getOrDefault(Verdict.NOT_NEEDED, 0),
        sorted,
        examples);
  }
}
