package dev.muster.batch.backend;

import dev.muster.error.MusterException;
import dev.muster.internal.file.OwnFiles;
import dev.muster.internal.io.IoErrors;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.resource.Quantities;
import dev.muster.spi.BackendContext;
import dev.muster.value.FileRef;
import dev.muster.value.ValueEncoding;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Partition;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Writes the calls of submissions: {@code muster_batch/calls.py} reads them. However many tasks a submission has, it
 * has the same few files. Thread-safe.
 */
final class CallFiles {
  private static final int MOST_INLINE = 8192;

  private final Plan plan;
  private final BackendContext context;
  private final StageCalls stages;
  private final TaskInputs inputs;
  private final Path values;
  private final @Nullable SentCode sent;
  private final NamedFiles named;
  private final JobPlans plans;
  private final Map<String, Integer> datasets = new LinkedHashMap<>();
  private final Map<String, String> shared = new ConcurrentHashMap<>();
  private final Map<Path, List<Path>> fileNames = new ConcurrentHashMap<>();
  private final AtomicInteger lastValue = new AtomicInteger();

  /**
   * @param values the folder for inputs that are large
   * @param plans what jobs start with
   * @param sent the user's code, if jobs see nothing of this host, so that each is sent what it needs; else null
   */
  CallFiles(
      BackendContext context,
      StageCalls stages,
      Path values,
      JobPlans plans,
      @Nullable SentCode sent) {
    this.context = context;
    this.plan = context.plan();
    this.stages = stages;
    this.inputs = new TaskInputs(context);
    this.values = values;
    this.plans = plans;
    this.sent = sent;
    this.named = new NamedFiles(context.directory(), base());
    for (Dataset dataset : plan.workflow().datasets()) {
      datasets.put(dataset.name(), datasets.size());
    }
  }

  private Path base() {
    return plan.workflow().baseDirectory().toAbsolutePath().normalize();
  }

  /** Returns what is to hold what the calls of a job need besides, or null if jobs see this host's folders. */
  @Nullable
  Baggage baggage() {
    return sent == null ? null : new Baggage();
  }

  /**
   * Where the output of a task lies already, as one encoded value; nobody needs to write it again.
   *
   * @param task the task
   * @param file the file
   */
  void lies(int task, Path file) {
    shared.put(key(task, null), file.toString());
  }

  /**
   * Returns the call of a task: the number of its stage, a blank, and what it has of its own.
   *
   * @param baggage takes what it needs besides; null if jobs see this host's folders
   * @throws MusterException if an input cannot be had or passed on
   */
  byte[] call(int task, int attempt, String pool, String worker, @Nullable Baggage baggage) {
    PlannedStage stage = plan.stageOf(task);
    Partition partition = plan.partitionOf(task);
    Dataset dataset = plan.datasetOf(task);
    Map<String, @Nullable Object> given = new LinkedHashMap<>();
    Map<String, @Nullable Object> partitions = new LinkedHashMap<>();
    List<List<@Nullable Object>> read = new ArrayList<>();
    Map<String, String> texts = new LinkedHashMap<>();
    for (TaskInputs.Input input : inputs.of(stage, task)) {
      List<String> items = new ArrayList<>();
      for (int producer : input.producers()) {
        items.add(value(stage, producer, input, items.size(), read, baggage));
      }
      texts.put(
          input.name(),
          input.many()
              ? "[" + String.join(",", items) + "]"
              : items.isEmpty() ? "null" : items.get(0));
      partitions.put(
          input.name(),
          input.many()
              ? input.producers().stream()
                  .map(plan::partitionOf)
                  .map(this::described)
                  .toList()
              : Collections.singletonList(described(partition)));
    }
    if (baggage != null) {
      given.put("sent", sent(stage, partition, dataset, texts.values(), read, baggage));
    }
    given.put("dataset", dataset == null ? null : datasets.get(dataset.name()));
    given.put("read", read);
    given.put("input_partitions", partitions);
    Map<String, Object> missing = inputs.missing(stage, task);
    if (missing != null) {
      given.put("missing_inputs", missing);
    }
    given.put("partition", described(partition));
    given.put("output_dir", outputs(task).toString());
    given.put("attempt", attempt);
    given.put("pool", pool);
    given.put("worker", worker);
    String own = ValueEncoding.encodeToString(given, "the call of " + plan.nameOf(task));
    StringBuilder line = new StringBuilder(own.length() + 64);
    line.append(stage.index()).append(' ').append(own, 0, own.length() - 1);
    line.append(",\"inputs\":{");
    String comma = "";
    for (Map.Entry<String, String> text : texts.entrySet()) {
      // A name is a key of a value: one that begins with $ is written with one more.
      String name = text.getKey().startsWith("$") ? "$" + text.getKey() : text.getKey();
      line.append(comma)
          .append(ValueEncoding.encodeToString(name, "the name of an input"))
          .append(':')
          .append(text.getValue());
      comma = ",";
    }
    line.append("}}\n");
    return line.toString().getBytes(StandardCharsets.US_ASCII);
  }

