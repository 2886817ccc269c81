package dev.muster.internal.yaml;

import dev.muster.internal.yaml.ScalarNode.Kind;
import dev.muster.run.FailureKind;
import dev.muster.workflow.EscalateOn;
import dev.muster.workflow.Retry;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads {@code stages[].execution.retry}. */
final class RetryBinder {
  private static final String HINT = "write for example {max: 2, backoff: 10s}";
  private static final String ESCALATE_HINT =
      "write LABEL, or {to: LABEL, on: [OUT_OF_MEMORY, 137]}";
  private static final String ON_HINT = "write kinds of failure and exit codes, for example "
      + "[OUT_OF_MEMORY, 137], or remove 'on' for OUT_OF_MEMORY alone";

  private final Problems problems;
  private final Map<Object, Node> seen = new HashMap<>();
  private final SortedSet<String> kinds = new TreeSet<>();
  private final SortedSet<Integer> codes = new TreeSet<>();

  private RetryBinder(Problems problems) {
    this.problems = problems;
  }

  /** Returns what {@code retry} says; null if it is absent or has problems. */
  static @Nullable Retry bind(Fields execution) {
    Node node = execution.node("retry");
    if (node == null) {
      return null;
    }
    if (node instanceof ScalarNode && !node.isNull()) {
      Integer max = execution.integer("retry", 0, 1000);
      return max == null ? null : Retry.times(max);
    }
    Fields retry = execution.map("retry", HINT);
    if (retry == null) {
      return null;
    }
    retry.only(List.of("max", "backoff", "escalate"));
    Integer max = retry.integer("max", 0, 1000);
    Duration backoff = retry.span("backoff");
    if (retry.lacks("max")) {
      execution.problemAt("retry", "retry needs 'max', the number of further attempts", null);
    }
    return new RetryBinder(execution.problems())
        .retry(retry, max == null ? 0 : max, backoff == null ? Duration.ZERO : backoff);
  }

  private @Nullable Retry retry(Fields retry, int max, Duration backoff) {
    Node node = retry.node("escalate");
    if (!(node instanceof MapNode) && !(node instanceof ListNode)) {
      return new Retry(max, backoff, retry.text("escalate"));
    }
    Fields escalate = retry.map("escalate", ESCALATE_HINT);
    if (escalate == null) {
      return null;
    }
    escalate.only(List.of("to", "on"));
    String to = escalate.text("to");
    if (escalate.lacks("to")) {
      retry.problemAt("escalate", "escalate needs 'to', the label to require then", ESCALATE_HINT);
    }
    Node on = escalate.node("on");
    if (on == null) {
      return new Retry(max, backoff, to);
    }
    if (on.isNull() || (on instanceof ListNode list && list.size() == 0)) {
      escalate.problemAt("on", "nothing is listed, so nothing would escalate", ON_HINT);
      return null;
    }
    escalate.list("on", this::failure);
    return to == null || (kinds.isEmpty() && codes.isEmpty())
        ? null
        : new Retry(max, backoff, to, new EscalateOn(kinds, codes));
  }

  /** Reads the name of a kind of failure, or an exit code. */
  private @Nullable Object failure(Node item, Where at) {
    Object failure = null;
    if (item instanceof ScalarNode scalar && scalar.kind() == Kind.INTEGER) {
      failure = code(scalar, at);
    } else if (item instanceof ScalarNode scalar && scalar.kind() == Kind.TEXT) {
      failure = kind(scalar, at);
    } else {
      wrong(item, at, ON_HINT);
    }
    Node first = failure == null ? null : seen.putIfAbsent(failure, item);
    if (first != null) {
      problems.add(
          item,
          at,
          failure + " is there twice",
          "the first is at line " + first.line() + ", column " + first.column());
    }
    return failure;
  }

  private void wrong(Node item, Where at, String hint) {
    problems.add(
        item, at, "expected a kind of failure or an exit code, got " + item.describe(), hint);
  }

  private @Nullable Integer code(ScalarNode item, Where at) {
    Integer code = Fields.integer(problems, item, at, 1, 255);
    if (code != null) {
      codes.add(code);
    }
    return code;
  }

  private @Nullable String kind(ScalarNode item, Where at) {
    String kind = item.text();
    if (Scalars.resolve(kind) == Kind.INTEGER) {
      wrong(item, at, "remove the quotes");
      return null;
    }
    List<String> known = EscalateOn.knownKinds();
    if (known.contains(kind)) {
      kinds.add(kind);
      return kind;
    }
    for (FailureKind other : FailureKind.values()) {
      if (other.name().equals(kind)) {
        problems.add(
            item,
            at,
            "a task that failed with " + kind + " is not tried again, so it cannot escalate",
            "known: " + String.join(", ", known));
        return null;
      }
    }
    problems.add(
        item, at, Quoted.of(kind) + " is no kind of failure", problems.didYouMean(kind, known));
    return null;
  }
}
