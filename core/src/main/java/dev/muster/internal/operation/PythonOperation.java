package dev.muster.internal.operation;

import dev.muster.code.PythonCode;
import dev.muster.code.Surroundings.PythonModifier;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Operation;
import dev.muster.workflow.OperationContext;
import dev.muster.workflow.Partition;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An operation that is a Python function, with its Python modifiers; see {@code muster_task/worker.py} for the other
 * side. When the thread is interrupted, the process and all that it started is ended. Thread-safe.
 */
final class PythonOperation implements Operation {
  private final PythonCode code;
  private final PythonProcess.Kind kind;
  private final PythonProcesses processes;
  private volatile byte @Nullable [] stage; // an operation serves one stage

  PythonOperation(PythonCode code, PythonProcess.Kind kind, PythonProcesses processes) {
    this.code = code;
    this.kind = kind;
    this.processes = processes;
  }

  @Override
  public @Nullable Object run(OperationContext context) throws Exception {
    Path directory = context.outputDirectory();
    TaskLog log = TaskLog.in(directory);
    Usage usage = Usage.current();
    byte[] call = call(context, directory, log, usage != null);
    PythonProcess process = processes.take(kind);
    try {
      return process.call(call, code.callable(), log, new Reports(context, usage));
    } finally {
      if (usage != null && process.version() != null) {
        usage.python(process.version());
      }
      processes.giveBack(process);
      log.dropEmpty();
    }
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
      inputs.put(name, context.input(name), "the input '" + name + "'");
      partitions.put(
          name,
          context.inputPartitions(name).stream()
              .map(PythonOperation::partition)
              .collect(Collectors.toCollection(ArrayList::new)));
    }
    return new EncodedFields()
        .all(stage(context))
        .encoded("inputs", inputs.toBytes())
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
      encoded = new EncodedFields()
          .put("callable", code.callable())
          .put("args", code.args(), "the parameter 'args'")
          .put("params", code.params(), "the parameters")
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
