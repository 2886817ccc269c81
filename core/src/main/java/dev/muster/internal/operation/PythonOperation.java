package dev.muster.internal.operation;

import dev.muster.code.PythonCode;
import dev.muster.code.ShellCode;
import dev.muster.code.StageCode;
import dev.muster.code.Surroundings.PythonModifier;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Operation;
import dev.muster.workflow.OperationContext;
import dev.muster.workflow.Partition;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An operation that is a Python function, or a command, inside of Python modifiers; see {@code muster_task/worker.py}
 * for the other
 * side. When the thread is interrupted, the process and all that it started is ended. Thread-safe.
 */
final class PythonOperation implements Operation {
  private final StageCode code;
  private final Map<String, ?> more;
  private final PythonProcess.Kind kind;
  private final PythonProcesses processes;
  private volatile byte @Nullable [] stage; // an operation serves one stage

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

  @Override
  public @Nullable Object run(OperationContext context) throws Exception {
    Path directory = context.outputDirectory();
    // A command has files of its own.
    TaskLog log = code instanceof ShellCode
        ? new TaskLog(directory.resolve("modifiers.stdout"), directory.resolve("modifiers.stderr"))
        : TaskLog.in(directory);
    Usage usage = Usage.current();
    byte[] call = call(context, directory, log, usage != null);
    PythonProcess process = processes.take(kind);
    try {
      return process.call(call, callable(), log, new Reports(context, usage));
    } finally {
      if (usage != null && process.version() != null && code instanceof PythonCode) {
        usage.python(process.version());
      }
      processes.giveBack(process);
      log.dropEmpty();
      TaskLog.in(directory).dropEmpty();
    }
  }

  private String callable() {
    return code instanceof PythonCode python ? python.callable() : BuiltIns.SHELL;
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
  }

  private byte[] call(OperationContext context, Path directory, TaskLog log, boolean measure) {
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
    EncodedFields call = new EncodedFields().all(stage(context));
    if (code instanceof ShellCode) {
      call.put("files", context.files());
    }
    return call.encoded("inputs", inputs.toBytes())
        .encoded("input_partitions", partitions.toBytes())
        .put("stdout", log.stdout().toString())
        .put("stderr", log.stderr().toString())
        .put("measure", measure)
        .put("partition", partition(context.partition()))
        .put("dataset", dataset(context.dataset()))
        .put("output_dir", directory.toString())
        .put("attempt", context.attempt())
        .put("pool", context.pool())
        .put("worker", context.worker())
        .toBytes();
  }

  /** Returns what all calls of the stage have in common; it is encoded once. */
  private byte[] stage(OperationContext context) {
    byte[] encoded = stage;
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
      encoded = fields
          .put("explicit", context.stage().from() != null)
          .put(
              "modifiers",
              code.around().modifiers().stream().map(PythonOperation::modifier).toList())
          .put("stage", context.stage().id())
          .put("variables", context.variables(), "the variables")
          .put("extra_data", context.stage().environment().extraData(), "extra_data")
          .put("base_dir", context.baseDirectory().toString())
          .toBytes();
      stage = encoded;
    }
    return encoded;
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

  private static @Nullable Map<String, Object> dataset(@Nullable Dataset dataset) {
    return dataset == null
        ? null
        : Map.of(
            "name", dataset.name(),
            "files", dataset.files(),
            "events", dataset.events(),
            "attributes", dataset.attributes());
  }
}
