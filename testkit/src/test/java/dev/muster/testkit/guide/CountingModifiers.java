package dev.muster.testkit.guide;

import dev.muster.spi.ModifierProvider;
import dev.muster.spi.OperationSetup;
import dev.muster.workflow.Modifier;
import dev.muster.workflow.ModifierHooks;
import dev.muster.workflow.OperationContext;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** A modifier provider as a plugin would have it: {@code guide.count} notes how many tasks of the stage have begun. */
public final class CountingModifiers implements ModifierProvider {
  @Override
  public Set<String> names() {
    return Set.of("guide.count");
  }

  @Override
  public ModifierHooks create(Modifier modifier, OperationSetup setup) {
    AtomicLong begun = new AtomicLong();
    return new ModifierHooks() {
      @Override
      public void beforeNode(OperationContext context) {
        context.diagnostic("begun", begun.incrementAndGet());
      }
    };
  }
}
