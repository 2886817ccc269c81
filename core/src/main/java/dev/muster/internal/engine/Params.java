package dev.muster.internal.engine;

import dev.muster.workflow.Stage;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads parameters as the types that operations ask for. Thread-safe. */
final class Params {
  private Params() {}

  static <T> T required(Stage stage, String name, Class<T> type) {
    Object value = stage.params().get(name);
    if (value == null) {
      Set<String> given = stage.params().keySet();
      throw new IllegalArgumentException("stage " + stage.id() + " needs the parameter '" + name
          + "'" + (given.isEmpty() ? "" : "; it has " + given));
    }
    return convert(stage, name, value, type);
  }

  static <T> T optional(Stage stage, String name, T fallback) {
    Object value = stage.params().get(name);
    if (value == null) {
      return fallback;
    }
    @SuppressWarnings("unchecked") // the class of a T
    Class<T> type = (Class<T>) kind(fallback);
    return convert(stage, name, value, type);
  }

  private static Class<?> kind(Object fallback) {
    if (fallback instanceof java.util.List) {
      return java.util.List.class;
    }
    return fallback instanceof java.util.Map ? java.util.Map.class : fallback.getClass();
  }

  private static <T> T convert(Stage stage, String name, Object value, Class<T> type) {
    if (type.isInstance(value)) {
      return type.cast(value);
    }
    Object converted = value instanceof Number number ? number(number, type) : null;
    if (converted == null) {
      throw new IllegalArgumentException("stage " + stage.id() + ": parameter '" + name + "' is "
          + value + " (a " + value.getClass().getSimpleName() + "), not a " + type.getSimpleName());
    }
    @SuppressWarnings("unchecked") // also where T is a primitive type's class
    T result = (T) converted;
    return result;
  }

  private static @Nullable Object number(Number number, Class<?> type) {
    try {
      BigDecimal exact = number instanceof BigInteger big
          ? new BigDecimal(big)
          : new BigDecimal(number.toString());
      if (type == Integer.class || type == int.class) {
        return exact.intValueExact();
      }
      if (type == Long.class || type == long.class) {
        return exact.longValueExact();
      }
      if (type == Double.class || type == double.class) {
        return number.doubleValue();
      }
      return null;
    } catch (ArithmeticException | NumberFormatException e) {
      return type == Double.class
          ? number.doubleValue()
          : null; // NaN and infinity have no exact form
    }
  }
}
