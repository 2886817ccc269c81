package dev.muster.internal.engine;

import dev.muster.internal.engine.StageRuntimes.Source;
import dev.muster.internal.engine.StageRuntimes.StageRuntime;
import dev.muster.internal.operation.TaskPlace;
import dev.muster.plan.Link;
import dev.muster.plan.Pattern;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import dev.muster.spi.CodeFiles;
import dev.muster.spi.MissingInputs;
import dev.muster.spi.Ports;
import dev.muster.value.PythonValue;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.MissingInput;
import dev.muster.workflow.OperationContext;
import dev.muster.workflow.Partition;
import dev.muster.workflow.Stage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** What an operation in this JVM sees of its task; one instance serves one task after another. Not thread-safe. */
final class TaskContext implements OperationContext, TaskPlace {
  private final Plan plan;
  private final RunSupport support;
  private final String pool;
  private final String worker;
  private int task = -1;
  private int attempt;
  private @Nullable StageRuntime runtime;
  private @Nullable Path outputDirectory;
  private @Nullable Path outputPlace;

  TaskContext(Plan plan, RunSupport support, String pool, String worker) {
    this.plan = plan;
    this.support = support;
    this.pool = pool;
    this.worker = worker;
  }

  void enter(int newTask, int newAttempt, StageRuntime newRuntime) {
    task = newTask;
    attempt = newAttempt;
    runtime = newRuntime;
    outputDirectory = null;
    outputPlace = null;
  }

  void leave() {
    runtime = null;
  }

  private StageRuntime runtime() {
    StageRuntime current = runtime;
    if (current == null) {
      throw new IllegalStateException("the operation has returned; its context is valid no more");
    }
    return current;
  }

  @Override
  public Stage stage() {
    return runtime().stage().stage();
  }

  @Override
  public @Nullable Partition partition() {
    runtime();
    return plan.partitionOf(task);
  }

  @Override
  public @Nullable Dataset dataset() {
    runtime();
    return plan.datasetOf(task);
  }

  @Override
  public List<String> files() {
    Partition partition = partition();
    if (partition != null) {
      return partition.files();
    }
    Dataset dataset = dataset();
    return dataset != null ? dataset.files() : allFiles();
  }

  private List<String> allFiles() {
    List<Dataset> datasets = plan.workflow().datasets();
    List<String> files = new ArrayList<>();
    runtime()
        .stage()
        .datasets()
        .forEach(index -> files.addAll(datasets.get(index).files()));
    return files;
  }

  @Override
  public Set<String> inputNames() {
    return runtime().inputs().keySet();
  }

  private Source source(String name) {
    Source source = runtime().inputs().get(name);
    if (source == null) {
      throw new IllegalArgumentException(
          "stage " + stage().id() + " has no input '" + name + "'; it has " + inputNames());
    }
    return source;
  }

  private Source here(String name) {
    return source(name).of(task - runtime().stage().firstTask());
  }

  @Override
  public @Nullable Object input(String name) {
    return source(name).link().pattern() == Pattern.GATHER
        ? inputs(name)
        : readable(name, passedInput(name));
  }

  private static @Nullable Object readable(String name, @Nullable Object passed) {
    return PythonValue.readable(passed, "the input '" + name + "'");
  }

  @Override
  public @Nullable Object passedInput(String name) {
    Source source = source(name);
    if (source.link().pattern() == Pattern.GATHER) {
      Source here = here(name);
      return collect(here, producer -> read(here, producer));
    }
    int local = task - runtime().stage().firstTask();
    source = source.of(local);
    Link link = source.link();
    if (link.dependencyCount(local) == 0) {
      return null; // an optional input, whose stage leaves this dataset out
    }
    return read(
        source, plan.stages().get(link.producer()).firstTask() + link.firstDependency(local));
  }

  @Override
  public List<@Nullable Object> inputs(String name) {
    Source source = here(name);
    return collect(source, producer -> readable(name, read(source, producer)));
  }

  @Override
  public List<@Nullable Partition> inputPartitions(String name) {
    return collect(here(name), plan::partitionOf);
  }

  @Override
  public List<@Nullable Dataset> inputDatasets(String name) {
    return collect(here(name), plan::datasetOf);
  }

  @Override
  public List<MissingInput> missingInputs(String name) {
    Source known = source(name);
    List<MissingInput> missing = MissingInputs.of(plan, runtime().stage(), task, support::isMissing)
        .get(known.input().name());
    return missing == null ? List.of() : Collections.unmodifiableList(missing);
  }

  private <T extends @Nullable Object> List<T> collect(Source source, IntFunction<T> each) {
    PlannedStage here = runtime().stage();
    int local = task - here.firstTask();
    int first = plan.stages().get(source.link().producer()).firstTask();
    boolean tolerates = here.tolerates(source.link());
    List<T> collected = new ArrayList<>(source.link().dependencyCount(local));
    source.link().dependencies(local, (from, to) -> {
      for (int i = from; i < to; i++) {
        if (!tolerates || !support.isMissing(first + i)) {
          collected.add(each.apply(first + i));
        }
      }
    });
    return Collections.unmodifiableList(collected);
  }

  private @Nullable Object read(Source source, int producer) {
    return Ports.take(
        plan, runtime().stage(), producer, source.input().port(), support.output(producer));
  }

  @Override
  public Map<String, String> variables() {
    return runtime().code().variables();
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
    runtime();
    Path directory = outputDirectory;
    if (directory == null) {
      if (cancelled()) { // the folder may be that of the next attempt by now
        throw new TaskException(FailureKind.CANCELLED, "this attempt is over", null);
      }
      directory = outputPlace == null
          ? support.files().outputs(plan, task)
          : support.files().made(outputPlace);
      outputDirectory = directory;
    }
    return Objects.requireNonNull(directory);
  }

  @Override
  public Path outputPlace() {
    runtime();
    Path place = outputDirectory != null ? outputDirectory : outputPlace;
    if (place == null) {
      place = support.files().outputPlace(plan, task);
      outputPlace = place;
    }
    return place;
  }

  @Override
  public boolean wantsCode() {
    return support.keepsRecords() || support.engineSite() != null;
  }

  @Override
  public void code(CodeFiles files) {
    support.code(task, files);
  }

  @Override
  public Path runFolder() {
    return support.files().directory();
  }

  @Override
  public Path baseDirectory() {
    return support.baseDirectory();
  }

  @Override
  public void log(String message) {
    runtime();
    support.log(task, message);
  }

  @Override
  public void diagnostic(String name, @Nullable Object value) {
    runtime();
    if (!cancelled()) {
      support.sink().diagnostic(task, name, value);
    }
  }

  @Override
  public boolean cancelled() {
    return !support.isCurrent(task, attempt);
  }
}
