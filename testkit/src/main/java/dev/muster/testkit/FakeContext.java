package dev.muster.testkit;

import dev.muster.workflow.Dataset;
import dev.muster.workflow.MissingInput;
import dev.muster.workflow.OperationContext;
import dev.muster.workflow.Partition;
import dev.muster.workflow.Stage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A context for testing an operation or a modifier by itself, without a run.
 *
 * <pre>{@code
 * FakeContext context = FakeContext.builder("Select").param("cut", 30.0).input("Read", events).build();
 * Object selected = new Select().run(context);
 * }</pre>
 *
 * <p>It keeps what the operation logs and notes. Thread-safe.
 *
 * @since 0.1
 */
public final class FakeContext implements OperationContext {
  private final Stage stage;
  private final @Nullable Partition partition;
  private final @Nullable Dataset dataset;
  private final Map<String, Input> inputs;
  private final Map<String, List<MissingInput>> missing;
  private final Map<String, String> variables;
  private final int attempt;
  private final String pool;
  private final String worker;
  private final @Nullable Path outputDirectory;
  private final Path baseDirectory;
  private final List<String> logged = Collections.synchronizedList(new ArrayList<>());
  private final Map<String, @Nullable Object> diagnostics =
      Collections.synchronizedMap(new LinkedHashMap<>());
  private volatile boolean cancelled;

