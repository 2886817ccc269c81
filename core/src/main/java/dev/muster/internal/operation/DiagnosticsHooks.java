package dev.muster.internal.operation;

import dev.muster.code.StageCode;
import dev.muster.internal.io.IoErrors;
import dev.muster.value.FileRef;
import dev.muster.value.NumericArray;
import dev.muster.value.PythonValue;
import dev.muster.value.ValueException;
import dev.muster.workflow.ModifierHooks;
import dev.muster.workflow.Operation;
import dev.muster.workflow.OperationContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The built-in modifier {@code diagnostics}: where the task ran, and how much it was given. Thread-safe.
 *
 * <p>{@code host}, {@code os}, {@code java} or {@code python} where that ran the task, {@code pool}, {@code worker},
 * {@code attempt}, and {@code inputs}: for each, its
 * type, and its {@code items} or {@code bytes}. On workers in Python the class {@code Diagnostics} in {@code
 * muster_task/measuring.py} does the same.
 */
final class DiagnosticsHooks implements ModifierHooks {
  private static final String HOST = host();
  private static final String OS = System.getProperty("os.name") + " "
      + System.getProperty("os.version") + " " + System.getProperty("os.arch");

  private final boolean java;

  /**
   * @param kind of the code that it is around
   */
  DiagnosticsHooks(StageCode.Kind kind) {
    this.java = kind == StageCode.Kind.JAVA;
  }

  @Override
  public @Nullable Object aroundNode(OperationContext context, Operation operation)
      throws Exception {
    context.diagnostic("host", HOST);
    context.diagnostic("os", OS);
    if (java) {
      context.diagnostic("java", Runtime.version().toString());
    }
    context.diagnostic("pool", context.pool());
    context.diagnostic("worker", context.worker());
    context.diagnostic("attempt", context.attempt());
    Map<String, @Nullable Object> inputs = new LinkedHashMap<>();
    for (String name : context.inputNames()) {
      inputs.put(name, summary(context.passedInput(name)));
    }
    context.diagnostic("inputs", inputs);
    return Usage.measure(usage -> {
      try {
        return operation.run(context);
      } finally {
        if (usage.python() != null) {
          context.diagnostic("python", usage.python());
        }
      }
    });
  }

  private static Map<String, Object> summary(@Nullable Object value) {
    Map<String, Object> summary = new LinkedHashMap<>();
    if (value == null) {
      summary.put("type", "null");
    } else if (value instanceof String text) {
      summary.put("type", "text");
      summary.put("bytes", (long) text.getBytes(StandardCharsets.UTF_8).length);
    } else if (value instanceof byte[] bytes) {
      summary.put("type", "bytes");
      summary.put("bytes", (long) bytes.length);
    } else if (value instanceof NumericArray array) {
      summary.put("type", "array");
      summary.put("bytes", (long) array.data().capacity());
    } else if (value instanceof Boolean) {
      summary.put("type", "boolean");
    } else if (value instanceof Number) {
      summary.put("type", "number");
    } else if (value instanceof FileRef file) {
      summary.put("type", "file");
      try {
        summary.put("bytes", Files.size(file.path()));
      } catch (IOException e) {
        summary.put("missing", IoErrors.describe(e));
      }
    } else if (value instanceof Collection<?> items) {
      summary.put("type", "list");
      summary.put("items", (long) items.size());
    } else if (value instanceof Map<?, ?> map) {
      summary.put("type", "mapping");
      summary.put("items", (long) map.size());
    } else if (value instanceof PythonValue python) {
      return summary(python);
    } else {
      summary.put("type", value.getClass().getName());
    }
    return summary;
  }

  private static Map<String, Object> summary(PythonValue value) {
    Object readable;
    try {
      readable = PythonValue.readable(value, "an input");
    } catch (ValueException e) {
      return Map.of("type", "python");
    }
    return summary(readable);
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }
}
