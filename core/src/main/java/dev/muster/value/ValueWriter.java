package dev.muster.value;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;

/** Writes one value as JSON. Not thread-safe. */
final class ValueWriter {
  static final String FILE = "$file";
  static final String BYTES = "$bytes";
  static final String ARRAY = "$array";
  static final String PYTHON = "$python";
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  private static final BigInteger TOO_LONG = BigInteger.TEN.pow(ValueEncoding.MAX_DIGITS);

  private final JsonGenerator json;
  private final boolean marked;

  private ValueWriter(JsonGenerator json, boolean marked) {
    this.json = json;
    this.marked = marked;
  }

  /** Returns a writer of encoded values. */
  static ValueWriter marked(JsonGenerator json) {
    return new ValueWriter(json, true);
  }

  /** Returns a writer of JSON for programs that know nothing of marks: a file is its path, keys are as they are. */
  static ValueWriter plain(JsonGenerator json) {
    return new ValueWriter(json, false);
  }

  /** Writes a value; see {@link ValueEncoding#encode}. */
  void write(@Nullable Object value, String what) {
    try {
      // Named outputs may each be as deep as can be.
      write(value, marked && value instanceof Map ? -1 : 0);
    } catch (Unwritable e) {
      throw new ValueException(what + e.path + " " + e.reason, null);
    } catch (JacksonException e) {
      throw new ValueException(what + " cannot be encoded: " + e.getOriginalMessage(), e);
    }
  }

  private void write(@Nullable Object value, int depth) {
    if (value == null) {
      json.writeNull();
    } else if (value instanceof String text) {
      json.writeString(checked(text));
    } else if (value instanceof Boolean truth) {
      json.writeBoolean(truth);
    } else if (value instanceof Collection<?> items) {
      list(items, depth);
    } else if (value instanceof Map<?, ?> map) {
      map(map, depth);
    } else if (value instanceof Number number) {
      number(number);
    } else if (value instanceof PythonValue python) {
      python(python, depth);
    } else if (!numbers(value) && !special(value)) {
      throw new Unwritable("is a " + value.getClass().getName()
          + ", which cannot leave this JVM; pass JSON values, byte[], a FileRef or a NumericArray");
    }
  }

  private static void enter(int depth) {
    if (depth >= ValueEncoding.MAX_DEPTH) {
      throw new Unwritable("is nested more than " + ValueEncoding.MAX_DEPTH
          + " deep, or holds itself; pass a file that holds it");
    }
  }