  private FakeContext(Builder builder) {
    stage = builder.stage.build();
    partition = builder.partition;
    dataset = builder.dataset;
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(builder.inputs));
    missing = Map.copyOf(builder.missing);
    variables = Collections.unmodifiableMap(new LinkedHashMap<>(builder.variables));
    attempt = builder.attempt;
    pool = builder.pool;
    worker = builder.worker;
    outputDirectory = builder.outputDirectory;
    baseDirectory = builder.baseDirectory.toAbsolutePath().normalize();
  }

  /**
   * The output of another task.
   *
   * @param value the output
   * @param partition the partition that it was made from, or null
   * @param dataset the dataset that it belongs to, or null
   */
  public record Item(
      @Nullable Object value,
      @Nullable Partition partition,
      @Nullable Dataset dataset) {}

  /**
   * What stands behind the name of an input: one output, or those of several tasks.
   *
   * @param own whether all are of the context's own partition and dataset
   */
  private record Input(boolean gathered, boolean own, List<Item> items) {
    static Input own(boolean gathered, List<? extends @Nullable Object> values) {
      return new Input(
          gathered,
          true,
          values.stream().map(value -> new Item(value, null, null)).toList());
    }

    /** Returns those that are there: an output that is null is none. */
    List<Item> present() {
      return !gathered && items.get(0).value() == null ? List.of() : items;
    }

    <T> List<@Nullable T> each(Function<Item, @Nullable T> part) {
      List<@Nullable T> parts = new ArrayList<>(items.size());
      present().forEach(item -> parts.add(part.apply(item)));
      return Collections.unmodifiableList(parts);
    }
  }

  /** Returns a builder of a context for a task of the stage {@code stage}, without data, inputs and parameters. */
  public static Builder builder(String stage) {
    return new Builder(Stage.builder(stage));
  }

  /** Returns a builder of a context for a task of {@code stage}. */
  public static Builder builder(Stage stage) {
    return new Builder(stage.toBuilder());
  }

  /** Returns what was logged, in order. */
  public List<String> logged() {
    synchronized (logged) {
      return List.copyOf(logged);
    }
  }

  /** Returns what was noted, in order. */
  public Map<String, @Nullable Object> diagnostics() {
    synchronized (diagnostics) {
      return Collections.unmodifiableMap(new LinkedHashMap<>(diagnostics));
    }
  }

  /** Makes {@link #cancelled()} true from now on. It interrupts no thread; a test does that where it matters. */
  public void cancel() {
    cancelled = true;
  }

  @Override
  public Stage stage() {
    return stage;
  }

  @Override
  public @Nullable Partition partition() {
    return partition;
  }

  @Override
  public @Nullable Dataset dataset() {
    return dataset;
  }

  @Override
  public Set<String> inputNames() {
    return inputs.keySet();
  }

  private Input known(String name) {
    Input input = inputs.get(name);
    if (input == null) {
      throw new IllegalArgumentException(
          "stage " + stage.id() + " has no input '" + name + "'; it has " + inputs.keySet());
    }
    return input;
  }

  @Override
  public @Nullable Object input(String name) {
    Input input = known(name);
    return input.gathered() ? inputs(name) : input.items().get(0).value();
  }

  @Override
  public List<@Nullable Object> inputs(String name) {
    return known(name).each(Item::value);
  }

  @Override
  public List<@Nullable Partition> inputPartitions(String name) {
    Input input = known(name);
    return input.each(item -> input.own() ? partition : item.partition());
  }

  @Override
  public List<@Nullable Dataset> inputDatasets(String name) {
    Input input = known(name);
    return input.each(item -> input.own() ? dataset : item.dataset());
  }

  @Override
  public List<MissingInput> missingInputs(String name) {
    return known(name).gathered() ? missing.getOrDefault(name, List.of()) : List.of();
  }

  @Override
  public Map<String, String> variables() {
    return variables;
  }

  @Override
  public int attempt() {
    return attempt;
  }

  @Override
  public String pool() {
    return pool;
  }

  @Override
  public String worker() {
    return worker;
  }

  @Override
  public Path outputDirectory() {
    if (outputDirectory == null) {
      throw new IllegalStateException(
          "give the context an outputDirectory, for example one of JUnit's @TempDir");
    }
    try {
      return Files.createDirectories(outputDirectory);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make " + outputDirectory, e);
    }
  }

  @Override
  public Path baseDirectory() {
    return baseDirectory;
  }

  @Override
  public void log(String message) {
    logged.add(message);
  }

  @Override
  public void diagnostic(String name, @Nullable Object value) {
    diagnostics.put(name, value);
  }

  @Override
  public boolean cancelled() {
    return cancelled;
  }

  /** Builds a {@link FakeContext}. Not thread-safe. */
  public static final class Builder {
    private final Stage.Builder stage;
    private @Nullable Partition partition;
    private @Nullable Dataset dataset;
    private final Map<String, Input> inputs = new LinkedHashMap<>();
    private final Map<String, List<MissingInput>> missing = new LinkedHashMap<>();
    private final Map<String, String> variables = new LinkedHashMap<>();
    private int attempt = 1;
    private String pool = "default";
    private String worker = "default-0";
    private @Nullable Path outputDirectory;
    private Path baseDirectory = Path.of("");

    private Builder(Stage.Builder stage) {
      this.stage = stage;
    }

    /** Adds a parameter. */
    public Builder param(String name, @Nullable Object value) {
      stage.param(name, value);
      return this;
    }

    /**
     * Adds an input that comes from one task, of the context's own partition and dataset; null for a dataset that the
     * producing stage leaves out.
     */
    public Builder input(String name, @Nullable Object value) {
      inputs.put(name, Input.own(false, Collections.singletonList(value)));
      return this;
    }

    /** Adds an input that comes from one task, of another partition or dataset. */
    public Builder item(String name, Item item) {
      inputs.put(name, new Input(false, false, List.of(item)));
      return this;
    }

    /** Adds an input that gathers the outputs of several tasks, in the order of their partitions. */
    public Builder gathered(String name, @Nullable Object... values) {
      inputs.put(name, Input.own(true, Arrays.asList(values)));
      return this;
    }

    /** Adds an input that gathers the outputs of several tasks, each of a partition or dataset, in their order. */
    public Builder items(String name, List<Item> items) {
      inputs.put(name, new Input(true, false, List.copyOf(items)));
      return this;
    }

    /** Sets what is missing of an input that gathers. Default: nothing. */
    public Builder missing(String name, MissingInput... missing) {
      this.missing.put(name, List.of(missing));
      return this;
    }

    /** Sets the partition, and the dataset to one with its files. Default: none. */
    public Builder partition(Partition partition) {
      this.partition = partition;
      this.dataset = Dataset.of(partition.dataset(), partition.files().toArray(String[]::new));
      return this;
    }

    /** Sets the dataset. Default: none. */
    public Builder dataset(Dataset dataset) {
      this.dataset = dataset;
      return this;
    }

    /** Adds an environment variable of the stage. */
    public Builder variable(String name, String value) {
      variables.put(name, value);
      return this;
    }

    /** Sets the number of the attempt. Default: 1. */
    public Builder attempt(int attempt) {
      this.attempt = attempt;
      return this;
    }

    /** Sets the pool and the worker. Default: {@code default} and {@code default-0}. */
    public Builder worker(String pool, String worker) {
      this.pool = pool;
      this.worker = worker;
      return this;
    }

    /** Sets the folder for output files. Default: none, and an operation that asks for it fails. */
    public Builder outputDirectory(Path directory) {
      this.outputDirectory = directory;
      return this;
    }

    /** Sets the folder that relative paths are taken from. Default: the current one. */
    public Builder baseDirectory(Path directory) {
      this.baseDirectory = directory;
      return this;
    }

    /** Returns the context. */
    public FakeContext build() {
      return new FakeContext(this);
    }
  }
}
