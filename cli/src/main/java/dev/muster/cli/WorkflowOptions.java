package dev.muster.cli;

import dev.muster.RunOptions;
import dev.muster.WorkflowFile;
import dev.muster.execution.Layer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The workflow, and the options that change where it runs. */
final class WorkflowOptions {
  @Parameters(index = "0", paramLabel = "FILE", description = "The workflow file.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String file;

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      description = "Use this backend instead of the workflow's.",
      order = 20)
  @Nullable
  String backend;

  @Option(
      names = "--strategy",
      paramLabel = "NAME",
      description = "Use this strategy instead of the workflow's.",
      order = 21)
  @Nullable
  String strategy;

  @Option(
      names = "--pool",
      paramLabel = "NAME=N",
      description = "Give a pool N workers, or MIN..MAX.",
      order = 22)
  List<String> pools = new ArrayList<>();

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = {
        "Set a value below the workflow's 'execution', for",
        "example pools.gpu.workers=2 or config.queue=short."
      },
      order = 23)
  List<String> assignments = new ArrayList<>();

  @Mixin
  OutputOptions output = new OutputOptions();

  /** A workflow file and the layers above its own. */
  record Loaded(WorkflowFile file, List<Layer> above) {
    /** Returns options with the layers. */
    RunOptions.Builder options() {
      RunOptions.Builder options = RunOptions.builder();
      above.forEach(options::above);
      return options;
    }
  }

  /**
   * Loads the file and understands the options.
   *
   * @throws UsageException if an option is wrong
   */
  Loaded load(Shell shell) {
    WorkflowFile loaded = shell.library().load(Path.of(file));
    List<Layer> all = new ArrayList<>(loaded.profiles());
    all.add(loaded.layer());
    Overrides overrides = new Overrides(all);
    if (backend != null) {
      overrides.backend(backend);
    }
    if (strategy != null) {
      overrides.strategy(strategy);
    }
    pools.forEach(overrides::pool);
    assignments.forEach(overrides::set);
    for (String doubt : overrides.doubts()) {
      shell.err().print("muster: note: " + Text.harmless(doubt));
    }
    return new Loaded(loaded, overrides.layers());
  }
}
