package dev.muster.fasthep;

import dev.muster.error.Problem;
import dev.muster.error.SourceLocation;
import dev.muster.error.Suggestions;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Execution;
import dev.muster.execution.Layer;
import dev.muster.fasthep.CompileCache.Compiled;
import dev.muster.fasthep.FastHepPlan.PlanPartition;
import dev.muster.spi.WorkflowLanguage.LanguageOptions;
import dev.muster.spi.WorkflowLanguage.Loaded;
import dev.muster.spi.WorkflowText;
import dev.muster.workflow.Workflow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Loads one file: compiles it, and makes Muster's workflow of its plans. Not thread-safe. */
final class Loading {
  static final String CHUNK_SIZE = "chunk-size";
  static final String OUTDIR = "outdir";

  /** Folders that FAST-HEP makes in the one of the products; one of these names is taken for one of them. */
  private static final Set<String> RESERVED =
      Set.of("compile", "graph", "render", "reports", "debug", "execution");

  static final String VARIATION = "variation";
  private static final List<String> OPTIONS = List.of(CHUNK_SIZE, OUTDIR, VARIATION);

  private final WorkflowText text;
  private final LanguageOptions options;
  private final Path root;
  private final CompileCache cache;
  private final Notes notes;
  private final List<String> told = new ArrayList<>();

  /**
   * @param root the folder from which FAST-HEP takes relative paths
   */
  Loading(WorkflowText text, LanguageOptions options, Path root, CompileCache cache) {
    this.text = text;
    this.options = options;
    this.root = root;
    this.cache = cache;
    this.notes = new Notes(text);
  }

  Loaded load() {
    checkOptions();
    boolean plan = Recogniser.isPlan(text);
    Integer chunkSize = chunkSize(plan);
    Path outdir = outdir();
    PythonChoice.Chosen python = PythonChoice.choose(
        options.above(), text.value("execution", "config", "python"), options.below(), root);
    CompileRequest request = new CompileRequest(
        root.resolve(text.file()).normalize(),
        plan,
        root,
        chunkSize,
        options.given().getOrDefault(VARIATION, List.of()),
        python.program());
    Compiled compiled = cache.get(request);
    return make(compiled, python.program(), outdir);
  }

  private void checkOptions() {
    List<Problem> problems = new ArrayList<>();
    options.given().forEach((name, values) -> {
      if (!OPTIONS.contains(name)) {
        problems.add(new Problem(
            null,
            "",
            "--" + name + " is no option of FAST-HEP's workflows",
            Suggestions.didYouMean(name, OPTIONS)));
      } else if (values.size() > 1 && !name.equals(VARIATION)) {
        problems.add(new Problem(null, "", "--" + name + " is given twice", "give it once"));
      }
    });
    if (!problems.isEmpty()) {
      throw new WorkflowException(problems);
    }
  }

  private @Nullable Integer chunkSize(boolean plan) {
    List<String> given = options.given().getOrDefault(CHUNK_SIZE, List.of());
    if (given.isEmpty()) {
      return null;
    }
    if (plan) {
      throw new WorkflowException(
          "",
          "--" + CHUNK_SIZE + " has no effect on a compiled plan: its partitions are made",
          "give the workflow instead of its plan");
    }
    if (!given.get(0).matches("[1-9]\\d{0,8}")) {
      throw new WorkflowException(
          "", "--" + CHUNK_SIZE + " must be a number of events, and is " + given.get(0), null);
    }
    return Integer.valueOf(given.get(0));
  }

  private @Nullable Path outdir() {
    List<String> given = options.given().getOrDefault(OUTDIR, List.of());
    if (given.isEmpty()) {
      return null;
    }
    if (given.get(0).isBlank()) {
      throw new WorkflowException("", "--" + OUTDIR + " is empty", "name a folder");
    }
    Path outdir = root.resolve(given.get(0)).normalize();
    String name = String.valueOf(outdir.getFileName());
    if (RESERVED.contains(name)) {
      throw new WorkflowException(
          "",
          "--" + OUTDIR + " is " + outdir
              + ", and FAST-HEP would write beside a folder of that name instead of into it",
          "choose another name than " + name);
    }
    return outdir;
  }

