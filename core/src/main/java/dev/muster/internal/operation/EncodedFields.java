package dev.muster.internal.operation;

import dev.muster.value.ValueEncoding;
import dev.muster.value.ValueException;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message under construction: an object whose fields are encoded values, each with its own limit of depth. Not
 * thread-safe.
 */
final class EncodedFields {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream(512);

  /**
   * Adds a field.
   *
   * @param what the value in words, for messages
   * @throws dev.muster.value.ValueException if the value cannot be encoded
   */
  EncodedFields put(String name, @Nullable Object value, String what) {
    byte[] encoded;
    try {
      encoded = ValueEncoding.encode(value, what);
    } catch (ValueException e) {
      // The outputs of several tasks may each be as deep as can be.
      if (!(value instanceof List<?> items)) {
        throw e;
      }
      encoded = each(items, what);
    }
    return encoded(name, encoded);
  }

  private static byte[] each(List<?> items, String what) {
    ByteArrayOutputStream list = new ByteArrayOutputStream();
    for (int index = 0; index < items.size(); index++) {
      list.write(index == 0 ? '[' : ',');
      list.writeBytes(ValueEncoding.encode(items.get(index), what + "[" + index + "]"));
    }
    list.write(']');
    return list.toByteArray();
  }

  /** Adds a field of Muster's own. */
  EncodedFields put(String name, @Nullable Object value) {
    return put(name, value, name);
  }

  /** Adds a field whose value is encoded already. */
  EncodedFields encoded(String name, byte[] value) {
    out.write(out.size() == 0 ? '{' : ',');
    // The name may be the user's: as the key of a map it is escaped.
    out.writeBytes(ValueEncoding.encode(name.startsWith("$") ? "$" + name : name, "a name"));
    out.write(':');
    out.writeBytes(value);
    return this;
  }

  /** Adds the fields of an object that is encoded already and has some. */
  EncodedFields all(byte[] object) {
    out.write(out.size() == 0 ? '{' : ',');
    out.write(object, 1, object.length - 2);
    return this;
  }

  /** Returns the object. */
  byte[] toBytes() {
    if (out.size() == 0) {
      out.write('{');
    }
    out.write('}');
    return out.toByteArray();
  }
}
