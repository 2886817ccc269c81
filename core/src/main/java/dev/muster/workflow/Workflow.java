package dev.muster.workflow;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.CheckReturnValue;
import dev.muster.error.Problem;
import dev.muster.error.SourceLocation;
import dev.muster.value.JsonValues;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What to do: stages, the data that they work on, and the names of their operations. It says nothing of where.
 *
 * <pre>{@code
 * Workflow workflow = Workflow.builder()
 *     .stage("BuildIndex").op("custom.build_index").require("high_memory")
 *     .stage("TrainModel").op("custom.train").require("gpu").modifier("gpu.preload")
 *     .stage("ProducePlots").op("hep.hist")
 *     .build();
 * }</pre>
 *
 * <p>Two workflows are equal if they say the same. Names of stages in {@code needs} and {@code from} are checked by the
 * planner, which reports all problems at once. Immutable and thread-safe.
 *
 * @since 0.1
 */
@CheckReturnValue
public final class Workflow {
  /** How the version of the language that this library knows may be written. */
  private static final Set<String> LANGUAGE_VERSIONS = Set.of("1", "1.0");

  private static final String SHELL = "shell";

  private final String name;
  private final String version;
  private final WorkflowParams params;
  private final List<Stage> stages;
  private final Map<String, Stage> byId;
  private final List<Dataset> datasets;
  private final Partitioning partitioning;
  private final Registry registry;
  private final Map<String, Operation> operations;
  private final Map<String, ModifierHooks> modifiers;
  private final Map<String, @Nullable Object> metadata;
  private final List<Problem> warnings;
  private final List<String> code;
  private final Path baseDirectory;
  private final Map<String, SourceLocation> locations;

  private Workflow(Builder builder) {
    name = builder.name;
    version = builder.version;
    params = new WorkflowParams(builder.params);
    boolean shell =
        !builder.operations.containsKey(SHELL) && !builder.registry.operations().containsKey(SHELL);
    ImmutableList.Builder<Stage> built =
        ImmutableList.builderWithExpectedSize(builder.stages.size());
    byId = new LinkedHashMap<>(builder.stages.size() * 2);
    for (Object entry : builder.stages) {
      Stage given = entry instanceof StageStep step ? new Stage(step) : (Stage) entry;
      boolean command = shell && given.op().equals(SHELL) && given.operation() == null;
      Stage stage = Templates.stage(given, params, command);
      if (byId.put(stage.id(), stage) != null) {
        throw new IllegalArgumentException("the workflow has two stages named " + stage.id());
      }
      built.add(stage);
    }
    stages = built.build();
    datasets = builder.datasets.stream()
        .map(each -> Templates.dataset(each, params))
        .collect(ImmutableList.toImmutableList());
    partitioning = builder.partitioning;
    registry = builder.registry;
    operations = Collections.unmodifiableMap(new LinkedHashMap<>(builder.operations));
    modifiers = Collections.unmodifiableMap(new LinkedHashMap<>(builder.modifiers));
    metadata = JsonValues.copyOf(builder.metadata);
    warnings = List.copyOf(builder.warnings);
    code = List.copyOf(builder.code);
    baseDirectory = builder.baseDirectory;
    locations = builder.locations;
  }

