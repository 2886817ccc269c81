package dev.muster.internal.engine;

import dev.muster.value.FileRef;
import dev.muster.value.NumericArray;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Copies a value for an event, while its text as JSON takes at most {@link EventText#MOST_BYTES}; what is larger
 * becomes the beginning of that text, and what it was. So no later change of the value reaches the event. Not
 * thread-safe.
 */
final class BoundedValue {
  private static final int DEEPEST = 400; // readers of JSON refuse 500

  private final StringBuilder text = new StringBuilder();
  private int bytes;

  /** A value, and how many bytes its text has. */
  record Sized(@Nullable Object value, int bytes) {
    private static Sized text(String text) {
      return new Sized(text, text.getBytes(StandardCharsets.UTF_8).length);
    }
  }

  /** The text is as long as it may be. */
  private static final class Full extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Full(String reason) {
      super(reason, null, false, false);
    }
  }

  private BoundedValue() {}

  static Sized of(@Nullable Object value) {
    if (value == null || value instanceof Boolean || value instanceof Double || integer(value)) {
      return new Sized(value, Long.BYTES);
    }
    if (value instanceof String whole) {
      String told = EventText.bounded(whole, null);
      return Sized.text(told);
    }
    BoundedValue copying = new BoundedValue();
    try {
      Object copy = copying.copy(value, 0);
      return new Sized(copy, copying.bytes);
    } catch (Full e) {
      String told = copying.text + "... (" + what(value) + e.getMessage() + ")";
      return Sized.text(told);
    } catch (RuntimeException | StackOverflowError e) { // code of the user's class
      String told = "(a " + value.getClass().getName() + " that cannot be read: "
          + e.getClass().getSimpleName() + ")";
      return Sized.text(told);
    }
  }

  private static boolean integer(Object value) {
    return value instanceof Integer
        || value instanceof Long
        || value instanceof Short
        || value instanceof Byte;
  }

  private static String what(Object value) {
    try {
      if (value instanceof Map<?, ?> map) {
        return "a mapping of " + map.size() + " entries";
      }
      if (value instanceof Collection<?> items) {
        return "a list of " + items.size() + " items";
      }
      if (value instanceof NumericArray array) {
        return array.toString();
      }
      if (value.getClass().isArray()) {
        return Array.getLength(value) + (value instanceof byte[] ? " bytes" : " items");
      }
    } catch (RuntimeException e) { // code of the user's class
      return "a " + value.getClass().getName() + " of unknown size";
    }
    return "a " + value.getClass().getName();
  }

  private @Nullable Object copy(@Nullable Object value, int depth) {
    if (depth > DEEPEST) {
      throw new Full(", nested deeper than " + DEEPEST);
    }
    if (value == null || value instanceof Boolean) {
      add(String.valueOf(value));
      return value;
    }
    if (value instanceof Number number) {
      return number(number);
    }
    if (value instanceof Map<?, ?> map) {
      return map(map, depth);
    }
    if (value instanceof Iterable<?> items && !(value instanceof Path)) {
      return list(items, depth);
    }
    if (value instanceof byte[] array) {
      return bytes(array);
    }
    if (value.getClass().isArray()) {
      return array(value, depth);
    }
    if (value instanceof NumericArray array && array.shape().size() == 1) {
      return array(
          array.type().text().startsWith("float") ? array.toDoubles() : array.toLongs(), depth);
    }
    if (value instanceof FileRef file) {
      quote(file.path().toString());
      return file;
    }
    String own = value.toString();
    quote(own);
    return own;
  }

  private Number number(Number number) {
    Number copy = integer(number) || number instanceof BigInteger || number instanceof BigDecimal
        ? number
        : number instanceof AtomicInteger || number instanceof AtomicLong
            ? (Number) number.longValue()
            : (Number) number.doubleValue();
    add(copy.toString());
    return copy;
  }

  private Map<String, @Nullable Object> map(Map<?, ?> map, int depth) {
    Map<String, @Nullable Object> copy = new LinkedHashMap<>();
    add("{");
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      add(copy.isEmpty() ? "" : ",");
      String key = String.valueOf(entry.getKey());
      quote(key);
      add(":");
      copy.put(key, copy(entry.getValue(), depth + 1));
    }
    add("}");
    return Collections.unmodifiableMap(copy);
  }

  private List<@Nullable Object> list(Iterable<?> items, int depth) {
    List<@Nullable Object> copy = new ArrayList<>();
    add("[");
    for (Object item : items) {
      add(copy.isEmpty() ? "" : ",");
      copy.add(copy(item, depth + 1));
    }
    add("]");
    return Collections.unmodifiableList(copy);
  }

  private List<@Nullable Object> array(Object array, int depth) {
    List<@Nullable Object> copy = new ArrayList<>();
    add("[");
    for (int i = 0; i < Array.getLength(array); i++) {
      add(i == 0 ? "" : ",");
      copy.add(copy(Array.get(array, i), depth + 1));
    }
    add("]");
    return Collections.unmodifiableList(copy);
  }

  private byte[] bytes(byte[] array) {
    add("{\"$bytes\":\"");
    int most = Math.min(array.length, EventText.MOST_BYTES); // else the text is full anyway
    add(Base64.getEncoder().encodeToString(most == array.length ? array : head(array, most)));
    add("\"}");
    return array.clone();
  }

  private static byte[] head(byte[] array, int length) {
    byte[] head = new byte[length];
    System.arraycopy(array, 0, head, 0, length);
    return head;
  }

  private void quote(String content) {
    add("\"");
    add(content);
    add("\"");
  }

  private void add(String more) {
    for (int i = 0; i < more.length(); i++) {
      char c = more.charAt(i);
      int size = c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
      if (bytes + size > EventText.MOST_BYTES) {
        if (Character.isLowSurrogate(c) && text.length() > 0) {
          text.setLength(text.length() - 1); // half a character
        }
        throw new Full("");
      }
      text.append(c);
      bytes += size;
    }
  }
}
