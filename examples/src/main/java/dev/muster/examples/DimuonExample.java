package dev.muster.examples;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.execution.Execution;
import dev.muster.run.Run;
import dev.muster.run.RunEvent;
import dev.muster.run.RunListener;
import dev.muster.run.RunResult;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Scope;
import dev.muster.workflow.StageInput;
import dev.muster.workflow.Workflow;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * From simulated collisions to the mass of the Z boson, in Java: the same workflow as {@code workflows/dimuon.yaml}.
 *
 * <p>Thread-safe.
 */
public final class DimuonExample {
  private DimuonExample() {}

  /**
   * Runs the example.
   *
   * @param args the folder for the event files and the runs, {@code dimuon} by default
   */
  public static void main(String[] args) {
    Path directory = Path.of(args.length > 0 ? args[0] : "dimuon").toAbsolutePath();
    Path runDirectory = directory.resolve("run-" + Instant.now().getEpochSecond());
    RunResult result = run(directory, runDirectory, DimuonExample::print);
    System.out.println("The plot is in " + result.directory());
  }

  /**
   * Runs the example; event files go to {@code directory}, the run's own files to {@code runDirectory}, which must be
   * new.
   */
  public static RunResult run(Path directory, Path runDirectory, RunListener listener) {
    RunOptions options =
        RunOptions.builder().directory(runDirectory).listener(listener).build();
    try (Run run = Muster.start(workflow(directory), execution(), options)) {
      return run.await().orThrow();
    }
  }

  /** Returns what to do; relative files are taken from {@code directory}. */
  public static Workflow workflow(Path directory) {
    return Workflow.builder()
        .name("dimuon")
        .baseDirectory(directory)
        .dataset(dataset("data", 4, Map.of("eventtype", "data")))
        .dataset(simulation("zmumu", 5, "Z → μμ", "#56B4E9"))
        .dataset(simulation("continuum", 3, "Continuum", "#E69F00"))
        .dataset(simulation("ttbar", 1, "Top-quark pairs", "#009E73"))
        .stage(
            "Generate",
            stage -> stage
                .op("dimuon.generate")
                .param("seed", 2024)
                .param("events", 40_000)
                .param("luminosity", 12.5)
                .param(
                    "cross_sections", Map.of("zmumu", 1950.0, "continuum", 900.0, "ttbar", 13.0)))
        .stage(
            "BuildIndex",
            stage -> stage.op("dimuon.build_index").scope(Scope.DATASET).require("high_memory"))
        .stage(
            "SelectMuons",
            stage -> stage
                .op("dimuon.select")
                .params(Map.of("leading_pt", 25.0, "subleading_pt", 15.0, "max_eta", 2.4)))
        .stage(
            "TrainModel",
            stage -> stage
                .op("dimuon.train")
                .params(Map.of("signal", "zmumu", "seed", 7))
                .scope(Scope.GLOBAL)
                .appliesTo(Map.of("eventtype", "mc"))
                .require("gpu"))
        .stage(
            "RunInference",
            stage -> stage
                .op("dimuon.inference")
                .needs("SelectMuons", "TrainModel")
                .from(List.of(input("SelectMuons", "events"), input("TrainModel", "model")))
                .require("gpu"))
        .stage(
            "MassHistogram",
            stage -> stage
                .op("dimuon.histogram")
                .params(Map.of("low", 60.0, "high", 120.0, "bins", 60, "min_score", 0.25))
                .needs("RunInference", "BuildIndex")
                .from(List.of(input("RunInference", "events"), input("BuildIndex", "index")))
                .scope(Scope.GLOBAL))
        .stage(
            "FitPeak",
            stage -> stage
                .op("dimuon.fit")
                .params(Map.of("low", 70.0, "high", 110.0))
                .scope(Scope.GLOBAL))
        .stage(
            "ProducePlots",
            stage -> stage
                .op("dimuon.plot")
                .params(
                    Map.of("heading", "Muster example", "remark", "Simulated data, √s = 13 TeV"))
                .needs("MassHistogram", "FitPeak")
                .from(List.of(input("MassHistogram", "spectrum"), input("FitPeak", "fit")))
                .scope(Scope.GLOBAL))
        .build();
  }

  /** Returns where to do it: here, with a pool for each kind of worker. */
  public static Execution execution() {
    return Execution.builder()
        .backend("local")
        .pool("default", pool -> pool.workers(2).cpus(1).memory("1GB"))
        .pool("high_memory", pool -> pool.workers(1).cpus(1).memory("4GB"))
        .pool("gpu", pool -> pool.workers(1).gpus(1).memory("2GB"))
        .build();
  }

  private static StageInput input(String stage, String as) {
    return new StageInput(stage, null, as);
  }

  private static Dataset simulation(String name, int files, String label, String color) {
    Map<String, @Nullable Object> attributes = new LinkedHashMap<>();
    attributes.put("eventtype", "mc");
    attributes.put("label", label);
    attributes.put("color", color);
    return dataset(name, files, attributes);
  }

  private static Dataset dataset(String name, int files, Map<String, @Nullable Object> attributes) {
    List<String> paths = new ArrayList<>();
    for (int i = 0; i < files; i++) {
      paths.add("data/" + name + "." + i + ".events");
    }
    return new Dataset(name, paths, List.of(), attributes);
  }

  private static void print(RunEvent event) {
    if (event instanceof RunEvent.StageFinished stage) {
      System.out.println(stage.stage() + ": " + stage.succeeded() + " tasks done");
    }
  }
}