  /** Tells whether all files are there that a value names. */
  boolean isThere(@Nullable Object value) {
    if (value instanceof FileRef file) {
      return Files.exists(base().resolve(file.path()));
    }
    return value instanceof Map<?, ?> map
        ? map.values().stream().allMatch(this::isThere)
        : !(value instanceof List<?> list) || list.stream().allMatch(this::isThere);
  }

  /** Returns the folder for the output files of a task; it may not be there. */
  Path outputs(int task) {
    return context.folder(task).resolve("outputs");
  }

  /** Returns a value as it stands in the call, and {@code null} for one that is to be read from a file. */
  private String value(
      PlannedStage stage,
      int producer,
      TaskInputs.Input input,
      int place,
      List<List<@Nullable Object>> read,
      @Nullable Baggage baggage) {
    String key = key(producer, input.port());
    String file = shared.get(key);
    if (file == null) {
      String what = "the output of " + plan.nameOf(producer);
      byte[] bytes = ValueEncoding.encode(inputs.read(stage, producer, input.port()), what);
      if (bytes.length <= MOST_INLINE) {
        return new String(bytes, StandardCharsets.US_ASCII);
      }
      file = lastValue.incrementAndGet() + ".json";
      write(values.resolve(file), bytes);
      shared.put(key, file);
    }
    List<@Nullable Object> entry = new ArrayList<>();
    entry.add(input.name());
    entry.add(input.many() ? place : null);
    entry.add(baggage == null ? file : baggage.value(values.resolve(file)));
    read.add(entry);
    return "null";
  }

  /** Adds the files that a task needs; returns the names that those which its inputs name have there. */
  private Map<String, String> sent(
      PlannedStage stage,
      @Nullable Partition partition,
      @Nullable Dataset dataset,
      Collection<String> texts,
      List<List<@Nullable Object>> read,
      Baggage baggage) {
    Path base = base();
    if (partition != null) {
      partition.files().forEach(name -> baggage.base(base, name));
    } else if (dataset != null) {
      dataset.files().forEach(name -> baggage.base(base, name));
    } else {
      List<Dataset> all = plan.workflow().datasets();
      stage
          .datasets()
          .forEach(number -> all.get(number).files().forEach(name -> baggage.base(base, name)));
    }
    String image = stages.image(stage);
    if (image != null) {
      baggage.base(base, image);
    }
    Set<Path> paths = new LinkedHashSet<>();
    texts.forEach(text -> paths.addAll(named.in(text)));
    for (List<@Nullable Object> entry : read) {
      Path file = baggage.files().get(Baggage.CALL + "values/" + entry.get(2));
      paths.addAll(fileNames.computeIfAbsent(file, named::in));
    }
    Map<String, String> names = new LinkedHashMap<>();
    paths.forEach(path -> names.put(path.toString(), baggage.named(path)));
    return names;
  }

  private static String key(int task, @Nullable String port) {
    return port == null ? Integer.toString(task) : task + " " + port;
  }

  private @Nullable Map<String, Object> described(@Nullable Partition partition) {
    return partition == null
        ? null
        : Map.of(
            "index", partition.index(),
            "dataset", partition.dataset(),
            "files", partition.files(),
            "first_event", partition.firstEvent(),
            "events", partition.events());
  }

