package dev.muster.internal.operation;

import dev.muster.code.PythonCode;
import dev.muster.code.ShellCode;
import dev.muster.code.StageCode;
import dev.muster.code.Surroundings.PythonModifier;
import dev.muster.spi.CodeFiles;
import dev.muster.spi.MissingInputs;
import dev.muster.value.ValueEncoding;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.MissingInput;
import dev.muster.workflow.OperationContext;
import dev.muster.workflow.Partition;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An operation that is a Python function, or a command, inside of Python modifiers; see {@code muster_task/worker.py}
 * for the other side. When the thread is interrupted, the process and all that it started is ended. Thread-safe.
 */
final class PythonOperation implements GroupOperation {
  private static final AtomicInteger IDS = new AtomicInteger();

  private final StageCode code;
  private final Map<String, ?> more;
  private final PythonProcess.Kind kind;
  private final PythonProcesses processes;
  private final GroupSize size = new GroupSize();
  // By identity: to compare two of many files takes longer than a call.
  private @Nullable Map<Dataset, Kept> datasets;
  private volatile @Nullable Kept stage; // an operation serves one stage

  /** JSON that processes keep, with the id by which calls name it. Immutable. */
  static final class Kept {
    private final int id = IDS.incrementAndGet();
    private final byte[] json;

    Kept(byte[] json) {
      this.json = json;
    }

    int id() {
      return id;
    }

    byte[] json() {
      return json;
    }
  }

  /** A call to be sent. Immutable. */
  static final class Call {
    private final byte[] content;
    private final List<Kept> shared;
    private final TaskLog log;
    private final Path folder;
    private final PythonProcess.Listener listener;

    Call(
        byte[] content,
        List<Kept> shared,
        TaskLog log,
        Path folder,
        PythonProcess.Listener listener) {
      this.content = content;
      this.shared = shared;
      this.log = log;
      this.folder = folder;
      this.listener = listener;
    }

    byte[] content() {
      return content;
    }

    /** Returns what it names by id. */
    List<Kept> shared() {
      return shared;
    }

    TaskLog log() {
      return log;
    }

    /** Returns the folder for files of the run that are of no task. */
    Path folder() {
      return folder;
    }

    PythonProcess.Listener listener() {
      return listener;
    }
  }

  /**
   * Makes the operation of a stage.
   *
   * @param code what it calls or runs
   * @param more what calls have besides
   */
  PythonOperation(
      StageCode code, Map<String, ?> more, PythonProcess.Kind kind, PythonProcesses processes) {
    this.code = code;
    this.more = more;
    this.kind = kind;
    this.processes = processes;
  }

  /** {@inheritDoc} A command takes so long that a group gains nothing. */
  @Override
  public int groupSize() {
    return code instanceof PythonCode ? size.get() : 1;
  }

  @Override
  public void run(Turns turns, IntFunction<? extends OperationContext> contexts) {
    new PythonCalls(callable(), kind, processes, size, turns)
        .run(turn -> call(contexts.apply(turn), null));
  }

  @Override
  public @Nullable Object run(OperationContext context) throws Exception {
    Usage usage = Usage.current();
    OneTurn turn = new OneTurn();
    PythonCalls calls = new PythonCalls(callable(), kind, processes, size, turn);
    calls.run(any -> call(context, usage));
    if (usage != null && calls.version() != null && code instanceof PythonCode) {
      usage.python(calls.version());
    }
    if (code instanceof ShellCode) {
      TaskLog.in(place(context)).dropEmpty();
    }
    return turn.result();
  }

  private String callable() {
    return code instanceof PythonCode python ? python.callable() : BuiltIns.SHELL;
  }

  private static Path place(OperationContext context) {
    return context instanceof TaskPlace place ? place.outputPlace() : context.outputDirectory();
  }

  private record Reports(OperationContext context, @Nullable Usage used)
      implements PythonProcess.Listener {
    @Override
    public void log(String message) {
      context.log(message);
    }

    @Override
    public void diagnostic(String name, @Nullable Object value) {
      context.diagnostic(name, value);
    }

    @Override
    public void usage(double cpuSeconds, long peakBytes) {
      if (used != null) {
        used.addCpuSeconds(cpuSeconds);
        used.addPeakBytes(peakBytes);
      }
    }

    @Override
    public void code(CodeFiles files) {
      if (context instanceof TaskPlace place) {
        place.code(files);
      }
    }
  }