  /** Returns a builder of a workflow named {@code workflow}, without stages. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns a builder that starts from this workflow. */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.name = name;
    builder.version = version;
    builder.params.putAll(params.values());
    builder.stages.addAll(stages);
    builder.datasets.addAll(datasets);
    builder.partitioning = partitioning;
    builder.registry = registry;
    builder.operations.putAll(operations);
    builder.modifiers.putAll(modifiers);
    builder.metadata.putAll(metadata);
    builder.warnings.addAll(warnings);
    builder.code.addAll(code);
    builder.baseDirectory = baseDirectory;
    builder.locations = locations;
    return builder;
  }

  /** Returns the workflow's name. */
  public String name() {
    return name;
  }

  /** Returns the version of the workflow language that it was written in, for example {@code 1.0}. */
  public String version() {
    return version;
  }

  /** Returns the values of its parameters; they are in their places in stages and datasets, but for commands. */
  public WorkflowParams params() {
    return params;
  }

  /** Returns the stages, in the author's order. */
  public List<Stage> stages() {
    return stages;
  }

  /**
   * Returns the stage of that id.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Stage stage(String id) {
    Stage stage = byId.get(id);
    if (stage == null) {
      throw new IllegalArgumentException("workflow " + name + " has no stage " + id);
    }
    return stage;
  }

  /** Returns the datasets; empty for a workflow without data. */
  public List<Dataset> datasets() {
    return datasets;
  }

  /** Returns how datasets are cut into partitions. */
  public Partitioning partitioning() {
    return partitioning;
  }

  /** Returns which implementations stand behind names. */
  public Registry registry() {
    return registry;
  }

  /** Returns the Java operations registered by name. */
  public Map<String, Operation> operations() {
    return operations;
  }

  /** Returns the Java modifiers registered by name. */
  public Map<String, ModifierHooks> modifiers() {
    return modifiers;
  }

  /** Returns sections of the file that are not Muster's: kept, not read. */
  public Map<String, @Nullable Object> metadata() {
    return metadata;
  }

  /**
   * Returns what is doubtful in the file that this was read from: it keeps nothing from running. A plan has them among
   * its own warnings. They do not count when workflows are compared.
   */
  public List<Problem> warnings() {
    return warnings;
  }

  /**
   * Returns the code that the operations themselves bring, such as what another language of workflows runs on
   * workers: folders and files, as in {@link dev.muster.execution.Execution#code}. No layer of an execution replaces
   * it. It is not written to YAML.
   */
  public List<String> code() {
    return code;
  }

  /** Returns the folder that relative paths are taken from: the workflow file's, or the current one. */
  public Path baseDirectory() {
    return baseDirectory;
  }

  /**
   * Returns where a value that belongs to no stage stands in the file: what surrounds it if its own place is not
   * known, or null if nothing is. They do not count when workflows are compared.
   *
   * @param path for example {@code data.partition} or {@code dataset ttbar.files}; empty for the whole file
   */
  public @Nullable SourceLocation location(String path) {
    String at = path;
    while (!at.isEmpty()) {
      SourceLocation found = locations.get(at);
      if (found != null) {
        return found;
      }
      at = at.substring(0, Math.max(0, at.lastIndexOf('.')));
    }
    return locations.get("");
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Workflow workflow
        && name.equals(workflow.name)
        && version.equals(workflow.version)
        && params.equals(workflow.params)
        && stages.equals(workflow.stages)
        && datasets.equals(workflow.datasets)
        && partitioning.equals(workflow.partitioning)
        && registry.equals(workflow.registry)
        && operations.equals(workflow.operations)
        && modifiers.equals(workflow.modifiers)
        && metadata.equals(workflow.metadata)
        && code.equals(workflow.code)
        && baseDirectory.equals(workflow.baseDirectory);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, stages, datasets);
  }

  /** Returns for example {@code Workflow(dimuon, 4 stages)}. */
  @Override
  public String toString() {
    return "Workflow(" + name + ", " + stages.size()
        + (stages.size() == 1 ? " stage)" : " stages)");
  }

  /** Builds a {@link Workflow}. Defaults stand with each property. Not thread-safe. */
  public static final class Builder {
    private String name = "workflow";
    private String version = "1.0";
    private final Map<String, @Nullable Object> params = new LinkedHashMap<>();
    private final List<Object> stages = new ArrayList<>();
    private final List<Dataset> datasets = new ArrayList<>();
    private Partitioning partitioning = Partitioning.byFile();
    private Registry registry = Registry.empty();
    private final Map<String, Operation> operations = new LinkedHashMap<>();
    private final Map<String, ModifierHooks> modifiers = new LinkedHashMap<>();
    private final Map<String, @Nullable Object> metadata = new LinkedHashMap<>();
    private final List<Problem> warnings = new ArrayList<>();
    private final List<String> code = new ArrayList<>();
    private Path baseDirectory = Path.of("");
    private Map<String, SourceLocation> locations = Map.of();

    private Builder() {}

    /** Sets the name. Default: {@code workflow}. */
    @CanIgnoreReturnValue
    public Builder name(String name) {
      if (name.isBlank()) {
        throw new IllegalArgumentException("the workflow's name cannot be blank");
      }
      this.name = name;
      return this;
    }

    /**
     * Sets the version of the workflow language: {@code 1.0}, which may be written {@code 1}. Default: {@code 1.0}.
     *
     * @throws IllegalArgumentException if it is another one
     */
    @CanIgnoreReturnValue
    public Builder version(String version) {
      if (!LANGUAGE_VERSIONS.contains(version)) {
        throw new IllegalArgumentException(
            "version " + version + " of the workflow language is not known; the known one is 1.0");
      }
      this.version = version;
      return this;
    }

    /**
     * Adds a parameter of the workflow. {@code {param.NAME}} in a parameter of a stage or of a modifier, in a variable
     * or in the name of a dataset's file is its value: alone with its type, within a text its text. A command names it
     * in the same way.
     *
     * @param value JSON-like
     * @throws IllegalArgumentException if there is one of that name with another value: it may be in its places already
     */
    @CanIgnoreReturnValue
    public Builder param(String paramName, @Nullable Object value) {
      if (params.containsKey(paramName) && !Objects.equals(params.get(paramName), value)) {
        throw new IllegalArgumentException("the workflow parameter '" + paramName + "' is "
            + params.get(paramName)
            + " already; give the value before the workflow is built, or when its file is"
            + " loaded");
      }
      params.put(paramName, value);
      return this;
    }

    /** Adds a stage and goes on with its properties; the next {@code stage} ends it. */
    @CanIgnoreReturnValue
    public StageStep stage(String id) {
      StageStep step = new StageStep(this, id);
      stages.add(step);
      return step;
    }

    /** Adds a stage whose properties {@code change} sets. */
    @CanIgnoreReturnValue
    public Builder stage(String id, Consumer<Stage.Builder> change) {
      Stage.Builder builder = Stage.builder(id);
      change.accept(builder);
      return stage(builder.build());
    }

    /** Adds a stage. */
    @CanIgnoreReturnValue
    public Builder stage(Stage stage) {
      stages.add(stage);
      return this;
    }

    /** Removes all stages. */
    @CanIgnoreReturnValue
    public Builder noStages() {
      stages.clear();
      return this;
    }

    /** Adds a dataset. */
    @CanIgnoreReturnValue
    public Builder dataset(Dataset dataset) {
      datasets.add(dataset);
      return this;
    }

    /** Adds a dataset of files. */
    @CanIgnoreReturnValue
    public Builder dataset(String datasetName, String... files) {
      return dataset(Dataset.of(datasetName, files));
    }

    /** Sets how datasets are cut. Default: one file to a partition. */
    @CanIgnoreReturnValue
    public Builder partitioning(Partitioning partitioning) {
      this.partitioning = partitioning;
      return this;
    }

    /** Sets the registry of implementations. Default: empty. */
    @CanIgnoreReturnValue
    public Builder registry(Registry registry) {
      this.registry = registry;
      return this;
    }

    /** Registers Java code as the operation {@code operationName}. */
    @CanIgnoreReturnValue
    public Builder operation(String operationName, Operation operation) {
      operations.put(operationName, operation);
      return this;
    }

    /** Registers Java code as the modifier {@code modifierName}. */
    @CanIgnoreReturnValue
    public Builder modifier(String modifierName, ModifierHooks hooks) {
      modifiers.put(modifierName, hooks);
      return this;
    }

    /**
     * Adds code that the operations bring, besides that of the execution: a folder or a file, as in {@link
     * dev.muster.execution.Execution#code}.
     */
    @CanIgnoreReturnValue
    public Builder code(String path) {
      code.add(path);
      return this;
    }

    /** Adds a section that is kept, not read. */
    @CanIgnoreReturnValue
    public Builder metadata(String key, @Nullable Object value) {
      metadata.put(key, value);
      return this;
    }

    /** Adds something doubtful that whoever plans or runs the workflow is to be told. */
    @CanIgnoreReturnValue
    public Builder warning(Problem warning) {
      warnings.add(warning);
      return this;
    }

    /** Sets the folder that relative paths are taken from. Default: the current folder. */
    @CanIgnoreReturnValue
    public Builder baseDirectory(Path directory) {
      this.baseDirectory = directory;
      return this;
    }

    /**
     * Sets where values that belong to no stage stand in the file, by their path; see {@link Workflow#location}.
     * Default: nowhere.
     */
    @CanIgnoreReturnValue
    public Builder locations(Map<String, SourceLocation> locations) {
      this.locations = Map.copyOf(locations);
      return this;
    }

    /**
     * Returns the workflow.
     *
     * @throws IllegalArgumentException if two stages have one id, a stage has a modifier twice, or something names a
     *     parameter of the workflow that it does not have
     */
    @CheckReturnValue
    public Workflow build() {
      return new Workflow(this);
    }
  }

  /** A stage in the middle of a workflow's builder: its properties, then the next stage or the end. Not thread-safe. */
  public static final class StageStep extends StageProperties<StageStep> {
    private final Builder workflow;

    private StageStep(Builder workflow, String id) {
      super(id);
      this.workflow = workflow;
    }

    @Override
    StageStep self() {
      return this;
    }

    /** Ends this stage and adds the next. */
    @CanIgnoreReturnValue
    public StageStep stage(String id) {
      return workflow.stage(id);
    }

    /** Ends this stage and adds one whose properties {@code change} sets. */
    @CanIgnoreReturnValue
    public Builder stage(String id, Consumer<Stage.Builder> change) {
      return workflow.stage(id, change);
    }

    /** Ends this stage and goes back to the workflow's own properties. */
    @CanIgnoreReturnValue
    public Builder workflow() {
      return workflow;
    }

    /** Ends this stage and returns the workflow; see {@link Builder#build()}. */
    @CheckReturnValue
    public Workflow build() {
      return workflow.build();
    }
  }
}