  private Loaded make(Compiled compiled, Path python, @Nullable Path outdir) {
    Answer answer = compiled.answer();
    List<FastHepPlan> plans = answer.plans();
    FastHepPlan first = plans.get(0);
    Map<?, ?> config = first.execution().get("config") instanceof Map<?, ?> map ? map : Map.of();
    OwnSettings own = OwnSettings.read(options.below(), config, options.above(), notes);
    List<Layer> others = new ArrayList<>(options.below());
    others.addAll(options.above());
    ExecutionMapping.Mapped mapped = ExecutionMapping.map(first.execution(), python, others, notes);
    Execution execution = withCode(mapped);
    notes.throwIfAny();
    joins(plans, own.compatible());
    if (mapped.unpooled()) {
      labels(plans);
    }
    Data data = new Data(plans, own.compatible());
    Stages.Setting setting = new Stages.Setting(
        String.valueOf(text.file()),
        own.compatible(),
        outdir,
        compiled.outdir(),
        mapped.anyPool(),
        mapped.unpooled(),
        own.retry(),
        told,
        stage -> place(stage, "analysis", "stages"),
        report -> place(report, "reports"));
    Workflow.Builder workflow =
        Workflow.builder().name(name()).baseDirectory(root).registry(Stages.REGISTRY);
    data.datasets().forEach(workflow::dataset);
    String last = null;
    for (FastHepPlan plan : plans) {
      String prefix = plans.size() > 1 ? plan.name() + "." : "";
      last = new Stages(setting, plan, data, prefix).addTo(workflow, outdir == null ? null : last);
    }
    code(compiled, answer).forEach(workflow::code);
    answer.warnings().forEach(each -> workflow.warning(new Problem(null, "", each, null)));
    notes.warnings().forEach(workflow::warning);
    return new Loaded(
        workflow.build(), new Layer("workflow " + text.file(), execution, mapped.places()));
  }

  /** Tells of partitions that repeat events. */
  private void joins(List<FastHepPlan> plans, boolean compatible) {
    long repeated = plans.stream()
        .flatMap(plan -> plan.partitions().stream())
        .filter(PlanPartition::repeated)
        .count();
    if (repeated == 0) {
      return;
    }
    String events = repeated + (repeated == 1 ? " partition has" : " partitions have")
        + " the events of another one, since FAST-HEP makes partitions for each source";
    if (compatible) {
      notes.warn(
          "sources",
          events + "; each is counted, as FAST-HEP does (" + OwnSettings.NAME + ".compatible)",
          null);
    } else {
      notes.warn(
          "sources",
          events + "; they run once, and each event is counted once",
          "for FAST-HEP's own numbers write execution.config.fasthep.compatible: true");
    }
  }

  /** Tells of requirements that nothing can answer. */
  private void labels(List<FastHepPlan> plans) {
    Set<String> labels = new TreeSet<>();
    plans.forEach(plan -> plan.nodes().forEach(node -> {
      if (node.wish().require() != null) {
        labels.add(node.wish().require());
      }
      if (node.wish().prefer() != null) {
        labels.add(node.wish().prefer());
      }
    }));
    if (!labels.isEmpty()) {
      notes.warn(
          "execution.pools",
          "there are no pools, so all stages run on this machine; what they require has no effect: "
              + String.join(", ", labels),
          "add pools, as in pools: {NAME: {resources: " + labels.iterator().next()
              + ", workers: 1}}");
    }
  }

  private String name() {
    String file = String.valueOf(text.file().getFileName());
    int dot = file.lastIndexOf('.');
    String bare = dot > 0 ? file.substring(0, dot) : file;
    return bare.isBlank() ? "workflow" : bare;
  }

  /** Returns where the item of a list that has this id stands in the file, or null. */
  private @Nullable SourceLocation place(String id, Object... list) {
    if (text.value(list) instanceof List<?> items) {
      for (int i = 0; i < items.size(); i++) {
        if (items.get(i) instanceof Map<?, ?> map && id.equals(map.get("id"))) {
          Object[] item = Arrays.copyOf(list, list.length + 1);
          item[list.length] = i;
          return text.place(item);
        }
      }
    }
    return null;
  }

  /** Adds what {@code execution.code} of the file names: FAST-HEP's compiler passes over it. */
  private Execution withCode(ExecutionMapping.Mapped mapped) {
    Object named = text.value("execution", "code");
    if (named == null) {
      return mapped.execution();
    }
    if (!(named instanceof List<?> paths) || !paths.stream().allMatch(String.class::isInstance)) {
      notes.refuse("execution.code", "it is no list of paths", "write for example [helpers/]");
      return mapped.execution();
    }
    mapped.places().put("code", text.place("execution", "code"));
    return mapped.execution().toBuilder()
        .code(paths.stream().map(String::valueOf).toArray(String[]::new))
        .build();
  }

  /**
   * Returns the code that workers need besides what {@code execution.code} names: Muster's part with the plans, the
   * user's modules that the compile imported from elsewhere, and files that parameters name.
   */
  private List<String> code(Compiled compiled, Answer answer) {
    Set<String> code = new LinkedHashSet<>();
    code.add(compiled.code().toString());
    for (String module : answer.modules()) {
      Path top = Path.of(module);
      Path parent = top.getParent();
      while (parent != null && Files.isRegularFile(parent.resolve("__init__.py"))) {
        top = parent;
        parent = top.getParent();
      }
      if (!root.equals(parent)) { // those beside the workflow are found anyway
        code.add(top.toString());
      }
    }
    code.addAll(answer.files());
    return List.copyOf(code);
  }
}