  private static String checked(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        boolean pair =
            i + 1 < text.length() && Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1));
        if (!pair) {
          throw new Unwritable("has a text with half a character: '"
              + text.substring(0, i)
              + String.format("\\u%04x", (int) text.charAt(i))
              + "'; pass bytes");
        }
        i++;
      }
    }
    return text;
  }

  private void list(Collection<?> items, int depth) {
    enter(depth);
    json.writeStartArray();
    int index = 0;
    for (Object item : items) {
      try {
        write(item, depth + 1);
      } catch (Unwritable e) {
        e.within("[" + index + "]");
        throw e;
      }
      index++;
    }
    json.writeEndArray();
  }

  private void map(Map<?, ?> map, int depth) {
    enter(depth);
    json.writeStartObject();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (!(entry.getKey() instanceof String key)) {
        throw new Unwritable("has the key " + entry.getKey() + "; keys must be strings");
      }
      json.writeName(checked(marked && key.startsWith("$") ? "$" + key : key));
      try {
        write(entry.getValue(), depth + 1);
      } catch (Unwritable e) {
        e.within(NAME.matcher(key).matches() ? "." + key : "['" + key + "']");
        throw e;
      }
    }
    json.writeEndObject();
  }

  private void number(Number value) {
    if (value instanceof Integer
        || value instanceof Long
        || value instanceof Short
        || value instanceof Byte) {
      json.writeNumber(value.longValue());
    } else if (value instanceof Double || value instanceof Float) {
      decimal(value);
    } else if (value instanceof BigInteger number) {
      if (number.abs().compareTo(TOO_LONG) >= 0) {
        throw new Unwritable("is a whole number of more than " + ValueEncoding.MAX_DIGITS
            + " digits; pass its text");
      }
      json.writeNumber(number);
    } else if (value instanceof BigDecimal number) {
      double nearest = number.doubleValue();
      if (Double.isInfinite(nearest) || BigDecimal.valueOf(nearest).compareTo(number) != 0) {
        throw new Unwritable("is a BigDecimal that no double holds: " + number + "; pass its text");
      }
      decimal(nearest);
    } else {
      throw new Unwritable("is a " + value.getClass().getName()
          + ", which cannot leave this JVM; pass a Long, a Double or a BigInteger");
    }
  }

  private void decimal(Number value) {
    if (marked) {
      if (value instanceof Float number) {
        json.writeNumber(number);
      } else {
        json.writeNumber(value.doubleValue());
      }
    } else {
      json.writeRawValue(Decimals.text(
          value instanceof Float ? Double.parseDouble(value.toString()) : value.doubleValue()));
    }
  }

  /** Writes an array of numbers as the list that it is. */
  private boolean numbers(Object value) {
    if (value instanceof double[] numbers) {
      json.writeStartArray();
      for (double number : numbers) {
        decimal(number);
      }
      json.writeEndArray();
    } else if (value instanceof long[] numbers) {
      json.writeArray(numbers, 0, numbers.length);
    } else if (value instanceof int[] numbers) {
      json.writeArray(numbers, 0, numbers.length);
    } else {
      return false;
    }
    return true;
  }

  private boolean special(Object value) {
    if (value instanceof FileRef file) {
      file(file);
    } else if (value instanceof Path path) {
      file(FileRef.of(path));
    } else if (value instanceof byte[] || value instanceof NumericArray) {
      if (!marked) {
        throw new Unwritable("is " + (value instanceof byte[] ? "bytes" : "an array")
            + ", which JSON for a command cannot hold; write it to a file and pass that");
      }
      json.writeStartObject();
      if (value instanceof byte[] bytes) {
        json.writeName(BYTES);
        json.writeBinary(bytes);
      } else {
        array((NumericArray) value);
      }
      json.writeEndObject();
    } else {
      return false;
    }
    return true;
  }

  private void file(FileRef file) {
    String path = checked(file.path().toString());
    if (marked) {
      json.writeStartObject();
      json.writeStringProperty(FILE, path);
      json.writeEndObject();
    } else {
      json.writeString(path);
    }
  }

  private void python(PythonValue value, int depth) {
    if (!marked) {
      if (value.reason() != null) {
        throw new Unwritable("cannot be read: " + value.reason());
      }
      write(value.encoded(), depth);
      return;
    }
    json.writeStartObject();
    json.writeArrayPropertyStart(PYTHON);
    if (value.hasFiles()) {
      write(value.encoded(), depth);
    } else {
      json.writeNull(); // Python reads the pickle.
    }
    json.writeString(value.reason());
    json.writeString(value.way());
    json.writeBinary(value.pickle());
    json.writeEndArray();
    json.writeEndObject();
  }

  private void array(NumericArray array) {
    json.writeArrayPropertyStart(ARRAY);
    json.writeString(array.type().text());
    List<Integer> shape = array.shape();
    json.writeStartArray();
    shape.forEach(json::writeNumber);
    json.writeEndArray();
    json.writeBinary(array.bytes());
    json.writeEndArray();
  }

  /** A value that cannot be written, and where it was found, from the outside in. */
  private static final class Unwritable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String reason;
    private String path = "";

    Unwritable(String reason) {
      super(reason, null, false, false);
      this.reason = reason;
    }

    void within(String step) {
      path = step + path;
    }
  }
}
