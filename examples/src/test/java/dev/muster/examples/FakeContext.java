package dev.muster.examples;

import dev.muster.workflow.Dataset;
import dev.muster.workflow.OperationContext;
import dev.muster.workflow.Partition;
import dev.muster.workflow.Stage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An operation's view of a task, filled in by a test. */
public final class FakeContext implements OperationContext {
  private final Stage stage;
  private final Path directory;
  private final @Nullable Partition partition;
  private final @Nullable Dataset dataset;
  private final Map<String, Input> inputs = new LinkedHashMap<>();
  private boolean cancelled;
  public final List<String> log = new ArrayList<>();
  public final Map<String, @Nullable Object> diagnostics = new LinkedHashMap<>();

  public record Item(
      Object value, @Nullable Partition partition, @Nullable Dataset dataset) {}

  private record Input(List<Item> items, boolean gathered) {}

  public FakeContext(
      Stage stage, Path directory, @Nullable Partition partition, @Nullable Dataset dataset) {
    this.stage = stage;
    this.directory = directory;
    this.partition = partition;
    this.dataset = dataset;
  }

  public FakeContext input(String name, List<Item> items, boolean gathered) {
    inputs.put(name, new Input(List.copyOf(items), gathered));
    return this;
  }

  public FakeContext cancel() {
    cancelled = true;
    return this;
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

  @Override
  public @Nullable Object input(String name) {
    Input input = named(name);
    return input.gathered() ? inputs(name) : input.items().get(0).value();
  }

  @Override
  public List<@Nullable Object> inputs(String name) {
    return named(name).items().stream().<@Nullable Object>map(Item::value).toList();
  }

  @Override
  public List<@Nullable Partition> inputPartitions(String name) {
    return named(name).items().stream()
        .<@Nullable Partition>map(Item::partition)
        .toList();
  }

  @Override
  public List<@Nullable Dataset> inputDatasets(String name) {
    return named(name).items().stream().<@Nullable Dataset>map(Item::dataset).toList();
  }

  private Input named(String name) {
    Input input = inputs.get(name);
    if (input == null) {
      throw new IllegalArgumentException("no input " + name + " but " + inputs.keySet());
    }
    return input;
  }

  @Override
  public Map<String, String> variables() {
    return Map.of();
  }

  @Override
  public int attempt() {
    return 1;
  }

  @Override
  public String pool() {
    return "default";
  }

  @Override
  public String worker() {
    return "default-0";
  }

  @Override
  public Path outputDirectory() {
    try {
      return Files.createDirectories(directory.resolve("output").resolve(stage.id()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Path baseDirectory() {
    return directory;
  }

  @Override
  public void log(String message) {
    log.add(message);
  }

  @Override
  public void diagnostic(String name, @Nullable Object value) {
    diagnostics.put(name, value);
  }

  @Override
  public boolean cancelled() {
    return cancelled;
  }
}
