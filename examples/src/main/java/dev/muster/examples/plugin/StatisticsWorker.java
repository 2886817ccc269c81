package dev.muster.examples.plugin;

import dev.muster.worker.WorkerFunctions;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A worker in Java, {@code statistics}: executor {@code memory} calls its functions in this JVM. Thread-safe. */
public final class StatisticsWorker implements WorkerFunctions {
  /** For {@link java.util.ServiceLoader}. */
  public StatisticsWorker() {}

  @Override
  public String worker() {
    return "statistics";
  }

  @Override
  public Map<String, Function> functions() {
    return Map.of("summary", StatisticsWorker::summary);
  }

  private static Map<String, ?> summary(Map<String, @Nullable Object> inputs) {
    if (!(inputs.get("numbers") instanceof byte[] text)) {
      throw new IllegalArgumentException("the input 'numbers' must be numbers, one a line");
    }
    double[] numbers = new String(text, StandardCharsets.US_ASCII)
        .lines()
        .mapToDouble(Double::parseDouble)
        .sorted()
        .toArray();
    if (numbers.length == 0) {
      throw new IllegalArgumentException("the input 'numbers' has none");
    }
    double mean = Arrays.stream(numbers).average().orElseThrow();
    int middle = numbers.length / 2;
    double median =
        numbers.length % 2 == 1 ? numbers[middle] : (numbers[middle - 1] + numbers[middle]) / 2;
    return Map.of("value", Map.of("count", numbers.length, "mean", mean, "median", median));
  }
}
