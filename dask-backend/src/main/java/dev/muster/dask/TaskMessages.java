package dev.muster.dask;

import dev.muster.error.MusterException;
import dev.muster.execution.Staging;
import dev.muster.plan.Link;
import dev.muster.plan.Pattern;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.plan.Route;
import dev.muster.run.TaskException;
import dev.muster.spi.BackendContext;
import dev.muster.spi.MissingInputs;
import dev.muster.spi.OutputCopy;
import dev.muster.value.ValueEncoding;
import dev.muster.value.ValueException;
import dev.muster.workflow.Partition;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells the bridge of tasks, and first of the partitions and outputs that they read. Tasks that follow each other are
 * told as one run. Not thread-safe.
 */
final class TaskMessages {
  private final BackendContext context;
  private final Plan plan;
  private final Path directory;
  private final boolean shared; // workers see the run's directory
  private final Topology topology;
  private final RouteTable routes;
  private final Bridge bridge;
  private final BitSet partitionsSent = new BitSet();
  private final BitSet valuesSent = new BitSet();
  private final BitSet placesSent = new BitSet();
  private final BitSet submitted = new BitSet(); // the others have results of an earlier run

  TaskMessages(BackendContext context, StageTable table, Bridge bridge) {
    this.context = context;
    this.plan = context.plan();
    this.directory = context.directory();
    this.shared = plan.execution().execution().staging() != Staging.TRANSFER;
    this.topology = table.topology();
    this.routes = table.routes();
    this.bridge = bridge;
  }

  /**
   * Tasks of one stage that follow each other, and whose folders follow from the first one's by counting. Not
   * thread-safe.
   */
  private static final class Run {
    final int first;
    final int place; // of the first, or -1
    final @Nullable String dataset; // of their partitions
    final String folder;
    int count = 1;

    Run(int first, int place, @Nullable String dataset, String folder) {
      this.first = first;
      this.place = place;
      this.dataset = dataset;
      this.folder = folder;
    }

    /** Takes a task if it follows; returns whether it does. */
    boolean take(int task, int taskPlace, Partition partition) {
      boolean follows = task == first + count
          && taskPlace == place + count
          && partition.dataset().equals(dataset);
      count += follows ? 1 : 0;
      return follows;
    }

    List<Object> described() {
      return List.of(first, count, place, folder);
    }
  }

  /** Tells of tasks of one stage, and returns those that cannot be told of, with the reason. */
  Map<Integer, MusterException> submit(
      PlannedStage stage, Route route, int attempt, int[] tasks, int from, int to) {
    Map<Integer, MusterException> refused = new LinkedHashMap<>();
    List<Run> runs = new ArrayList<>();
    List<List<@Nullable Object>> partitions = new ArrayList<>();
    Map<String, Object> dependencies = new LinkedHashMap<>();
    Map<String, Object> missing = new LinkedHashMap<>();
    List<Link> links = Topology.reading(stage);
    for (int i = from; i < to; i++) {
      int task = tasks[i];
      try {
        sendValues(stage, links, task - stage.firstTask(), partitions);
        submitted.set(task);
      } catch (TaskException | ValueException e) {
        refused.put(task, e);
        continue;
      }
      Partition partition = plan.partitionOf(task);
      add(runs, task, topology.place(stage, task, partition), partition);
      tell(partition, partitions);
      if (stage.stage().tolerate() != null) {
        missing.put(
            Integer.toString(task),
            MissingInputs.described(MissingInputs.of(plan, stage, task, context::isMissing)));
      }
      List<@Nullable Object> irregular = irregular(stage, links, task - stage.firstTask());
      if (irregular != null) {
        dependencies.put(Integer.toString(task), irregular);
      }
    }
    if (!partitions.isEmpty()) {
      bridge.send(Map.of("op", "partitions", "items", partitions));
    }
    if (!runs.isEmpty()) {
      Map<String, Object> message = new LinkedHashMap<>();
      message.put("op", "submit");
      message.put("stage", stage.index());
      message.put("attempt", attempt);
      message.put("route", routes.number(route));
      message.put("tasks", runs.stream().map(Run::described).toList());
      if (!dependencies.isEmpty()) {
        message.put("deps", dependencies);
      }
      if (!missing.isEmpty()) {
        message.put("missing", missing);
      }
      bridge.send(message);
    }
    return refused;
  }

  private void tell(@Nullable Partition partition, List<List<@Nullable Object>> partitions) {
    if (partition != null && !partitionsSent.get(partition.index())) {
      partitionsSent.set(partition.index());
      partitions.add(described(partition));
    }
  }

