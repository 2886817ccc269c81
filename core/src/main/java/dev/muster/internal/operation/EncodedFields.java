package dev.muster.internal.operation;

import dev.muster.value.ValueEncoding;
import dev.muster.value.ValueException;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message under construction: an object whose fields are encoded values, each with its own limit of depth. Not
 * thread-safe.
 */
final class EncodedFields {
  private final Bytes out = new Bytes();

  /** What is written so far. A stream has a lock, which takes longer than the bytes of a call. */
  private static final class Bytes {
    private byte[] array = new byte[512];
    private int size;

    private void room(int more) {
      if (array.length - size < more) {
        array = Arrays.copyOf(array, Math.max(Math.addExact(size, more), size + (size >> 1)));
      }
    }

    void write(char one) {
      room(1);
      array[size++] = (byte) one;
    }

    void write(byte[] bytes, int from, int length) {
      room(length);
      System.arraycopy(bytes, from, array, size, length);
      size += length;
    }

    void write(byte[] bytes) {
      write(bytes, 0, bytes.length);
    }

    void ascii(String text) {
      int length = text.length();
      room(length);
      for (int i = 0; i < length; i++) {
        array[size + i] = (byte) text.charAt(i);
      }
      size += length;
    }
  }

  /**
   * Adds a field.
   *
   * @param what the value in words, for messages
   * @throws dev.muster.value.ValueException if the value cannot be encoded
   */
  EncodedFields put(String name, @Nullable Object value, String what) {
    begin(name);
    if (!plain(value)) {
      out.write(encode(value, what));
    }
    return this;
  }

  private static byte[] encode(@Nullable Object value, String what) {
    try {
      return ValueEncoding.encode(value, what);
    } catch (ValueException e) {
      // The outputs of several tasks may each be as deep as can be.
      if (!(value instanceof List<?> items)) {
        throw e;
      }
      return each(items, what);
    }
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
    begin(name);
    out.write(value);
    return this;
  }

  private void begin(String name) {
    out.write(out.size == 0 ? '{' : ',');
    // The name may be the user's: as the key of a map it is escaped.
    String escaped = name.startsWith("$") ? "$" + name : name;
    if (!plain(escaped)) {
      out.write(ValueEncoding.encode(escaped, "a name"));
    }
    out.write(':');
  }

  /**
   * Writes what most calls have without a writer of JSON, which takes longer to make; returns whether it was such a
   * value.
   */
  private boolean plain(@Nullable Object value) {
    if (value == null
        || value instanceof Boolean
        || value instanceof Integer
        || value instanceof Long) {
      out.ascii(String.valueOf(value));
      return true;
    }
    if (value instanceof String text && isPlain(text)) {
      out.write('"');
      out.ascii(text);
      out.write('"');
      return true;
    }
    return false;
  }

  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~' || c == '"' || c == '\\') {
        return false;
      }
    }
    return true;
  }

  /** Adds the fields of an object that is encoded already and has some. */
  EncodedFields all(byte[] object) {
    out.write(out.size == 0 ? '{' : ',');
    out.write(object, 1, object.length - 2);
    return this;
  }

  /** Returns the object. */
  byte[] toBytes() {
    if (out.size == 0) {
      out.write('{');
    }
    out.write('}');
    return Arrays.copyOf(out.array, out.size);
  }
}
