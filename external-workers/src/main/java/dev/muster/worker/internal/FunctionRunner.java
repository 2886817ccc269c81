package dev.muster.worker.internal;

import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import dev.muster.worker.WorkerFunctions;
import dev.muster.worker.WorkerValues;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Runs calls as Java functions in this JVM. Thread-safe. */
final class FunctionRunner implements CallRunner {
  private final WorkerFunctions functions;

  FunctionRunner(WorkerFunctions functions) {
    this.functions = functions;
  }

  @Override
  public void run(CallPlace place, CallEnvironment environment) throws Exception {
    String name = place.call().functionName();
    String worker = "the worker " + functions.worker() + "." + name;
    WorkerFunctions.Function function = functions.functions().get(name);
    if (function == null) {
      Judge.flag(place, "there is no such function");
      throw new TaskException(
          FailureKind.OPERATION,
          "the worker " + functions.worker() + " has no function '" + name + "'; it has "
              + new TreeSet<>(functions.functions().keySet()),
          null);
    }
    Map<String, @Nullable Object> inputs = new LinkedHashMap<>();
    for (Map.Entry<String, String> input : place.call().inputs().entrySet()) {
      inputs.put(input.getKey(), WorkerValues.read(place.at(input.getValue())));
    }
    try {
      Map<String, ? extends @Nullable Object> outputs = function.run(inputs);
      for (Map.Entry<String, String> wanted : place.call().outputs().entrySet()) {
        if (outputs.containsKey(wanted.getKey())) {
          CallPlace.write(
              place.at(wanted.getValue()),
              WorkerValues.bytes(
                  outputs.get(wanted.getKey()),
                  "the output '" + wanted.getKey() + "' of " + worker));
        }
      }
      if (place.missing().isEmpty()) {
        Files.createFile(place.done());
      }
    } catch (Exception e) {
      Judge.flag(place, String.valueOf(e));
      throw e;
    }
    Map<String, Path> missing = place.missing();
    if (!missing.isEmpty()) {
      Judge.flag(place, "it did not return " + missing.keySet());
      throw new TaskException(
          FailureKind.OPERATION, worker + " did not return " + missing.keySet(), null);
    }
  }
}
