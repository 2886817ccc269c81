package dev.muster.internal.operation;

import dev.muster.internal.discovery.Providers;
import dev.muster.internal.operation.StageCodes.Setting;
import dev.muster.spi.WorkerCredentials;
import dev.muster.workflow.Workflow;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The code of all stages of a workflow, ready to run in this JVM. */
final class TestCodes {
  private TestCodes() {}

  static StageCodes open(
      Workflow workflow, Providers providers, Path directory, Map<String, Object> config) {
    StageCodes codes = StageCodes.resolve(
        workflow, workflow.stages(), providers, directory, Setting.local(config, List.of()));
    codes.open("run", WorkerCredentials::none);
    return codes;
  }

  static Providers noProviders() {
    return Providers.of(List.of(), List.of(), List.of(), List.of(), List.of());
  }
}
