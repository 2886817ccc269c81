package dev.muster.fasthep;

import dev.muster.error.SourceLocation;
import dev.muster.spi.WorkflowText;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Files that were read, for tests. Places are known by the number of steps. */
record Texts(Path file, Map<String, ? extends @Nullable Object> top) implements WorkflowText {
  static Texts of(Map<String, ? extends @Nullable Object> top) {
    return new Texts(Path.of("w.yaml"), top);
  }

  @Override
  public @Nullable Object value(Object... path) {
    Object value = top;
    for (Object step : path) {
      if (value instanceof Map<?, ?> map) {
        value = map.get(step);
      } else if (value instanceof List<?> list && step instanceof Integer index) {
        value = list.get(index);
      } else {
        return null;
      }
    }
    return value;
  }

  @Override
  public SourceLocation place(Object... path) {
    return new SourceLocation(file.toString(), path.length + 1, 1);
  }
}
