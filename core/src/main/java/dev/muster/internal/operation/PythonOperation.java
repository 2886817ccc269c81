package dev.muster.internal.operation;

import dev.muster.internal.json.Wire;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Operation;
import dev.muster.workflow.OperationContext;
import dev.muster.workflow.Partition;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * An operation that is a Python function, with its Python modifiers; see {@code muster_worker.py} for the other side. When the thread is
 * interrupted, the process and all that it started is ended. Thread-safe.
 */
final class PythonOperation implements Operation {
  private final PythonCode code;
  private final List<PythonModifier> modifiers;
  private final PythonProcess.Kind kind;
  private final PythonProcesses processes;

  PythonOperation(
      PythonCode code,
      List<PythonModifier> modifiers,
      PythonProcess.Kind kind,
      PythonProcesses processes) {
    this.code = code;
    this.modifiers = List.copyOf(modifiers);
    this.kind = kind;
    this.processes = processes;
  }

  @Override
  public @Nullable Object run(OperationContext context) throws Exception {
    Path directory = context.outputDirectory();
    TaskLog log = TaskLog.in(directory);
    Usage usage = Usage.current();
    byte[] call = Wire.encode(json -> write(json, context, directory, log, usage != null));
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

  private void write(
      JsonGenerator json, OperationContext context, Path directory, TaskLog log, boolean measure) {
    json.writeStartObject();
    json.writeStringProperty("callable", code.callable());
    field(json, "args", code.args(), "the parameter 'args'");
    field(json, "params", code.params(), "the parameters");
    json.writeObjectPropertyStart("inputs");
    for (String name : context.inputNames()) {
      field(json, name, context.input(name), "the input '" + name + "'");
    }
    json.writeEndObject();
    json.writeBooleanProperty("explicit", context.stage().from() != null);
    json.writeArrayPropertyStart("modifiers");
    for (PythonModifier modifier : modifiers) {
      json.writeStartObject();
      json.writeStringProperty("name", modifier.name());
      json.writeStringProperty("impl", modifier.impl());
      field(json, "params", modifier.params(), "the parameters of modifier " + modifier.name());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeStringProperty("stdout", log.stdout().toString());
    json.writeStringProperty("stderr", log.stderr().toString());
    json.writeBooleanProperty("measure", measure);
    place(json, context, directory);
    json.writeEndObject();
  }

  private static void place(JsonGenerator json, OperationContext context, Path directory) {
    json.writeStringProperty("stage", context.stage().id());
    json.writeName("partition");
    partition(json, context.partition());
    json.writeName("dataset");
    dataset(json, context.dataset());
    json.writeObjectPropertyStart("input_partitions");
    for (String name : context.inputNames()) {
      json.writeArrayPropertyStart(name);
      for (Partition partition : context.inputPartitions(name)) {
        partition(json, partition);
      }
      json.writeEndArray();
    }
    json.writeEndObject();
    field(json, "variables", context.variables(), "the variables");
    field(json, "extra_data", context.stage().environment().extraData(), "extra_data");
    json.writeStringProperty("output_dir", directory.toString());
    json.writeStringProperty("base_dir", context.baseDirectory().toString());
    json.writeNumberProperty("attempt", context.attempt());
    json.writeStringProperty("pool", context.pool());
    json.writeStringProperty("worker", context.worker());
  }

  private static void partition(JsonGenerator json, @Nullable Partition partition) {
    if (partition == null) {
      json.writeNull();
      return;
    }
    json.writeStartObject();
    json.writeNumberProperty("index", partition.index());
    json.writeStringProperty("dataset", partition.dataset());
    field(json, "files", partition.files(), "the files");
    json.writeNumberProperty("first_event", partition.firstEvent());
    json.writeNumberProperty("events", partition.events());
    json.writeEndObject();
  }

  private static void dataset(JsonGenerator json, @Nullable Dataset dataset) {
    if (dataset == null) {
      json.writeNull();
      return;
    }
    json.writeStartObject();
    json.writeStringProperty("name", dataset.name());
    field(json, "files", dataset.files(), "the files");
    field(json, "events", dataset.events(), "the events");
    field(json, "attributes", dataset.attributes(), "the attributes of " + dataset.name());
    json.writeEndObject();
  }

  private static void field(JsonGenerator json, String name, @Nullable Object value, String what) {
    json.writeName(name);
    Wire.write(json, value, what);
  }
}
