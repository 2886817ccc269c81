/**
 * Runs one workflow on many kinds of workers: model, language, planner, engine and the local backend.
 */
@SuppressWarnings("module") // dev.muster.dask is built after this one
module dev.muster.core {
  requires transitive org.jspecify;
  requires transitive com.google.common;
  requires static transitive com.google.errorprone.annotations;
  requires org.slf4j;
  requires org.snakeyaml.engine;
  requires tools.jackson.core;
  requires tools.jackson.databind;
  requires tools.jackson.dataformat.yaml;
  requires java.management;
  requires jdk.management;

  exports dev.muster;
  exports dev.muster.code;
  exports dev.muster.error;
  exports dev.muster.execution;
  exports dev.muster.internal.discovery to
      dev.muster.batch,
      dev.muster.worker;
  exports dev.muster.internal.file to
      dev.muster.batch,
      dev.muster.cli,
      dev.muster.dask,
      dev.muster.fasthep,
      dev.muster.pixi,
      dev.muster.report,
      dev.muster.worker;
  exports dev.muster.internal.io to
      dev.muster.batch,
      dev.muster.cli,
      dev.muster.dask,
      dev.muster.fasthep,
      dev.muster.pixi,
      dev.muster.report,
      dev.muster.worker;
  exports dev.muster.internal.journal to
      dev.muster.cli,
      dev.muster.report;
  exports dev.muster.internal.operation to
      dev.muster.worker;
  exports dev.muster.internal.process to
      dev.muster.batch,
      dev.muster.dask,
      dev.muster.fasthep,
      dev.muster.worker;
  exports dev.muster.internal.rundir to
      dev.muster.batch,
      dev.muster.cli,
      dev.muster.report;
  exports dev.muster.internal.thread to
      dev.muster.batch,
      dev.muster.cli,
      dev.muster.dask,
      dev.muster.fasthep,
      dev.muster.pixi;
  exports dev.muster.plan;
  exports dev.muster.probe;
  exports dev.muster.resource;
  exports dev.muster.run;
  exports dev.muster.spi;
  exports dev.muster.value;
  exports dev.muster.workflow;

  uses dev.muster.spi.Backend;
  uses dev.muster.spi.Infrastructure;
  uses dev.muster.spi.ModifierProvider;
  uses dev.muster.spi.OperationProvider;
  uses dev.muster.spi.RunReporter;
  uses dev.muster.spi.WorkerProvider;
  uses dev.muster.spi.WorkflowLanguage;
}
