package dev.muster.testkit;

import dev.muster.internal.discovery.Providers;
import dev.muster.internal.operation.StageCodes;
import dev.muster.spi.OperationSetup;
import dev.muster.spi.WorkerCredentials;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Workflow;
import java.util.List;
import java.util.Map;

/** What comes with Muster, found the way the engine finds it. */
final class BuiltIn {
  private BuiltIn() {}

  static StageCodes open(Stage stage, OperationSetup setup) {
    Workflow workflow = Workflow.builder().stage(stage).build();
    Providers providers = Providers.of(List.of(), List.of(), List.of(), List.of(), List.of());
    StageCodes codes = StageCodes.resolve(
        workflow,
        List.of(stage),
        providers,
        setup.baseDirectory(),
        StageCodes.Setting.local(Map.of(), List.of()));
    codes.open("run", WorkerCredentials::none);
    return codes;
  }
}
