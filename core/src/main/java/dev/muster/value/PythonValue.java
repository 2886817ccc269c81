package dev.muster.value;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An output of a Python function that its encoding does not hold as it is: a tuple, a set, an object of a class of the
 * user's. It carries the pickle, which only Python functions of the same run read, and what Java reads in its place.
 *
 * <p>Operations in Java, results and commands never see one: {@link #readable} is what they read. Who hands inputs to
 * Python functions finds it in an {@linkplain dev.muster.workflow.OperationContext#passedInput input as it was passed
 * on}, and writes it with {@link ValueEncoding}. Immutable and thread-safe.
 *
 * @since 0.1
 */
public final class PythonValue {
  private final @Nullable Object encoded;
  private final @Nullable String reason;
  private final String way;
  private final byte[] pickle;
  private final boolean files;

  /**
   * @param encoded what its encoding says, if it has one
   * @param reason why it has none, or null
   * @param way how it is pickled, as Python says it
   * @param files whether the encoding names files
   */
  public PythonValue(
      @Nullable Object encoded, @Nullable String reason, String way, byte[] pickle, boolean files) {
    this.encoded = encoded;
    this.reason = reason;
    this.way = way;
    this.pickle = pickle;
    this.files = files;
  }

  /**
   * Returns what Java reads of an output: the value itself, unless it is one of these, or has some as named outputs.
   *
   * @param what the value in words, for messages
   * @throws ValueException if it has no encoding; says which part of it and why
   */
  public static @Nullable Object readable(@Nullable Object value, String what) {
    if (value instanceof PythonValue python) {
      if (python.reason != null) {
        throw new ValueException(what + " cannot be read: " + python.reason, null);
      }
      return readable(python.encoded, what);
    }
    if (!(value instanceof Map<?, ?> map)
        || map.values().stream().noneMatch(PythonValue.class::isInstance)) {
      return value;
    }
    Map<Object, @Nullable Object> readable = new LinkedHashMap<>(map.size() * 2);
    map.forEach((key, item) -> readable.put(key, readable(item, what)));
    return Collections.unmodifiableMap(readable);
  }

  /**
   * Returns the named outputs of an output, each as it is passed on; null if it has none.
   *
   * @param output an output, or one of these that stands for it
   */
  public static @Nullable Map<?, ?> named(@Nullable Object output) {
    Object found = output instanceof PythonValue python ? python.encoded : output;
    return found instanceof Map<?, ?> map ? map : null;
  }

  /** Returns what its encoding says; null if it has none. */
  public @Nullable Object encoded() {
    return encoded;
  }

  /** Returns why it has no encoding, or null. */
  public @Nullable String reason() {
    return reason;
  }

  /** Returns how it is pickled, as Python says it. */
  public String way() {
    return way;
  }

  /** Returns the pickle, which is not to be changed. */
  public byte[] pickle() {
    return pickle;
  }

  /** Tells whether its encoding names files, which may have to travel before it is unpickled. */
  public boolean hasFiles() {
    return files;
  }

  @Override
  public String toString() {
    return "PythonValue(" + (reason == null ? String.valueOf(encoded) : reason) + ")";
  }
}
