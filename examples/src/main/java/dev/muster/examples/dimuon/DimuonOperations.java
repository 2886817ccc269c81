package dev.muster.examples.dimuon;

import dev.muster.spi.OperationProvider;
import dev.muster.spi.OperationSetup;
import dev.muster.workflow.Operation;
import java.util.Map;
import java.util.Set;

/**
 * Brings the operations of the dimuon analysis into reach of workflows.
 *
 * <p>Immutable and thread-safe.
 */
public final class DimuonOperations implements OperationProvider {
  private static final Map<String, Operation> OPERATIONS = Map.of(
      "dimuon.generate", new GenerateEvents(),
      "dimuon.build_index", new BuildIndex(),
      "dimuon.select", new SelectMuons(),
      "dimuon.train", new TrainModel(),
      "dimuon.inference", new RunInference(),
      "dimuon.histogram", new MassHistogram(),
      "dimuon.fit", new FitPeak(),
      "dimuon.plot", new ProducePlots());

  @Override
  public Set<String> names() {
    return OPERATIONS.keySet();
  }

  @Override
  public Operation create(String name, OperationSetup setup) {
    Operation operation = OPERATIONS.get(name);
    if (operation == null) {
      throw new IllegalArgumentException("no operation is named " + name);
    }
    return operation;
  }
}
