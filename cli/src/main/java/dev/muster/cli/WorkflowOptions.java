package dev.muster.cli;

import dev.muster.LoadOptions;
import dev.muster.RunOptions;
import dev.muster.WorkflowDraft;
import dev.muster.WorkflowFile;
import dev.muster.error.Problem;
import dev.muster.execution.Layer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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

  @Option(
      names = "--param",
      paramLabel = "NAME=VAL",
      description = {"Give a parameter of the workflow another value, for", "example mass=90."},
      order = 24)
  List<String> params = new ArrayList<>();

  @Option(
      names = "--language",
      paramLabel = "NAME",
      description = {
        "The language of the file: muster for Muster's own, or the",
        "name of another one, such as fasthep (default: found out)."
      },
      order = 25)
  @Nullable
  String language;

  @Option(
      names = "--chunk-size",
      paramLabel = "N",
      description = "FAST-HEP: the events in a partition.",
      order = 26)
  @Nullable
  String chunkSize;

  @Option(
      names = "--outdir",
      paramLabel = "DIR",
      description = {"FAST-HEP: where the products go (default: in the run's", "own folder)."},
      order = 27)
  @Nullable
  String outdir;

  @Option(
      names = "--variation",
      paramLabel = "NAME",
      description = {"FAST-HEP: a systematic variation to run, repeatable", "(default: all)."},
      order = 28)
  List<String> variations = new ArrayList<>();

  @Mixin
  OutputOptions output = new OutputOptions();

  /**
   * A workflow file and the layers above its own.
   *
   * @param draft the file, with what is wrong with the options too
   */
  record Loaded(WorkflowDraft draft, List<Layer> above) {
    /** Returns options with the layers. */
    RunOptions.Builder options() {
      RunOptions.Builder options = RunOptions.builder();
      above.forEach(options::above);
      return options;
    }
  }

  /** Reads the file and understands the options. */
  Loaded load(Shell shell) {
    WorkflowDraft draft = shell.library().load(Path.of(file), loadOptions());
    Overrides overrides = new Overrides(draft.layers());
    if (backend != null) {
      overrides.backend(backend);
    }
    if (strategy != null) {
      overrides.strategy(strategy);
    }
    List<Problem> wrong = new ArrayList<>();
    for (String pool : pools) {
      understand("pools." + keyOf(pool) + ".workers", () -> overrides.pool(pool), wrong);
    }
    for (String assignment : assignments) {
      understand(keyOf(assignment), () -> overrides.set(assignment), wrong);
    }
    // What an environment takes is not known where it could not be read.
    boolean lost = !draft.problems().isEmpty();
    wrong.removeIf(each -> lost && each.path().startsWith("execution.environment."));
    for (String doubt : overrides.doubts()) {
      shell.err().print("muster: note: " + Text.harmless(doubt));
    }
    return new Loaded(draft.with(wrong), above(draft.language(), overrides.layers()));
  }

  private LoadOptions loadOptions() {
    LoadOptions.Builder options = LoadOptions.builder().language(language);
    if (chunkSize != null) {
      options.option("chunk-size", chunkSize);
    }
    if (outdir != null) {
      options.option("outdir", outdir);
    }
    variations.forEach(name -> options.option("variation", name));
    for (String param : params) {
      int equals = param.indexOf('=');
      if (equals < 1) {
        throw new UsageException("--param " + param + ": expected NAME=VALUE, for example mass=90");
      }
      options.paramText(param.substring(0, equals).strip(), param.substring(equals + 1));
    }
    // What a language may need while it loads: the rest needs to know what the file says.
    Overrides early = new Overrides(List.of());
    List<Problem> toldLater = new ArrayList<>();
    assignments.stream()
        .filter(WorkflowOptions::ofConfig)
        .forEach(each -> understand(keyOf(each), () -> early.set(each), toldLater));
    early.layers().forEach(options::above);
    return options.build();
  }

  private static boolean ofConfig(String assignment) {
    return assignment.startsWith("config.") || assignment.startsWith("execution.config.");
  }

  /** Leaves out the options of the language itself: it has read them. */
  private static List<Layer> above(WorkflowFile.@Nullable Language language, List<Layer> layers) {
    if (language == null) {
      return layers;
    }
    return layers.stream().filter(layer -> !isOf(language.name(), layer)).toList();
  }

  private static boolean isOf(String language, Layer layer) {
    Set<String> keys = layer.execution().config().keySet();
    return !keys.isEmpty()
        && keys.stream().allMatch(key -> key.equals(language) || key.startsWith(language + "."));
  }

  private static void understand(String key, Runnable option, List<Problem> wrong) {
    try {
      option.run();
    } catch (UsageException e) {
      String path = key.startsWith("execution.") ? key : "execution." + key;
      wrong.add(new Problem(null, path, String.valueOf(e.getMessage()), null));
    }
  }

  private static String keyOf(String assignment) {
    return assignment.substring(0, Math.max(0, assignment.indexOf('='))).strip();
  }
}