  /**
   * Writes the files of a submission into a folder, and waits until the file system has them.
   *
   * @param calls the calls, job by job
   * @param baggage what those of each job need besides; empty if jobs see this host's folders
   */
  void write(Array array, List<byte[]> calls, List<Baggage> baggage) {
    Path folder = array.folder;
    try {
      OwnFiles.secretFolder(folder);
    } catch (IOException e) {
      throw IoErrors.unchecked("cannot make the folder of a submission " + folder, e);
    }
    if (sent == null) {
      parts(calls, common(array, array.tasks))
          .forEach((name, content) -> write(folder.resolve(name), content));
      return;
    }
    Map<Set<Integer>, byte[]> commons = new HashMap<>();
    for (int job = 0; job < array.jobs(); job++) {
      int from = job * array.each;
      int to = Math.min(array.tasks.length, from + array.each);
      int[] own = Arrays.copyOfRange(array.tasks, from, to);
      Set<Integer> used = new TreeSet<>();
      Arrays.stream(own).forEach(task -> used.add(plan.stageIndexOf(task)));
      byte[] common = commons.computeIfAbsent(used, absent -> common(array, own));
      Map<String, byte[]> parts = new LinkedHashMap<>();
      parts(calls.subList(from, to), common)
          .forEach((name, content) -> parts.put(Baggage.CALL + name, content));
      Parcels.write(folder, job, parts, baggage.get(job));
    }
  }

  private static Map<String, byte[]> parts(List<byte[]> calls, byte[] common) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteArrayOutputStream index = new ByteArrayOutputStream();
    DataOutputStream offsets = new DataOutputStream(index);
    try {
      for (byte[] call : calls) {
        offsets.writeLong(all.size());
        all.write(call);
      }
      offsets.writeLong(all.size());
    } catch (IOException e) {
      throw IoErrors.unchecked("calls cannot be written to memory", e);
    }
    return Map.of(
        "calls", all.toByteArray(), "index", index.toByteArray(), "submission.json", common);
  }

  private byte[] common(Array array, int[] tasks) {
    Map<String, @Nullable Object> texts = new LinkedHashMap<>();
    TreeSet<Integer> used = new TreeSet<>();
    for (int task : tasks) {
      PlannedStage stage = plan.stageOf(task);
      if (texts.putIfAbsent(Integer.toString(stage.index()), stages.of(stage)) == null) {
        used.addAll(stage.datasets());
      }
    }
    List<@Nullable Object> described = new ArrayList<>();
    List<Dataset> known = plan.workflow().datasets();
    for (int number = 0; number < known.size(); number++) {
      Dataset dataset = known.get(number);
      described.add(
          used.contains(number)
              ? Map.of(
                  "name", dataset.name(),
                  "files", dataset.files(),
                  "events", dataset.events(),
                  "attributes", dataset.attributes())
              : null);
    }
    Map<String, @Nullable Object> common = new LinkedHashMap<>();
    common.put("each", array.each);
    Quantities quantities = array.lane.quantities;
    if (quantities.parallel()) {
      common.put("nodes", quantities.nodesOrDefault());
      common.put("ranks", quantities.ranks());
    }
    common.put("stages", texts);
    common.put("datasets", described);
    common.put("path", plans.path());
    common.put("origins", plans.origins());
    common.put("values", sent == null ? values.toString() : "values");
    if (sent != null) {
      common.put("code", sent.json());
    }
    return ValueEncoding.encode(common, "the submission");
  }

  /** Writes a file that is there as a whole when this returns, or throws. */
  static void write(Path file, byte[] content) {
    try {
      OwnFiles.secretFile(file);
      // Not a channel: an interrupt of this thread would close it.
      try (FileOutputStream out = new FileOutputStream(file.toFile())) {
        out.write(content);
        out.getFD().sync();
      }
    } catch (IOException e) {
      throw new MusterException(
          "the file of a job " + file + " cannot be written: " + IoErrors.describe(e), e);
    }
  }
}
