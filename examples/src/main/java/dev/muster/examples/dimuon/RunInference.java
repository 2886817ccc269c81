package dev.muster.examples.dimuon;

import com.google.common.primitives.ImmutableDoubleArray;
import dev.muster.workflow.Operation;
import dev.muster.workflow.OperationContext;

/**
 * Scores every candidate of a partition: a {@link ScoredSelection}.
 *
 * <p>Reads a {@link Selection} as {@code events} and a {@link Model} as {@code model}. Thread-safe.
 */
final class RunInference implements Operation {
  @Override
  public ScoredSelection run(OperationContext context) {
    Selection events = context.input("events", Selection.class);
    Model model = context.input("model", Model.class);
    ImmutableDoubleArray.Builder scores =
        ImmutableDoubleArray.builder(events.candidates().size());
    for (Candidate candidate : events.candidates()) {
      scores.add(model.score(candidate));
    }
    return new ScoredSelection(events, scores.build());
  }
}
