package dev.muster.worker.internal;

import dev.muster.spi.Plugin;
import dev.muster.spi.WorkerProvider;
import dev.muster.spi.WorkerSetup;
import dev.muster.workflow.Operation;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/** Makes the operations of stages that are calls of external workers. Thread-safe. */
public final class MusterWorkers implements WorkerProvider {
  /** Called by {@link java.util.ServiceLoader}. */
  public MusterWorkers() {}

  @Override
  public Set<String> options() {
    return WorkerOptions.NAMES;
  }

  @Override
  public void check(String type, Collection<String> others, List<? extends Plugin> plugins) {
    new Workers(plugins).check(type, others);
  }

  @Override
  public Operation create(WorkerSetup setup) {
    WorkerOptions options =
        WorkerOptions.read(setup.config(), setup.configPath(), setup.stage().baseDirectory());
    StagePorts ports = StagePorts.of(setup.stage().stage(), setup.ports());
    JobSource jobs =
        new JobSource(setup.config(), setup.configPath(), setup.stage().baseDirectory());
    return WorkerStage.of(setup, options, jobs, ports, new Workers(setup.plugins()));
  }
}
