package dev.muster.internal.operation;

import dev.muster.workflow.Dataset;
import dev.muster.workflow.OperationContext;
import dev.muster.workflow.Partition;
import dev.muster.workflow.Stage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A task's surroundings for tests of operations and modifiers. */
public final class FakeContext implements OperationContext, TaskPlace {
  public final Map<String, @Nullable Object> diagnostics = new LinkedHashMap<>();
  public final List<String> lines = new ArrayList<>();
  public final Map<String, @Nullable Object> inputs = new LinkedHashMap<>();
  public final Map<String, List<@Nullable Partition>> inputPartitions = new LinkedHashMap<>();
  public Map<String, String> variables = Map.of();
  public @Nullable Partition partition;
  public @Nullable Dataset dataset;
  public volatile boolean cancelled;

  private final Stage stage;
  private final Path directory;

  /**
   * Makes the surroundings of a task of {@code stage}; its folder is {@code directory/out}, the workflow's
   * {@code directory}.
   */
  public FakeContext(Stage stage, Path directory) {
    this.stage = stage;
    this.directory = directory.toAbsolutePath();
  }

  /** Adds an input. */
  public FakeContext input(String name, @Nullable Object value) {
    inputs.put(name, value);
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
  public Map<String, @Nullable Object> params() {
    return stage.params();
  }

  @Override
  public <T> T param(String name, Class<T> type) {
    return type.cast(params().get(name));
  }

  @Override
  @SuppressWarnings("unchecked") // A fake: the caller's default says the type.
  public <T> T param(String name, T fallback) {
    return params().containsKey(name) ? (T) params().get(name) : fallback;
  }

  @Override
  public Set<String> inputNames() {
    return inputs.keySet();
  }

  @Override
  public @Nullable Object input(String name) {
    if (!inputs.containsKey(name)) {
      throw new IllegalArgumentException("no input " + name);
    }
    return inputs.get(name);
  }

  @Override
  public <T> T input(String name, Class<T> type) {
    return type.cast(input(name));
  }

  @Override
  public List<@Nullable Object> inputs(String name) {
    Object value = input(name);
    return value instanceof List<?> items
        ? new ArrayList<>(items)
        : Collections.singletonList(value);
  }

  @Override
  public List<@Nullable Partition> inputPartitions(String name) {
    return inputPartitions.getOrDefault(name, Collections.nCopies(inputs(name).size(), null));
  }

  @Override
  public List<@Nullable Dataset> inputDatasets(String name) {
    return Collections.nCopies(inputs(name).size(), null);
  }

  @Override
  public Map<String, String> variables() {
    return variables;
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
  public Path outputPlace() {
    return directory.resolve("out");
  }

  @Override
  public Path runFolder() {
    return directory;
  }

  @Override
  public Path outputDirectory() {
    try {
      return Files.createDirectories(directory.resolve("out"));
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
    lines.add(message);
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