  private void add(List<Run> runs, int task, int place, @Nullable Partition partition) {
    if (partition == null
        || runs.isEmpty()
        || !runs.get(runs.size() - 1).take(task, place, partition)) {
      String folder = directory.relativize(context.folder(task)).toString();
      runs.add(new Run(task, place, partition == null ? null : partition.dataset(), folder));
    }
  }

  private List<@Nullable Object> described(Partition partition) {
    List<@Nullable Object> described = new ArrayList<>();
    described.add(partition.index());
    described.add(topology.dataset(partition.dataset()));
    described.add(partition.files());
    described.add(partition.firstEvent());
    described.add(partition.events());
    return described;
  }

  /** Returns what a task reads, link by link, where that is not the task of the same number; null if it always is. */
  private @Nullable List<@Nullable Object> irregular(
      PlannedStage stage, List<Link> links, int local) {
    List<@Nullable Object> byLink = null;
    for (int position = 0; position < links.size(); position++) {
      Link link = links.get(position);
      if (link.identity()) {
        continue;
      }
      if (byLink == null) {
        byLink = new ArrayList<>();
      }
      while (byLink.size() < position) {
        byLink.add(null);
      }
      int first = topology.firstTask(link);
      List<List<Integer>> ranges = new ArrayList<>();
      each(
          link,
          local,
          (a, b) -> there(stage, link, first + a, first + b, (c, d) -> ranges.add(List.of(c, d))));
      byLink.add(ranges);
    }
    return byLink;
  }

  private static void each(Link link, int local, Link.RangeConsumer range) {
    if (link.dependencyCount(local) > 0) {
      link.dependencies(local, range);
    }
  }

  /** Calls {@code range} for the tasks of a range whose outputs there are, in one range or several. */
  private void there(PlannedStage stage, Link link, int from, int to, Link.RangeConsumer range) {
    int begin = from;
    for (int task = from; stage.tolerates(link) && task < to; task++) {
      if (context.isMissing(task)) {
        if (task > begin) {
          range.accept(begin, task);
        }
        begin = task + 1;
      }
    }
    if (to > begin) {
      range.accept(begin, to);
    }
  }

  /**
   * Sends the outputs that a task reads and that were made elsewhere, or in an earlier run.
   *
   * @throws MusterException if one cannot be sent; the others are
   */
  private void sendValues(
      PlannedStage stage, List<Link> links, int local, List<List<@Nullable Object>> partitions) {
    Map<String, Object> values = new LinkedHashMap<>();
    Map<String, Object> places = new LinkedHashMap<>();
    try {
      for (Link link : links) {
        int first = topology.firstTask(link);
        each(
            link,
            local,
            (from, to) -> there(
                stage,
                link,
                first + from,
                first + to,
                (start, end) -> foreign(link, start, end, (a, b) -> {
                  addValues(a, b, values);
                  if (link.pattern() == Pattern.GATHER) {
                    addPlaces(a, b, places, partitions);
                  }
                })));
      }
    } finally {
      if (!values.isEmpty()) {
        bridge.send(Map.of("op", "values", "items", values));
      }
      if (!places.isEmpty()) {
        bridge.send(Map.of("op", "places", "items", places));
      }
    }
  }

  /** Adds to which partitions outputs belong, as those who gather them are told. */
  private void addPlaces(
      int from, int to, Map<String, Object> places, List<List<@Nullable Object>> partitions) {
    for (int producer = from; producer < to; producer++) {
      Partition partition = plan.partitionOf(producer);
      if (partition != null && !placesSent.get(producer)) {
        placesSent.set(producer);
        places.put(Integer.toString(producer), partition.index());
        tell(partition, partitions);
      }
    }
  }

  /** Calls {@code range} for the tasks of a range that this session does not carry out. */
  private void foreign(Link link, int from, int to, Link.RangeConsumer range) {
    if (!topology.here(link.producer())) {
      range.accept(from, to);
      return;
    }
    int begin = submitted.nextClearBit(from);
    while (begin < to) {
      int next = submitted.nextSetBit(begin);
      int end = next < 0 ? to : Math.min(next, to);
      range.accept(begin, end);
      begin = submitted.nextClearBit(end);
    }
  }

  private void addValues(int from, int to, Map<String, Object> values) {
    for (int producer = from; producer < to; producer++) {
      if (!valuesSent.get(producer)) {
        values.put(Integer.toString(producer), value(producer));
        valuesSent.set(producer);
      }
    }
  }

  /** Returns an output as its encoding, or as the file that holds it and whether that holds bytes. */
  private Object value(int producer) {
    OutputCopy copy = shared ? context.copyInFile(producer) : null;
    if (copy != null && copy.file() != null) {
      return List.of(copy.file().toString(), copy.bytes());
    }
    String what = "the output of " + plan.nameOf(producer);
    return ValueEncoding.encodeToString(context.output(producer), what);
  }
}
