package dev.muster.plan;

import dev.muster.error.Visible;
import dev.muster.execution.Pool;
import dev.muster.execution.Workers;
import dev.muster.resource.Quantities;
import dev.muster.workflow.EscalateOn;
import dev.muster.workflow.Retry;
import dev.muster.workflow.StageEnvironment;
import dev.muster.workflow.StageInput;
import dev.muster.workflow.Tolerance;
import dev.muster.workflow.Variables;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/** Writes an {@link Explanation} as text. */
final class ExplanationText {
  private final StringBuilder text = new StringBuilder();

  private ExplanationText() {}

  static String of(Explanation explanation) {
    ExplanationText writer = new ExplanationText();
    writer.stage(explanation.stage());
    writer.candidates(explanation.candidates());
    writer.waits(explanation.waits());
    return writer.text.toString();
  }

  private void stage(PlannedStage stage) {
    Route route = stage.route();
    String pools = route.pools().stream().map(Pool::name).collect(Collectors.joining(" or "));
    text.append(Visible.line(stage.id() + " -> " + pools)).append('\n');
    fact("operation", stage.stage().op());
    fact("because", route.reason());
    fact(
        "runs on",
        "backend " + route.backend() + ", strategy " + route.strategy()
            + (route.executor() == null ? "" : ", executor " + route.executor()));
    for (Pool pool : route.pools()) {
      Quantities has = pool.quantities();
      fact(
          "pool",
          pool.name() + ": " + workers(pool.workersOrDefault())
              + " with " + Counted.of(pool.slotsOrDefault(), "slot")
              + (has.isEmpty() ? "" : "; each worker has " + has));
    }
    fact(
        "asks for",
        route.annotations().resources().entrySet().stream()
            .map(resource -> resource.getKey() + " " + PlanTree.number(resource.getValue()))
            .collect(Collectors.joining(", ")));
    String environment = environment(stage.stage().environment());
    if (!environment.isEmpty()) {
      fact("environment", environment);
    }
    fact("tasks", tasks(stage));
    Retry retry = stage.stage().retry();
    if (retry.escalate() != null) {
      fact("escalates", "to " + retry.escalate() + ", if it " + reason(retry.escalateOn()));
    }
    Tolerance tolerance = stage.stage().tolerate();
    if (tolerance != null) {
      fact("tolerates", tolerance + " of what each task gathers to be missing");
    }
  }

  private static String reason(EscalateOn on) {
    if (on.equals(EscalateOn.outOfMemory())) {
      return "runs out of memory";
    }
    List<String> reasons = new ArrayList<>();
    if (!on.kinds().isEmpty()) {
      reasons.add("kind " + String.join(" or ", on.kinds()));
    }
    if (!on.exitCodes().isEmpty()) {
      reasons.add("exit code "
          + on.exitCodes().stream().map(String::valueOf).collect(Collectors.joining(" or ")));
    }
    return "fails with " + String.join(", or with ", reasons);
  }

  private static String environment(StageEnvironment environment) {
    List<String> parts = new ArrayList<>();
    if (environment.image() != null) {
      parts.add("image " + environment.image());
    }
    if (environment.variables() instanceof Variables.EnvFile file) {
      parts.add("variables from " + file.path());
    } else if (environment.variables() instanceof Variables.Values values
        && !values.values().isEmpty()) {
      parts.add("variables " + String.join(", ", values.values().keySet()));
    }
    if (!environment.extraData().isEmpty()) {
      parts.add("extra data " + String.join(", ", environment.extraData().keySet()));
    }
    return String.join("; ", parts);
  }

  private static String tasks(PlannedStage stage) {
    String each = switch (stage.scope()) {
      case PARTITION -> "one for each partition";
      case DATASET ->
        stage.block() > 0
            ? "one for each " + Counted.of(stage.block(), "partition") + " of a dataset"
            : "one for each dataset";
      case GLOBAL -> "one for everything";
    };
    return stage.taskCount() == 0 ? "none: no data takes part" : stage.taskCount() + ", " + each;
  }

  private static String workers(Workers workers) {
    return workers.adaptive() ? workers + " workers" : Counted.of(workers.max(), "worker");
  }

  private void fact(String name, String value) {
    text.append(String.format(Locale.ROOT, "  %-12s %s\n", name, Visible.line(value)));
  }

  private void candidates(List<Explanation.Candidate> candidates) {
    text.append("pools considered\n");
    int width = width(candidates.stream().map(Explanation.Candidate::pool).toList());
    for (Explanation.Candidate candidate : candidates) {
      text.append(candidate.chosen() ? "  yes  " : "  no   ")
          .append(padded(candidate.pool(), width))
          .append(candidate.chosen() ? "chosen" : Visible.line(candidate.reason()))
          .append('\n');
    }
  }

  private void waits(List<Explanation.Wait> waits) {
    text.append(waits.isEmpty() ? "waits for nothing\n" : "waits for\n");
    int width = width(waits.stream().map(Explanation.Wait::stage).toList());
    for (Explanation.Wait wait : waits) {
      text.append("  ")
          .append(padded(wait.stage(), width))
          .append(Visible.line(phrase(wait)))
          .append('\n');
    }
  }

  private static String phrase(Explanation.Wait wait) {
    String tasks = Counted.of(wait.tasks(), "task");
    String pattern = switch (wait.pattern()) {
      case ONE_TO_ONE -> "one to one, " + tasks;
      case GATHER -> "gathers " + tasks;
      case SCATTER -> "shares " + tasks;
    };
    String reads = wait.inputs().isEmpty()
        ? "nothing of it"
        : wait.inputs().stream().map(ExplanationText::phrase).collect(Collectors.joining(", "));
    return pattern + "; reads " + reads + bypass(wait);
  }

  private static String bypass(Explanation.Wait wait) {
    if (wait.skipped().isEmpty()) {
      return "";
    }
    int more = wait.datasets().size() - 5;
    return "; for "
        + String.join(
            ", ", wait.datasets().subList(0, Math.min(5, wait.datasets().size())))
        + (more > 0 ? " and " + more + " more" : "") + ", in place of "
        + String.join(", ", wait.skipped()) + ", which "
        + (wait.skipped().size() == 1 ? "does" : "do") + " not apply there";
  }

  private static String phrase(StageInput input) {
    String what = input.port() == null ? "its output" : "port " + input.port();
    String named = input.name().equals(Objects.requireNonNullElse(input.port(), input.node()))
        ? what
        : what + " as " + input.name();
    return input.optional() ? named + " (optional)" : named;
  }

  private static int width(List<String> names) {
    return names.stream().map(Visible::line).mapToInt(String::length).max().orElse(0);
  }

  private static String padded(String name, int width) {
    String shown = Visible.line(name);
    return shown + " ".repeat(width - shown.length() + 2);
  }
}