  private Call call(OperationContext context, @Nullable Usage usage) {
    Path directory = place(context);
    Kept common = stage(context);
    Kept dataset = dataset(context.dataset());
    EncodedFields call = new EncodedFields().put("common", common.id());
    if (code instanceof ShellCode) {
      call.put("files", context.files());
    }
    inputs(context, call);
    partition(context.partition(), call);
    call.put("dataset", dataset == null ? null : dataset.id())
        .put("output_dir", directory.toString())
        .put("attempt", context.attempt())
        .put("pool", context.pool())
        .put("worker", context.worker());
    if (usage != null) {
      call.put("measure", true);
    }
    // A command has files of its own.
    TaskLog log = code instanceof ShellCode
        ? new TaskLog(directory.resolve("modifiers.stdout"), directory.resolve("modifiers.stderr"))
        : TaskLog.in(directory);
    return new Call(
        call.toBytes(),
        dataset == null ? List.of(common) : List.of(common, dataset),
        log,
        context instanceof TaskPlace place ? place.runFolder() : directory,
        new Reports(context, usage));
  }

  private static void inputs(OperationContext context, EncodedFields call) {
    EncodedFields inputs = new EncodedFields();
    EncodedFields partitions = new EncodedFields();
    for (String name : context.inputNames()) {
      inputs.put(name, context.passedInput(name), "the input '" + name + "'");
      partitions.put(
          name,
          context.inputPartitions(name).stream()
              .map(PythonOperation::partition)
              .collect(Collectors.toCollection(ArrayList::new)));
    }
    call.encoded("inputs", inputs.toBytes()).encoded("input_partitions", partitions.toBytes());
    if (context.stage().tolerate() != null) {
      call.put("missing_inputs", MissingInputs.described(missing(context)), "what is missing");
    }
  }

  private static Map<String, List<MissingInput>> missing(OperationContext context) {
    Map<String, List<MissingInput>> missing = new LinkedHashMap<>();
    for (String name : context.inputNames()) {
      if (!context.missingInputs(name).isEmpty()) {
        missing.put(name, context.missingInputs(name));
      }
    }
    return missing;
  }

  /** Returns what all calls of the stage have in common; it is encoded once. */
  private Kept stage(OperationContext context) {
    Kept encoded = stage;
    if (encoded == null) {
      EncodedFields fields = new EncodedFields().put("callable", callable());
      if (code instanceof PythonCode python) {
        fields.put("args", python.args(), "the parameter 'args'");
        fields.put("params", python.params(), "the parameters");
      } else if (code instanceof ShellCode shell) {
        fields.put("args", List.of());
        fields.put("params", shell.params(), "the parameters");
        fields.put("command", shell.command().json(), "the command");
        more.forEach(fields::put);
      }
      encoded = new Kept(fields
          .put("explicit", context.stage().from() != null)
          .put(
              "modifiers",
              code.around().modifiers().stream().map(PythonOperation::modifier).toList())
          .put("stage", context.stage().id())
          .put("variables", context.variables(), "the variables")
          .put("extra_data", context.stage().environment().extraData(), "extra_data")
          .put("base_dir", context.baseDirectory().toString())
          .put("code", context instanceof TaskPlace place && place.wantsCode())
          .toBytes());
      stage = encoded;
    }
    return encoded;
  }

  private @Nullable Kept dataset(@Nullable Dataset dataset) {
    return dataset == null
        ? null
        : datasets()
            .computeIfAbsent(
                dataset, key -> new Kept(ValueEncoding.encode(fields(key), "the dataset")));
  }

  // Made when there is one: there may be half a million stages.
  private synchronized Map<Dataset, Kept> datasets() {
    Map<Dataset, Kept> made = datasets;
    if (made == null) {
      made = Collections.synchronizedMap(new IdentityHashMap<>());
      datasets = made;
    }
    return made;
  }

  private static Map<String, Object> modifier(PythonModifier modifier) {
    return Map.of("name", modifier.name(), "impl", modifier.impl(), "params", modifier.params());
  }

  private static @Nullable Map<String, Object> partition(@Nullable Partition partition) {
    return partition == null
        ? null
        : Map.of(
            "index", partition.index(),
            "dataset", partition.dataset(),
            "files", partition.files(),
            "first_event", partition.firstEvent(),
            "events", partition.events());
  }

  private static void partition(@Nullable Partition partition, EncodedFields call) {
    if (partition == null) {
      call.put("partition", null);
      return;
    }
    EncodedFields fields = new EncodedFields()
        .put("index", partition.index())
        .put("dataset", partition.dataset())
        .put("files", partition.files())
        .put("first_event", partition.firstEvent())
        .put("events", partition.events());
    call.encoded("partition", fields.toBytes());
  }

  private static Map<String, Object> fields(Dataset dataset) {
    return Map.of(
        "name", dataset.name(),
        "files", dataset.files(),
        "events", dataset.events(),
        "attributes", dataset.attributes());
  }
}
