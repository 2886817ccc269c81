package dev.muster.workflow;

import com.google.common.primitives.Primitives;
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
    T converted = convert(value, type);
    if (converted == null) {
      throw new IllegalArgumentException("stage " + stage.id() + ": parameter '" + name + "' is "
          + value + " (a " + value.getClass().getSimpleName() + "), not a " + type.getSimpleName()
          + (value instanceof Double && convert(0, type) != null
              ? "; read it as Double.class, or give a fallback such as 1.0"
              : ""));
    }
    return converted;
  }

  /** Returns a value as a type, or null if it is another and no number that can be had as that type exactly. */
  static <T> @Nullable T convert(Object value, Class<T> type) {
    Class<T> boxed = Primitives.wrap(type);
    if (boxed.isInstance(value)) {
      return boxed.cast(value);
    }
    return value instanceof Number number ? boxed.cast(number(number, boxed)) : null;
  }

  private static @Nullable Object number(Number number, Class<?> type) {
    try {
      BigDecimal exact = new BigDecimal(number.toString());
      if (type == Integer.class) {
        return exact.intValueExact();
      }
      if (type == Long.class) {
        return exact.longValueExact();
      }
      if (type == BigInteger.class) {
        return exact.toBigIntegerExact();
      }
      if (type == BigDecimal.class) {
        return exact;
      }
      if (type == Float.class) {
        return exactly(number.floatValue(), number);
      }
      return type == Double.class ? exactly(number.doubleValue(), number) : null;
    } catch (ArithmeticException | NumberFormatException e) { // has a fraction, is too large or NaN
      return null;
    }
  }

  /** Returns {@code converted}, or null if {@code number} is a whole number and lost digits. */
  private static @Nullable Number exactly(Number converted, Number number) {
    boolean whole =
        number instanceof Long || number instanceof Integer || number instanceof BigInteger;
    return !whole
            || new BigDecimal(converted.toString()).compareTo(new BigDecimal(number.toString()))
                == 0
        ? converted
        : null;
  }
}
