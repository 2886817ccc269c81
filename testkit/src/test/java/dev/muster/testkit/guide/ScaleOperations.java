package dev.muster.testkit.guide;

import dev.muster.spi.OperationProvider;
import dev.muster.spi.OperationSetup;
import dev.muster.workflow.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** An operation provider as a plugin would have it: {@code guide.scale} multiplies numbers. */
public final class ScaleOperations implements OperationProvider {
  @Override
  public Set<String> names() {
    return Set.of("guide.scale");
  }

  @Override
  public Operation create(String name, OperationSetup setup) {
    return context -> {
      int factor = context.param("factor", 1);
      List<Integer> scaled = new ArrayList<>();
      for (Object number : context.input("Numbers", List.class)) {
        scaled.add(factor * (Integer) number);
      }
      context.log("scaled " + scaled.size() + " numbers");
      return scaled;
    };
  }
}
